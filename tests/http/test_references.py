"""References: which path a URL names from where it stands, and the same with a version in it."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.paths import spell
from whitemedia.http.references import path_of_reference, resolve_reference, version_reference
from whitemedia.http.versions import with_version

BASE = "/static/css/app.css"
V = "0123456789ab"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("base.css", "/static/css/base.css"),
        ("./base.css", "/static/css/base.css"),
        ("../img/a.png", "/static/img/a.png"),
        ("../../a.png", "/a.png"),
        ("../../../../a.png", "/a.png"),
        ("/a.png", "/a.png"),
        ("/static/../a.png", "/a.png"),
        ("a/./b/../c.png", "/static/css/a/c.png"),
        ("a/%2e%2E/c.png", "/static/css/c.png"),
        ("%2e/c.png", "/static/css/c.png"),
        (".%2E/c.png", "/static/c.png"),
        ("a.png?v=1", "/static/css/a.png"),
        ("a.eot?#iefix", "/static/css/a.eot"),
        ("a.svg#icon", "/static/css/a.svg"),
        ("a.svg#x?y", "/static/css/a.svg"),
        ("a%20b.png", "/static/css/a b.png"),
        ("a b.png", "/static/css/a b.png"),
        ("%C3%A9.png", "/static/css/Ã©.png"),
        ("é.png", "/static/css/Ã©.png"),
        ("%E9.png", "/static/css/\xe9.png"),
        ("a%2Fb.png", "/static/css/a/b.png"),
        ("a%.png", "/static/css/a%.png"),
        ("a//b.png", "/static/css/a//b.png"),
        ("a;b=c.png", "/static/css/a;b=c.png"),
        ("img/", "/static/css/img/"),
        (".", "/static/css/"),
        ("..", "/static/"),
        ("a/..", "/static/css/"),
        ("C.PNG", "/static/css/C.PNG"),
        ("a:b.png", None),  # a scheme, to a browser
        ("./a:b.png", "/static/css/a:b.png"),
    ],
)
def test_the_path_is_that_which_a_browser_would_ask_for(url: str, path: str | None) -> None:
    assert resolve_reference(url, BASE) == path


@pytest.mark.parametrize(
    "url",
    [
        "",
        "#top",
        "?a",
        "data:image/png;base64,AA==",
        "DATA:,x",
        "http://example.com/a.png",
        "https:a.png",
        "//example.com/a.png",
        "about:blank",
        "blob:x",
        "javascript:void(0)",
        "a\\b.png",
        "\\\\example.com\\a.png",
        "a\nb.png",
        "\ta.png",
        " a.png",
        "a.png ",
        "a\0b",
        "\ud800.png",
        "a\x7f.png",
    ],
)
def test_what_is_elsewhere_or_nothing_or_read_otherwise_by_browsers_is_at_no_path(url: str) -> None:
    assert resolve_reference(url, BASE) is None
    assert path_of_reference(url) == ""


@pytest.mark.parametrize(
    ("url", "versioned"),
    [
        ("base.css", f"base.{V}.css"),
        ("../img/a.png?v=1#x", f"../img/a.{V}.png?v=1#x"),
        ("/a.tar.gz", f"/a.tar.{V}.gz"),
        ("a.eot?#iefix", f"a.{V}.eot?#iefix"),
        ("LICENSE", f"LICENSE.{V}"),
        ("a.b/LICENSE", f"a.b/LICENSE.{V}"),
        ("a%20b.png", f"a%20b.{V}.png"),
        ("a b.png", f"a b.{V}.png"),
        ("é.png", f"é.{V}.png"),
        ("a%2Epng", f"a.{V}.png"),
        ("a(b).png", f"a(b).{V}.png"),
        ("./a.png", f"./a.{V}.png"),
    ],
)
def test_a_version_goes_into_the_last_name_and_all_else_stays(url: str, versioned: str) -> None:
    assert version_reference(url, V, is_escaped=False) == versioned


@pytest.mark.parametrize(
    ("url", "versioned"),
    [
        ("a b.png", f"a%20b.{V}.png"),
        ('a"b.png', f"a%22b.{V}.png"),
        ("a(b)'.png", f"a%28b%29%27.{V}.png"),
        ("é.png?ü#ß", f"%C3%A9.{V}.png?%C3%BC#%C3%9F"),
        ("a.png?x=%20&y='", f"a.{V}.png?x=%20&y=%27"),
        ("a*/b.png", f"a%2A/b.{V}.png"),
    ],
)
def test_what_was_escaped_is_percent_encoded_which_needs_no_escapes(url: str, versioned: str) -> None:
    assert version_reference(url, V, is_escaped=True) == versioned


NAMES = st.text("abAB.-_~%20é ()'\";,:@&=+$!*", min_size=1, max_size=6)
URLS = st.lists(NAMES | st.sampled_from([".", "..", "%2e", ""]), min_size=1, max_size=4).map("/".join)
ENDS = st.sampled_from(["", "?v=1", "#x", "?#iefix", "?a=/../b.c"])


@given(URLS, ENDS, st.booleans())
def test_a_versioned_reference_names_the_versioned_path(url: str, end: str, is_escaped: bool) -> None:
    path = resolve_reference(url + end, BASE)
    if path is None or path.endswith("/"):
        return
    versioned = version_reference(url + end, V, is_escaped=is_escaped)
    assert resolve_reference(versioned, BASE) == with_version(path, V)


@given(st.lists(st.text("ab.é", min_size=1, max_size=4), min_size=1, max_size=6).map("/".join), st.booleans())
def test_plain_paths_are_joined_as_the_standard_library_does(path: str, is_absolute: bool) -> None:
    url = "/" * is_absolute + path
    assert resolve_reference(url, BASE) == spell(urlsplit(urljoin("http://a" + BASE, url)).path)


@given(st.text(), st.text(), st.booleans())
def test_no_text_raises(url: str, base: str, is_escaped: bool) -> None:
    resolve_reference(url, "/" + base)
    version_reference(url, V, is_escaped=is_escaped)
