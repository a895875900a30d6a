"""Answers that came back: read into parts, decoded, and judged by what must hold of every one."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple
from wsgiref.headers import Headers

import brotli

from whitemedia.assets.codings import CODINGS

if TYPE_CHECKING:
    pass


_CONTENT_RANGE: Final = re.compile(r"bytes ([0-9]+)-([0-9]+)/([0-9]+)")


_MULTIPART: Final = re.compile(r"multipart/byteranges; boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})")


class Part(NamedTuple):
    """One range of a 206: half-open [start, stop) of `complete` bytes."""

    start: int
    stop: int
    complete: int
    media_type: str | None
    data: bytes


class Answer(NamedTuple):
    """What came back. `headers[name]` is None where a field is absent."""

    status: int
    headers: Headers
    body: bytes

    @property
    def is_the_applications(self) -> bool:
        """Whether the request was passed on."""
        return self.headers["X-Application"] is not None

    @property
    def fields(self) -> dict[str, str]:
        """The fields by name in lower case."""
        return {name.lower(): value for name, value in self.headers.items()}

    @property
    def etag(self) -> str:
        """The entity tag, which is there."""
        etag = self.headers["ETag"]
        assert etag is not None
        return etag

    @property
    def content(self) -> bytes:
        """The body without its content coding."""
        return decode(self.headers["Content-Encoding"] or "identity", self.body)

    @property
    def parts(self) -> list[Part]:
        """The ranges of a 206, of one part or of several."""
        media_type = self.headers["Content-Type"] or ""
        if not media_type.startswith("multipart/"):
            return [_part(self.headers["Content-Range"], media_type, self.body)]
        match = _MULTIPART.fullmatch(media_type)
        assert match is not None, media_type
        preamble, *parts, closing = (b"\r\n" + self.body).split(b"\r\n--" + match[1].encode("ascii"))
        assert preamble == b""
        assert closing == b"--\r\n"
        return [_parse_part(part) for part in parts]


def judge(method: str, answer: Answer) -> None:
    """What holds of every answer: no field twice, and as many bytes as declared, none where none may be."""
    fields = answer.fields
    assert len(fields) == len(answer.headers.items())
    if answer.status in (204, 304):
        assert not {"content-length", "content-type", "content-encoding", "transfer-encoding"} & fields.keys()
        assert answer.body == b""
    elif method == "HEAD":
        assert "content-length" in fields
        assert answer.body == b""
    else:
        assert fields["content-length"] == str(len(answer.body))


def check_bytes(answer: Answer, bodies: Mapping[str, bytes]) -> None:
    """A 200 is the whole, and each part of a 206 a span, of the representation whose entity tag the answer has."""
    if answer.status == 200:
        assert answer.body == bodies[answer.etag]
    elif answer.status == 206:
        whole = bodies[answer.etag]
        for part in answer.parts:
            assert part.data == whole[part.start : part.stop]
            assert len(part.data) == part.stop - part.start
            assert part.complete == len(whole)


def decode(coding: str, body: bytes) -> bytes:
    """What a client makes of a coded body."""
    if coding == "identity":
        return body
    if coding == "br":
        return bytes(brotli.decompress(body))
    if coding == "gzip":
        return gzip.decompress(body)
    decoded = CODINGS[1].decode(body, 1 << 24) if coding == "zstd" else None
    assert decoded is not None, coding
    return decoded


def _part(content_range: str | None, media_type: str | None, data: bytes) -> Part:
    match = _CONTENT_RANGE.fullmatch(content_range or "")
    assert match is not None, content_range
    first, last, complete = (int(number) for number in match.groups())
    assert first <= last < complete
    return Part(first, last + 1, complete, media_type, data)


def _parse_part(text: bytes) -> Part:
    head, separator, data = text.partition(b"\r\n\r\n")
    assert separator
    assert head.startswith(b"\r\n")
    lines = [line.partition(": ") for line in head[2:].decode("latin-1").split("\r\n")]
    fields = {name.lower(): value for name, _, value in lines}
    return _part(fields["content-range"], fields.get("content-type"), data)
