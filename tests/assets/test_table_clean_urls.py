"""Clean URLs: a page answers without its suffix too; before it goes a file of that name, after it a directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import plain
from whitemedia.assets.resource import REFUSED, Redirect, Resource, Shared
from whitemedia.assets.table import Table, build_table

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Index


def names(table: Table) -> dict[str, str]:
    """Which file answers at each path, by its URL path; "→ location" for a redirect."""
    found = {}
    for path, entry in plain(table.entries).items():
        if isinstance(entry, Resource):
            found[path] = entry.source.url_path
        elif isinstance(entry, Redirect):
            found[path] = f"→ {entry.location}"
    return found


@pytest.mark.parametrize("prefix", ["/", "/static/"])
def test_a_page_answers_with_and_without_its_suffix(folder: Folder, index: Index, prefix: str) -> None:
    for name in ("about.html", "d/über uns.html", "app.css", "old.htm"):
        folder.file(name)
    table = build_table([index(prefix=prefix, clean_urls=True)])
    assert names(table) == {
        f"{prefix}about.html": "about.html",
        f"{prefix}about": "about.html",
        f"{prefix}d/Ã¼ber uns.html": "d/über uns.html",
        f"{prefix}d/Ã¼ber uns": "d/über uns.html",
        f"{prefix}app.css": "app.css",
        f"{prefix}old.htm": "old.htm",
    }
    assert table.entries[f"{prefix}about"] is table.entries[f"{prefix}about.html"]


def test_without_the_option_a_page_has_one_name(folder: Folder, index: Index) -> None:
    folder.file("about.html")
    assert names(build_table([index()])) == {"/static/about.html": "about.html"}


def test_a_file_goes_before_a_page_and_a_page_before_a_directory(folder: Folder, index: Index) -> None:
    for name in ("a", "a.html", "b.html", "b/index.html", "c/index.html", "d.html", "d.html.html"):
        folder.file(name)
    assert names(build_table([index(clean_urls=True, index_file=True)])) == {
        "/static/a": "a",
        "/static/a.html": "a.html",
        "/static/b": "b.html",
        "/static/b.html": "b.html",
        "/static/b/": "b/index.html",
        "/static/b/index.html": "→ ./",
        "/static/c": "→ c/",
        "/static/c/": "c/index.html",
        "/static/c/index.html": "→ ./",
        "/static/d": "d.html",
        "/static/d.html": "d.html",
        "/static/d.html.html": "d.html.html",
    }


def test_an_index_file_has_no_other_clean_url_than_its_directory(folder: Folder, index: Index) -> None:
    folder.file("index.html")
    assert "/static/index" not in build_table([index(clean_urls=True, index_file=True)]).entries
    assert "/static/index" in build_table([index(clean_urls=True)]).entries
    assert "/static/index" in build_table([index(clean_urls=True, index_file="home.html")]).entries


def test_what_cannot_be_served_under_a_name_goes_before_a_page_too(folder: Folder, index: Index) -> None:
    """The file of that name is there, and refused; a page is not sent in its place."""
    folder.file("a.html")
    folder.link("a", "missing")
    folder.file("draft.html")
    folder.file("draft/secret.txt")
    table = build_table([index(clean_urls=True, hidden=["draft"])])
    assert table.entries["/static/a"] is REFUSED
    assert table.entries["/static/draft"] is REFUSED
    assert table.find("/static/draft/secret.txt") is REFUSED


def test_a_hidden_page_has_no_clean_url(folder: Folder, index: Index) -> None:
    folder.file(".draft.html")
    folder.file(".html")
    assert names(build_table([index(clean_urls=True)])) == {}


def test_a_later_root_s_page_goes_over_all_of_an_earlier_one(
    folder: Folder, outside: Folder, index: Index
) -> None:
    for name in ("a", "b/index.html", "c.html"):
        folder.file(name)
    for name in ("a.html", "b.html", "c/index.html"):
        outside.file(name)
    first = index(clean_urls=True, index_file=True)
    second = index(outside.path, clean_urls=True, index_file=True)
    both = names(build_table([first, second]))
    assert [both[f"/static/{name}"] for name in "abc"] == ["a.html", "b.html", "→ c/"]
    both = names(build_table([second, first]))
    assert [both[f"/static/{name}"] for name in "abc"] == ["a", "→ b/", "c.html"]


def test_a_page_for_listed_origins_is_so_under_both_names(folder: Folder, index: Index) -> None:
    folder.file("a.html")
    folder.file("d/index.html")
    table = build_table([index(clean_urls=True, index_file=True, cors=["https://a.example"])])
    assert len(table.entries) == 5
    for entry in table.entries.values():
        assert isinstance(entry, Shared)
        assert entry.allow_list.origins == ("https://a.example",)
    assert table.entries["/static/a"] is table.entries["/static/a.html"]
