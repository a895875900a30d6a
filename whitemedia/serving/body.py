"""Sending a response through WSGI (PEP 3333): what is in memory as a list, a file through `wsgi.file_wrapper`.

A body never has more or fewer bytes than declared, and never those of two states of a file: where a file changes
while it is sent, reading raises and the server closes the connection, which tells the client. Hence no reader
here has a `fileno`: a server's sendfile would neither notice nor, on some, respect a range.
"""

from __future__ import annotations

import errno
import functools
import importlib
import io
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from whitemedia.assets.representation import LARGE, PackedResponse
from whitemedia.http.response import Response
from whitemedia.serving.response import FileResponse, Span

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BLOCK: Final = 256 * 1024
"""Bytes read at a time: servers' own default of 8 KiB costs half of their throughput."""

_log = logging.getLogger("whitemedia")


class BodyReader:
    """The file-like object for `wsgi.file_wrapper`: `read` and `close`, bounded by what was declared."""

    def __init__(self, response: FileResponse) -> None:
        self._parts = iter(response.parts)
        self._part: bytes | Span = b""
        self._response = response

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size` if that is not negative; b"" at the end.

        Raises ConnectionResetError if the file has changed.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(BLOCK), b""))
        while not self._part or (isinstance(self._part, Span) and self._part.start == self._part.stop):
            part = next(self._parts, None)
            if part is None:
                return b""
            self._part = part
            if isinstance(part, Span):
                part.opened.file.seek(part.start)
        if isinstance(self._part, Span):
            return self._read_span(self._part, size)
        data, self._part = self._part[:size], self._part[size:]
        return data

    def close(self) -> None:
        """Close the file."""
        self._response.close()

    def _read_span(self, span: Span, size: int) -> bytes:
        data = span.opened.file.read(min(size, span.stop - span.start))
        if (not data and size) or span.opened.is_rewritten():
            self.close()
            _log.warning("%r changed while it was sent: its connection is closed", span.opened.file.name)
            raise ConnectionResetError(errno.ECONNRESET, "file changed while it was sent")
        self._part = span._replace(start=span.start + len(data))
        return data


def send_wsgi(response: Response, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Start the response and return its body. Headers go as a fresh list: servers may change it."""
    if type(response) is FileResponse:
        return _send_file(response, environ, start_response)
    body = response.packed.read() if type(response) is PackedResponse else response.body
    start_response(response.status, list(response.headers))
    if body is None:
        return []
    if len(body) >= LARGE and _spools(environ.get("wsgi.file_wrapper")):
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](io.BytesIO(body), BLOCK)
        return wrapped
    return [body]


def _spools(wrapper: object) -> bool:
    """Whether it is waitress's: that copies bytes to a temporary file when they are many, but not what it wraps."""
    return getattr(wrapper, "__module__", None) == "waitress.buffers"


def _send_file(response: FileResponse, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    try:
        start_response(response.status, list(response.headers))
        wrap = environ.get("wsgi.file_wrapper") or _file_wrapper()
        wrapped: Iterable[bytes] = wrap(BodyReader(response), BLOCK)
    except BaseException:
        response.close()
        raise
    return wrapped


@functools.cache
def _file_wrapper() -> Any:
    """Werkzeug's, for servers that have none: loaded only then, for it brings 9 MB."""
    return importlib.import_module("werkzeug.wsgi").FileWrapper
