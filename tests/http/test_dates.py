"""HTTP-date (RFC 9110, section 5.6.7): three forms in, one out, no exception for any text (HTTP.md, lines 8 and 37)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from whitemedia.http.dates import EARLIEST, LATEST, format_date, parse_date

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

EXAMPLE = 784_111_777  # of section 5.6.7, in seconds
EXAMPLES = (
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
)
NOW = EXAMPLE + 1_000_000_000.5  # in 2026
FIFTY_YEARS = 50 * 365 * 86_400  # a few days less, so that no rounding of a year's length can matter

every_second = st.integers(EARLIEST, LATEST)


def moment(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def seconds_at(year: int, month: int, day: int) -> int:
    return (datetime(year, month, day, tzinfo=timezone.utc) - EPOCH).days * 86_400


def format_rfc_850(seconds: int) -> str:
    when = moment(seconds)
    day = f"{LONG_DAYS[when.weekday()]}, {when.day:02}-{MONTHS[when.month - 1]}-{when.year % 100:02}"
    return f"{day} {when.hour:02}:{when.minute:02}:{when.second:02} GMT"


# What is sent


@given(every_second)
@example(EARLIEST)
@example(LATEST)
@example(-1)
@example(0)
def test_any_second_from_year_1_to_9999_is_sent_as_imf_fixdate(seconds: int) -> None:
    assert format_date(seconds) == format_datetime(moment(seconds), usegmt=True)


@pytest.mark.parametrize(
    ("seconds", "field"),
    [
        pytest.param(EXAMPLE, "Sun, 06 Nov 1994 08:49:37 GMT", id="the example of section 5.6.7"),
        pytest.param(0, "Thu, 01 Jan 1970 00:00:00 GMT", id="the epoch"),
        pytest.param(-1, "Wed, 31 Dec 1969 23:59:59 GMT", id="before the epoch"),
        pytest.param(951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT", id="a leap day"),
        pytest.param(2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT", id="beyond 32 bits"),
        pytest.param(EARLIEST, "Mon, 01 Jan 0001 00:00:00 GMT", id="the earliest"),
        pytest.param(LATEST, "Fri, 31 Dec 9999 23:59:59 GMT", id="the latest"),
    ],
)
def test_a_date_is_sent_as(seconds: int, field: str) -> None:
    assert format_date(seconds) == field


@pytest.mark.parametrize("seconds", [EARLIEST - 1, LATEST + 1, -(10**40), 10**40])
def test_what_four_digits_of_year_cannot_say_is_refused(seconds: int) -> None:
    """HTTP.md, line 8: whoever indexes a file compares with EARLIEST and LATEST first."""
    with pytest.raises((ValueError, OverflowError)):
        format_date(seconds)


# What is understood


@pytest.mark.parametrize("field", EXAMPLES)
def test_the_three_forms_say_the_same(field: str) -> None:
    """HTTP.md, line 37."""
    assert parse_date(field, NOW) == EXAMPLE


@pytest.mark.parametrize("days", range(7), ids=LONG_DAYS[6:] + LONG_DAYS[:6])
def test_every_day_of_the_week_has_its_name(days: int) -> None:
    seconds = EXAMPLE + days * 86_400
    assert format_date(seconds)[:3] == (LONG_DAYS[6:] + LONG_DAYS)[days][:3]
    assert parse_date(format_rfc_850(seconds), NOW) == seconds
    assert parse_date(moment(seconds).ctime(), NOW) == seconds


@pytest.mark.parametrize(("month", "name"), list(enumerate(MONTHS, start=1)), ids=MONTHS)
def test_every_month_has_its_name(month: int, name: str) -> None:
    seconds = seconds_at(2001, month, 15)
    assert format_date(seconds)[8:11] == name
    assert parse_date(f"Mon, 15 {name} 2001 00:00:00 GMT", NOW) == seconds


@given(every_second)
@example(EARLIEST)
@example(LATEST)
def test_imf_fixdate_means_what_datetime_says(seconds: int) -> None:
    assert parse_date(format_datetime(moment(seconds), usegmt=True), NOW) == seconds


@given(every_second)
@example(EARLIEST)
@example(LATEST)
def test_asctime_means_what_datetime_says(seconds: int) -> None:
    assert parse_date(moment(seconds).ctime(), NOW) == seconds


@given(
    st.integers(EARLIEST + FIFTY_YEARS, LATEST - FIFTY_YEARS),
    st.integers(-FIFTY_YEARS, FIFTY_YEARS),
    st.floats(0, 0.999),
)
def test_an_rfc_850_date_is_the_one_within_fifty_years(now: int, distance: int, fraction: float) -> None:
    """Section 5.6.7: what would be more than 50 years in the future is in the past."""
    seconds = now + distance
    assert parse_date(format_rfc_850(seconds), now + fraction) == seconds


@pytest.mark.parametrize(
    ("today", "date", "year"),
    [
        pytest.param((1994, 11, 6), "Sunday, 06-Nov-94 08:49:37 GMT", 1994, id="today"),
        pytest.param((2026, 11, 20), "Sunday, 06-Nov-94 08:49:37 GMT", 1994, id="the last century"),
        pytest.param((2026, 11, 20), "Friday, 06-Nov-76 08:49:37 GMT", 2076, id="not yet 50 years ahead"),
        pytest.param((2026, 11, 20), "Friday, 30-Nov-76 08:49:37 GMT", 1976, id="days more than 50 years ahead"),
        pytest.param((2026, 11, 20), "Friday, 06-Nov-77 08:49:37 GMT", 1977, id="a year more than 50 years ahead"),
        pytest.param((1999, 12, 31), "Saturday, 01-Jan-00 00:00:00 GMT", 2000, id="tomorrow, a century on"),
        pytest.param((2000, 1, 1), "Friday, 31-Dec-99 23:59:59 GMT", 1999, id="yesterday, a century ago"),
        pytest.param((2080, 1, 1), "Friday, 06-Nov-20 08:49:37 GMT", 2120, id="the next century"),
        pytest.param((2060, 1, 1), "Tuesday, 29-Feb-00 00:00:00 GMT", 2000, id="2100 has no 29 February"),
        pytest.param((9990, 1, 1), "Friday, 31-Dec-10 00:00:00 GMT", 9910, id="there is no year 10010"),
    ],
)
def test_two_digits_of_year_mean(today: tuple[int, int, int], date: str, year: int) -> None:
    parsed = parse_date(date, seconds_at(*today))
    assert parsed is not None
    assert moment(parsed).year == year


@pytest.mark.parametrize(
    ("now", "date"),
    [
        pytest.param(NOW, "Friday, 29-Feb-50 00:00:00 GMT", id="29 February in no century near"),
        pytest.param(EARLIEST, "Friday, 06-Nov-94 08:49:37 GMT", id="no century in reach in year 1"),
    ],
)
def test_two_digits_of_year_that_fit_no_century_mean_nothing(now: float, date: str) -> None:
    assert parse_date(date, now) is None


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        pytest.param("Mon, 06 Nov 1994 08:49:37 GMT", EXAMPLE, id="the wrong day's name is not compared"),
        pytest.param("Sun Nov 06 08:49:37 1994", EXAMPLE, id="asctime with a zero before the day"),
        pytest.param("Sat, 31 Dec 2016 23:59:60 GMT", seconds_at(2017, 1, 1), id="a leap second"),
        pytest.param("Sat, 29 Feb 2020 00:00:00 GMT", seconds_at(2020, 2, 29), id="a leap day"),
        pytest.param("Fri, 01 Jan 1960 00:00:00 GMT", seconds_at(1960, 1, 1), id="before the epoch"),
        pytest.param("Wed, 08 Jul 2037 22:53:52 GMT", 0x7F00_0000, id="nginx: 0x7F000000"),
        pytest.param("Tue, 19 Jan 2038 03:14:07 GMT", 0x7FFF_FFFF, id="nginx: the last of 31 bits"),
        pytest.param("Tue, 19 Jan 2038 03:14:08 GMT", 0x8000_0000, id="nginx: the first beyond 31 bits"),
        pytest.param("Fri, 25 Feb 2174 09:42:23 GMT", 0x1_7FFF_FFFF, id="nginx: beyond 32 bits"),
        pytest.param("Mon, 01 Jan 0001 00:00:00 GMT", EARLIEST, id="year 1"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", LATEST, id="year 9999"),
        pytest.param("Fri, 31 Dec 9999 23:59:60 GMT", LATEST + 1, id="a leap second at the end of time"),
    ],
)
def test_a_date_means(field: str, seconds: int) -> None:
    assert parse_date(field, NOW) == seconds


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("", id="nothing"),
        pytest.param("wrong", id="nginx: a word"),
        pytest.param("784111777", id="seconds"),
        pytest.param("1994-11-06T08:49:37Z", id="ISO 8601"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 +0100", id="another zone"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 +0000", id="GMT as a number"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 UTC", id="GMT by another name"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 gmt", id="GMT in lower case"),
        pytest.param("Sun, 06 Nov 1994 08:49:37", id="no zone"),
        pytest.param("Sunday, 06-Nov-94 08:49:37 EST", id="RFC 850 in another zone"),
        pytest.param("Sunday, 06-Nov-1994 08:49:37 GMT", id="RFC 850 with four digits of year"),
        pytest.param("Sun, 06-Nov-94 08:49:37 GMT", id="RFC 850 with a short day"),
        pytest.param("Sun Nov  6 08:49:37 1994 GMT", id="asctime with a zone"),
        pytest.param("Sun Nov 6 08:49:37 1994", id="asctime with one space before the day"),
        pytest.param("sun, 06 nov 1994 08:49:37 GMT", id="lower case"),
        pytest.param("Sun, 6 Nov 1994 08:49:37 GMT", id="one digit of day"),
        pytest.param("Sun, 06 Nov 94 08:49:37 GMT", id="two digits of year"),
        pytest.param("Sun, 06 Nov 1994 8:49:37 GMT", id="one digit of hour"),
        pytest.param("Sun, 06 Nov 1994 08:49 GMT", id="no seconds"),
        pytest.param("Sun, 06 Nov 1994 08:49:37.5 GMT", id="a fraction of a second"),
        pytest.param("Sun 06 Nov 1994 08:49:37 GMT", id="no comma"),
        pytest.param("06 Nov 1994 08:49:37 GMT", id="no day's name"),
        pytest.param("Sol, 06 Nov 1994 08:49:37 GMT", id="an unknown day's name"),
        pytest.param("Sun, 06 Nuv 1994 08:49:37 GMT", id="an unknown month"),
        pytest.param(" Sun, 06 Nov 1994 08:49:37 GMT", id="a space before"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT\n", id="a final newline"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", id="a list"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT; length=5", id="a parameter of the nineties"),
        pytest.param("Sun, 0６ Nov 1994 08:49:37 GMT", id="a full-width digit"),
        pytest.param("Sun, 00 Nov 1994 08:49:37 GMT", id="day 0"),
        pytest.param("Sun, 31 Nov 1994 08:49:37 GMT", id="31 November"),
        pytest.param("Sun, 29 Feb 1994 08:49:37 GMT", id="29 February of a common year"),
        pytest.param("Sun, 29 Feb 1900 08:49:37 GMT", id="29 February 1900"),
        pytest.param("Sun, 06 Nov 1994 24:00:00 GMT", id="hour 24"),
        pytest.param("Sun, 06 Nov 1994 08:60:00 GMT", id="minute 60"),
        pytest.param("Sun, 06 Nov 1994 08:49:61 GMT", id="second 61"),
        pytest.param("Sun, 06 Nov 0000 08:49:37 GMT", id="year 0"),
        pytest.param("Sun, 06 Nov 99999 08:49:37 GMT", id="five digits of year"),
        pytest.param(
            f"Sun, 06 Nov {'9' * 40} 08:49:37 GMT", id="40 digits of year, which end in OverflowError elsewhere"
        ),
        pytest.param(f"Sun Nov  6 08:49:37 {'9' * 40}", id="40 digits of year in asctime"),
        pytest.param(f"Sunday, 06-Nov-{'9' * 40} 08:49:37 GMT", id="40 digits of year in RFC 850"),
        pytest.param("Sun, 06 Nov -001 08:49:37 GMT", id="a negative year"),
    ],
)
def test_what_is_no_date_is_none_and_no_exception(field: str) -> None:
    """HTTP.md, line 37: a field that is no date is ignored."""
    assert parse_date(field, NOW) is None


@given(st.text(), st.floats(EARLIEST, LATEST))
def test_no_text_raises(field: str, now: float) -> None:
    assert parse_date(field, now) is None


@given(st.sampled_from(EXAMPLES), st.data(), st.floats(EARLIEST, LATEST))
def test_no_damage_to_a_date_raises_or_leaves_the_calendar(field: str, data: st.DataObject, now: float) -> None:
    place = data.draw(st.integers(0, len(field)))
    length = data.draw(st.integers(0, 4))
    damaged = field[:place] + data.draw(st.text("0123456789 :-GMTNov")) + field[place + length :]
    parsed = parse_date(damaged, now)
    assert parsed is None or EARLIEST <= parsed <= LATEST + 1


@pytest.mark.parametrize("unit", ["9", " ", "Sun, ", "Sun, 06 Nov 1994 08:49:37 GMT", "GMT"])
def test_a_megabyte_is_no_date(unit: str) -> None:
    """Each form has a fixed length, so that none of this is read further than one date's."""
    assert parse_date(unit * (1_000_000 // len(unit)), NOW) is None
