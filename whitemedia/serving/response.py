"""A response whose body is read from an open file while it is sent."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from whitemedia.assets.files import Opened
from whitemedia.assets.representation import LARGE, LargeResponse
from whitemedia.http.response import Header, Response


class Span(NamedTuple):
    """Half-open [start, stop) of an open file."""

    opened: Opened
    start: int
    stop: int


class FileResponse(Response):
    """A response made of bytes and spans of `opened`, one after the other; whoever holds it sends or closes it."""

    __slots__ = ("opened", "parts")

    def __init__(
        self, status: HTTPStatus, headers: tuple[Header, ...], opened: Opened, parts: tuple[bytes | Span, ...]
    ) -> None:
        super().__init__(status, headers)
        self.opened = opened
        self.parts = parts

    def with_headers(self, headers: tuple[Header, ...]) -> FileResponse:
        """The same with other headers, which takes the place of this one."""
        other = FileResponse.__new__(FileResponse)
        other.status, other.headers, other.body = self.status, headers, self.body
        other.opened, other.parts = self.opened, self.parts
        return other

    def holding(self, body: bytes) -> Response:
        """The same with its bytes in memory, which were read."""
        other = Response.__new__(LargeResponse if len(body) >= LARGE else Response)
        other.status, other.headers, other.body = self.status, self.headers, body
        return other

    def close(self) -> None:
        """Close the file; further calls do nothing."""
        self.opened.close()
