"""What is hidden or cannot be served is refused, and where it is asked for, every other miss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from whitemedia.assets.indexing import Indexed
from whitemedia.assets.resource import Refused
from whitemedia.assets.table import Table, build_table
from whitemedia.options import Options

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder, Index


# What is refused


def refused(table: Table) -> set[str]:
    return {path for path, entry in table.entries.items() if isinstance(entry, Refused)}


def is_refused(table: Table, path_info: str) -> bool:
    """As a request meets it: by an entry, or asked about as a miss."""
    if path_info in table.entries:
        return isinstance(table.entries[path_info], Refused)
    return (table.guarded or "/." in path_info) and table.find(path_info) is not None


@pytest.fixture
def dirty(folder: Folder, index: Index, deny: Deny) -> Indexed:
    """A root with each kind of thing that is not served."""
    folder.file("a.css")
    folder.file("d/a.css")
    folder.file(".well-known/security.txt")
    folder.file(".env")
    folder.file(".git/config")
    folder.file("old~/a")
    folder.file("app.css.bak")
    folder.file("caf\udce9/a")
    folder.link("broken", "missing")
    folder.link("out", folder.path.parent)
    folder.link("loop", ".")
    folder.file("closed/a")
    deny(folder.path / "closed")
    return index()


@pytest.mark.parametrize(
    ("path_info", "refuses"),
    [
        ("/static/.env", True),
        ("/static/.env2", True),
        ("/static/d/.env", True),
        ("/static/missing/.env/a", True),
        ("/static/.git", True),
        ("/static/.git/", True),
        ("/static/.git/config", True),
        ("/static/.git/missing", True),
        ("/static/./a.css", True),
        ("/static/../a.css", True),
        ("/static/.", True),
        ("/static/.\xff", True),
        ("/static/old~", True),
        ("/static/old~/", True),
        ("/static/old~/a", True),
        ("/static/old~/b/c", True),
        ("/static/old~2", False),
        ("/static/app.css.bak", True),
        ("/static/caf\xe9", True),
        ("/static/caf\xe9/a", True),
        ("/static/broken", True),
        ("/static/out", True),
        ("/static/out/secret", True),
        ("/static/outer", False),
        ("/static/loop/a.css", True),
        ("/static/closed", True),
        ("/static/closed/a", True),
        ("/static/closedness/a", False),
        ("/static/a.css", False),
        ("/static/.well-known/security.txt", False),
        ("/static/.well-known/missing", False),
        ("/static/.well-known/.env", True),
        ("/static/missing", False),
        ("/static/a..b", False),
        ("/static/", False),
        ("/static", False),
        ("/.env", False),
        ("/static2/.env", False),
        ("/static../a.css", False),
        ("/other/old~/a", False),
        ("", False),
    ],
)
def test_what_is_hidden_or_cannot_be_served_is_refused_and_the_rest_is_not(
    dirty: Indexed, path_info: str, refuses: bool
) -> None:
    assert is_refused(build_table([dirty]), path_info) is refuses


def test_everything_skipped_is_an_entry(dirty: Indexed) -> None:
    assert refused(build_table([dirty])) == {
        f"/static/{name}"
        for name in (".env", ".git", "old~", "app.css.bak", "caf\xe9", "broken", "out", "loop", "closed")
    }


def test_a_sibling_is_no_url_of_its_own(folder: Folder, index: Index) -> None:
    folder.file("app.css")
    folder.file("app.css.gz")
    assert refused(build_table([index()])) == {"/static/app.css.gz"}


@pytest.mark.parametrize(
    ("path_info", "refuses"),
    [
        ("/", False),
        ("/missing", False),
        ("/api/old~/a", False),
        ("/.well-known/acme-challenge/token", False),
        ("/.env", True),
        ("/any/where/.env", True),
        ("/..", True),
        ("/old~/a", True),
        ("/app.css.bak", True),
    ],
)
def test_at_prefix_slash_dot_segments_and_refused_files_are_ours_and_the_rest_is_the_application_s(
    dirty: Indexed, path_info: str, refuses: bool
) -> None:
    assert is_refused(build_table([dirty._replace(prefix="/")]), path_info) is refuses


def test_given_patterns_decide_on_dot_segments_too(folder: Folder, index: Index) -> None:
    folder.file(".shown/a")
    folder.file("a")
    table = build_table([index(hidden=())])
    assert refused(table) == set()
    assert not is_refused(table, "/static/.shown/missing")


def test_a_clean_tree_with_dotted_directories_costs_other_misses_nothing(folder: Folder, index: Index) -> None:
    """A dot is seen in the path itself; only what has none needs the list of refused directories."""
    folder.file(".git/config")
    folder.file("d/.git/config")
    folder.file("d/a.bak")
    assert not build_table([index()]).guarded


@pytest.mark.parametrize("name", ["old~/a", "closed/a"])
def test_a_refused_directory_without_a_dot_makes_every_miss_a_question(
    folder: Folder, index: Index, deny: Deny, name: str
) -> None:
    folder.file(name)
    deny(folder.path / "closed")
    assert build_table([index()]).guarded


def test_a_dotted_directory_that_is_not_hidden_but_closed_is_refused(
    folder: Folder, index: Index, deny: Deny
) -> None:
    folder.file(".shown/a")
    deny(folder.path / ".shown")
    assert is_refused(build_table([index(hidden=())]), "/static/.shown/a")


# not_found="answer"


def test_with_answer_every_miss_beneath_the_prefix_is_ours_and_nothing_else(folder: Folder, index: Index) -> None:
    folder.file("a")
    table = build_table([index(not_found="answer")])
    assert table.guarded
    assert {path: is_refused(table, path) for path in ("/static/b", "/static/", "/static", "/b", "/static/a")} == {
        "/static/b": True,
        "/static/": True,
        "/static": False,
        "/b": False,
        "/static/a": False,
    }


@pytest.mark.parametrize("inner_answers", [True, False])
def test_of_nested_prefixes_the_longest_decides_in_whatever_order_they_came(
    folder: Folder, outside: Folder, index: Index, inner_answers: bool
) -> None:
    outer = index(not_found="pass" if inner_answers else "answer")
    inner = index(outside.path, "/static/deep/", not_found="answer" if inner_answers else "pass")
    for roots in ([outer, inner], [inner, outer]):
        table = build_table(roots)
        assert is_refused(table, "/static/deep/missing") is inner_answers
        assert is_refused(table, "/static/missing") is not inner_answers


def test_each_root_hides_beneath_its_own_prefix(folder: Folder, outside: Folder, index: Index) -> None:
    table = build_table([index(hidden=()), index(outside.path, "/other/")])
    assert not is_refused(table, "/static/.env")
    assert is_refused(table, "/other/.env")


@pytest.mark.parametrize("options", [("pass", "answer"), ("answer", "pass")])
def test_of_two_roots_at_one_prefix_the_later_decides_on_what_is_not_found(
    folder: Folder, index: Index, options: tuple[Literal["pass", "answer"], ...]
) -> None:
    folder.file("a")
    table = build_table([index(not_found=option) for option in options])
    assert is_refused(table, "/static/missing") is (options[1] == "answer")


def test_what_a_broken_link_may_lead_to_one_day_is_refused(folder: Folder, index: Index) -> None:
    """A disk that is mounted after the start must not be served by the framework's own route."""
    folder.link("disk", "/mnt/later")
    assert is_refused(build_table([index()]), "/static/disk/file")


@pytest.mark.parametrize(("outer", "inner"), [(None, ()), ((), None)])
def test_the_innermost_prefix_decides_which_dots_are_hidden(
    folder: Folder, index: Index, outer: tuple[str, ...] | None, inner: tuple[str, ...] | None
) -> None:
    default = Options().hidden
    roots = [
        index(prefix=prefix, hidden=default if hidden is None else hidden)
        for prefix, hidden in (("/", outer), ("/pub/", inner))
    ]
    table = build_table(roots)
    assert is_refused(table, "/pub/.missing") is (inner is None)
    assert is_refused(table, "/.missing") is (outer is None)
