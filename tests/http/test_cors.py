"""Which origins may read an answer, and what a preflight is told (the Fetch standard, section 3.2)."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.cors import AllowList, is_origin, preflight_fields
from whitemedia.http.syntax import is_field_value, is_token

A, B = "https://a.example", "http://localhost:5173"
ALLOWED = AllowList((A, B), credentials=False)

NOT_LISTED = [
    pytest.param(None, id="absent"),
    pytest.param("", id="empty"),
    pytest.param("null", id="null, of any sandboxed page"),
    pytest.param("*", id="a wildcard"),
    pytest.param("https://evil.example", id="another"),
    pytest.param("https://A.example", id="in another case"),
    pytest.param("HTTPS://a.example", id="its scheme in another case"),
    pytest.param("http://a.example", id="another scheme"),
    pytest.param("https://a.example:443", id="with the scheme's own port"),
    pytest.param("https://a.example:8443", id="another port"),
    pytest.param("https://a.example/", id="with a slash"),
    pytest.param("https://a.example.", id="with a final dot"),
    pytest.param("https://a.example.evil.example", id="as the beginning of another"),
    pytest.param("https://evil.a.example", id="a host below it"),
    pytest.param("https://evila.example", id="as the end of another"),
    pytest.param("https://user@a.example", id="with a user"),
    pytest.param("a.example", id="without its scheme"),
    pytest.param("https://a.exampl", id="cut off"),
    pytest.param("https://a.example, https://evil.example", id="two, as a server joins two fields"),
    pytest.param("https://a.example, https://a.example", id="twice the same"),
    pytest.param("https://a.example http://localhost:5173", id="all that are listed"),
    pytest.param("https://a.example\r\nX: y", id="with a line end"),
]


# An origin that asks


@pytest.mark.parametrize("origin", [A, B])
def test_a_listed_origin_is_named(origin: str) -> None:
    assert ALLOWED.fields_for(origin) == (("Access-Control-Allow-Origin", origin),)


def test_a_listed_origin_may_send_credentials_where_that_is_said() -> None:
    assert AllowList((A,), credentials=True).fields_for(A) == (
        ("Access-Control-Allow-Origin", A),
        ("Access-Control-Allow-Credentials", "true"),
    )


@pytest.mark.parametrize("credentials", [True, False])
@pytest.mark.parametrize("origin", NOT_LISTED)
def test_nobody_else_is_told_anything(origin: str | None, credentials: bool) -> None:
    assert AllowList((A, B), credentials).fields_for(origin) == ()


@given(st.text() | st.sampled_from([A, B]), st.lists(st.sampled_from([A, B])))
def test_no_text_but_a_listed_origin_is_ever_named(origin: str, listed: list[str]) -> None:
    assert bool(AllowList(tuple(listed), credentials=True).fields_for(origin)) is (origin in listed)


# What an origin is


@pytest.mark.parametrize(
    "text",
    [
        A,
        B,
        "http://127.0.0.1:8000",
        "http://a.example:443",
        "https://a.example:80",
        "https://a.example:1",
        "https://a.example:65535",
        "https://[::1]",
        "https://[2001:db8::1.2.3.4]:8443",
        "https://xn--bcher-kva.example",
        "https://my_host.example",
        "capacitor://localhost",
        "chrome-extension://abcdefghijklmnop",
        "web+app.2://x",
    ],
)
def test_an_origin_is_written_as_browsers_send_it(text: str) -> None:
    assert is_origin(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "a.example",
        "//a.example",
        "https:",
        "https://",
        "https:///",
        "https://a.example/",
        "https://a.example/path",
        "https://a.example?q",
        "https://a.example#f",
        "https://user@a.example",
        "https://A.example",
        "Https://a.example",
        "https://ä.example",
        "https://*.example",
        "https://a.example:",
        "https://a.example:0",
        "https://a.example:08",
        "https://a.example:123456",
        "https://a.example:\u0664",
        "https://a.example:443",
        "http://a.example:80",
        "https://[::1",
        "https://[::g]",
        "https://::1",
        "1https://a.example",
        " https://a.example",
        "https://a.example\n",
        "https://a.example https://b.example",
        "https://a.example,https://b.example",
    ],
)
def test_what_no_browser_sends_is_no_origin(text: str) -> None:
    """It would be listed and never match; "null" would match too often."""
    assert not is_origin(text)


@given(st.from_regex(r"[a-z]+://[a-z0-9.]+(:[0-9]{0,5})?[\s\S]?", fullmatch=True))
def test_an_origin_can_stand_in_a_list_and_in_a_field(text: str) -> None:
    if is_origin(text):
        assert is_field_value(text)
        assert not set(text) & {" ", ","}
        assert text.count("/") == 2


# Preflights


def test_a_preflight_is_told_the_safe_methods_for_two_hours() -> None:
    assert preflight_fields("") == (
        ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
        ("Access-Control-Max-Age", "7200"),
    )


@pytest.mark.parametrize(
    ("requested", "allowed"),
    [
        pytest.param("x-a", "x-a", id="one"),
        pytest.param("range,x-a", "range, x-a", id="two, as browsers write them"),
        pytest.param(" Range ,\tX-A , ", "Range, X-A", id="with space around them"),
        pytest.param("*", "*", id="a star, which is a token"),
        pytest.param("x-a,a b,x-b", "x-a, x-b", id="one that is none"),
        pytest.param("x-a\r\nSet-Cookie: a=b", None, id="a line end"),
        pytest.param("x-a, \r\nx-b", "x-a", id="a line end after a comma"),
        pytest.param("x-a, b\0, ü, €, x:y, (z)", "x-a", id="characters of no name"),
        pytest.param(",, ,", None, id="none between commas"),
        pytest.param("x" * 2048, "x" * 2048, id="as long as may be"),
        pytest.param("x" * 2049, None, id="longer"),
        pytest.param("x-a," * 25_000, None, id="100 kB of names"),
        pytest.param("," * 100_000, None, id="100 kB of commas"),
        pytest.param(" " * 100_000 + "x-a", None, id="100 kB of space"),
    ],
)
def test_the_headers_asked_for_are_allowed_if_they_are_names_and_few(requested: str, allowed: str | None) -> None:
    fields = dict(preflight_fields(requested))
    assert fields.pop("Access-Control-Allow-Headers", None) == allowed
    assert fields == dict(preflight_fields(""))


@given(st.text() | st.text(string.printable))
def test_whatever_is_asked_for_is_answered_with_fields_that_can_be_sent(requested: str) -> None:
    fields = preflight_fields(requested)
    assert len({name for name, _ in fields}) == len(fields)
    for name, value in fields:
        assert is_token(name)
        assert is_field_value(value)
        assert value.isascii()
