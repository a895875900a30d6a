"""Which page stands in for what the application does not find, and what a table says of a miss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import MODIFIED
from whitemedia.assets.compression import Budget
from whitemedia.assets.in_memory import BytesSource, index_bytes
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.resource import NOT_FOUND, REFUSED, Resource, Shared
from whitemedia.assets.table import Table, build_table
from whitemedia.options import build_options

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Index


def page(table: Table, path_info: str) -> str | None:
    """The disk path of the page that stands in at a path."""
    entry = table.fallback(path_info)
    assert entry is None or isinstance(entry, Resource)
    return entry.source.path if entry else None


def bytes_at(url_path: str, **options: Any) -> Indexed:
    given = BytesSource(url_path, b"bytes", "text/html", MODIFIED)
    return index_bytes(given, build_options(options), Budget(0))


# One root


@pytest.mark.parametrize(
    ("prefix", "path_info", "beneath"),
    [
        ("/app/", "/app/", True),
        ("/app/", "/app/route/42", True),
        ("/app/", "/app/\xff", True),
        ("/app/", "/app", False),
        ("/app/", "/apple/route", False),
        ("/app/", "/", False),
        ("/app/", "", False),
        ("/", "/route", True),
        ("/", "/", True),
        ("/", "", False),
        ("/für/", "/fÃ¼r/route", True),
        ("/für/", "/für/route", False),
    ],
)
def test_the_page_stands_in_for_all_beneath_the_prefix(
    folder: Folder, index: Index, prefix: str, path_info: str, *, beneath: bool
) -> None:
    path = str(folder.file("index.html"))
    table = build_table([index(prefix=prefix, fallback="index.html")])
    assert table.guarded
    assert page(table, path_info) == (path if beneath else None)


def test_the_page_is_the_resource_of_its_own_url(folder: Folder, index: Index) -> None:
    folder.file("d/page.html")
    for index_file, own in ((None, "/static/d/page.html"), ("page.html", "/static/d/")):
        table = build_table([index(fallback="d/page.html", index_file=index_file)])
        assert table.fallback("/static/a") is table.entries[own]


def test_a_page_for_listed_origins_is_so_elsewhere_too(folder: Folder, index: Index) -> None:
    folder.file("a.html")
    table = build_table([index(fallback="a.html", cors=["https://a.example"])])
    entry = table.fallback("/static/route")
    assert isinstance(entry, Shared)
    assert (entry.entry, entry.allow_list.origins) == (
        table.entries["/static/a.html"].entry,  # type: ignore[union-attr]
        ("https://a.example",),
    )


@pytest.mark.parametrize(
    "name", ["missing.html", "d", "a.html/a", "A.html", ".hidden.html", "linked.html", "a.html.gz"]
)
def test_a_page_that_is_not_served_stands_in_for_nothing(folder: Folder, index: Index, name: str) -> None:
    for planted in ("a.html", "d/a.html", ".hidden.html", "a.html.gz"):
        folder.file(planted)
    folder.link("linked.html", "nowhere")
    assert build_table([index(fallback=name)]).fallback("/static/route") is None


def test_a_miss_need_not_be_asked_about_where_there_is_no_page(folder: Folder, index: Index) -> None:
    folder.file("a.html")
    assert build_table([index(fallback="a.html")]).guarded
    assert not build_table([index(fallback="missing.html")]).guarded


# Several roots


def test_of_nested_roots_the_longest_prefix_s_page_stands_in(
    folder: Folder, outside: Folder, index: Index
) -> None:
    outer, inner = str(folder.file("a.html")), str(outside.file("a.html"))
    roots = [index(prefix="/", fallback="a.html"), index(outside.path, "/deep/", fallback="a.html")]
    for table in (build_table(roots), build_table(reversed(roots))):
        assert page(table, "/deep/route") == inner
        assert page(table, "/deep") == page(table, "/other") == outer


def test_a_root_without_a_page_leaves_it_to_the_one_around_it(
    folder: Folder, outside: Folder, index: Index
) -> None:
    outer = str(folder.file("a.html"))
    around = index(prefix="/", fallback="a.html")
    for within in (index(outside.path, "/deep/"), index(outside.path, "/deep/", fallback="a.html")):
        assert page(build_table([around, within]), "/deep/route") == outer


def test_of_two_roots_at_one_prefix_the_later_s_page_stands_in(
    folder: Folder, outside: Folder, index: Index
) -> None:
    first, second = str(folder.file("a.html")), str(outside.file("b.html"))
    roots = [index(fallback="a.html"), index(outside.path, fallback="b.html")]
    assert page(build_table(roots), "/static/route") == second
    assert page(build_table(reversed(roots)), "/static/route") == first


def test_bytes_of_the_application_can_be_the_page_over_a_file_s(folder: Folder, index: Index) -> None:
    folder.file("a.html")
    table = build_table([index(prefix="/", fallback="a.html"), bytes_at("a.html", fallback="a.html")])
    assert table.fallback("/route") is table.entries["/a.html"]
    assert page(table, "/route") == ""


# What is found


def test_a_page_changes_nothing_of_what_is_refused_or_not_found(folder: Folder, index: Index) -> None:
    for name in ("a.html", ".env", "old~/a"):
        folder.file(name)
    for not_found, missing in (("pass", None), ("answer", NOT_FOUND)):
        options: Any = {"fallback": "a.html", "not_found": not_found}
        table = build_table([index(**options)])
        assert table.find("/static/route") is missing
        assert table.find("/static/d/.env") is table.find("/static/old~/a") is REFUSED
        assert table.find("/route") is None


@pytest.mark.parametrize("latest", [True, False])
def test_bytes_hide_nothing_and_show_nothing_that_a_root_hides(folder: Folder, index: Index, latest: bool) -> None:
    folder.file(".env")
    roots = [index(prefix="/"), bytes_at(".git/HEAD")]
    table = build_table(roots if latest else reversed(roots))
    assert isinstance(table.entries["/.git/HEAD"], Resource)
    assert table.entries["/.env"] is REFUSED
    assert table.find("/.git/config") is REFUSED
    assert build_table([bytes_at("a")]).find("/.git/config") is None
    assert not build_table([bytes_at("a")]).guarded


def test_bytes_answer_for_no_path_but_their_own(folder: Folder, index: Index) -> None:
    table = build_table([index(not_found="answer"), bytes_at("robots.txt", not_found="answer")])
    assert table.find("/static/missing") is NOT_FOUND
    assert table.find("/elsewhere") is None
