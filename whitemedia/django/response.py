"""Our responses as Django's: its middleware may look at them, and add fields, as at any other."""

from __future__ import annotations

import asyncio
import functools
import io
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase, ResponseHeaders

from whitemedia.assets.representation import LARGE, PackedResponse
from whitemedia.http.response import Header, Response
from whitemedia.serving.body import SHARED_BLOCK, BodyReader, block_length, spools
from whitemedia.serving.response import FileResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class PreparedHeaders(ResponseHeaders):
    """Fields that were checked before: a copy of what Django keeps of them, which costs a tenth of checking them again."""

    def __init__(self, headers: tuple[Header, ...]) -> None:
        self._store = _kept(headers).copy()


class HeldResponse(HttpResponse):
    """An answer whose body is in memory, without the fields that Django gives to what views make."""

    def __init__(self, response: Response, body: bytes) -> None:
        super().__init__(body, "-", _code(response.status))
        self.headers = PreparedHeaders(response.headers)


class StreamedResponse(StreamingHttpResponse):
    """An answer that is read from `file_to_stream` while it is sent: by the server's `wsgi.file_wrapper` if it has one."""

    def __init__(self, response: Response, file: Any, block_size: int) -> None:
        self.file_to_stream = file
        self.block_size = block_size
        super().__init__(_Blocks(file, block_size), "-", _code(response.status))
        self.headers = PreparedHeaders(response.headers)


class AsyncResponse(StreamingHttpResponse):
    """An answer that is read from a file while it is sent, without keeping the event loop waiting."""

    def __init__(self, response: FileResponse) -> None:
        super().__init__(_AsyncBlocks(BodyReader(response)), "-", _code(response.status))
        self.headers = PreparedHeaders(response.headers)


def render(response: Response, environ: WSGIEnvironment) -> HttpResponseBase:
    """The response, for a server that speaks WSGI."""
    if type(response) is FileResponse:
        return StreamedResponse(response, BodyReader(response), block_length(environ))
    body = _held(response)
    if len(body) >= LARGE and spools(environ.get("wsgi.file_wrapper")):
        return StreamedResponse(response, _Buffer(body), len(body))
    return HeldResponse(response, body)


def render_async(response: Response) -> HttpResponseBase:
    """The response, for a server that speaks ASGI."""
    return AsyncResponse(response) if type(response) is FileResponse else HeldResponse(response, _held(response))


def take_over(response: HttpResponseBase, replaced: HttpResponseBase) -> HttpResponseBase:
    """`response` in the place of a view's: what that is to close is closed when this one is, not in between."""
    response._resource_closers += replaced._resource_closers  # noqa: SLF001 - to close it now would end the request
    return response


class _Buffer(io.BytesIO):
    """Bytes as a file, whose `close` Django may replace."""


class _Blocks:
    """The blocks of a file; closed by whoever closes the response."""

    def __init__(self, file: Any, length: int) -> None:
        self._blocks = iter(functools.partial(file.read, length), b"")
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks


class _AsyncBlocks:
    """The same, each read in a thread; a client that leaves has it closed when no thread reads any more."""

    def __init__(self, reader: BodyReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._is_closed = False

    def __aiter__(self) -> _AsyncBlocks:
        return self

    async def __anext__(self) -> bytes:
        data = await asyncio.to_thread(self._read)
        if not data:
            raise StopAsyncIteration
        return data

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._reader.close()

    def _read(self) -> bytes:
        with self._lock:
            return b"" if self._is_closed else self._reader.read(SHARED_BLOCK)


def _held(response: Response) -> bytes:
    body = response.packed.read() if isinstance(response, PackedResponse) else response.body
    return body or b""


@functools.lru_cache(maxsize=4096)
def _kept(headers: tuple[Header, ...]) -> dict[str, tuple[str, str]]:
    """Fields as Django keeps them; of one that is there twice it keeps both in one (RFC 9110, section 5.3)."""
    fields = ResponseHeaders({})
    for name, value in headers:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    store: dict[str, tuple[str, str]] = fields._store  # noqa: SLF001
    return store


@functools.cache
def _code(status: str) -> int:
    return int(status[:3])
