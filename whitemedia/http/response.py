"""An answer as a value: status line, header fields, body."""

from __future__ import annotations

from http import HTTPStatus

Header = tuple[str, str]


class Response:
    """Status as WSGI wants it ("200 OK"), headers, and a body that is in memory (None: no body). Never changed."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: HTTPStatus, headers: tuple[Header, ...], body: bytes | None = None) -> None:
        self.status = _STATUS_LINES[status]
        self.headers = headers
        self.body = body

    def with_headers(self, headers: tuple[Header, ...]) -> Response:
        """The same with other headers, for one request."""
        kind = type(self)
        other = kind.__new__(kind)
        other.status, other.headers, other.body = self.status, headers, self.body
        return other


_STATUS_LINES = {status: f"{status.value} {status.phrase}" for status in HTTPStatus}
