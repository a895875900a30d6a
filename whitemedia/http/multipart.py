"""The body of a 206 with several ranges: multipart/byteranges (RFC 9110, section 14.6)."""

from __future__ import annotations

from whitemedia.http.ranges import ByteRange, format_content_range


def format_media_type(boundary: str) -> str:
    """The outer Content-Type."""
    return f"multipart/byteranges; boundary={boundary}"


def format_part_head(boundary: str, media_type: str | None, part: ByteRange, length: int, *, first: bool) -> bytes:
    """What stands before a part's bytes: delimiter and fields. `length` is the complete length."""
    delimiter = f"--{boundary}\r\n" if first else f"\r\n--{boundary}\r\n"
    content_type = f"Content-Type: {media_type}\r\n" if media_type else ""
    return f"{delimiter}{content_type}Content-Range: {format_content_range(part, length)}\r\n\r\n".encode(
        "latin-1"
    )


def format_closing(boundary: str) -> bytes:
    """What stands after the last part."""
    return f"\r\n--{boundary}--\r\n".encode("latin-1")
