"""If-Range holds for what names this very representation (HTTP.md, lines 6 and 7)."""

from __future__ import annotations

import pytest

from tests.http.validators import (
    DATE_LIST,
    EARLIER,
    EQUAL,
    EQUAL_ASCTIME,
    EQUAL_RFC_850,
    ETAG,
    FAR,
    LATER,
    LONG_YEAR,
    MODIFIED,
    NOW,
    WEAK_ETAG,
)
from whitemedia.http.preconditions import if_range_holds


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
