"""Lines 12 to 26: which bytes a range gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import FILES, GZIP_LIB, PREFIX, Client, every_construction, serve
from tests.rules import BODIES, DIGITS, EMPTY, EVERY_PATH, LARGE, LIB, Expected, Ranged, add_headers, assert_ranged


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
