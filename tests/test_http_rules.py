"""What each answer must be (RFC 9110 unless said), line by line of the project's list, through the application.

Each test's number is its line's. They run over every construction (`client`), which must agree.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from io import FileIO
from pathlib import Path
from typing import NamedTuple
from wsgiref.headers import Headers

import brotli
import pytest
from werkzeug.test import create_environ

from tests.conftest import (
    BR_LIB,
    FILES,
    GZIP_LIB,
    MODIFIED,
    MODIFIED_DATE,
    PREFIX,
    ZSTD_LIB,
    Answer,
    Client,
    call,
    every_construction,
    make_environ,
    open_descriptors,
    plant,
    serve,
)

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


# Preconditions


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PREFIX + ".env", 404),
        ("POST", DIGITS, 405),
        ("GET", PREFIX + "docs", 302),
        ("OPTIONS", DIGITS, 204),
    ],
)
@pytest.mark.parametrize("name", ["If-Match", "If-None-Match", "If-Unmodified-Since", "If-Modified-Since"])
def test_line_1_preconditions_count_only_where_the_answer_would_be_2xx(
    client: Client, method: str, path: str, status: int, name: str
) -> None:
    values = {
        "If-Match": '"other"',
        "If-None-Match": "*",
        "If-Unmodified-Since": EARLIER,
        "If-Modified-Since": LATER,
    }
    assert client.request(method, path, {name: values[name]}).status == status


def test_line_1_412_beats_304_beats_206_and_416(client: Client) -> None:
    fields = with_tag(client, DIGITS, {"If-Match": '"other"', "If-None-Match": '"TAG"', "Range": "bytes=50-"})
    assert client.get(DIGITS, fields).status == 412
    del fields["If-Match"]
    assert client.get(DIGITS, fields).status == 304
    del fields["If-None-Match"]
    assert client.get(DIGITS, fields).status == 416
    assert client.get(DIGITS, {"Range": "bytes=5-", "If-Match": "*"}).status == 206


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("*", 200),
        ('"TAG"', 200),
        ('"other", "TAG"', 200),
        ('"a,b" ,, "TAG"', 200),
        ('W/"TAG"', 412),
        ('"other"', 412),
        ("TAG", 412),
        ("", 412),
    ],
)
def test_line_2_if_match_compares_strongly(client: Client, method: str, field: str, status: int) -> None:
    answer = client.request(method, DIGITS, with_tag(client, DIGITS, {"If-Match": field}))
    assert answer.status == status
    if status == 412:
        assert answer.headers["Content-Length"] == "0"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-Unmodified-Since": MODIFIED_DATE}, 200),
        ({"If-Unmodified-Since": LATER}, 200),
        ({"If-Unmodified-Since": EARLIER}, 412),
        ({"If-Unmodified-Since": EARLIER, "If-Match": '"TAG"'}, 200),
        ({"If-Unmodified-Since": LATER, "If-Match": '"other"'}, 412),
        ({"If-Unmodified-Since": "yesterday"}, 200),
        ({"If-Unmodified-Since": f"{EARLIER}, {EARLIER}"}, 200),
    ],
)
def test_line_3_if_unmodified_since_counts_without_if_match_and_if_it_is_a_date(
    client: Client, fields: dict[str, str], status: int
) -> None:
    assert client.get(DIGITS, with_tag(client, DIGITS, fields)).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("field", "status"),
    [
        ('"TAG"', 304),
        ('W/"TAG"', 304),
        ("*", 304),
        ('"a", "TAG"', 304),
        ('"a","b" , W/"TAG","c"', 304),
        ('"a,b", "TAG"', 304),
        ('malformed, "TAG"', 304),
        ('"other"', 200),
        ('"a,TAG"', 200),
        ("TAG", 200),
    ],
)
def test_line_4_if_none_match_compares_weakly(client: Client, method: str, field: str, status: int) -> None:
    assert client.request(method, DIGITS, with_tag(client, DIGITS, {"If-None-Match": field})).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-Modified-Since": MODIFIED_DATE}, 304),
        ({"If-Modified-Since": LATER}, 304),
        ({"If-Modified-Since": EARLIER}, 200),
        ({"If-Modified-Since": "Fri, 01 Jan 1960 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": LATER, "If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": LATER, "If-None-Match": "malformed"}, 200),
        ({"If-Modified-Since": LATER, "If-None-Match": ""}, 200),
        ({"If-Modified-Since": EARLIER, "If-None-Match": '"TAG"'}, 304),
    ],
)
def test_line_5_if_modified_since_counts_only_where_if_none_match_is_absent(
    client: Client, method: str, fields: dict[str, str], status: int
) -> None:
    assert client.request(method, DIGITS, with_tag(client, DIGITS, fields)).status == status


@pytest.mark.parametrize("path", [DIGITS, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-Range": '"TAG"'}, 200),
        ({"If-Range": '"TAG"', "Range": "bytes=2-4"}, 206),
        ({"If-Range": 'W/"TAG"', "Range": "bytes=2-4"}, 200),
        ({"If-Range": '"TAG", "other"', "Range": "bytes=2-4"}, 200),
        ({"If-Range": "*", "Range": "bytes=2-4"}, 200),
        ({"If-Range": "TAG", "Range": "bytes=2-4"}, 200),
        ({"If-Range": '"other"', "Range": "bytes=9999999-"}, 200),
        ({"If-Range": '"TAG"', "Range": "bytes=9999999-"}, 416),
        ({"If-Range": MODIFIED_DATE, "Range": "bytes=2-4"}, 206),
        ({"If-Range": EARLIER, "Range": "bytes=2-4"}, 200),
        ({"If-Range": LATER, "Range": "bytes=2-4"}, 200),
        ({"If-Range": "yesterday", "Range": "bytes=2-4"}, 200),
    ],
)
def test_line_6_if_range_is_one_strong_tag_or_the_exact_date(
    client: Client, path: str, fields: dict[str, str], status: int
) -> None:
    answer = client.get(path, with_tag(client, path, fields))
    assert answer.status == status
    whole = FILES[path.removeprefix(PREFIX)]
    assert answer.body == {200: whole, 206: whole[2:5], 416: answer.body}[status]


@every_construction
@pytest.mark.parametrize(("age", "status"), [(0.0, 200), (0.9, 200), (1.0, 206), (60.0, 206)])
def test_line_7_a_date_less_than_a_second_old_never_satisfies_if_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, construction: str, age: float, status: int
) -> None:
    client = serve(plant(tmp_path, {"digits.txt": FILES["digits.txt"]}), construction=construction)
    monkeypatch.setattr(time, "time", lambda: MODIFIED + age)
    assert client.get(DIGITS, {"Range": "bytes=0-1", "If-Range": MODIFIED_DATE}).status == status


@every_construction
@pytest.mark.parametrize(
    ("seconds", "sent"),
    [(-86_400, False), (0, False), (1, False), (2, True), (MODIFIED, True), (time.time() + 86_400, False)]
    + [(seconds, False) for seconds in (2**33, 253_402_300_800, 2**40)],
)
def test_line_8_last_modified_is_sent_only_for_a_time_that_can_be_one(
    tmp_path: Path, construction: str, seconds: float, *, sent: bool
) -> None:
    plant(tmp_path, {"digits.txt": FILES["digits.txt"]})
    try:
        os.utime(tmp_path / "digits.txt", (seconds, seconds))
    except (OSError, OverflowError):
        pytest.skip("the file system cannot hold this time")
    answer = serve(tmp_path, construction=construction).get(DIGITS)
    assert answer.status == 200
    assert answer.body == FILES["digits.txt"]
    assert answer.headers["Last-Modified"] == (formatdate(seconds, usegmt=True) if sent else None)
    assert answer.headers["ETag"] is not None


# 304


def add_headers(headers: Headers, path: str, url: str) -> None:
    """What a user may add to an answer."""
    headers["Content-Location"] = url
    headers["Expires"] = LATER
    headers["Content-Language"] = "en"
    headers["Vary"] = "Cookie"


@every_construction
@pytest.mark.parametrize("name", ["lib.js", "large.bin"])
@pytest.mark.parametrize("coding", ["identity", "br"])
def test_lines_9_to_11_a_304_repeats_what_a_cache_needs_and_nothing_of_the_representation(
    shared_tree: Path, construction: str, name: str, coding: str
) -> None:
    client = serve(shared_tree, add_headers_function=add_headers, construction=construction)
    whole = client.get(PREFIX + name, {"Accept-Encoding": coding})
    answer = client.get(PREFIX + name, {"Accept-Encoding": coding, "If-None-Match": whole.etag})
    assert answer.status == 304
    repeated = {"cache-control", "content-location", "etag", "expires", "vary", "access-control-allow-origin"}
    assert answer.fields == {name: whole.fields[name] for name in {*repeated, "x-content-type-options"}}
    assert answer.body == b""


# Range


def test_line_12_a_range_counts_for_get_only(client: Client) -> None:
    answer = client.head(DIGITS, {"Range": "bytes=0-1"})
    assert answer.status == 200
    assert answer.headers["Content-Length"] == "10"
    assert client.head(DIGITS, {"Range": "bytes=50-"}).status == 200
    assert client.request("POST", DIGITS, {"Range": "bytes=0-1"}).status == 405


RANGES = [
    Ranged("lines=0-1", 200),
    Ranged("bytes 0-1", 200),
    Ranged(" bytes=0-1", 200),
    Ranged("BYTES=0-1", (b"01",)),
    Ranged("Bytes=0-1", (b"01",)),
]
MALFORMED = [
    "",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes=-",
    "bytes=1",
    "bytes=a-b",
    "bytes=0-1x",
    "bytes=0-1-2",
    "bytes=0-1, x",
    "bytes=--1",
    "bytes=1 -2",
    "bytes=0x1-2",
    "bytes=0-1;2-3",
    "bytes==0-1",
    "bytes=50-, 3-1",
]


@pytest.mark.parametrize(("field", "expected"), RANGES)
def test_line_13_the_unit_is_bytes_in_any_case(client: Client, field: str, expected: Expected) -> None:
    assert_ranged(client.get(DIGITS, {"Range": field}), expected)


@pytest.mark.parametrize("field", MALFORMED)
def test_line_14_one_malformed_range_spoils_the_set_which_is_ignored(client: Client, field: str) -> None:
    assert_ranged(client.get(DIGITS, {"Range": field}), 200)


@pytest.mark.parametrize(
    "field", ["bytes=1-0", "bytes=9-8", "bytes=0-1,4-3", "bytes=100-99", "bytes=10-010,10-09"]
)
def test_line_15_last_before_first_is_malformed(client: Client, field: str) -> None:
    assert_ranged(client.get(DIGITS, {"Range": field}), 200)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        Ranged("bytes=-0", 416),
        Ranged("bytes=-000", 416),
        Ranged("bytes=10-", 416),
        Ranged("bytes=10-20", 416),
        Ranged("bytes=0-0", (b"0",)),
        Ranged("bytes=9-", (b"9",)),
        Ranged("bytes=-1", (b"9",)),
    ],
)
def test_line_16_the_edges_are_one_byte_or_not_satisfiable(client: Client, field: str, expected: Expected) -> None:
    assert_ranged(client.get(DIGITS, {"Range": field}), expected)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        Ranged("bytes=5-10", (b"56789",)),
        Ranged("bytes=5-99999", (b"56789",)),
        Ranged("bytes=-11", (b"0123456789",)),
        Ranged("bytes=-99999", (b"0123456789",)),
        Ranged("bytes=0-", (b"0123456789",)),
        Ranged("bytes=0-9", (b"0123456789",)),
    ],
)
def test_line_17_what_reaches_past_the_end_is_clamped(client: Client, field: str, expected: Expected) -> None:
    assert_ranged(client.get(DIGITS, {"Range": field}), expected)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param(f"bytes=5-{'9' * 7500}", (b"56789",), id="last of 7500 digits"),
        pytest.param(f"bytes={'9' * 7500}-", 416, id="first of 7500 digits"),
        pytest.param(f"bytes=-{'9' * 7500}", (b"0123456789",), id="suffix of 7500 digits"),
        pytest.param(f"bytes={'0' * 7500}5-{'0' * 7500}6", (b"56",), id="7500 leading zeros"),
        pytest.param(f"bytes={'9' * 7500}-{'9' * 7499}8", 200, id="last before first by 1 in 7500 digits"),
        pytest.param("bytes=18446744073709551616-18446744073709551617", 416, id="2**64"),
        pytest.param("bytes=-9223372036854775809", (b"0123456789",), id="suffix of 2**63+1"),
        pytest.param("bytes=1_0-2_0", 200, id="underscore"),
        pytest.param("bytes=+1-2", 200, id="plus"),
        pytest.param("bytes=\xb2-\xb3", 200, id="superscript digits"),
        pytest.param("bytes=0-1\xb2", 200, id="superscript after digits"),
        pytest.param("bytes=\u0661-\u0662".encode().decode("latin-1"), 200, id="Arabic digits"),
    ],
)
def test_line_18_any_count_of_ascii_digits_is_read_and_nothing_else(
    client: Client, field: str, expected: Expected
) -> None:
    assert_ranged(client.get(DIGITS, {"Range": field}), expected)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        Ranged("bytes= 1-2", (b"12",)),
        Ranged("bytes=1-2 ", (b"12",)),
        Ranged("bytes=1-2,5-6", (b"12", b"56")),
        Ranged("bytes=1-2 ,\t5-6", (b"12", b"56")),
        Ranged("bytes=,1-2", (b"12",)),
        Ranged("bytes=1-2,, ,5-6,", (b"12", b"56")),
        Ranged("bytes=\t, 8-,", (b"89",)),
    ],
)
def test_line_19_space_and_empty_members_are_accepted(client: Client, field: str, expected: Expected) -> None:
    assert_ranged(client.get(DIGITS, {"Range": field}), expected)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        Ranged("bytes=0-1, 50-60", (b"01",)),
        Ranged("bytes=50-, 0-1, 8-8", (b"01", b"8")),
        Ranged("bytes=-0, -2", (b"89",)),
        Ranged("bytes=10-, 50-60, -0", 416),
    ],
)
def test_line_20_unsatisfiable_members_are_dropped(client: Client, field: str, expected: Expected) -> None:
    assert_ranged(client.get(DIGITS, {"Range": field}), expected)


def test_line_20_a_416_says_how_long_the_representation_is_and_tells_other_origins(client: Client) -> None:
    answer = client.get(LIB, {"Range": "bytes=999999-", "Accept-Encoding": "gzip"})
    assert answer.status == 416
    assert answer.fields == {
        "content-range": f"bytes */{len(GZIP_LIB)}",
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(answer.body)),
        "access-control-allow-origin": "*",
        "vary": "Accept-Encoding",
        "x-content-type-options": "nosniff",
    }


@pytest.mark.parametrize("field", ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=5-", "bytes=0-1,3-4"])
def test_line_21_of_a_zero_length_file_any_range_is_the_whole(client: Client, field: str) -> None:
    answer = client.get(EMPTY, {"Range": field})
    assert (answer.status, answer.body) == (200, b"")


def test_line_22_a_hundred_ranges_are_served_and_one_more_is_the_whole(client: Client) -> None:
    spans = [f"{start}-{start}" for start in range(0, 202, 2)]
    answer = client.get(LARGE, {"Range": f"bytes={','.join(spans[:100])}"})
    assert answer.status == 206
    assert [part.data[0] for part in answer.parts] == list(FILES["large.bin"][:200:2])
    assert client.get(LARGE, {"Range": f"bytes={','.join(spans)}"}).status == 200


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("bytes=0-,0-", id="the whole twice"),
        pytest.param("bytes=0-5,5-9", id="overlap by a byte"),
        pytest.param("bytes=-5,0-6", id="overlap out of order"),
        pytest.param(f"bytes={','.join(['0-'] * 100)}", id="a hundred wholes"),
        pytest.param(f"bytes={','.join(['0-0'] * 250_000)}", id="a megabyte of ranges"),
        pytest.param(f"bytes={',' * 1_000_000}", id="a megabyte of commas"),
        pytest.param(f"bytes={'5-,' * 100_000}x", id="malformed at the end"),
    ],
)
def test_line_22_overlaps_and_endless_sets_are_answered_with_the_whole(client: Client, field: str) -> None:
    assert_ranged(client.get(DIGITS, {"Range": field}), 200)


@every_construction
@pytest.mark.parametrize("name", ["lib.js", "large.bin"])
@pytest.mark.parametrize("coding", ["identity", "br"])
def test_line_23_a_206_carries_what_the_200_would(
    shared_tree: Path, construction: str, name: str, coding: str
) -> None:
    client = serve(shared_tree, add_headers_function=add_headers, construction=construction)
    whole = client.get(PREFIX + name, {"Accept-Encoding": coding})
    answer = client.get(PREFIX + name, {"Accept-Encoding": coding, "Range": "bytes=100-149"})
    assert answer.status == 206
    length = len(whole.body)
    assert answer.fields == {
        **whole.fields,
        "content-length": "50",
        "content-range": f"bytes 100-149/{length}",
    }
    assert answer.body == whole.body[100:150]


@pytest.mark.parametrize("path", [DIGITS, LARGE], ids=["small", "large"])
def test_line_24_several_ranges_are_multipart_and_one_never_is(client: Client, path: str) -> None:
    whole = client.get(path)
    answer = client.get(path, {"Range": "bytes=8-9, 0-0, -4"} if path == LARGE else {"Range": "bytes=8-9,0-0"})
    assert answer.status == 206
    assert answer.headers["Content-Range"] is None
    media_type = answer.headers["Content-Type"]
    assert media_type is not None
    assert media_type.startswith("multipart/byteranges; boundary=")
    changed = {"content-type", "content-length"}
    assert {k: v for k, v in answer.fields.items() if k not in changed} == {
        k: v for k, v in whole.fields.items() if k not in changed
    }
    for part in answer.parts:
        assert part.media_type == whole.headers["Content-Type"]
        assert part.complete == len(whole.body)
        assert part.data == whole.body[part.start : part.stop]
    assert [part.start for part in answer.parts][:2] == [8, 0]
    again = client.get(path, {"Range": "bytes=8-9, 0-0"})
    assert again.headers["Content-Type"] != media_type
    single = client.get(path, {"Range": "bytes=8-9, 99999999-"})
    assert single.headers["Content-Type"] == whole.headers["Content-Type"]
    assert single.headers["Content-Range"] == f"bytes 8-9/{len(whole.body)}"


@pytest.mark.parametrize("path", EVERY_PATH)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_line_25_every_200_accepts_ranges(client: Client, path: str, method: str) -> None:
    assert client.request(method, path).headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("coding", BODIES)
def test_line_26_a_range_is_of_the_selected_representation(client: Client, coding: str) -> None:
    fields = {"Accept-Encoding": coding, "Range": "bytes=10-19,30-"}
    answer = client.get(LIB, fields)
    assert answer.status == 206
    assert answer.headers["Content-Encoding"] == (None if coding == "identity" else coding)
    assert [part.data for part in answer.parts] == [BODIES[coding][10:20], BODIES[coding][30:]]
    assert {part.complete for part in answer.parts} == {len(BODIES[coding])}
    for other in BODIES:
        tag = client.get(LIB, {"Accept-Encoding": other}).etag
        expected = 206 if other == coding else 200
        assert client.get(LIB, {**fields, "If-Range": tag}).status == expected


# Accept-Encoding and Vary


@pytest.mark.parametrize(
    ("field", "coding"),
    [
        pytest.param("", "identity", id="27 empty"),
        pytest.param("deflate", "identity", id="28 none of ours"),
        pytest.param("gzip", "gzip", id="28 one"),
        pytest.param("gzip, br, zstd", SMALLEST, id="28 a tie goes to the smaller body"),
        pytest.param("gzip;q=0.9, br;q=0.8, zstd;q=0.7", "gzip", id="28 highest q"),
        pytest.param("br;q=0.001", "br", id="28 identity unlisted is below any listed one"),
        pytest.param("gzip;q=0.5, identity;q=0.9", "identity", id="28 identity listed ranks by its q"),
        pytest.param("gzip;q=0.5, identity;q=0.4", "gzip", id="28 identity listed below"),
        pytest.param("br;q=0, gzip", "gzip", id="29 q=0"),
        pytest.param("br;q=0.0, zstd;q=0.000, gzip;q=0.1", "gzip", id="29 0.0 and 0.000"),
        pytest.param("br ; Q=0, zstd\t;\tq=0., gzip", "gzip", id="29 upper case and space"),
        pytest.param("gzip;q=0", "identity", id="29 nothing else listed"),
        pytest.param("*", SMALLEST, id="30 star"),
        pytest.param("br;q=0, zstd;q=0, *", "gzip", id="30 star does not cover what is excluded"),
        pytest.param("gzip, *;q=0.5", "gzip", id="30 star below a listed one"),
        pytest.param("gzip;q=0.2, *;q=0.5", SMALLEST, id="30 star above a listed one"),
        pytest.param("*;q=0", "identity", id="31 nothing is acceptable"),
        pytest.param("identity;q=0", "identity", id="31 identity excluded, nothing listed"),
        pytest.param("identity;q=0, *", SMALLEST, id="31 identity excluded, star"),
        pytest.param("identity;q=0, gzip;q=0.1", "gzip", id="31 identity excluded, one listed"),
        pytest.param("GZip", "gzip", id="32 case"),
        pytest.param("x-gzip", "gzip", id="32 x-gzip"),
        pytest.param("bro, gzipped, xgzip, zstandard", "identity", id="32 whole tokens"),
        pytest.param("br;q=high, gzip;q=0.1", "gzip", id="33 a malformed q drops the member"),
        pytest.param("br;q=1.1, zstd;q=0.1234, gzip;q=0.1", "gzip", id="33 q out of range"),
        pytest.param("br;q=-1, gzip;q=0.1", "gzip", id="33 negative"),
        pytest.param("b r, gzip", "gzip", id="33 no token"),
        pytest.param("gzip;q=1" + " " * 100_000 + "x", "identity", id="33 linear in space"),
        pytest.param("gzip," * 200_000, "gzip", id="33 linear in members"),
    ],
)
def test_lines_27_to_33_accept_encoding_selects(client: Client, field: str, coding: str) -> None:
    answer = client.get(LIB, {"Accept-Encoding": field})
    assert answer.headers["Content-Encoding"] == (None if coding == "identity" else coding)
    assert answer.body == BODIES[coding]


def test_line_27_an_absent_accept_encoding_is_identity(client: Client) -> None:
    answer = client.get(LIB)
    assert (answer.headers["Content-Encoding"], answer.body) == (None, FILES["lib.js"])


@pytest.mark.parametrize("coding", BODIES)
@pytest.mark.parametrize(
    ("method", "fields", "status"),
    [
        ("GET", {}, 200),
        ("HEAD", {}, 200),
        ("GET", {"Range": "bytes=1-2"}, 206),
        ("GET", {"Range": "bytes=1-2,5-6"}, 206),
        ("GET", {"Range": "bytes=999999-"}, 416),
        ("GET", {"If-None-Match": "*"}, 304),
        ("HEAD", {"If-None-Match": "*"}, 304),
        ("GET", {"If-Match": '"other"'}, 412),
    ],
)
def test_line_34_every_answer_of_a_coded_url_varies(
    client: Client, coding: str, method: str, fields: dict[str, str], status: int
) -> None:
    answer = client.request(method, LIB, {"Accept-Encoding": coding, **fields})
    assert answer.status == status
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_line_34_a_url_without_codings_does_not_vary(client: Client) -> None:
    for path in (DIGITS, LARGE, EMPTY, PREFIX + "picture.png"):
        assert client.get(path, {"Accept-Encoding": "br"}).headers["Vary"] is None


@every_construction
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("Cookie", "Cookie, Accept-Encoding"),
        ("Origin, accept-encoding", "Origin, accept-encoding"),
        ("*", "*"),
    ],
)
def test_line_34_vary_is_merged_with_the_users(
    shared_tree: Path, construction: str, given: str, sent: str
) -> None:
    def vary(headers: Headers, path: str, url: str) -> None:
        headers["Vary"] = given

    client = serve(shared_tree, add_headers_function=vary, construction=construction)
    assert client.get(LIB).headers["Vary"] == sent
    assert client.get(DIGITS).headers["Vary"] == given


def test_line_35_codings_share_the_type_and_content_and_differ_in_tag(client: Client) -> None:
    answers = [client.get(LIB, {"Accept-Encoding": coding}) for coding in BODIES]
    assert {answer.headers["Content-Type"] for answer in answers} == {"text/javascript; charset=utf-8"}
    assert {answer.content for answer in answers} == {FILES["lib.js"]}
    assert len({answer.etag for answer in answers}) == len(BODIES)


@pytest.mark.parametrize("name", ["empty.txt", "one.txt", "digits.txt", "picture.png", "large.bin"])
def test_line_36_what_does_not_shrink_by_a_twentieth_is_never_coded(client: Client, name: str) -> None:
    for coding in ("br", "gzip", "zstd"):
        assert client.get(PREFIX + name, {"Accept-Encoding": coding}).headers["Content-Encoding"] is None


@pytest.mark.parametrize("name", ["app.css", "app.js", "page.html", "data.json", "logo.svg"])
@pytest.mark.parametrize("coding", ["br", "gzip", "zstd"])
def test_line_36_at_startup_text_is_coded(clients: dict[str, Client], name: str, coding: str) -> None:
    answer = clients["default"].get(PREFIX + name, {"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert answer.content == FILES[name]
    assert len(answer.body) <= 0.95 * len(FILES[name])


@every_construction
def test_line_36_a_sibling_that_is_hardly_smaller_is_not_sent(tmp_path: Path, construction: str) -> None:
    noise = FILES["picture.png"] + bytes(150)
    coded = brotli.compress(noise)
    assert 0.95 < len(coded) / len(noise) < 1
    client = serve(plant(tmp_path, {"noise.bin": noise, "noise.bin.br": coded}), construction=construction)
    answer = client.get(f"{PREFIX}noise.bin", {"Accept-Encoding": "br"})
    assert (answer.body, answer.headers["Content-Encoding"]) == (noise, None)


# Dates


@pytest.mark.parametrize(
    ("date", "status"),
    [
        (MODIFIED_DATE, 304),
        ("Tuesday, 14-Nov-23 22:13:20 GMT", 304),
        ("Tue Nov 14 22:13:20 2023", 304),
        ("Tue, 14 Nov 2023 22:13:20 +0100", 200),
        ("Tue, 14 Nov 2023 22:13:20 UTC", 200),
        ("Tue, 14 Nov 2023 22:13:20", 200),
        ("tue, 14 nov 2023 22:13:20 gmt", 200),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 200),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 304),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 200),
        (f"Fri, 31 Dec {'9' * 40} 23:59:59 GMT", 200),
        ("Fri, 31 Feb 2025 23:59:59 GMT", 200),
        ("Fri, 31 Dec 2025 24:00:00 GMT", 200),
        ("", 200),
        ("0", 200),
    ],
)
def test_line_37_dates_come_in_three_forms_and_gmt(client: Client, date: str, status: int) -> None:
    assert client.get(DIGITS, {"If-Modified-Since": date}).status == status


def test_line_37_dates_go_out_as_imf_fixdate(client: Client) -> None:
    sent = client.get(DIGITS).headers["Last-Modified"]
    assert sent == MODIFIED_DATE
    assert parsedate_to_datetime(sent).timestamp() == MODIFIED


# Methods


@pytest.mark.parametrize("path", [DIGITS, LARGE, LIB, PREFIX + "docs", PREFIX + "docs/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_line_38_an_unsafe_method_is_405_with_allow(client: Client, path: str, method: str) -> None:
    answer = client.request(method, path)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["get", "Head", "GET ", "", "BREW", "G\xcbT"])
def test_line_38_methods_are_told_apart_by_case_and_unknown_ones_refused(
    clients: dict[str, Client], method: str
) -> None:
    unvalidated = Client(clients["default"].application, validated=False)
    answer = unvalidated.request(method, DIGITS)
    assert answer.status == 405
    assert answer.body == b"405 Method Not Allowed\n"


@pytest.mark.parametrize("path", EVERY_PATH)
@pytest.mark.parametrize("fields", [{}, {"Accept-Encoding": "gzip, br"}, {"If-None-Match": '"other"'}])
def test_line_38_head_has_the_headers_of_get(client: Client, path: str, fields: dict[str, str]) -> None:
    assert client.head(path, fields).headers.items() == client.get(path, fields).headers.items()


@every_construction
def test_line_38_head_reads_no_byte_of_a_body(
    tree: Path, monkeypatch: pytest.MonkeyPatch, construction: str
) -> None:
    client = serve(tree, construction=construction)

    class Unread(FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("a body was read")

    monkeypatch.setattr("whitemedia.assets.files.FileIO", Unread)
    for path in (DIGITS, LARGE, LIB):
        assert client.head(path, {"Accept-Encoding": "br"}).status == 200
    with pytest.raises(AssertionError, match="a body was read"):
        client.get(LARGE)


@pytest.mark.parametrize("construction", ["default", "compress=off"])
def test_line_38_what_is_held_is_answered_without_opening_a_file(
    clients: dict[str, Client], monkeypatch: pytest.MonkeyPatch, construction: str
) -> None:
    client = clients[construction]
    tag = client.get(DIGITS).etag

    def refuse(*args: object, **kwargs: object) -> int:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(os, "open", refuse)
    assert client.head(DIGITS).status == 200
    assert client.get(DIGITS).body == FILES["digits.txt"]
    assert client.get(DIGITS, {"Range": "bytes=1-2,5-6"}).status == 206
    assert client.get(DIGITS, {"If-None-Match": tag}).status == 304
    assert client.get(LIB, {"Accept-Encoding": "gzip"}).body == GZIP_LIB


@pytest.mark.parametrize("path", [DIGITS, LARGE, LIB])
def test_line_38_options_says_what_is_allowed_and_to_whom(client: Client, path: str) -> None:
    answer = client.request("OPTIONS", path)
    assert answer.status == 204
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@every_construction
def test_line_38_unsafe_methods_can_be_the_applications(shared_tree: Path, construction: str) -> None:
    client = serve(shared_tree, unsafe_methods="pass", index_file=True, construction=construction)
    for path in (DIGITS, PREFIX + "docs", PREFIX + "docs/"):
        assert client.request("POST", path).is_the_applications
        assert client.request("OPTIONS", path).status == 204
        assert not client.get(path).is_the_applications


# General


@pytest.mark.parametrize("path", EVERY_PATH)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("accepted", ["identity", "br", "gzip"])
@pytest.mark.parametrize(
    "fields",
    [{}, {"Range": "bytes=0-0"}, {"Range": "bytes=0-0,2-3"}, {"Range": "bytes=99999999-"}, {"If-Match": '""'}],
)
def test_lines_39_and_40_every_branch_sends_what_it_declares_and_leaves_nothing_open(
    client: Client, path: str, method: str, accepted: str, fields: dict[str, str]
) -> None:
    before = open_descriptors()
    client.request(method, path, {"Accept-Encoding": accepted, **fields})  # which judges the length
    assert open_descriptors() == before


@pytest.mark.parametrize("blocks", [0, 1, 2])
@pytest.mark.parametrize("field", ["bytes=0-", "bytes=0-9,700000-"], ids=["one", "several"])
def test_line_40_a_client_that_leaves_leaves_nothing_open(client: Client, blocks: int, field: str) -> None:
    before = open_descriptors()
    body = client.application(make_environ("GET", LARGE, {"Range": field}), lambda *_: lambda _: None)
    assert open_descriptors() == before + 1
    iterator = iter(body)
    for _ in range(blocks):
        next(iterator)
    body.close()  # type: ignore[attr-defined]
    assert open_descriptors() == before


@pytest.mark.parametrize(("path", "location"), [("docs", "docs/"), ("docs/index.html", "./")])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("query", "suffix"),
    [("", ""), ("a=1&b=%2F", "?a=1&b=%2F"), ("x=a b", "?x=a%20b"), ("\r\nX: 1", "?%0D%0AX:%201"), ("é", "?%E9")],
)
def test_line_41_an_index_redirect_is_relative_and_keeps_the_query(
    client: Client, path: str, location: str, *, method: str, query: str, suffix: str
) -> None:
    answer = client.request(method, PREFIX + path, QUERY_STRING=query)
    assert answer.status == 302
    assert answer.fields == {
        "location": location + suffix,
        "content-type": "text/plain; charset=utf-8",
        "content-length": "0",
        "x-content-type-options": "nosniff",
        "cache-control": "max-age=60, public",
        "access-control-allow-origin": "*",
    }


@every_construction
@pytest.mark.parametrize("name", ["\\evil.example", "evil:example", "a b", "é", "%2F", "?", "#", "evil.example"])
@pytest.mark.parametrize("prefix", ["/", "/static/"])
def test_line_41_a_redirect_never_leads_to_another_authority(
    tmp_path: Path, construction: str, name: str, prefix: str
) -> None:
    client = serve(
        plant(tmp_path, {f"{name}/index.html": b"index"}), prefix, index_file=True, construction=construction
    )
    location = client.get(prefix + name).headers["Location"]
    assert location is not None
    assert location.endswith("/")
    assert set(location[:-1]) <= set("%.-_~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    assert client.get(f"{prefix}{name}/").body == b"index"


def test_line_41_unlike_whitenoise_a_redirect_is_for_get_and_head_only(client: Client) -> None:
    assert client.request("POST", PREFIX + "docs").status == 405


@pytest.mark.parametrize("script_name", ["", "/mounted", "/mounted/deeper"])
def test_line_42_mounts_do_not_matter(client: Client, script_name: str) -> None:
    assert client.get(DIGITS, SCRIPT_NAME=script_name).body == FILES["digits.txt"]
    assert client.get(PREFIX + "docs", SCRIPT_NAME=script_name).headers["Location"] == "docs/"
    assert client.get(f"{script_name}/other{DIGITS}", SCRIPT_NAME=script_name).is_the_applications


@every_construction
@pytest.mark.parametrize(
    ("script_name", "location"), [("/mounted", "mounted/"), ("/a/b", "b/"), ("//evil.example", "evil.example/")]
)
def test_line_42_the_mount_point_without_its_slash_leads_to_its_index(
    shared_tree: Path, construction: str, script_name: str, location: str
) -> None:
    client = serve(shared_tree / "docs", "/", index_file=True, construction=construction)
    answer = client.get("", SCRIPT_NAME=script_name)
    assert (answer.status, answer.headers["Location"]) == (302, location)


@pytest.mark.parametrize(
    "path_info",
    [
        "/static/\xff\xfe",
        "/static/\xc3",
        "/static/\udcff",
        "/static/\u20ac",
        "/static/" + "x" * 1_000_000,
        "/\0",
        "",
    ],
    ids=ascii,
)
def test_line_43_a_path_that_is_no_text_or_has_no_end_goes_to_the_application(
    client: Client, path_info: str
) -> None:
    assert client.get("/", PATH_INFO=path_info).is_the_applications


@pytest.mark.parametrize(
    ("spelling", "other"),
    [
        ("/static/digits.txt", "/%73tatic/d%69gits%2Etxt"),
        ("/static/docs/%C3%BCber%20uns.txt", "/static/docs/%c3%bcber%20uns.txt"),
        ("/static/docs/%C3%BCber%20uns.txt", "/static/docs/über uns.txt"),
    ],
)
def test_line_43_percent_spellings_of_one_path_have_one_answer(client: Client, spelling: str, other: str) -> None:
    one, two = (call(client.application, create_environ(path)) for path in (spelling, other))
    assert one.status == two.status == 200
    assert (one.headers.items(), one.body) == (two.headers.items(), two.body)


@pytest.mark.parametrize(
    ("method", "path", "fields", "status"),
    [
        ("GET", DIGITS, {}, 200),
        ("GET", DIGITS, {"Range": "bytes=0-1"}, 206),
        ("GET", DIGITS, {"Range": "bytes=0-1,5-6"}, 206),
        ("GET", PREFIX + "docs", {}, 302),
        ("GET", DIGITS, {"If-None-Match": "*"}, 304),
        ("OPTIONS", DIGITS, {}, 204),
        ("GET", PREFIX + ".env", {}, 404),
        ("POST", DIGITS, {}, 405),
        ("GET", DIGITS, {"If-Match": '"other"'}, 412),
        ("GET", DIGITS, {"Range": "bytes=50-"}, 416),
    ],
)
def test_line_44_nosniff_is_everywhere(
    client: Client, method: str, path: str, fields: dict[str, str], status: int
) -> None:
    answer = client.request(method, path, fields)
    assert answer.status == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("digits.txt", "text/plain; charset=utf-8"),
        ("app.css", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("page.html", "text/html; charset=utf-8"),
        ("data.json", "application/json"),
        ("logo.svg", "image/svg+xml"),
        ("picture.png", "image/png"),
    ],
)
def test_line_45_text_has_a_charset_and_nothing_else_has(client: Client, name: str, media_type: str) -> None:
    assert client.get(PREFIX + name).headers["Content-Type"] == media_type
