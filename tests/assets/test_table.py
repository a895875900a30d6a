"""The table: every PATH_INFO that is answered, later roots over earlier ones, and what is refused besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from wsgiref.headers import Headers

import pytest

from whitemedia.assets.indexing import Indexed
from whitemedia.assets.representation import REFUSED, Redirect, Refused, Resource
from whitemedia.assets.table import Table, build_table
from whitemedia.options import Options

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder, Index


def answered_by(table: Table, path_info: str) -> str | None:
    """The disk path of the file that answers; None if there is no entry."""
    entry = table.entries.get(path_info)
    assert entry is None or isinstance(entry, Resource)
    return entry.source.path if entry else None


def test_a_table_over_nothing_answers_nothing() -> None:
    table = build_table(())
    assert (table.entries, table.guarded) == ({}, False)
    assert not table.refuses("/.env")


@pytest.mark.parametrize(
    ("name", "path_info"),
    [
        ("app.css", "/static/app.css"),
        ("d/e/f", "/static/d/e/f"),
        ("über uns", "/static/Ã¼ber uns"),
        ("日本", "/static/æ\x97¥æ\x9c¬"),
        ("new\nline", "/static/new\nline"),
        ("100%41", "/static/100%41"),
    ],
)
def test_a_file_answers_at_its_path_as_pep_3333_spells_it(
    folder: Folder, index: Index, name: str, path_info: str
) -> None:
    path = folder.file(name)
    table = build_table([index()])
    assert list(table.entries) == [path_info]
    assert answered_by(table, path_info) == str(path)


def test_a_prefix_is_spelled_so_too(folder: Folder, index: Index) -> None:
    folder.file(".env")
    folder.file("a")
    table = build_table([index(prefix="/für/")])
    assert table.entries.keys() == {"/fÃ¼r/a", "/fÃ¼r/.env"}
    assert table.refuses("/fÃ¼r/.git")


# Several roots


def test_of_two_files_for_one_path_the_later_root_s_answers_and_the_rest_of_both(
    folder: Folder, outside: Folder, index: Index
) -> None:
    for name in ("both", "first"):
        folder.file(name)
    for name in ("both", "second"):
        outside.file(name)
    table = build_table([index(), index(outside.path)])
    assert answered_by(table, "/static/first") == str(folder.path / "first")
    assert answered_by(table, "/static/both") == str(outside.path / "both")
    assert answered_by(table, "/static/second") == str(outside.path / "second")


def test_a_root_within_another_s_prefix_wins_only_if_it_is_later(
    folder: Folder, outside: Folder, index: Index
) -> None:
    folder.file("deep/a")
    outside.file("a")
    around, within = index(), index(outside.path, "/static/deep/")
    assert answered_by(build_table([around, within]), "/static/deep/a") == str(outside.path / "a")
    assert answered_by(build_table([within, around]), "/static/deep/a") == str(folder.path / "deep" / "a")


def test_what_a_later_root_cannot_serve_is_not_answered_by_an_earlier_one(
    folder: Folder, outside: Folder, index: Index
) -> None:
    folder.file("a")
    outside.link("a", "missing")
    assert build_table([index(), index(outside.path)]).entries["/static/a"] is REFUSED


# Index files


def locations(table: Table) -> dict[str, str | None]:
    return {path: entry.location for path, entry in table.entries.items() if isinstance(entry, Redirect)}


@pytest.mark.parametrize("prefix", ["/", "/static/"])
def test_an_index_file_answers_for_its_directory_and_two_paths_lead_there(
    folder: Folder, index: Index, prefix: str
) -> None:
    top, deep = folder.file("index.html"), folder.file("d/index.html")
    table = build_table([index(prefix=prefix, index_file=True)])
    assert answered_by(table, prefix) == str(top)
    assert answered_by(table, f"{prefix}d/") == str(deep)
    assert locations(table) == {
        prefix[:-1]: None if prefix == "/" else "static/",
        f"{prefix}index.html": "./",
        f"{prefix}d": "d/",
        f"{prefix}d/index.html": "./",
    }


@pytest.mark.parametrize(
    ("name", "path_info", "location"),
    [
        ("über", "Ã¼ber", "%C3%BCber/"),
        ("a:b", "a:b", "a%3Ab/"),
        ("a?b#c", "a?b#c", "a%3Fb%23c/"),
        ("\\\\host", "\\\\host", "%5C%5Chost/"),
        ("new\r\nline", "new\r\nline", "new%0D%0Aline/"),
    ],
)
def test_a_location_is_relative_and_can_be_read_as_nothing_else(
    folder: Folder, index: Index, name: str, path_info: str, location: str
) -> None:
    folder.file(f"{name}/index.html")
    table = build_table([index(index_file=True)])
    assert locations(table)[f"/static/{path_info}"] == location


@pytest.mark.parametrize("name", ["myindex.html", "index.html.css", "index.htm", "INDEX.HTML"])
def test_only_the_name_itself_is_an_index(folder: Folder, index: Index, name: str) -> None:
    path = folder.file(f"d/{name}")
    table = build_table([index(index_file=True)])
    assert answered_by(table, f"/static/d/{name}") == str(path)
    assert locations(table) == {}


def test_a_directory_called_like_the_index_is_none(folder: Folder, index: Index) -> None:
    folder.file("index.html/a")
    assert build_table([index(index_file=True)]).entries.keys() == {"/static/index.html/a"}


def test_without_the_option_an_index_file_is_a_file(folder: Folder, index: Index) -> None:
    folder.file("index.html")
    assert build_table([index()]).entries.keys() == {"/static/index.html"}


def test_any_name_may_be_the_index(folder: Folder, index: Index) -> None:
    path = folder.file("d/Anfang.für")
    assert answered_by(build_table([index(index_file="Anfang.für")]), "/static/d/") == str(path)


def test_a_redirect_is_cached_and_shared_like_its_file_and_has_none_of_its_other_fields(
    folder: Folder, index: Index
) -> None:
    def add(headers: Headers, path: str, url: str) -> None:
        headers["X-Own"] = "own"

    folder.file("index.html")
    table = build_table([index(index_file=True, max_age=5, add_headers_function=add, unsafe_methods="pass")])
    redirect = table.entries["/static"]
    assert isinstance(redirect, Redirect)
    assert sorted(redirect.headers) == [
        ("Access-Control-Allow-Origin", "*"),
        ("Cache-Control", "max-age=5, public"),
    ]
    assert redirect.passes_unsafe


# What is refused


def refused(table: Table) -> set[str]:
    return {path for path, entry in table.entries.items() if isinstance(entry, Refused)}


def is_refused(table: Table, path_info: str) -> bool:
    """As a request meets it: by an entry, or asked about as a miss."""
    if path_info in table.entries:
        return isinstance(table.entries[path_info], Refused)
    return (table.guarded or "/." in path_info) and table.refuses(path_info)


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
