"""What the tests of HTTP's rules share.

They say what each answer must be (RFC 9110 unless said), line by line of the project's list, through the application.
Each test's number is its line's. They run over every construction (`client`), which must agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from wsgiref.headers import Headers

from tests.answers import Answer
from tests.conftest import BR_LIB, FILES, GZIP_LIB, PREFIX, ZSTD_LIB, Client

DIGITS, EMPTY, LARGE, LIB = (PREFIX + name for name in ("digits.txt", "empty.txt", "large.bin", "lib.js"))
LATER, EARLIER = "Tue, 14 Nov 2023 22:13:21 GMT", "Tue, 14 Nov 2023 22:13:19 GMT"
BODIES = {"identity": FILES["lib.js"], "br": BR_LIB, "gzip": GZIP_LIB, "zstd": ZSTD_LIB}
SMALLEST = min(("br", "gzip", "zstd"), key=lambda coding: len(BODIES[coding]))
EVERY_PATH = [PREFIX + name for name in ("digits.txt", "empty.txt", "lib.js", "large.bin", "picture.png", "docs/")]

Expected = tuple[bytes, ...] | int


class Ranged(NamedTuple):
    """A Range field and what `digits.txt` answers: each part's bytes, or a status."""

    field: str
    expected: Expected


def with_tag(client: Client, path: str, fields: Mapping[str, str]) -> dict[str, str]:
    """`fields` with the entity tag of the whole, without its quotes, for `TAG`."""
    tag = client.get(path).etag.strip('"')
    return {name: value.replace("TAG", tag) for name, value in fields.items()}


def assert_ranged(answer: Answer, expected: Expected) -> None:
    if isinstance(expected, int):
        assert answer.status == expected
        assert answer.headers["Content-Range"] == ("bytes */10" if expected == 416 else None)
        assert answer.body == FILES["digits.txt"] or expected != 200
        return
    assert answer.status == 206
    assert tuple(part.data for part in answer.parts) == expected
    for part in answer.parts:
        assert part.data == FILES["digits.txt"][part.start : part.stop]


def add_headers(headers: Headers, path: str, url: str) -> None:
    """What a user may add to an answer."""
    headers["Content-Location"] = url
    headers["Expires"] = LATER
    headers["Content-Language"] = "en"
    headers["Vary"] = "Cookie"
