"""The files that other servers' own tests ask for."""

from __future__ import annotations

import gzip

from tests.answers import Answer

# A thousand bytes that say where they are, as nginx's tests use them
LINES = b"".join(b"X%03dXXXXXX" % number for number in range(100))
TEN_AND_ONE = b"0123456789\n"  # Go's testdata/file
ROBOTS = b"User-agent: *\nDisallow: /\n"  # tornado's static/robots.txt
MULTIPLE = gzip.compress(LINES[:500], mtime=0) + gzip.compress(LINES[500:], mtime=0)

Bounds = list[tuple[int, int]]


def assert_ranged(answer: Answer, whole: bytes, expected: Bounds | int) -> None:
    """A status, or a 206 of exactly these bounds, half-open."""
    if isinstance(expected, int):
        assert answer.status == expected
        assert answer.headers["Content-Range"] == (f"bytes */{len(whole)}" if expected == 416 else None)
        assert answer.body == whole or expected != 200
        return
    assert answer.status == 206
    assert [(part.start, part.stop) for part in answer.parts] == expected
    assert [part.data for part in answer.parts] == [whole[start:stop] for start, stop in expected]
