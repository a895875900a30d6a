"""No text in a condition raises, or matches what it does not name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.validators import (
    EQUAL,
    EQUAL_RFC_850,
    ETAG,
    FAILED,
    MEGABYTE,
    MODIFIED,
    NOT_MODIFIED,
    NOW,
    PROCEED,
    WEAK_ETAG,
    evaluate,
)
from whitemedia.http.dates import EARLIEST, LATEST, format_date
from whitemedia.http.preconditions import (
    Conditions,
    Outcome,
    evaluate_preconditions,
    if_none_match_holds,
    if_range_holds,
)

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
