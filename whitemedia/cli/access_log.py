"""A line for each request, written when its body is closed: sent whole, cut short, or left by its client.

A field has no space in it, and everything in it that is not printable ASCII is percent-encoded: a request can
neither forge a line nor drive the terminal that shows it. The bytes are those of the body that the server took.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from whitemedia.http.paths import with_query

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PATH_SAFE: Final = "!$&'()*+,-./:;=@_~"
_WORD_SAFE: Final = _PATH_SAFE + '%[]^`{|}#?\\"<>'


class AccessLog:
    """A WSGI application that passes everything to `application`, and a line on each request to `write`."""

    def __init__(self, application: WSGIApplication, write: Callable[[str], None]) -> None:
        self.application = application
        self.requests = 0
        self._write = write
        self._counting = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the application answer."""
        exchange = _Exchange(environ, start_response, self._end)
        file_wrapper = environ.get("wsgi.file_wrapper")
        try:
            body = self.application(environ, exchange.start_response)
        except BaseException:
            exchange.fail()
            exchange.end()
            raise
        if isinstance(file_wrapper, type) and isinstance(body, file_wrapper) and hasattr(body, "seek"):
            return _watch(body, exchange)
        return _Sized(body, exchange) if hasattr(body, "__len__") else _Body(body, exchange)

    def _end(self, line: str) -> None:
        with self._counting:
            self.requests += 1
        self._write(line)


class _Exchange:
    """A request and what is known of its answer."""

    def __init__(
        self, environ: WSGIEnvironment, start_response: StartResponse, tell: Callable[[str], None]
    ) -> None:
        self._asked = _describe(environ)  # now, for the application may change the environ
        self._started = time.perf_counter()
        self._start_response = start_response
        self._tell: Callable[[str], None] | None = tell
        self._status = "-"
        self.sent = 0

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None
    ) -> Callable[[bytes], object]:
        """The server's, with the status noted and what is written counted."""
        self._status = _word(status[:3])
        write = (
            self._start_response(status, headers, exc_info) if exc_info else self._start_response(status, headers)
        )

        def count(data: bytes) -> None:
            write(data)
            self.sent += len(data)

        return count

    def fail(self) -> None:
        """The application raised: the server answers with a 500 if it has sent nothing yet."""
        if not self.sent:
            self._status = "500"

    def end(self) -> None:
        """Tell of it, once."""
        tell, self._tell = self._tell, None
        if tell is not None:
            milliseconds = (time.perf_counter() - self._started) * 1000
            tell(f"{self._asked} {self._status} {self.sent} bytes {milliseconds:.1f} ms")


class _Body:
    """The application's body, counted; what fails in it is noted."""

    def __init__(self, body: Iterable[bytes], exchange: _Exchange) -> None:
        self._body = body
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        try:
            for data in self._body:
                self._exchange.sent += len(data)
                yield data
        except Exception:
            self._exchange.fail()
            raise

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._exchange.end()


class _Sized(_Body):
    """A body of known length, such as a list of one, which gives servers the Content-Length."""

    def __len__(self) -> int:
        return len(self._body)  # type: ignore[arg-type]


def _watch(body: Any, exchange: _Exchange) -> Iterable[bytes]:
    """Leave a file to the server, which knows it by its type and reads it as it sends: its position tells how far.

    whitemedia's own files are not of this kind: no server can seek in them, so that they lose nothing in a `_Body`.
    """
    start, close = body.tell(), body.close

    def close_and_tell() -> None:
        del body.close  # it holds this function, and this function holds the body
        with suppress(ValueError):  # the file was closed by others
            exchange.sent += body.tell() - start
        try:
            close()
        finally:
            exchange.end()

    body.close = close_and_tell
    return body  # type: ignore[no-any-return]


def _describe(environ: WSGIEnvironment) -> str:
    path = quote(_octets(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")), safe=_PATH_SAFE)
    target = with_query(path, environ.get("QUERY_STRING", ""))
    return f"{_word(environ.get('REMOTE_ADDR') or '-')} {_word(environ['REQUEST_METHOD'])} {target}"


def _word(text: str) -> str:
    return quote(_octets(text), safe=_WORD_SAFE)


def _octets(text: str) -> bytes:
    return text.encode("latin-1", "replace")
