"""A table without entries tells of each path what a table built now would have there."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import FILES, Client, application, plant, plant_tree
from whitemedia import WhiteMedia
from whitemedia.assets.compression import Budget
from whitemedia.assets.indexing import Indexed, index_root
from whitemedia.assets.resource import NOT_FOUND, REFUSED, Redirect, Refused, Resource, Shared, UndescribedResource
from whitemedia.assets.roots import Skipped
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.assets.table import build_table
from whitemedia.options import build_options
from whitemedia.serving.autorefresh import LiveRoot, LiveTable

if TYPE_CHECKING:
    from whitemedia.assets.table import Table


def nobodys(url: str, path: str) -> bool:
    """Of a reference that leads nowhere: whether that is a fault."""
    return False


def indexed_at(path: Path, prefix: str, **given: Any) -> Indexed:
    options = build_options({"index_file": True, "compress": "off", **given})
    root = DirectoryRoot(str(path), options.hidden, follow_symlinks=False)
    return index_root(root, prefix, options, MemoryStore(), Budget(1 << 20))


def describe(table: Table, path_info: str) -> Any:
    """What a table has at a path, as a value."""
    entry = table.entries.get(path_info) or table.find(path_info)
    entry = entry.entry if isinstance(entry, Shared) else entry
    return (entry.source.url_path, entry.headers, entry.last_modified) if isinstance(entry, Resource) else entry


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = plant_tree(tmp_path_factory.mktemp("live"))
    (root / "broken").symlink_to("missing")
    (root / "loop").symlink_to(".")
    return plant(root, {"private~/a.txt": b"", "docs/a.html": b"", "docs/a/index.html": b"", "index.html": b""})


PATHS = [
    *("", "/", "/s", "/s/", "/s//", "/st", "/s/app.css", "/s/lib.js", "/s/lib.js.gz", "/s/lib.js/", "/s/lib.js/x"),
    *("/s/docs", "/s/docs/", "/s/docs//", "/s/docs/index.html", "/s/docs/index", "/s/docs/a", "/s/docs/a/"),
    *("/s/docs/a.html", "/s/docs/a/index.html", "/s/index.html", "/s/index", "/s/page", "/s/page.html"),
    *("/s/.env", "/s/.git", "/s/.git/config", "/s/.git/x", "/s/.well-known/x", "/s/notes.txt~", "/s/private~"),
    *(
        "/s/private~/a.txt",
        "/s/private~/x",
        "/s/broken",
        "/s/loop",
        "/s/loop/app.css",
        "/s/missing",
        "/s/missing~",
    ),
    *(
        "/s/docs/\xc3\xbcber uns.txt",
        "/s/docs/\xfcber uns.txt",
        "/s/\0",
        "/s/../s/app.css",
        "/s/./app.css",
        "/other",
    ),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"clean_urls": True},
    {"not_found": "answer"},
    {"index_file": None},
    {"index_file": "page.html", "clean_urls": True},
    {"hidden": ()},
    {"cors": ("https://a.example",), "unsafe_methods": "pass"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("path_info", PATHS)
def test_a_path_has_what_it_has_in_a_table(root: Path, path_info: str, options: dict[str, Any]) -> None:
    indexed = indexed_at(root, "/s/", **options)
    assert describe(LiveTable([indexed], 1 << 20, nobodys), path_info) == describe(
        build_table([indexed]), path_info
    )


@pytest.mark.parametrize("path_info", ["/s/private~/", "/s/private~/x/", "/s/loop/", "/s/loop/docs/", "/s/loop//"])
def test_a_path_with_a_final_slash_has_what_it_has_in_a_table(root: Path, path_info: str) -> None:
    indexed = indexed_at(root, "/s/")
    assert describe(LiveTable([indexed], 1 << 20, nobodys), path_info) == describe(
        build_table([indexed]), path_info
    )


@pytest.mark.parametrize(
    "path_info", [f"{prefix}{path[3:]}" for prefix in ("/s/", "/s/docs/") for path in PATHS[3:]]
)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_of_several_roots_each_path_has_what_it_has_in_a_table(
    root: Path, path_info: str, order: tuple[int, ...]
) -> None:
    roots = [
        indexed_at(root, "/s/"),
        indexed_at(root / "docs", "/s/docs/", not_found="answer", hidden=()),
        indexed_at(root / "docs", "/s/", fallback="index.html"),
    ]
    roots = [roots[number] for number in order]
    assert describe(LiveTable(roots, 1 << 20, nobodys), path_info) == describe(build_table(roots), path_info)


def test_one_root_tells_a_directory_that_is_not_entered_from_a_path_that_is_not_there(root: Path) -> None:
    live = LiveRoot(indexed_at(root, "/s/"), Budget(0), threading.RLock(), lambda path, resource: resource)
    found = live.find("/s/private~/a.txt")
    assert isinstance(found, Skipped)
    assert found.url_path == "private~"
    assert live.find("/s/private~") is REFUSED
    assert live.find("/s/missing") is live.find("/other") is None
    assert isinstance(live.find("/s/docs"), Redirect)
    assert isinstance(live.find("/s/docs/"), Resource)


def test_a_later_root_that_refuses_stands_before_an_earlier_file_but_not_before_one_beneath(
    tmp_path: Path,
) -> None:
    first = plant(tmp_path / "first", {"a": b"first", "b/c": b"first"})
    second = plant(tmp_path / "second", {"other": b""})
    (second / "a").symlink_to("missing")
    (second / "b").symlink_to(tmp_path)
    table = LiveTable([indexed_at(first, "/"), indexed_at(second, "/")], 0, nobodys)
    assert table.find("/a") is table.find("/b") is table.find("/b/d") is REFUSED
    assert isinstance(table.find("/b/c"), Resource)


def test_a_hidden_directory_is_the_innermost_prefix_s_to_enter(tmp_path: Path) -> None:
    """`.git` is hidden in the outer root, and its own root hides nothing."""
    outer = plant(tmp_path / "outer", {".git/config": b"outer"})
    inner = plant(tmp_path / "inner", {"a": b"inner"})
    indexed = [indexed_at(outer, "/s/"), indexed_at(inner, "/s/.git/", hidden=())]
    for path_info in ("/s/.git/a", "/s/.git/x", "/s/.git/config", "/s/.git/", "/s/.git"):
        assert describe(LiveTable(indexed, 0, nobodys), path_info) == describe(build_table(indexed), path_info)
    assert LiveTable(indexed, 0, nobodys).find("/s/.git/x") is None


def test_what_is_gone_gives_its_memory_back_when_it_is_asked_for(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"a.txt": b"a" * 60, "b.txt": b"b" * 60})
    live = LiveTable([indexed_at(root, "/")], 100, nobodys)
    kept = [live.find(f"/{name}.txt") for name in "ab"]
    assert [isinstance(found, Resource) and found.held for found in kept] == [("identity",), ()]
    (root / "a.txt").unlink()
    (root / "b.txt").write_bytes(b"B" * 60)
    assert live.find("/a.txt") is None
    found = live.find("/b.txt")
    assert isinstance(found, Resource)
    assert found.held


def test_what_is_not_found_is_the_innermost_prefix_s_to_say(tmp_path: Path) -> None:
    table = LiveTable([indexed_at(tmp_path, "/a/", not_found="answer"), indexed_at(tmp_path, "/a/b/")], 0, nobodys)
    assert table.find("/a/x") is NOT_FOUND
    assert table.find("/a/b/x") is table.find("/x") is None


def test_the_page_of_the_innermost_prefix_stands_in(tmp_path: Path) -> None:
    roots = {
        prefix: plant(tmp_path / str(len(prefix)), {"page.html": prefix.encode()})
        for prefix in ("/", "/a/", "/b/c/")
    }
    indexed = [indexed_at(path, prefix, fallback="page.html") for prefix, path in roots.items()]
    table, live = build_table(indexed), LiveTable(indexed, 1 << 20, nobodys)
    for path_info in ("/", "/x", "/a", "/a/", "/a/x", "/b/c/x", "/b/x", "x"):
        expected, found = table.fallback(path_info), live.fallback(path_info)
        assert isinstance(found, Resource) == isinstance(expected, Resource)
        if isinstance(found, Resource) and isinstance(expected, Resource):
            assert found.source == expected.source
    (roots["/a/"] / "page.html").unlink()
    page = live.fallback("/a/x")
    assert isinstance(page, Resource)
    assert page.source.root.path == str(roots["/"])


@pytest.mark.parametrize("name", ["index.html", "docs/index.html", "page.html", "a.txt"])
def test_bytes_stand_where_they_do_in_a_table(root: Path, name: str) -> None:
    tables = []
    for construction in ({"autorefresh": True}, {"compress": "off"}):
        middleware = WhiteMedia(
            application, root, "/", index_file=True, clean_urls=True, fallback=name, **construction
        )
        middleware.add_bytes(f"/{name}", b"given")
        tables.append(middleware.table)
    for path_info in (
        f"/{name}",
        f"/{name.removesuffix('.html')}",
        "/",
        "/docs",
        "/docs/",
        "/index.html",
        "/app.css",
    ):
        assert describe(tables[0], path_info) == describe(tables[1], path_info)
    pages = [table.fallback("/missing") for table in tables]
    assert all(isinstance(page, Resource) and page.select("").body == b"given" for page in pages)


def test_bytes_are_the_page_only_for_what_begins_with_a_slash(tmp_path: Path) -> None:
    """PATH_INFO is empty where an application is mounted and its mount is asked for without a slash."""
    middleware = WhiteMedia(application, tmp_path, "/", fallback="index.html", autorefresh=True)
    middleware.add_bytes("/index.html", b"given")
    assert middleware.table.fallback("") is middleware.table.fallback("*") is None


def test_roots_are_added_while_requests_run(tmp_path: Path) -> None:
    plant(tmp_path, FILES)
    client = Client(WhiteMedia(application, tmp_path, "/0/", autorefresh=True))
    middleware: Any = client.application
    for number in range(1, 4):
        middleware.add_files(tmp_path, f"/{number}/")
        assert {client.get(f"/{prefix}/digits.txt").status for prefix in range(number + 1)} == {200}


def test_no_entry_is_a_refusal_without_a_reason(root: Path) -> None:
    table = LiveTable([indexed_at(root, "/s/")], 0, nobodys)
    assert {type(table.find(path)) for path in PATHS} <= {
        UndescribedResource,
        Resource,
        Redirect,
        Refused,
        type(None),
    }
