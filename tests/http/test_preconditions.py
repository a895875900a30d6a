"""Conditional requests (RFC 9110, section 13): each field alone (HTTP.md, lines 2–5)."""

from __future__ import annotations

import pytest

from tests.http.validators import (
    DATE_LIST,
    EARLIER,
    EQUAL,
    EQUAL_ASCTIME,
    EQUAL_RFC_850,
    ETAG,
    FAILED,
    FAR,
    LATER,
    LONG_YEAR,
    MODIFIED,
    NOT_MODIFIED,
    OTHER_ZONE,
    PRE_EPOCH,
    PROCEED,
    WEAK_ETAG,
    evaluate,
)
from whitemedia.http.preconditions import (
    Conditions,
    Outcome,
    evaluate_preconditions,
    if_none_match_holds,
    if_range_holds,
)

MATCHING_LISTS = [
    pytest.param(ETAG, id="its own tag"),
    pytest.param("*", id="an asterisk"),
    pytest.param(" \t*\t ", id="an asterisk with space around it"),
    pytest.param(f"\t{ETAG} ", id="its own tag with space around it"),
    pytest.param(f'"foo", "bar", \t{ETAG} , "baz"', id="nginx: a complex list"),
    pytest.param(f'"foo",{ETAG}', id="two lines joined"),
    pytest.param(f', ,"foo",,{ETAG},', id="empty elements"),
    pytest.param(f'"a,b", {ETAG}', id="a comma inside quotes before it"),
    pytest.param(f"foo, {ETAG}", id="a malformed member before it"),
]
MISSING_LISTS = [
    pytest.param('"foo"', id="another tag"),
    pytest.param('"V1"', id="another case"),
    pytest.param('"foo", "bar"', id="a list of others"),
    pytest.param('"a,v1,b"', id="its letters between commas inside quotes"),
    pytest.param('"v1', id="no closing quote"),
    pytest.param("v1", id="no quotes"),
    pytest.param("'v1'", id="single quotes"),
    pytest.param('"v1"x', id="a letter after the quote"),
    pytest.param("", id="empty"),
    pytest.param('"*"', id="an asterisk inside quotes"),
    pytest.param('"foo", *', id="an asterisk in a list"),
    pytest.param("**", id="two asterisks"),
]


@pytest.mark.parametrize("field", MATCHING_LISTS)
def test_if_match_with_its_tag_proceeds(field: str) -> None:
    """HTTP.md, line 2."""
    assert evaluate(Conditions(if_match=field)) is PROCEED


@pytest.mark.parametrize("field", [*MISSING_LISTS, pytest.param(WEAK_ETAG, id="its tag made weak")])
def test_if_match_without_its_tag_fails(field: str) -> None:
    """HTTP.md, line 2."""
    assert evaluate(Conditions(if_match=field)) is FAILED


@pytest.mark.parametrize(
    ("field", "outcome"),
    [
        pytest.param(WEAK_ETAG, FAILED, id="itself"),
        pytest.param(ETAG, FAILED, id="the strong one of the same letters"),
        pytest.param("*", PROCEED, id="an asterisk"),
    ],
)
def test_a_weak_tag_satisfies_if_match_by_an_asterisk_only(field: str, outcome: Outcome) -> None:
    assert evaluate(Conditions(if_match=field), etag=WEAK_ETAG) is outcome


@pytest.mark.parametrize(
    "field", [*MATCHING_LISTS, pytest.param(WEAK_ETAG, id="its tag made weak: the comparison is weak")]
)
def test_if_none_match_with_its_tag_is_not_modified(field: str) -> None:
    """HTTP.md, line 4."""
    assert evaluate(Conditions(if_none_match=field)) is NOT_MODIFIED
    assert not if_none_match_holds(field, ETAG)


@pytest.mark.parametrize("field", MISSING_LISTS)
def test_if_none_match_without_its_tag_proceeds(field: str) -> None:
    """HTTP.md, line 4."""
    assert evaluate(Conditions(if_none_match=field)) is PROCEED
    assert if_none_match_holds(field, ETAG)


@pytest.mark.parametrize("field", [WEAK_ETAG, ETAG, f'"foo", {ETAG}', f'"foo", {WEAK_ETAG}', "*"])
def test_a_weak_tag_is_not_modified_for_both_spellings(field: str) -> None:
    assert evaluate(Conditions(if_none_match=field), etag=WEAK_ETAG) is NOT_MODIFIED


@pytest.mark.parametrize(
    ("method", "outcome"),
    [
        pytest.param("GET", NOT_MODIFIED, id="GET"),
        pytest.param("HEAD", NOT_MODIFIED, id="HEAD"),
        pytest.param("PUT", FAILED, id="PUT"),
        pytest.param("DELETE", FAILED, id="DELETE"),
        pytest.param("get", FAILED, id="get, which is another method than GET"),
    ],
)
def test_a_false_if_none_match_is_304_for_get_and_head_and_else_412(method: str, outcome: Outcome) -> None:
    """HTTP.md, line 4; section 13.2.2, step 3."""
    assert evaluate(Conditions(if_none_match=ETAG), method) is outcome


@pytest.mark.parametrize(
    ("field", "outcome"),
    [
        pytest.param(EARLIER, FAILED, id="a second earlier"),
        pytest.param(PRE_EPOCH, FAILED, id="before the epoch"),
        pytest.param(EQUAL, PROCEED, id="the same second"),
        pytest.param(LATER, PROCEED, id="a second later"),
        pytest.param(FAR, PROCEED, id="the last second"),
        pytest.param(f" {EARLIER}\t", FAILED, id="space around it"),
        pytest.param("Sunday, 06-Nov-94 08:49:36 GMT", FAILED, id="RFC 850"),
        pytest.param("Sun Nov  6 08:49:36 1994", FAILED, id="asctime"),
        pytest.param("", PROCEED, id="empty is ignored"),
        pytest.param("yesterday", PROCEED, id="no date is ignored"),
        pytest.param(DATE_LIST, PROCEED, id="a list is ignored"),
        pytest.param(OTHER_ZONE, PROCEED, id="another zone is ignored"),
        pytest.param(LONG_YEAR, PROCEED, id="40 digits of year are ignored"),
    ],
)
def test_if_unmodified_since(field: str, outcome: Outcome) -> None:
    """HTTP.md, line 3: the date must not be earlier than Last-Modified; what is no date is ignored."""
    assert evaluate(Conditions(if_unmodified_since=field)) is outcome


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_if_unmodified_since_counts_for_every_method(method: str) -> None:
    assert evaluate(Conditions(if_unmodified_since=EARLIER), method) is FAILED


@pytest.mark.parametrize(
    ("field", "outcome"),
    [
        pytest.param(EARLIER, PROCEED, id="a second earlier"),
        pytest.param(PRE_EPOCH, PROCEED, id="tornado: before the epoch"),
        pytest.param(EQUAL, NOT_MODIFIED, id="the same second"),
        pytest.param(EQUAL_RFC_850, NOT_MODIFIED, id="the same second as RFC 850"),
        pytest.param(EQUAL_ASCTIME, NOT_MODIFIED, id="the same second as asctime"),
        pytest.param(f" {EQUAL}\t", NOT_MODIFIED, id="space around it"),
        pytest.param(LATER, NOT_MODIFIED, id="a second later"),
        pytest.param("Wed, 08 Jul 2037 22:53:52 GMT", NOT_MODIFIED, id="nginx: 0x7F000000, in the future"),
        pytest.param("Tue, 19 Jan 2038 03:14:07 GMT", NOT_MODIFIED, id="nginx: the last of 31 bits"),
        pytest.param(FAR, NOT_MODIFIED, id="the last second"),
        pytest.param("", PROCEED, id="empty is ignored"),
        pytest.param("tomorrow", PROCEED, id="no date is ignored"),
        pytest.param(f"{LATER}, {LATER}", PROCEED, id="a list is ignored"),
        pytest.param("Sun, 06 Nov 1994 08:49:38 +0000", PROCEED, id="another zone is ignored"),
        pytest.param(LONG_YEAR, PROCEED, id="40 digits of year are ignored"),
    ],
)
def test_if_modified_since(field: str, outcome: Outcome) -> None:
    """HTTP.md, line 5: not modified unless Last-Modified is later than the date; what is no date is ignored."""
    assert evaluate(Conditions(if_modified_since=field)) is outcome


@pytest.mark.parametrize(
    ("method", "outcome"),
    [
        pytest.param("GET", NOT_MODIFIED, id="GET"),
        pytest.param("HEAD", NOT_MODIFIED, id="HEAD"),
        pytest.param("POST", PROCEED, id="POST"),
        pytest.param("head", PROCEED, id="head, which is another method than HEAD"),
    ],
)
def test_if_modified_since_counts_for_get_and_head_only(method: str, outcome: Outcome) -> None:
    """HTTP.md, line 5."""
    assert evaluate(Conditions(if_modified_since=EQUAL), method) is outcome


@pytest.mark.parametrize("field", [EARLIER, EQUAL, LATER])
def test_without_a_modification_date_the_dates_are_ignored(field: str) -> None:
    """Sections 13.1.3 and 13.1.4."""
    assert evaluate(Conditions(if_unmodified_since=field), modified=None) is PROCEED
    assert evaluate(Conditions(if_modified_since=field), modified=None) is PROCEED


@pytest.mark.parametrize(
    ("now", "year_is_1994"),
    [
        pytest.param(MODIFIED + 86_400, True, id="a day later: 1994"),
        pytest.param(MODIFIED + 130 * 31_556_952, False, id="in 2124: 2094"),
    ],
)
def test_the_clock_decides_the_century_of_an_rfc_850_date(now: float, *, year_is_1994: bool) -> None:
    """Section 5.6.7. Modified a second after the date in 1994, and so before the one in 2094."""

    def refused(fields: Conditions) -> bool:
        return evaluate_preconditions("GET", fields, ETAG, MODIFIED + 1, now) is not PROCEED

    assert refused(Conditions(if_modified_since=EQUAL_RFC_850)) is not year_is_1994
    assert refused(Conditions(if_unmodified_since=EQUAL_RFC_850)) is year_is_1994
    assert if_range_holds(EQUAL_RFC_850, ETAG, MODIFIED, now) is year_is_1994
