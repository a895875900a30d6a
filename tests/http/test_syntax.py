"""The grammar that fields share (RFC 9110, section 5.6): each predicate against a table and a letter-by-letter oracle."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.syntax import (
    OWS,
    is_field_value,
    is_media_type,
    is_token,
    split_members,
)

MEGABYTE = 1_000_000
TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~" + string.digits + string.ascii_letters  # section 5.6.2
NEAR_LATIN = st.text(st.characters(max_codepoint=0x120))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("gzip", id="a coding"),
        pytest.param("x-gzip", id="a hyphen"),
        pytest.param("*", id="an asterisk"),
        pytest.param("7", id="a digit"),
        pytest.param(TOKEN_CHARACTERS, id="every token character"),
    ],
)
def test_a_token_is_a_token(text: str) -> None:
    assert is_token(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("a b", id="a space inside"),
        pytest.param(" a", id="a space before"),
        pytest.param("a\n", id="a final newline, which a dollar sign would forgive"),
        pytest.param("a\0", id="a NUL"),
        pytest.param("a\x7f", id="a DEL"),
        pytest.param("é", id="a letter beyond ASCII"),
        pytest.param("²", id="a digit beyond ASCII"),
        *(pytest.param(f"a{mark}b", id=f"the delimiter {mark}") for mark in '"(),/:;<=>?@[\\]{}'),
    ],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    assert not is_token(text)


@given(NEAR_LATIN)
def test_a_token_is_one_or_more_token_characters(text: str) -> None:
    assert is_token(text) == (text != "" and all(character in TOKEN_CHARACTERS for character in text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty value"),
        pytest.param("a", id="one character"),
        pytest.param("public, max-age=60", id="a space inside"),
        pytest.param("a\tb", id="a tab inside"),
        pytest.param('"<>\\', id="delimiters"),
        pytest.param("\xff", id="an octet beyond ASCII, as latin-1"),
    ],
)
def test_a_field_value_may_be_sent(text: str) -> None:
    assert is_field_value(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\r\nSet-Cookie: b", id="a second field"),
        pytest.param("a\nb", id="a bare newline"),
        pytest.param("a\rb", id="a bare carriage return"),
        pytest.param("a\n", id="a final newline"),
        pytest.param("a\0b", id="a NUL"),
        pytest.param("a\x7fb", id="a DEL"),
        pytest.param(" a", id="a space before"),
        pytest.param("a ", id="a space after"),
        pytest.param("\ta", id="a tab before"),
        pytest.param("a\t", id="a tab after"),
        pytest.param(" ", id="only a space"),
        pytest.param("\u0100", id="a character that latin-1 lacks"),
    ],
)
def test_what_would_break_the_message_is_no_field_value(text: str) -> None:
    assert not is_field_value(text)


@given(NEAR_LATIN)
def test_a_field_value_is_visible_octets_with_space_only_between_them(text: str) -> None:
    visible = [0x21 <= ord(character) <= 0x7E or 0x80 <= ord(character) <= 0xFF for character in text]
    allowed = all(seen or character in OWS for seen, character in zip(visible, text, strict=True))
    assert is_field_value(text) == (not text or (allowed and visible[0] and visible[-1]))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("text/html", id="bare"),
        pytest.param("image/svg+xml", id="a suffix"),
        pytest.param("application/vnd.x-1.y", id="dots and digits"),
        pytest.param("text/html;charset=utf-8", id="a parameter"),
        pytest.param("text/html \t; charset=utf-8", id="space before the semicolon"),
        pytest.param("text/html; anything at all", id="a parameter that is not judged"),
    ],
)
def test_a_media_type_is_recognised(text: str) -> None:
    assert is_media_type(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("text", id="no subtype"),
        pytest.param("text/", id="an empty subtype"),
        pytest.param("/html", id="an empty type"),
        pytest.param("text/html/x", id="two slashes"),
        pytest.param("text /html", id="a space before the slash"),
        pytest.param("text/ html", id="a space after the slash"),
        pytest.param(" text/html", id="a space in front"),
        pytest.param("text/html\n", id="a final newline"),
        pytest.param("text/html,text/css", id="a list"),
        pytest.param("téxt/html", id="a letter beyond ASCII"),
        pytest.param("; charset=utf-8", id="only a parameter"),
    ],
)
def test_what_is_no_media_type_is_refused(text: str) -> None:
    assert not is_media_type(text)


@given(st.text(TOKEN_CHARACTERS, min_size=1), st.text(TOKEN_CHARACTERS, min_size=1), st.text())
def test_two_tokens_around_a_slash_are_a_media_type_whatever_the_parameters(
    main: str, sub: str, parameters: str
) -> None:
    assert is_media_type(f"{main}/{sub};{parameters}")


@pytest.mark.parametrize(
    ("field", "members"),
    [
        pytest.param("foo,bar", ["foo", "bar"], id="RFC 9110 5.6.1.2, first"),
        pytest.param("foo ,bar,", ["foo", "bar"], id="RFC 9110 5.6.1.2, second"),
        pytest.param("foo , ,bar,charlie", ["foo", "bar", "charlie"], id="RFC 9110 5.6.1.2, third"),
        pytest.param("", [], id="RFC 9110 5.6.1.2, empty"),
        pytest.param(",", [], id="RFC 9110 5.6.1.2, a comma"),
        pytest.param(",   ,", [], id="RFC 9110 5.6.1.2, two commas"),
        pytest.param("\tfoo\t,\t bar \t", ["foo", "bar"], id="tabs"),
        pytest.param("a b", ["a b"], id="space inside a member stays"),
        pytest.param("\xa0a\x0b,\nb", ["\xa0a\x0b", "\nb"], id="only space and tab are optional space"),
    ],
)
def test_a_list_has_these_members(field: str, members: list[str]) -> None:
    """HTTP.md, line 19: space, tabs and empty elements are accepted."""
    assert split_members(field) == members


@given(st.text(string.ascii_letters + OWS + ",\n\xa0"))
def test_members_are_what_stands_between_commas_trimmed_and_not_empty(field: str) -> None:
    members = split_members(field)
    trimmed: list[str] = []
    for part in field.split(","):
        start, stop = 0, len(part)
        while start < stop and part[start] in " \t":
            start += 1
        while stop > start and part[stop - 1] in " \t":
            stop -= 1
        if start < stop:
            trimmed.append(part[start:stop])
    assert members == trimmed


@pytest.mark.parametrize("predicate", [is_token, is_field_value, is_media_type])
@pytest.mark.parametrize(
    "unit",
    [
        pytest.param("a", id="letters"),
        pytest.param("1", id="digits"),
        pytest.param(" ", id="spaces"),
        pytest.param("a ", id="letters and spaces"),
        pytest.param("a/", id="slashes"),
        pytest.param("a\t", id="tabs"),
    ],
)
def test_a_megabyte_that_ends_badly_is_refused_in_linear_time(predicate: Callable[[str], bool], unit: str) -> None:
    """Whatever backtracks here in more than linear time does not come to an end."""
    assert not predicate(unit * (MEGABYTE // len(unit)) + "\0")


@pytest.mark.parametrize(
    ("field", "count"),
    [
        pytest.param("," * MEGABYTE, 0, id="commas"),
        pytest.param(" " * MEGABYTE, 0, id="spaces"),
        pytest.param("a" * MEGABYTE, 1, id="one member"),
        pytest.param("a,\t" * (MEGABYTE // 3), MEGABYTE // 3, id="members"),
    ],
)
def test_a_megabyte_of_list_is_split_in_linear_time(field: str, count: int) -> None:
    assert len(split_members(field)) == count
