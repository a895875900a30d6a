"""Of several roots the last answers, under whatever prefix and mount."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.answers import Answer
from tests.conftest import FILES, PREFIX, SECRET, Client, application, every_construction, plant, serve
from whitemedia import WhiteMedia

# Several roots


def test_for_one_path_the_root_added_last_answers(tmp_path: Path) -> None:
    first = plant(tmp_path / "first", {"a.txt": b"first", "b.txt": b"first"})
    second = plant(tmp_path / "second", {"b.txt": b"second", "c.txt": b"second"})
    client = serve(first)
    middleware: Any = client.application
    middleware.add_files(second, PREFIX)
    assert [client.get(f"{PREFIX}{name}.txt").body for name in "abc"] == [b"first", b"second", b"second"]
    middleware.add_files(first, PREFIX)
    assert [client.get(f"{PREFIX}{name}.txt").body for name in "abc"] == [b"first", b"first", b"second"]


def test_roots_at_nested_prefixes_are_told_apart(tmp_path: Path) -> None:
    outer = plant(tmp_path / "outer", {"inner/a.txt": b"outer", "inner/b.txt": b"outer"})
    inner = plant(tmp_path / "inner", {"a.txt": b"inner", ".env": SECRET})
    client = serve(outer, "/")
    middleware: Any = client.application
    middleware.add_files(inner, "/inner/")
    assert client.get("/inner/a.txt").body == b"inner"
    assert client.get("/inner/b.txt").body == b"outer"
    assert client.get("/inner/.env").status == 404


@pytest.mark.parametrize("outer_first", [True, False])
@pytest.mark.parametrize("inner", ["pass", "answer"])
def test_of_nested_prefixes_the_longest_decides_on_what_is_not_found(
    shared_tree: Path, *, outer_first: bool, inner: str
) -> None:
    roots: list[tuple[str, Any]] = [("/a/", "answer" if inner == "pass" else "pass"), ("/a/b/", inner)]
    client = serve(shared_tree, "/other/")
    middleware: Any = client.application
    for prefix, not_found in roots if outer_first else reversed(roots):
        middleware.add_files(shared_tree, prefix, not_found=not_found)
    assert client.get("/a/b/missing").is_the_applications == (inner == "pass")
    assert client.get("/a/missing").is_the_applications == (inner == "answer")


@pytest.mark.parametrize("name", ["outward", ".outward"])
def test_beneath_a_link_out_of_the_root_all_is_refused_whatever_is_hidden(tree: Path, name: str) -> None:
    (tree / name).symlink_to("../outside")
    client = serve(tree, hidden=())
    assert client.get(PREFIX + name).status == 404
    assert client.get(f"{PREFIX}{name}/secret.txt").status == 404
    assert client.get(f"{PREFIX}{name}ly/secret.txt").is_the_applications


@every_construction
@pytest.mark.parametrize("there", [True, False])
def test_what_a_build_wrote_is_never_served_nor_the_applications(
    tmp_path: Path, construction: str, *, there: bool
) -> None:
    root = plant(tmp_path / "root", {"a.css": b"a", "d/b.css": b"b"})
    if there:
        plant(root, {".whitemedia/index": SECRET, "d/.whitemedia-lock": SECRET})
    client = serve(root, construction=construction, hidden=("!.*",))
    paths = (".whitemedia", ".whitemedia/", ".whitemedia/index", ".whitemedia/missing", "d/.whitemedia-lock")
    assert [client.get(PREFIX + path).status for path in paths] == [404] * 5
    assert not any(client.get(PREFIX + path).is_the_applications for path in paths)
    assert client.get(f"{PREFIX}.missing").is_the_applications


def test_an_option_can_be_overridden_for_one_root(tree: Path) -> None:
    client = serve(tree, max_age=10, charset="utf-8")
    middleware: Any = client.application
    middleware.add_files(tree, "/more/", max_age=20, hidden=(), not_found="answer", index_file=True)
    assert client.get(f"{PREFIX}app.css").headers["Cache-Control"] == "max-age=10, public"
    assert client.get("/more/app.css").headers["Cache-Control"] == "max-age=20, public"
    assert client.get(f"{PREFIX}.env").status == 404
    assert client.get("/more/.env").body == SECRET
    assert client.get(f"{PREFIX}missing").is_the_applications
    assert client.get("/more/missing").status == 404
    assert client.get(f"{PREFIX}docs/").is_the_applications
    assert client.get("/more/docs/").body == FILES["docs/index.html"]


def test_the_memory_limit_is_over_all_roots(tmp_path: Path) -> None:
    roots = [plant(tmp_path / str(number), {"file.bin": bytes([number]) * 600}) for number in range(2)]
    client = serve(roots[0], memory_limit=1000)
    middleware: Any = client.application
    middleware.add_files(roots[1], "/more/")
    for path in (f"{PREFIX}file.bin", "/more/file.bin"):
        assert client.get(path).status == 200
    for root in roots:
        (root / "file.bin").unlink()
    assert client.get(f"{PREFIX}file.bin").body == bytes(600)
    assert client.get("/more/file.bin").status == 404


def test_roots_are_added_safely_while_requests_run(tmp_path: Path) -> None:
    roots = [plant(tmp_path / str(number), {"a.txt": b"%d" % number * 100}) for number in range(10)]
    client = serve(roots[0])
    middleware: Any = client.application
    answers: list[Answer] = []
    stop = threading.Event()

    def request() -> None:
        while not stop.is_set():
            answers.append(client.get(f"{PREFIX}a.txt"))

    threads = [threading.Thread(target=request) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for root in roots[1:]:
            middleware.add_files(root, PREFIX)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert answers
    assert {answer.body for answer in answers} <= {b"%d" % number * 100 for number in range(10)}
    assert client.get(f"{PREFIX}a.txt").body == b"9" * 100


@every_construction
def test_no_thread_is_alive_after_construction(tree: Path, construction: str) -> None:
    before = threading.enumerate()
    client = serve(tree, construction=construction)
    assert threading.enumerate() == before
    client.get(f"{PREFIX}app.css", {"Accept-Encoding": "br"})
    assert threading.enumerate() == before


def test_roots_added_by_threads_at_once_are_all_served(tmp_path: Path) -> None:
    wm = WhiteMedia(application)
    plant(tmp_path, {"a.txt": b"a"})
    threads = [threading.Thread(target=wm.add_files, args=(tmp_path, f"/{number}/")) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path for path in wm.table.entries if path.endswith("a.txt")} == {f"/{n}/a.txt" for n in range(20)}


# Prefixes and mounts


@pytest.mark.parametrize(
    ("prefix", "mounted"),
    [
        ("static", "/static/"),
        ("/static", "/static/"),
        ("static/", "/static/"),
        ("/static/", "/static/"),
        ("//static//", "/static/"),
        ("a/b/c", "/a/b/c/"),
        ("über uns", "/über uns/"),
        ("\u65e5\u672c", "/\u65e5\u672c/"),
        ("a b", "/a b/"),
        ("%41", "/%41/"),
        ("~user/.well-known", "/~user/.well-known/"),
        (None, "/"),
        ("", "/"),
        ("/", "/"),
    ],
)
def test_a_prefix_may_be_written_with_or_without_slashes(tree: Path, prefix: str | None, mounted: str) -> None:
    client = Client(WhiteMedia(application, tree, prefix))
    assert client.get(f"{mounted}digits.txt").body == FILES["digits.txt"]
    assert client.get(f"{mounted}docs/über uns.txt").body == FILES["docs/über uns.txt"]
    assert client.get(f"{mounted}missing").is_the_applications
    assert client.get(f"{mounted}.env").status == 404
    assert client.get(f"{mounted}.well-known/security.txt").status == 200
    assert client.get(f"{mounted}.well-known/acme-challenge/token").is_the_applications
    assert client.get(f"{mounted}missing~").is_the_applications


def test_a_root_may_be_a_path_or_a_str_absolute_or_relative(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree.parent)
    for root in (tree, str(tree), "static", "static/", Path("static"), f"{tree}/../static"):
        client = Client(WhiteMedia(application, root, PREFIX))
        monkeypatch.chdir("/")  # a large file is found although the working directory is another by now
        assert client.get(f"{PREFIX}large.bin").status == 200
        monkeypatch.chdir(tree.parent)


def test_a_root_that_is_a_link_is_followed(tree: Path) -> None:
    link = tree.with_name("current")
    link.symlink_to(tree)
    client = serve(link, strict=True, memory_limit=0)
    assert client.get(f"{PREFIX}digits.txt").body == FILES["digits.txt"]
    (tree / "digits.txt").write_bytes(b"new")
    assert client.get(f"{PREFIX}digits.txt").body == b"new"


@every_construction
def test_beneath_a_mount_the_same_is_served(shared_tree: Path, construction: str) -> None:
    inner: Any = serve(shared_tree, construction=construction, index_file=True).application
    mounts: Any = {"/mounted": inner}
    client = Client(DispatcherMiddleware(application, mounts))
    assert client.get("/mounted/static/digits.txt").body == FILES["digits.txt"]
    assert client.get("/mounted/static/docs").headers["Location"] == "docs/"
    assert client.get("/mounted/static/.env").status == 404
    assert client.get("/static/digits.txt").is_the_applications


def test_a_root_with_two_dots_is_what_the_system_takes_it_for(tmp_path: Path) -> None:
    """`releases/3/..` by way of a link `current -> releases/3` is `releases`, not where the link lies."""
    plant(tmp_path / "releases" / "3", {})
    plant(tmp_path / "releases" / "shared", {"a.txt": b"right"})
    plant(tmp_path / "shared", {"a.txt": b"wrong"})
    (tmp_path / "current").symlink_to("releases/3")
    client = Client(WhiteMedia(application, tmp_path / "current" / ".." / "shared", "/static/"))
    assert client.get("/static/a.txt").body == b"right"
