"""Fields that others may set, and a Vary that several have a say in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.fields import vary_on, why_no_name, why_no_value
from whitemedia.http.response import Header

# What others may set


@pytest.mark.parametrize(
    "name",
    ["Link", "x", "!#$%&'*+-.^_`|~", "Content-Type", "Last-Modified", "Vary", "Date", "X-ETag", "E-Tag", "-x"],
)
def test_other_fields_can_be_set(name: str) -> None:
    assert why_no_name(name) is None


OURS = [
    "etag",
    "content-length",
    "content-encoding",
    "content-range",
    "accept-ranges",
    "transfer-encoding",
    "content-digest",
    "repr-digest",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "status",
    "te",
    "trailer",
    "trailers",
    "upgrade",
]


@pytest.mark.parametrize("name", [*OURS, "ETag", "CONTENT-LENGTH", "Keep-Alive"])
def test_what_follows_from_the_bytes_or_belongs_to_the_connection_is_ours(name: str) -> None:
    assert why_no_name(name) == "is whitemedia's own to set"


@pytest.mark.parametrize(
    "name", ["", "a b", " a", "a:", "a\n", "ü", "€", "a\0", "(a)", "X-", "X_", None, 1, b"Link"]
)
def test_what_is_no_field_name_cannot_be_set(name: object) -> None:
    assert why_no_name(name) == "is no field name"


@pytest.mark.parametrize("value", ["", "a", "a b\tc", "\xfc", "Füße".encode().decode("latin-1"), 'a, "b"; c=d'])
def test_a_value_is_text_that_can_be_sent(value: str) -> None:
    assert why_no_value("Link", value) is None


@pytest.mark.parametrize(
    "value", [" a", "a ", "a\tb\t", "a\r\nb", "a\nb", "a\0", "\x7f", "€", None, 1, b"a", ["a"]]
)
def test_what_is_no_field_value_cannot_be_set(value: object) -> None:
    assert why_no_value("Link", value) == f"has {value!r}, which is no field value"


@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("text/css", None),
        ("text/css; charset=latin-1", None),
        ("text/css;x", None),
        ("css", "has 'css', which is no media type"),
        ("", "has '', which is no media type"),
        ("text/", "has 'text/', which is no media type"),
        ("text/css\n", "has 'text/css\\n', which is no field value"),
    ],
)
def test_a_content_type_is_a_media_type_too(name: str, value: str, why: str | None) -> None:
    assert why_no_value(name, value) == why
    assert why_no_value(f"X-{name}", value) == (why if "field value" in str(why) else None)


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
        ([("Vary", "Origin, *")], [("Vary", "Origin, *")]),
        ([("Vary", "Origin"), ("Vary", "ACCEPT-ENCODING")], [("Vary", "Origin"), ("Vary", "ACCEPT-ENCODING")]),
    ],
)
def test_accept_encoding_is_merged_into_what_there_is(given_fields: list[Header], fields: list[Header]) -> None:
    other = ("Cache-Control", "no-cache")
    assert vary_on("Accept-Encoding", (other, *given_fields)) == (other, *fields)


@given(
    st.lists(st.tuples(st.sampled_from(["Vary", "vary", "Link"]), st.sampled_from(["Origin", "a, B", "", "*"])))
)
def test_after_the_merge_all_varies_with_accept_encoding_and_nothing_is_lost(fields: list[Header]) -> None:
    merged = vary_on("Accept-Encoding", tuple(fields))
    before, after = (
        {member.strip() for name, value in pairs if name.lower() == "vary" for member in value.split(",")} - {""}
        for pairs in (fields, merged)
    )
    assert after == (before if "*" in before else before | {"Accept-Encoding"})
    assert [pair for pair in merged if pair[0] == "Link"] == [pair for pair in fields if pair[0] == "Link"]
    assert vary_on("Accept-Encoding", merged) == merged
