"""What a Range field makes of a representation."""

from __future__ import annotations

from whitemedia.http.ranges import Unsatisfiable, parse_range

MEGABYTE = 1_000_000
IGNORED = None
UNSATISFIABLE = "416"

Answer = list[tuple[int, int]] | str | None


def answer(field: str, length: int) -> Answer:
    """The half-open ranges of a 206, "416", or None where the field is ignored: 200, the whole."""
    ranges = parse_range(field, length)
    if ranges is None:
        return IGNORED
    if isinstance(ranges, Unsatisfiable):
        return UNSATISFIABLE
    return [(part.start, part.stop) for part in ranges]
