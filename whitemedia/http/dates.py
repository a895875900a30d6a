"""HTTP-date (RFC 9110, section 5.6.7): the three forms in, IMF-fixdate out.

Dates are whole seconds since the Unix epoch, negative before it. The standard library's parsers raise
OverflowError on a 40-digit year and accept zones other than GMT, hence our own.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAY_SECONDS: Final = 86_400
_YEAR_SECONDS: Final = 31_556_952  # the Gregorian mean

EARLIEST: Final = (date.min.toordinal() - _EPOCH) * _DAY_SECONDS
LATEST: Final = (date.max.toordinal() - _EPOCH + 1) * _DAY_SECONDS - 1

_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        rf"(?:{'|'.join(_DAYS)}), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
        rf"(?:{'|'.join(_LONG_DAYS)}), (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
        rf"(?:{'|'.join(_DAYS)}) {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)


def parse_date(field: str, now: float) -> int | None:
    """Parse an IMF-fixdate, RFC 850 or asctime date; None if it is no valid date.

    `now`, in seconds, decides the century of RFC 850's two-digit year. The name of the day is not compared.
    """
    for form in _FORMS:
        if match := form.fullmatch(field):
            return _seconds(match.groupdict(), now)
    return None


def format_date(seconds: int) -> str:
    """Format seconds since the epoch, from EARLIEST to LATEST (ValueError or OverflowError beyond), as IMF-fixdate."""
    days, rest = divmod(seconds, _DAY_SECONDS)
    day = date.fromordinal(days + _EPOCH)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{_DAYS[day.weekday()]}, {day.day:02} {_MONTHS[day.month - 1]} {day.year:04} {clock} GMT"


def _seconds(parts: dict[str, str], now: float) -> int | None:
    hour, minute, second = int(parts["hour"]), int(parts["minute"]), int(parts["second"])
    if hour > 23 or minute > 59 or second > 60:  # 60: a leap second (section 5.6.7)
        return None
    year, month, day = parts["year"], _MONTHS.index(parts["month"]) + 1, int(parts["day"])
    clock = hour * 3600 + minute * 60 + second
    if len(year) == 2:
        return _recent_seconds(int(year), month, day, clock, now)
    return _at(int(year), month, day, clock)


def _recent_seconds(year: int, month: int, day: int, clock: int, now: float) -> int | None:
    """The latest century in which the date is no more than 50 years in the future (section 5.6.7)."""
    century = (1970 + int(now // _YEAR_SECONDS)) // 100 * 100
    limit = now + 50 * _YEAR_SECONDS
    for base in (century + 100, century, century - 100):
        seconds = _at(base + year, month, day, clock)
        if seconds is not None and seconds <= limit:
            return seconds
    return None


def _at(year: int, month: int, day: int, clock: int) -> int | None:
    try:
        return (date(year, month, day).toordinal() - _EPOCH) * _DAY_SECONDS + clock
    except ValueError:
        return None
