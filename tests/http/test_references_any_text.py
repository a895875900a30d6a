"""Any text as a reference: it never raises, and with a version in it, it names the version of what it named before."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from whitemedia.http.references import path_of_reference, resolve_reference, version_reference
from whitemedia.http.versions import with_version

BASE = "/static/css/app.css"
VERSION = "0123456789ab"

RESOLVED = {
    "%2e%2e%2fa.png": "/static/css/../a.png",  # one segment for a browser; a server decodes it
    "a%2520b.png": "/static/css/a%20b.png",
    "a//../b.png": "/static/css/a/b.png",
    "\udcfc.png": "/static/css/\xfc.png",
    "%61:b.png": "/static/css/a:b.png",
    "1:b.png": "/static/css/1:b.png",
    "a%00b.png": "/static/css/a\0b.png",
    "...": "/static/css/...",
}
NOWHERE = [
    *("///a.png", "x-1+2.3:y", "/\\host/a.png", "a.png?\udfff", "\udd00.png", "\udc7f.png", "a.png#\udbff"),
    *("\ufffd.png", "\ufffd.png?a"),
]
VERSIONED = {
    "%2e%2e/app%2Ecss?x": "%2e%2e/app.0123456789ab.css?x",
    "%61:b%2Epng": "a%3Ab.0123456789ab.png",
    "%2F%2Fhost%2Epng": "%2F%2Fhost.0123456789ab.png",
    "\udcfc.png": "\udcfc.0123456789ab.png",
    ".htc": ".htc.0123456789ab",
}
ESCAPED = {
    "%61:b.png": "%61%3Ab.0123456789ab.png",
    "%2F%2Fhost.png": "%2F%2Fhost.0123456789ab.png",
    "100%.png": "100%.0123456789ab.png",
    "\udcfc.png": "%FC.0123456789ab.png",
}

some_urls = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                "a",
                "b.css",
                ".",
                "..",
                "/",
                "//",
                "%2e",
                "%2F",
                "%",
                "%41",
                ":",
                "?",
                "#",
                "ü",
                "%C3",
                "\udcc3",
                " ",
                "\\",
            ]
        )
    ).map("".join),
)


@pytest.mark.parametrize(("url", "path"), RESOLVED.items(), ids=ascii)
def test_a_reference_names_the_path_that_a_server_is_asked_for(url: str, path: str) -> None:
    assert resolve_reference(url, BASE) == path


@pytest.mark.parametrize("url", NOWHERE, ids=ascii)
def test_a_reference_names_no_path_of_ours(url: str) -> None:
    assert resolve_reference(url, BASE) is None
    assert path_of_reference(url) == ""


@pytest.mark.parametrize(("url", "versioned"), VERSIONED.items(), ids=ascii)
def test_a_version_stands_before_the_extension_and_the_rest_stays(url: str, versioned: str) -> None:
    assert version_reference(url, VERSION, is_escaped=False) == versioned


@pytest.mark.parametrize(("url", "versioned"), ESCAPED.items(), ids=ascii)
def test_what_was_escaped_is_percent_encoded_so_that_it_stands_in_any_syntax(url: str, versioned: str) -> None:
    assert version_reference(url, VERSION, is_escaped=True) == versioned


@given(some_urls, st.booleans())
@example("%61:b%2Epng", True)
@example("%2F%2Fhost.png", True)
@example("%2Fa.png", True)
@example("\udd00", False)
@example("/%2Fhost/x", True)
def test_a_versioned_reference_names_the_version_of_what_the_plain_one_names(url: str, is_escaped: bool) -> None:
    path = resolve_reference(url, BASE)
    assume(path is not None and not path.endswith("/"))
    assert path is not None
    versioned = version_reference(url, VERSION, is_escaped=is_escaped)
    assert resolve_reference(versioned, BASE) == with_version(path, VERSION)


@given(some_urls)
def test_what_is_percent_encoded_ends_no_string_and_no_url_token(url: str) -> None:
    assume(path_of_reference(url))
    versioned = version_reference(url, VERSION, is_escaped=True)
    assert versioned.isascii()
    assert versioned.isprintable()
    assert not set("\"'()\\ <>") & set(versioned)


@given(some_urls, st.text("/.%a2eF\xff", max_size=20))
def test_no_text_raises_and_what_is_resolved_is_a_path(url: str, base: str) -> None:
    path = resolve_reference(url, "/" + base)
    assert path is None or path.startswith("/")
    if path is not None:
        path.encode("latin-1")


def test_many_segments_take_linear_time() -> None:
    """A quadratic resolution would not end."""
    deep = "a/" * 500_000
    assert resolve_reference(deep + "../" * 500_000 + "x.css", "/b/c.css") == "/b/x.css"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("x.png", "/\xc3\xbc/%41 b/x.png"),
        ("../ü.png", "/\xc3\xbc/\xc3\xbc.png"),
        ("c%20d/%C3%BC.png", "/\xc3\xbc/%41 b/c d/\xc3\xbc.png"),
        ("../../x.png", "/x.png"),
        ("/ü/x.png", "/\xc3\xbc/x.png"),
    ],
)
def test_the_path_of_the_file_that_refers_is_decoded_already(url: str, path: str) -> None:
    assert resolve_reference(url, "/\xc3\xbc/%41 b/app.css") == path


@given(some_urls, st.text(st.characters(max_codepoint=0xFF, exclude_characters="/"), min_size=1))
def test_a_name_resolves_beside_the_file_that_refers_whatever_its_folder_is_called(url: str, folder: str) -> None:
    path = resolve_reference(url, BASE)
    beside = resolve_reference(url, f"/static/{folder}/app.css")
    assert (path is None) == (beside is None)
    if (
        path is not None
        and path.startswith("/static/css/")
        and "css" not in url.partition("?")[0].replace("b.css", "")
    ):
        assert beside == path.replace("/static/css/", f"/static/{folder}/", 1)
