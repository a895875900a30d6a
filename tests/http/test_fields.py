"""Fields that others may set, and a Vary that several have a say in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.fields import vary_on
from whitemedia.http.response import Header

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
