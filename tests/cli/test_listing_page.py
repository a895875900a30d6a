"""The page of a listing: whole HTML, readable without styles or scripts, in which no name is more than a name."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import pytest

from tests.answers import Answer
from tests.cli.page import Page
from tests.cli.test_listing import Tree
from tests.conftest import MODIFIED, Client, application
from whitemedia.assets.roots import Listed
from whitemedia.cli.listing import Listing

ORIGIN = "http://localhost:8000"

NAMES = {
    "plain": ("app.css", "app.css"),
    "a scheme": ("javascript:alert(1)", "javascript:alert(1)"),
    "another scheme": ("data:text/html,<b>", "data:text/html,<b>"),
    "another host": ("\\\\host", "\\\\host"),
    "a query and a fragment": ("a?b#c", "a?b#c"),
    "an escape": ("100%41.txt", "100%41.txt"),
    "a space and a plus": ("a b+c ", "a b+c "),
    "markup": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "a character reference": ("&lt;&amp", "&lt;&amp"),
    "quotes": ("\"' onclick='x\"", "\"' onclick='x\""),
    "braces of the template": ("{rows}{0}{", "{rows}{0}{"),
    "UTF-8": ("größe אב 大.css", "größe אב 大.css"),
    "a new line": ("a\nb\r\n", r"a\nb\r\n"),
    "controls": ("\x01\x1b[31m\x7f\x85", r"\x01\x1b[31m\x7f\x85"),
    "a change of direction": ("\u202egnp.exe", r"\u202egnp.exe"),
    "not UTF-8": ("bad\udcff", r"bad\udcff"),
    "dots": ("...", "..."),
    "a dot": (".well-known", ".well-known"),
}

IN_UTF_8 = {case: names for case, names in NAMES.items() if case != "not UTF-8"}


def row(name: str, *, size: int = 1, mtime_ns: int = MODIFIED * 10**9) -> Listed:
    return Listed(name, is_directory=False, size=size, mtime_ns=mtime_ns)


def directory(name: str) -> Listed:
    return Listed(name, is_directory=True, size=4096, mtime_ns=MODIFIED * 10**9)


def answer(*items: Listed, path: str = "docs/", **environ: object) -> Answer:
    return Client(Listing(application, Tree({path: items}), "/")).get(f"/{path}", {}, **environ)


def page(*items: Listed, path: str = "docs/", **environ: object) -> Page:
    return Page(answer(*items, path=path, **environ).body.decode("utf-8"))


@pytest.mark.parametrize("is_directory", [False, True], ids=["file", "directory"])
@pytest.mark.parametrize(("name", "shown"), NAMES.values(), ids=NAMES)
def test_a_link_leads_to_the_name_beneath_the_directory(name: str, shown: str, *, is_directory: bool) -> None:
    slash = "/" if is_directory else ""
    [found] = page(directory(name) if is_directory else row(name)).rows
    assert found.cells[0] == shown + slash
    assert found.href.startswith("./")
    target = urlsplit(urljoin(f"{ORIGIN}/docs/", found.href))
    assert f"{target.scheme}://{target.netloc}" == ORIGIN
    assert (target.query, target.fragment) == ("", "")
    assert unquote_to_bytes(target.path) == f"/docs/{name}{slash}".encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("name", "shown"), IN_UTF_8.values(), ids=IN_UTF_8)
def test_the_page_is_named_after_the_directory(name: str, shown: str) -> None:
    found = page(path=f"{name}/")
    assert found.texts["title"] == found.texts["h1"] == f"Index of /{shown}/"


def test_the_page_is_named_by_the_whole_path() -> None:
    assert page(SCRIPT_NAME="/mount").texts["h1"] == "Index of /mount/docs/"


def test_directories_come_first_then_names_in_the_order_of_letters() -> None:
    found = page(row("b"), row("C"), row("a"), directory("z"), directory("Y"), row("B"))
    assert [item.href for item in found.rows] == ["./Y/", "./z/", "./a", "./B", "./b", "./C"]


def test_a_row_tells_size_and_time() -> None:
    file, folder = row("a", size=1234567), directory("b")
    assert [item.cells for item in page(file, folder).rows] == [
        ("b/", "", "2023-11-14 22:13:20"),
        ("a", "1,234,567", "2023-11-14 22:13:20"),
    ]


def test_the_caption_counts() -> None:
    assert (
        page(row("a", size=1500), row("b"), directory("c")).texts["caption"] == "1 directory, 2 files, 1,501 bytes"
    )
    assert page(row("a", size=1)).texts["caption"] == "0 directories, 1 file, 1 byte"


TIMES = {
    "the first second": (0, "1970-01-01 00:00:00"),
    "before it": (-1, "1969-12-31 23:59:59"),
    "a part of a second": (1_999_999_999, "1970-01-01 00:00:01"),
    "the first year": (-62135596800 * 10**9, "0001-01-01 00:00:00"),
    "before the first year": (-(10**30), ""),
    "after the last year": (10**30, ""),
}


@pytest.mark.parametrize(("mtime_ns", "shown"), TIMES.values(), ids=TIMES)
def test_every_time_can_be_listed(mtime_ns: int, shown: str) -> None:
    found = page(row("a", mtime_ns=mtime_ns))
    assert found.rows[0].cells[2] == shown
    times = [attributes["datetime"] for name, attributes in found.elements if name == "time"]
    assert times == ([f"{shown.replace(' ', 'T')}Z"] if shown else [])


def test_only_the_top_has_no_parent() -> None:
    assert "../" in page().links
    assert page(path="").links == []


def test_the_page_tells_its_language_and_what_its_cells_are() -> None:
    found = page(row("a"), directory("b"))
    assert ("html", {"lang": "en"}) in found.elements
    assert ("meta", {"charset": "utf-8"}) in found.elements
    scopes = [attributes.get("scope") for name, attributes in found.elements if name == "th"]
    assert scopes == ["col"] * 3 + ["row"] * 2
    assert [name for name, _ in found.elements].count("main") == 1


def test_nothing_is_loaded_and_nothing_runs() -> None:
    found = page(row("a"))
    names = {name for name, _ in found.elements}
    assert not names & {"script", "img", "iframe", "form", "base", "object"}
    assert [attributes for name, attributes in found.elements if name == "link"] == [
        {"rel": "icon", "href": "data:,"}
    ]
    assert not [
        key for _, attributes in found.elements for key in attributes if key.startswith("on") or key == "style"
    ]


def test_its_policy_lets_in_its_own_style_alone() -> None:
    found = answer(row("a"))
    style = Page(found.body.decode("utf-8")).texts["style"]
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    directives = (found.headers["Content-Security-Policy"] or "").split("; ")
    assert f"style-src 'sha256-{digest}'" in directives
    assert "default-src 'none'" in directives
    assert "img-src data:" in directives
    assert "color-scheme: light dark" in style


def test_thousands_of_names_are_all_there() -> None:
    assert len(page(*(row(f"{number}.txt") for number in range(7000))).rows) == 7000
