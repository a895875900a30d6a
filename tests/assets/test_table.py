"""The table: every PATH_INFO that is answered, later roots over earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING
from wsgiref.headers import Headers

import pytest

from tests.conftest import plain
from whitemedia.assets.resource import REFUSED, Redirect, Resource
from whitemedia.assets.table import Table, build_table

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Index


def answered_by(table: Table, path_info: str) -> str | None:
    """The disk path of the file that answers; None if there is no entry."""
    entry = table.entries.get(path_info)
    assert entry is None or isinstance(entry, Resource)
    return entry.source.path if entry else None


def test_a_table_over_nothing_answers_nothing() -> None:
    table = build_table(())
    assert (table.entries, table.guarded) == ({}, False)
    assert table.find("/.env") is None


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
    assert list(plain(table.entries)) == [path_info]
    assert answered_by(table, path_info) == str(path)


def test_a_prefix_is_spelled_so_too(folder: Folder, index: Index) -> None:
    folder.file(".env")
    folder.file("a")
    table = build_table([index(prefix="/für/")])
    assert plain(table.entries).keys() == {"/fÃ¼r/a", "/fÃ¼r/.env"}
    assert table.find("/fÃ¼r/.git") is REFUSED


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
    assert plain(build_table([index(index_file=True)]).entries).keys() == {"/static/index.html/a"}


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
