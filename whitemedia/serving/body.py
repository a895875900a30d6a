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
import os
import sys
from bisect import bisect_right
from collections.abc import Iterable
from contextlib import closing, suppress
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from whitemedia.assets.representation import LARGE, PackedResponse
from whitemedia.http.response import Response
from whitemedia.serving.response import FileResponse, Span

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BLOCK: Final = 1024 * 1024
"""Bytes of a file that are read at a time: servers' own default of 8 KiB costs half of their throughput."""

SHARED_BLOCK: Final = 256 * 1024
"""The same where there may be as many blocks in memory as there are clients, however slow, not as there are threads."""

_CHANGED: Final = "file changed while it was sent"
_log = logging.getLogger("whitemedia")


class BodyReader:
    """The file-like object for `wsgi.file_wrapper`: of as many bytes as were declared, from all parts of a response.

    It can seek, for waitress reads a file that can only when its client takes more, and copies any other at once.
    """

    def __init__(self, response: FileResponse) -> None:
        self._response = response
        self._starts = list(accumulate(map(_length, response.parts), initial=0))
        self._position = 0
        self._file_position = -1
        self._is_changed = False

    @property
    def length(self) -> int:
        return self._starts[-1]

    def seekable(self) -> bool:
        """Whether going back costs nothing, as it may where an application's stream decompresses."""
        return isinstance(self._response.opened.file, io.FileIO)

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to `offset`, as for any file, but not beyond the ends."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.length}[whence]
        self._position = min(max(base + offset, 0), self.length)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size` if that is not negative; b"" at the end.

        Raises ConnectionResetError if the file has changed, another OSError if it cannot be read.
        """
        try:
            return self.take_all() if size < 0 else self.take(size)
        except OSError as error:
            if isinstance(error, ConnectionResetError) and not self._is_changed:  # some servers try again
                self._is_changed = True
                self.close()
                name = self._response.opened.file.name
                _log.warning("%r changed while it was sent: its connection is closed", name)
            _disconnect()
            raise

    def take_all(self) -> bytes:
        """`read` to the end, without telling the log."""
        return b"".join(iter(lambda: self.take(BLOCK), b""))

    def take(self, size: int) -> bytes:
        """`read` without telling the log."""
        number = bisect_right(self._starts, self._position) - 1
        if number == len(self._response.parts):
            return b""
        part, offset = self._response.parts[number], self._position - self._starts[number]
        if isinstance(part, Span):
            data = self._take_from_file(part.start + offset, min(size, part.stop - part.start - offset))
        else:
            data = part[offset : offset + size]
        self._position += len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._response.close()

    def _take_from_file(self, start: int, size: int) -> bytes:
        opened = self._response.opened
        if self._is_changed:
            raise ConnectionResetError(errno.ECONNRESET, _CHANGED)
        if start != self._file_position:
            opened.file.seek(start)
        data = opened.file.read(size)
        if (not data and size) or opened.is_rewritten():
            raise ConnectionResetError(errno.ECONNRESET, _CHANGED)
        self._file_position = start + len(data)
        return data


def hold(response: FileResponse, environ: WSGIEnvironment) -> Response | None:
    """What is not longer than a block is read at once: no server waits between head and body then, as uWSGI does.

    None if the file changed meanwhile. Raises OSError.
    """
    reader = BodyReader(response)
    if reader.length > block_length(environ):
        return response
    with closing(reader):
        try:
            return response.holding(reader.take_all())
        except ConnectionResetError:
            return None


def send_wsgi(response: Response, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Start the response and return its body. Headers go as a fresh list: servers may change it."""
    if type(response) is FileResponse:
        return _send_file(response, environ, start_response)
    body = response.packed.read() if isinstance(response, PackedResponse) else response.body
    start_response(response.status, list(response.headers))
    if body is None:
        return [b""]  # some servers (Hypercorn) send the head only with a first item
    if len(body) >= LARGE and spools(environ.get("wsgi.file_wrapper")):
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](io.BytesIO(body), BLOCK)
        return wrapped
    return [body]


def spools(wrapper: object) -> bool:
    """Whether it is waitress's: that copies bytes to a temporary file when they are many, but not what it wraps."""
    return getattr(wrapper, "__module__", None) == "waitress.buffers"


def _send_file(response: FileResponse, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    try:
        start_response(response.status, list(response.headers))
        wrap = environ.get("wsgi.file_wrapper") or _file_wrapper()
        wrapped: Iterable[bytes] = wrap(BodyReader(response), block_length(environ))
    except BaseException:
        response.close()
        raise
    return wrapped


def block_length(environ: WSGIEnvironment) -> int:
    """Bytes to read at a time. Greenlets, and what has no wrapper (granian), begin as many bodies as there are clients."""
    is_shared = "wsgi.file_wrapper" not in environ or "gevent" in sys.modules or "eventlet" in sys.modules
    return SHARED_BLOCK if is_shared else BLOCK


def _disconnect() -> None:
    """Under uWSGI, which would send the next answer after what there is of a body that fails: end the connection."""
    uwsgi: Any = sys.modules.get("uwsgi")
    if uwsgi is None:
        return
    socket = importlib.import_module("socket")  # not needed elsewhere
    with suppress(OSError), socket.socket(fileno=os.dup(uwsgi.connection_fd())) as connection:
        connection.shutdown(socket.SHUT_RDWR)


def _length(part: bytes | Span) -> int:
    return part.stop - part.start if isinstance(part, Span) else len(part)


@functools.cache
def _file_wrapper() -> Any:
    """Werkzeug's, for servers that have none: loaded only then, for it brings 9 MB."""
    return importlib.import_module("werkzeug.wsgi").FileWrapper
