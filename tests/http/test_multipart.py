"""multipart/byteranges (RFC 9110, section 14.6): what is framed here, another parser takes apart (HTTP.md, line 24)."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.multipart import format_closing, format_media_type, format_part_head
from whitemedia.http.ranges import ByteRange, format_content_range

BOUNDARY = "3d6b6a416f9b5c0f"


def frame(content: bytes, ranges: list[ByteRange], media_type: str | None) -> bytes:
    body = b""
    for part in ranges:
        body += format_part_head(BOUNDARY, media_type, part, len(content), first=not body)
        body += content[part.start : part.stop]
    return body + format_closing(BOUNDARY)


def take_apart(body: bytes) -> list[tuple[list[bytes], bytes]]:
    """Fields and content of each part, by the grammar of RFC 2046, section 5.1.1."""
    delimiter = b"\r\n--" + BOUNDARY.encode()
    preamble, *parts, epilogue = (b"\r\n" + body).split(delimiter)
    assert (preamble, epilogue) == (b"", b"--\r\n")
    heads_and_contents = [part.removeprefix(b"\r\n").partition(b"\r\n\r\n") for part in parts]
    return [(head.split(b"\r\n"), content) for head, _, content in heads_and_contents]


def test_two_parts_are_framed_as_in_section_14_6() -> None:
    """HTTP.md, line 24."""
    ranges = [ByteRange(500, 503), ByteRange(997, 1000)]
    assert frame(b"x" * 500 + b"one" + b"x" * 494 + b"two", ranges, "application/pdf") == (
        b"--3d6b6a416f9b5c0f\r\n"
        b"Content-Type: application/pdf\r\n"
        b"Content-Range: bytes 500-502/1000\r\n"
        b"\r\n"
        b"one\r\n"
        b"--3d6b6a416f9b5c0f\r\n"
        b"Content-Type: application/pdf\r\n"
        b"Content-Range: bytes 997-999/1000\r\n"
        b"\r\n"
        b"two\r\n"
        b"--3d6b6a416f9b5c0f--\r\n"
    )


def test_a_part_of_no_media_type_says_none() -> None:
    head = format_part_head(BOUNDARY, None, ByteRange(0, 1), 10, first=True)
    assert head == b"--3d6b6a416f9b5c0f\r\nContent-Range: bytes 0-0/10\r\n\r\n"


def test_only_the_first_delimiter_begins_the_body() -> None:
    """What stands before a delimiter's CRLF is the content of the part before; the first part has none before it."""
    first, later = (format_part_head(BOUNDARY, "a/b", ByteRange(0, 1), 10, first=first) for first in (True, False))
    assert later == b"\r\n" + first


def test_a_field_beyond_ascii_is_sent_as_latin_1() -> None:
    head = format_part_head(BOUNDARY, "text/plain; x=\xe9", ByteRange(0, 1), 10, first=True)
    assert b"Content-Type: text/plain; x=\xe9\r\n" in head


def test_the_outer_media_type_names_the_boundary() -> None:
    assert format_media_type(BOUNDARY) == "multipart/byteranges; boundary=3d6b6a416f9b5c0f"


def test_the_standard_library_finds_the_same_parts() -> None:
    content = b"0123456789"
    ranges = [ByteRange(0, 2), ByteRange(4, 5), ByteRange(7, 10)]
    outer = f"Content-Type: {format_media_type(BOUNDARY)}\r\n\r\n".encode()
    message = email.message_from_bytes(outer + frame(content, ranges, "image/png"), policy=email.policy.HTTP)
    assert not message.defects
    parts = [(part.get_content_type(), part["Content-Range"], part.get_content()) for part in message.iter_parts()]
    assert parts == [
        ("image/png", format_content_range(part, 10), content[part.start : part.stop]) for part in ranges
    ]


@given(st.binary(min_size=1, max_size=200), st.data())
def test_whatever_the_bytes_every_part_comes_back(content: bytes, data: st.DataObject) -> None:
    places = st.integers(0, len(content))
    bounds = st.lists(places, min_size=2, max_size=2, unique=True).map(sorted)
    ranges = [ByteRange(*pair) for pair in data.draw(st.lists(bounds, min_size=1, max_size=5))]
    expected = [
        (
            [b"Content-Type: a/b", b"Content-Range: " + format_content_range(part, len(content)).encode()],
            content[part.start : part.stop],
        )
        for part in ranges
    ]
    assert take_apart(frame(content, ranges, "a/b")) == expected


@pytest.mark.parametrize("content", [b"\r\n", b"\r\n--", b"--", b"\r\n--other\r\n", b"\r\n\r\n"])
def test_bytes_that_look_like_framing_come_back(content: bytes) -> None:
    whole = [ByteRange(0, len(content))] * 2
    assert [part for _, part in take_apart(frame(content, whole, None))] == [content, content]
