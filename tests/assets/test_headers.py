"""Header fields by precedence: `max_age`, then `immutable_file_test`; coded ones vary."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assets.fields import DEFAULT, MODIFIED, PATH, URL, build
from whitemedia.assets.headers import (
    FOREVER,
    cache_control,
    vary_on_accept_encoding,
)
from whitemedia.http.response import Header
from whitemedia.options import Options

# Options


def test_by_default_four_fields_are_sent() -> None:
    assert build(Options()) == (DEFAULT, MODIFIED)


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        (Options(max_age=0), "Cache-Control", "max-age=0, public"),
        (Options(max_age=3600), "Cache-Control", "max-age=3600, public"),
        (Options(max_age=None), "Cache-Control", None),
        (Options(allow_all_origins=False), "Access-Control-Allow-Origin", None),
        (Options(charset="latin-1"), "Content-Type", "text/css; charset=latin-1"),
    ],
)
def test_an_option_changes_its_field_alone(options: Options, name: str, value: str | None) -> None:
    fields = dict(build(options).fields)
    assert fields.pop(name, None) == value
    assert fields == {other: same for other, same in DEFAULT if other != name}


@pytest.mark.parametrize(
    ("media_type", "sent"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("text/html; charset=latin-1", "text/html; charset=latin-1"),
        ("image/png", "image/png"),
        ("application/json", "application/json"),
    ],
)
def test_text_alone_gets_a_charset(media_type: str, sent: str) -> None:
    assert build(Options(), media_type).fields[0] == ("Content-Type", sent)


# Cache-Control


@pytest.mark.parametrize("test", ["app", lambda path, url: (path, url) == (PATH, URL)], ids=["regex", "callable"])
@pytest.mark.parametrize("max_age", [0, 60, None])
def test_what_is_immutable_is_kept_for_a_year_whatever_max_age_says(
    test: str | Callable[[str, str], bool], max_age: int | None
) -> None:
    options = Options(max_age=max_age, immutable_file_test=test)  # type: ignore[arg-type]  # a regex becomes a callable
    assert FOREVER == 31_536_000
    assert cache_control(PATH, URL, options) == [("Cache-Control", "max-age=31536000, public, immutable")]


def test_what_is_not_immutable_has_max_age() -> None:
    options = Options(max_age=5, immutable_file_test=lambda path, url: False)
    assert cache_control(PATH, URL, options) == [("Cache-Control", "max-age=5, public")]


# Vary


@pytest.mark.parametrize(
    ("given_fields", "fields"),
    [
        ([], [("Vary", "Accept-Encoding")]),
        ([("Vary", "Origin")], [("Vary", "Origin, Accept-Encoding")]),
        ([("vary", "Origin , Cookie"), ("Vary", "X")], [("Vary", "Origin, Cookie, X, Accept-Encoding")]),
        ([("Vary", "")], [("Vary", "Accept-Encoding")]),
        ([("Vary", "*")], [("Vary", "*")]),
        ([("Vary", "accept-encoding")], [("Vary", "accept-encoding")]),
        ([("Vary", "Origin, Accept-Encoding")], [("Vary", "Origin, Accept-Encoding")]),
        ([("Vary", "Accept-Encoding-2")], [("Vary", "Accept-Encoding-2, Accept-Encoding")]),
    ],
)
def test_accept_encoding_is_merged_into_what_there_is(given_fields: list[Header], fields: list[Header]) -> None:
    other = ("Cache-Control", "no-cache")
    assert vary_on_accept_encoding((other, *given_fields)) == (other, *fields)


@given(
    st.lists(st.tuples(st.sampled_from(["Vary", "vary", "Link"]), st.sampled_from(["Origin", "a, B", "", "*"])))
)
def test_after_the_merge_all_varies_with_accept_encoding_and_nothing_is_lost(fields: list[Header]) -> None:
    merged = vary_on_accept_encoding(tuple(fields))
    before, after = (
        {member.strip() for name, value in pairs if name.lower() == "vary" for member in value.split(",")} - {""}
        for pairs in (fields, merged)
    )
    assert after == (before if "*" in before else before | {"Accept-Encoding"})
    assert [pair for pair in merged if pair[0] == "Link"] == [pair for pair in fields if pair[0] == "Link"]
    assert vary_on_accept_encoding(merged) == merged
