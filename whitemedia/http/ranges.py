"""Byte ranges (RFC 9110, section 14.1 and 14.2): a field and a complete length in, byte ranges out."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, NamedTuple

from whitemedia.http.syntax import split_members

MAX_RANGES: Final = 100
"""More ranges than this in one request are answered with the whole (section 14.2 allows to ignore any Range)."""

_SPEC: Final = re.compile(r"(?:([0-9]+)-([0-9]*)|-([0-9]+))")
_ENDLESS: Final = 1 << 64  # what more digits than any length has stand for; int() itself refuses 4,300
_LONGEST: Final = 19


class ByteRange(NamedTuple):
    """Half-open [start, stop); inclusive only in the field's text."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start


class Unsatisfiable:
    """No requested range lies within the representation: 416."""


def parse_range(field: str, length: int) -> tuple[ByteRange, ...] | Unsatisfiable | None:
    """The satisfiable ranges of a Range field, in the order asked for, over `length` bytes.

    None stands for a field to be ignored (200, the whole): another unit, a malformed set, an empty
    representation, and what costs more than the whole: too many ranges, overlaps, more bytes than there are.
    """
    unit, separator, range_set = field.partition("=")
    if not separator or unit.lower() != "bytes" or not length:
        return None
    specs = split_members(range_set)
    if not 0 < len(specs) <= MAX_RANGES:
        return None
    ranges = []
    for spec in specs:
        bounds = _parse_spec(spec, length)
        if bounds is None:
            return None  # one malformed spec spoils the set
        if bounds.start < bounds.stop:
            ranges.append(bounds)
    if not ranges:
        return Unsatisfiable()
    return None if len(ranges) > 1 and _overlap(ranges) else tuple(ranges)


def format_content_range(part: ByteRange, length: int) -> str:
    """Content-Range of a satisfied range (section 14.4)."""
    return f"bytes {part.start}-{part.stop - 1}/{length}"


def format_unsatisfied_range(length: int) -> str:
    """Content-Range of a 416 (section 14.4)."""
    return f"bytes */{length}"


def _parse_spec(spec: str, length: int) -> ByteRange | None:
    """One range, clamped to `length` and empty if unsatisfiable; None if malformed (section 14.1.1)."""
    match = _SPEC.fullmatch(spec)
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        return ByteRange(max(length - _number(suffix), 0), length)
    start = _number(first)
    stop = _number(last) + 1 if last else _ENDLESS
    if last and _smaller(last, first):
        return None
    return ByteRange(min(start, length), min(stop, length))


def _number(digits: str) -> int:
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= _LONGEST else _ENDLESS


def _smaller(one: str, other: str) -> bool:
    """Compare digits of any count, without converting them."""
    one, other = one.lstrip("0"), other.lstrip("0")
    return (len(one), one) < (len(other), other)


def _overlap(ranges: list[ByteRange]) -> bool:
    ordered = sorted(ranges)
    return any(after.start < before.stop for before, after in pairwise(ordered))
