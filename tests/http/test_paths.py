"""URL paths: PEP 3333's spelling, prefixes, and relative redirects that never leave (HTTP.md, lines 41 and 43)."""

from __future__ import annotations

import string
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.paths import (
    directory_of_index,
    format_directory_location,
    name_of_clean_url,
    normalize_prefix,
    spell,
    unspell,
    unspell_exactly,
    with_query,
)
from whitemedia.http.syntax import is_field_value

UNRESERVED = string.ascii_letters + string.digits + "-._~"  # RFC 3986, section 2.3
ANY_TEXT = st.text(st.characters(exclude_categories=[]))  # lone surrogates too
LATIN_1 = st.text(st.characters(max_codepoint=0xFF))


@pytest.mark.parametrize(
    ("path", "path_info"),
    [
        pytest.param("/a.css", "/a.css", id="ASCII is itself"),
        pytest.param("/é", "/\xc3\xa9", id="two bytes"),
        pytest.param("/€", "/\xe2\x82\xac", id="three bytes"),
        pytest.param("/😀", "/\xf0\x9f\x98\x80", id="four bytes"),
        pytest.param("/a%20b", "/a%20b", id="a percent sign is a percent sign"),
        pytest.param("/\udcff\udc80", "/\xff\x80", id="a name that is not UTF-8, as os.fsdecode gives it"),
        pytest.param("/\ud800", "/\xed\xa0\x80", id="a lone surrogate of a name on Windows"),
    ],
)
def test_a_path_is_spelled_by_its_bytes(path: str, path_info: str) -> None:
    assert spell(path) == path_info


@given(ANY_TEXT)
def test_any_name_is_spelled_in_latin_1(path: str) -> None:
    spell(path).encode("latin-1")


@given(st.text())
def test_text_survives_spelling(path: str) -> None:
    assert unspell(spell(path)) == path


@given(st.binary())
def test_a_name_of_any_bytes_keeps_them(name: bytes) -> None:
    assert spell(name.decode("utf-8", "surrogateescape")).encode("latin-1") == name


@pytest.mark.parametrize(
    ("path_info", "path"),
    [
        pytest.param("/\xc3\xa9", "/é", id="UTF-8"),
        pytest.param("/\xe9", "/\ufffd", id="no UTF-8"),
        pytest.param("/\xc3", "/\ufffd", id="cut off"),
        pytest.param("/\u20ac", "/?", id="no latin-1, from a server that breaks PEP 3333"),
    ],
)
def test_a_path_info_is_unspelled(path_info: str, path: str) -> None:
    """HTTP.md, line 43: a PATH_INFO that is not UTF-8 never raises."""
    assert unspell(path_info) == path


@given(ANY_TEXT)
def test_no_path_info_raises(path_info: str) -> None:
    """HTTP.md, line 43."""
    unspell(path_info).encode("utf-8")
    format_directory_location(path_info).encode("ascii")


@pytest.mark.parametrize(
    ("path_info", "path"),
    [
        pytest.param("/a.css", "/a.css", id="ASCII"),
        pytest.param("/\xc3\xa9", "/é", id="UTF-8"),
        pytest.param("/\xff\x80", "/\udcff\udc80", id="a name that is not UTF-8, as os.fsdecode gives it"),
        pytest.param("/\u20ac", None, id="no latin-1, from a server that breaks PEP 3333"),
    ],
)
def test_the_name_that_is_spelled_so_is_found_again(path_info: str, path: str | None) -> None:
    assert unspell_exactly(path_info) == path
    assert path is None or spell(path) == path_info


@given(LATIN_1)
def test_each_path_info_is_one_name_s_alone(path_info: str) -> None:
    path = unspell_exactly(path_info)
    assert path is not None
    assert spell(path) == path_info


def test_a_very_long_path_info_is_unspelled() -> None:
    """HTTP.md, line 43."""
    assert unspell("/\xc3\xa9" * 1_000_000) == "/é" * 1_000_000


@pytest.mark.parametrize(
    ("prefix", "normal"),
    [
        pytest.param("static", "/static/", id="no slash"),
        pytest.param("/static", "/static/", id="one in front"),
        pytest.param("static/", "/static/", id="one behind"),
        pytest.param("/static/", "/static/", id="both"),
        pytest.param("//static//", "/static/", id="several"),
        pytest.param("/a/b/", "/a/b/", id="two segments"),
        pytest.param("", "/", id="nothing"),
        pytest.param("/", "/", id="the root"),
        pytest.param("//", "/", id="only slashes"),
        pytest.param("é", "/é/", id="beyond ASCII"),
        pytest.param("a b", "/a b/", id="a space"),
        pytest.param(".well-known", "/.well-known/", id="a leading dot"),
        pytest.param("...", "/.../", id="three dots"),
        pytest.param("a%2e%2e", "/a%2e%2e/", id="a percent sign"),
    ],
)
def test_a_prefix_has_one_slash_at_each_end(prefix: str, normal: str) -> None:
    assert normalize_prefix(prefix) == normal
    assert normalize_prefix(normal) == normal


@pytest.mark.parametrize(
    ("prefix", "reason"),
    [
        pytest.param("/a?b/", "no query", id="a query"),
        pytest.param("/a#b/", "fragment", id="a fragment"),
        pytest.param("/a\\b/", "backslash", id="a backslash"),
        pytest.param("/a\nb/", "control character", id="a newline"),
        pytest.param("/a\0/", "control character", id="a NUL"),
        pytest.param("/a\x1f/", "control character", id="the last control character"),
        pytest.param("/a\x7f/", "control character", id="a DEL"),
        pytest.param("..", '"."', id="two dots alone"),
        pytest.param("/a/../b/", '"."', id="two dots inside"),
        pytest.param("/a/..", '"."', id="two dots at the end"),
        pytest.param("/./a/", '"."', id="a dot"),
        pytest.param("/a//b/", "no empty segment", id="an empty segment"),
    ],
)
def test_a_prefix_that_is_no_plain_path_is_refused(prefix: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        normalize_prefix(prefix)


@pytest.mark.parametrize(
    ("path_info", "location"),
    [
        pytest.param("/dir", "dir/", id="a directory"),
        pytest.param("/a/b/dir", "dir/", id="a directory further down"),
        pytest.param("/app", "app/", id="a mount point"),
        pytest.param("", "./", id="the root"),
        pytest.param("/a/", "./", id="an empty last segment"),
        pytest.param("/.well-known", ".well-known/", id="unreserved characters"),
        pytest.param("/a b", "a%20b/", id="a space"),
        pytest.param("/\xc3\xa9", "%C3%A9/", id="beyond ASCII"),
        pytest.param("/\xff", "%FF/", id="no UTF-8"),
        pytest.param("//evil.example", "evil.example/", id="an authority after two slashes"),
        pytest.param("/\\evil.example", "%5Cevil.example/", id="a backslash"),
        pytest.param("/javascript:alert(1)", "javascript%3Aalert%281%29/", id="a scheme"),
        pytest.param("/a?b", "a%3Fb/", id="a question mark"),
        pytest.param("/a#b", "a%23b/", id="a number sign"),
        pytest.param("/a%2fb", "a%252fb/", id="a percent sign, which the server has decoded once"),
        pytest.param("/a\r\nSet-Cookie: b", "a%0D%0ASet-Cookie%3A%20b/", id="a line end"),
    ],
)
def test_a_redirect_to_a_directory_is_its_last_segment_and_a_slash(path_info: str, location: str) -> None:
    """HTTP.md, line 41."""
    assert format_directory_location(path_info) == location


@given(LATIN_1)
def test_a_redirect_leads_beneath_where_the_request_was(path_info: str) -> None:
    """HTTP.md, line 41: the segment comes back byte by byte; nothing in it is an authority, a scheme or a query."""
    location = format_directory_location(path_info)
    segment = path_info.rpartition("/")[2]
    assert unquote_to_bytes(location) == (segment or ".").encode("latin-1") + b"/"
    assert set(location[:-1]) <= {*UNRESERVED, "%"}
    if segment not in (".", ".."):
        target = urljoin("https://host/base/request", location)
        assert target == "https://host/base/" + location.removeprefix("./")


@pytest.mark.parametrize(
    ("query", "location"),
    [
        pytest.param("", "dir/", id="none"),
        pytest.param("a=1&b=2", "dir/?a=1&b=2", id="as it came"),
        pytest.param("a=%20%2F&b=+", "dir/?a=%20%2F&b=+", id="percent signs are kept"),
        pytest.param("next=https://host/?a", "dir/?next=https://host/?a", id="slashes and question marks"),
        pytest.param("a[]=1;b=(~'*')|{}^`\\@,!$", "dir/?a[]=1;b=(~'*')|{}^`\\@,!$", id="marks"),
        pytest.param("a#b", "dir/?a%23b", id="a fragment"),
        pytest.param('"<>', "dir/?%22%3C%3E", id="quotes and angle brackets"),
        pytest.param("a b", "dir/?a%20b", id="a space"),
        pytest.param("a\r\nSet-Cookie: b", "dir/?a%0D%0ASet-Cookie:%20b", id="a line end"),
        pytest.param("\xc3\xa9", "dir/?%C3%A9", id="raw bytes"),
        pytest.param("\u20ac", "dir/??", id="no latin-1, from a server that breaks PEP 3333"),
    ],
)
def test_a_redirect_keeps_the_query(query: str, location: str) -> None:
    """HTTP.md, line 41."""
    assert with_query("dir/", query) == location


@given(LATIN_1)
def test_no_query_ends_the_field_or_begins_a_fragment(query: str) -> None:
    location = with_query("./", query)
    assert is_field_value(location)
    assert location.isascii()
    assert "#" not in location
    assert unquote_to_bytes(location.removeprefix("./").removeprefix("?")) == unquote_to_bytes(
        query.encode("latin-1")
    )


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_a_well_formed_query_comes_back_whole(pairs: list[tuple[str, str]]) -> None:
    query = urlencode(pairs)
    location = with_query("dir/", query)
    assert urlsplit(location).query == query
    assert parse_qsl(urlsplit(location).query, keep_blank_values=True) == pairs


@pytest.mark.parametrize(
    ("path", "index_file", "directory"),
    [
        ("index.html", "index.html", ""),
        ("docs/index.html", "index.html", "docs/"),
        ("a/b/home.htm", "home.htm", "a/b/"),
        ("docs/myindex.html", "index.html", None),
        ("index.html/a", "index.html", None),
        ("INDEX.html", "index.html", None),
        ("docs/index.html", None, None),
    ],
)
def test_only_a_file_of_exactly_that_name_answers_for_its_directory(
    path: str, index_file: str | None, directory: str | None
) -> None:
    assert directory_of_index(path, index_file) == directory


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("about.html", "about"),
        ("docs/about.html", "docs/about"),
        ("index.html", "index"),
        ("a.html.html", "a.html"),
        ("a.b.html", "a.b"),
        ("..html", "."),
        ("über uns.html", "über uns"),
        (".html", None),
        ("docs/.html", None),
        ("about.HTML", None),
        ("about.htm", None),
        ("about.html.gz", None),
        ("abouthtml", None),
        ("a.html/b", None),
        ("html", None),
        ("", None),
    ],
)
def test_a_page_has_a_name_without_its_suffix(path: str, name: str | None) -> None:
    assert name_of_clean_url(path) == name
