"""Conditional requests (RFC 9110, section 13): each field alone, then all of them in their order (HTTP.md, lines 2–7)."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.dates import EARLIEST, LATEST, format_date
from whitemedia.http.preconditions import (
    Conditions,
    Outcome,
    evaluate_preconditions,
    if_none_match_holds,
    if_range_holds,
)

MEGABYTE = 1_000_000
ETAG = '"v1"'
WEAK_ETAG = 'W/"v1"'
MODIFIED = 784_111_777
NOW = MODIFIED + 1_000_000_000.5

EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"
EQUAL = "Sun, 06 Nov 1994 08:49:37 GMT"
EQUAL_RFC_850 = "Sunday, 06-Nov-94 08:49:37 GMT"
EQUAL_ASCTIME = "Sun Nov  6 08:49:37 1994"
LATER = "Sun, 06 Nov 1994 08:49:38 GMT"
FAR = "Fri, 31 Dec 9999 23:59:59 GMT"
PRE_EPOCH = "Fri, 01 Jan 1960 00:00:00 GMT"
DATE_LIST = f"{EARLIER}, {EARLIER}"
OTHER_ZONE = "Sun, 06 Nov 1994 08:49:36 +0000"
LONG_YEAR = f"Sun, 06 Nov {'9' * 40} 08:49:37 GMT"

PROCEED, NOT_MODIFIED, FAILED = Outcome.PROCEED, Outcome.NOT_MODIFIED, Outcome.PRECONDITION_FAILED


def evaluate(
    fields: Conditions, method: str = "GET", etag: str = ETAG, modified: int | None = MODIFIED
) -> Outcome:
    return evaluate_preconditions(method, fields, etag, modified, NOW)


# One field at a time. Names that repeat across fields mean the same: a list holds the tag of the representation

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


# Several fields


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        pytest.param(Conditions(), PROCEED, id="no condition"),
        pytest.param(
            Conditions(if_match=ETAG, if_unmodified_since=EARLIER),
            PROCEED,
            id="If-Unmodified-Since does not count beside a true If-Match",
        ),
        pytest.param(
            Conditions(if_match='"foo"', if_unmodified_since=LATER),
            FAILED,
            id="a true If-Unmodified-Since does not save a false If-Match",
        ),
        pytest.param(
            Conditions(if_match="*", if_none_match=ETAG),
            NOT_MODIFIED,
            id="If-None-Match counts after a true If-Match",
        ),
        pytest.param(
            Conditions(if_match='"foo"', if_none_match=ETAG),
            FAILED,
            id="412 beats 304 by If-Match and If-None-Match",
        ),
        pytest.param(
            Conditions(if_unmodified_since=EARLIER, if_modified_since=EQUAL), FAILED, id="412 beats 304 by dates"
        ),
        pytest.param(
            Conditions(if_unmodified_since=EQUAL, if_modified_since=EQUAL),
            NOT_MODIFIED,
            id="If-Modified-Since counts after a true If-Unmodified-Since",
        ),
        pytest.param(
            Conditions(if_none_match='"MISMATCH"', if_modified_since=EQUAL),
            PROCEED,
            id="tornado: If-Modified-Since does not count beside a true If-None-Match",
        ),
        pytest.param(
            Conditions(if_none_match=ETAG, if_modified_since=EARLIER),
            NOT_MODIFIED,
            id="an old If-Modified-Since does not undo a false If-None-Match",
        ),
        pytest.param(
            Conditions(if_none_match="", if_modified_since=EQUAL), PROCEED, id="an empty If-None-Match is present"
        ),
        pytest.param(
            Conditions(if_none_match="v1", if_modified_since=EQUAL),
            PROCEED,
            id="a malformed If-None-Match is present",
        ),
        pytest.param(
            Conditions(if_match="", if_unmodified_since=LATER), FAILED, id="an empty If-Match is present"
        ),
    ],
)
def test_fields_count_in_their_order(fields: Conditions, outcome: Outcome) -> None:
    """HTTP.md, lines 3 and 5, and the order above line 1."""
    assert evaluate(fields) is outcome


def test_every_combination_follows_the_steps_of_section_13_2_2() -> None:
    """Each field by what its condition is worth, known by hand; None where it is to be ignored."""
    if_match = {None: None, ETAG: True, "*": True, WEAK_ETAG: False, '"foo"': False, "v1": False}
    if_none_match = {None: None, '"foo"': True, "v1": True, ETAG: False, WEAK_ETAG: False, "*": False}
    if_unmodified_since = {None: None, "?": None, EARLIER: False, EQUAL: True, LATER: True}
    if_modified_since = {None: None, "?": None, EARLIER: True, EQUAL: False, LATER: False}
    methods = {"GET": True, "HEAD": True, "PUT": False}
    for match, unmodified, none_match, modified, method in itertools.product(
        if_match, if_unmodified_since, if_none_match, if_modified_since, methods
    ):
        reads = methods[method]
        first = if_match[match] if match is not None else if_unmodified_since[unmodified]
        if first is False:
            expected = FAILED
        elif none_match is not None:
            refusal = NOT_MODIFIED if reads else FAILED
            expected = PROCEED if if_none_match[none_match] else refusal
        else:
            expected = NOT_MODIFIED if reads and if_modified_since[modified] is False else PROCEED
        fields = Conditions(match, unmodified, none_match, modified)
        assert evaluate(fields, method) is expected, (method, fields)


# If-Range


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(ETAG, id="its tag"),
        pytest.param(f" {ETAG}\t", id="its tag with space around it"),
        pytest.param(EQUAL, id="nginx: its date"),
        pytest.param(EQUAL_RFC_850, id="its date as RFC 850"),
        pytest.param(EQUAL_ASCTIME, id="its date as asctime"),
        pytest.param(f" {EQUAL}\t", id="its date with space around it"),
    ],
)
def test_if_range_holds_for_what_names_this_very_representation(field: str) -> None:
    """HTTP.md, line 6."""
    assert if_range_holds(field, ETAG, MODIFIED, NOW)


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("wrong", id="nginx: a word"),
        pytest.param("", id="nothing"),
        pytest.param('"foo"', id="another tag"),
        pytest.param(WEAK_ETAG, id="its tag made weak"),
        pytest.param("*", id="an asterisk"),
        pytest.param(f'{ETAG}, "foo"', id="a list"),
        pytest.param(f"{ETAG}, {ETAG}", id="a list of its tag twice"),
        pytest.param("v1", id="its tag without quotes"),
        pytest.param(EARLIER, id="an earlier date"),
        pytest.param(LATER, id="a later date, which would do for If-Unmodified-Since"),
        pytest.param(FAR, id="the last date"),
        pytest.param(DATE_LIST, id="a list of dates"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 +0000", id="its date in another zone"),
        pytest.param(LONG_YEAR, id="40 digits of year"),
    ],
)
def test_if_range_does_not_hold_for_anything_else(field: str) -> None:
    """HTTP.md, line 6."""
    assert not if_range_holds(field, ETAG, MODIFIED, NOW)


@pytest.mark.parametrize("field", [WEAK_ETAG, ETAG])
def test_a_weak_tag_never_satisfies_if_range(field: str) -> None:
    """HTTP.md, line 6."""
    assert not if_range_holds(field, WEAK_ETAG, MODIFIED, NOW)


@pytest.mark.parametrize("field", [EQUAL, EARLIER, "wrong"])
def test_without_a_modification_date_no_date_satisfies_if_range(field: str) -> None:
    assert not if_range_holds(field, ETAG, None, NOW)


@pytest.mark.parametrize(
    ("age", "holds"),
    [
        pytest.param(-1, False, id="modified a second from now"),
        pytest.param(0, False, id="modified at this instant"),
        pytest.param(0.999, False, id="modified in this second"),
        pytest.param(1, True, id="modified a second ago"),
        pytest.param(1.5, True, id="modified in the last second"),
        pytest.param(2, True, id="modified two seconds ago"),
    ],
)
def test_a_date_is_a_strong_validator_once_it_is_a_second_old(age: float, *, holds: bool) -> None:
    """HTTP.md, line 7; section 8.8.2.2. Date has whole seconds, so those count."""
    assert if_range_holds(EQUAL, ETAG, MODIFIED, MODIFIED + age) is holds


def test_a_tag_is_a_strong_validator_at_any_age() -> None:
    assert if_range_holds(ETAG, ETAG, MODIFIED, MODIFIED)


# Any text

hostile = (
    st.text() | st.text('W/"v1,* \t\x0b\xa0€') | st.sampled_from([EQUAL, EQUAL_RFC_850, ETAG, WEAK_ETAG, "*"])
)
maybe = st.none() | hostile
dates = st.integers(EARLIEST, LATEST)


@given(
    st.sampled_from(["GET", "HEAD", "PUT"]),
    st.builds(Conditions, maybe, maybe, maybe, maybe),
    st.none() | dates,
    st.floats(EARLIEST, LATEST),
)
def test_no_text_raises(method: str, fields: Conditions, modified: int | None, now: float) -> None:
    outcome = evaluate_preconditions(method, fields, ETAG, modified, now)
    assert outcome is not NOT_MODIFIED or method != "PUT"


@given(hostile, st.none() | dates, st.floats(EARLIEST, LATEST))
def test_no_text_makes_if_range_raise(field: str, modified: int | None, now: float) -> None:
    if if_range_holds(field, ETAG, modified, now):
        assert ETAG in field or modified is not None


@given(dates, dates)
def test_the_four_dated_conditions_agree_with_the_order_of_the_dates(date: int, modified: int) -> None:
    field = format_date(date)
    now = float(LATEST)
    unmodified = evaluate_preconditions("GET", Conditions(if_unmodified_since=field), ETAG, modified, now)
    since = evaluate_preconditions("GET", Conditions(if_modified_since=field), ETAG, modified, now)
    assert (unmodified is PROCEED) == (modified <= date)
    assert (since is NOT_MODIFIED) == (modified <= date)


@pytest.mark.parametrize("unit", ['"', '"a", ', " ", "*", "Sun, 06 Nov 1994 08:49:37 GMT,"])
def test_a_megabyte_matches_nothing(unit: str) -> None:
    """Whatever takes more than linear time here does not come to an end."""
    field = unit * (MEGABYTE // len(unit))
    assert evaluate(Conditions(None, field, field, None)) is PROCEED
    assert evaluate(Conditions(field, None, None, None)) is FAILED
    assert not if_range_holds(field, ETAG, MODIFIED, NOW)


@pytest.mark.parametrize("space", ["\xa0", "\x85", "\x0b", "\x0c", "\x1c", "\x1f"])
def test_only_a_space_or_a_tab_may_stand_around_a_field(space: str) -> None:
    assert if_none_match_holds(f"{space}*", ETAG)
    fields = Conditions(if_match=f"{space}*")
    assert evaluate_preconditions("GET", fields, ETAG, None, 0) is Outcome.PRECONDITION_FAILED
    assert not if_range_holds(f"{space}Sun, 06 Nov 1994 08:49:37 GMT", ETAG, 784_111_777, 1e9)
