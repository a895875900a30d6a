"""Tags and dates: strong only where a change would show, and no date that is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets.files import StatKey
from whitemedia.assets.validators import last_modified_seconds, live_etag, stat_etag, tells_content
from whitemedia.http.dates import LATEST

MODIFIED = 1_700_000_000
NOW = 1_800_000_000.5

# Tags without a digest


@pytest.mark.parametrize(
    ("age_ns", "weak"), [(2_000_000_000, False), (1_999_999_999, True), (0, True), (-1, True)], ids=str
)
def test_a_tag_from_size_and_time_is_weak_until_the_time_has_settled(age_ns: int, weak: bool) -> None:
    key = StatKey(1, 2, 255, 10**18, 5)
    assert stat_etag(key, 10**18 + age_ns) == ("W/" if weak else "") + f'"ff-{10**18:x}"'


@given(st.integers(0, 2**63 - 1), st.integers(-(2**62), 2**62), st.integers(0, 10**19))
def test_a_tag_from_size_and_time_is_always_well_formed(size: int, mtime_ns: int, now_ns: int) -> None:
    etag = stat_etag(StatKey(1, 2, size, mtime_ns, 5), now_ns)
    assert etag.removeprefix("W/").strip('"').replace("-", "").isalnum()
    assert etag.count('"') == 2


@pytest.mark.parametrize("changed", [{"size": 9}, {"mtime_ns": 9}, {"ctime_ns": 9}, {"ino": 9}], ids=str)
def test_a_live_tag_tells_apart_what_differs_in_anything(changed: dict[str, int]) -> None:
    key = StatKey(1, 2, 3, 4, 5)
    assert live_etag(key, 10**18) != live_etag(key._replace(**changed), 10**18)


@pytest.mark.parametrize(("age_ns", "weak"), [(2_000_000_000, False), (1_999_999_999, True)], ids=str)
def test_a_live_tag_is_weak_until_the_time_has_settled(age_ns: int, weak: bool) -> None:
    assert live_etag(StatKey(1, 2, 3, 10**18, 5), 10**18 + age_ns).startswith("W/") is weak


@pytest.mark.parametrize(
    ("mtime_ns", "ctime_ns", "telling"),
    [
        (10**18, 10**18, False),
        (10**18, 10**18 + 1, True),
        (10**18 + 1, 10**18 + 1, True),
        (0, 10**18, True),
        (0, 0, False),
        (10**18, 2 * 10**18, False),
        (2 * 10**18, 10**18 + 1, False),
    ],
)
def test_a_state_tells_what_a_file_has_if_it_is_old_and_its_times_are_not_one(
    mtime_ns: int, ctime_ns: int, telling: bool
) -> None:
    assert tells_content(StatKey(1, 2, 3, mtime_ns, ctime_ns), 2 * 10**18 + 1) is telling


# Last-Modified


@pytest.mark.parametrize(
    ("mtime_ns", "modified"),
    [
        (-1, None),
        (-(10**18), None),
        (0, None),
        (1_999_999_999, None),
        (2_000_000_000, 2),
        (MODIFIED * 10**9, MODIFIED),
        (MODIFIED * 10**9 + 999_999_999, MODIFIED),
        (1_800_000_000 * 10**9, 1_800_000_000),
        (1_800_000_001 * 10**9, None),
        (LATEST * 10**9, None),
        ((LATEST + 1) * 10**9, None),
        (2**62, None),
    ],
)
def test_a_time_that_is_no_time_is_not_sent(mtime_ns: int, modified: int | None) -> None:
    """Archives and Nix stores write 0 or 1; a date in the future would be refused (RFC 9110, section 8.8.2.1)."""
    assert last_modified_seconds(mtime_ns, NOW) == modified


@pytest.mark.parametrize(("seconds", "modified"), [(LATEST, LATEST), (LATEST + 1, None)])
def test_a_year_of_five_digits_is_not_sent_even_when_it_has_come(seconds: int, modified: int | None) -> None:
    assert last_modified_seconds(seconds * 10**9, 1e12) == modified


@given(st.integers(-(2**63), 2**63 - 1), st.floats(0, 1e12))
def test_last_modified_is_never_later_than_now(mtime_ns: int, now: float) -> None:
    modified = last_modified_seconds(mtime_ns, now)
    assert modified is None or 2 <= modified <= now
