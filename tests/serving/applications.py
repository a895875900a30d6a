"""Applications of every shape that PEP 3333 allows, and a server that records what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from wsgiref.util import FileWrapper

import pytest

from tests.conftest import make_environ
from whitemedia.http.response import Response
from whitemedia.serving.intercept import Decide, intercept

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PIECES = [b"one ", b"two ", b"three"]
INDEX = Response(HTTPStatus.OK, (("Content-Type", "text/html"), ("Content-Length", "5")), b"index")


class ServerError(Exception):
    """What a server says of an application that does wrong."""


class Server:
    """What PEP 3333 asks of a server, and a record of it."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.sent = b""
        self.write = self._write  # one object, to be told from others

    def start_response(self, *arguments: Any) -> Callable[[bytes], object]:
        self.calls.append(arguments)
        if len(arguments) == 3 and self.sent:
            raise arguments[2][1]
        if len(arguments) == 2 and len(self.calls) > 1:
            raise ServerError("headers already set")
        return self.write

    @property
    def status(self) -> object:
        return self.calls[-1][0]

    def serve(self, application: WSGIApplication, environ: WSGIEnvironment | None = None) -> bytes:
        """Call, send all, close."""
        body = application(environ or make_environ("GET", "/"), self.start_response)
        try:
            for item in body:
                self._write(item)
        finally:
            getattr(body, "close", int)()
        return self.sent

    def _write(self, data: bytes) -> None:
        if data and not self.calls:
            raise ServerError("start_response was not called")
        self.sent += data


class Application:
    """An application of some shape: it counts the pieces that are taken of it, and calls of close()."""

    def __init__(self, shape: Shape, status: str) -> None:
        self.shape = shape
        self.status = status
        self.headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(b"".join(PIECES))))]
        self.taken = 0
        self.closed = 0
        self.write: object = None
        self.returned: object = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start() -> Callable[[bytes], object]:
            self.write = write = start_response(self.status, self.headers)
            return write

        returned: Iterable[bytes] = self.shape.make(self, start)
        self.returned = returned
        return returned

    def pieces(self) -> Iterator[bytes]:
        for piece in PIECES:
            self.taken += 1
            yield piece


Start = Callable[[], Callable[[bytes], object]]
Make = Callable[[Application, Start], Any]


class Shape(NamedTuple):
    """How an application answers."""

    make: Make
    early: bool
    """Whether it calls start_response before it returns."""
    taken: int = 0
    """How many pieces are taken until its answer is known."""
    closes: bool = False
    """Whether what it returns counts calls of close()."""
    body: bytes = b"".join(PIECES)
    """What it sends."""
    valid: bool = True
    """Whether `wsgiref.validate` lets it pass."""


class Body:
    """An iterator with close() which may call start_response as late as it may."""

    def __init__(self, application: Application, start: Start | None = None) -> None:
        self.application = application
        self.start = start
        self.items = application.pieces()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self.start:
            self.start()
            self.start = None
        return next(self.items)

    def close(self) -> None:
        self.application.closed += 1


class SizedBody(Body):
    def __len__(self) -> int:
        return len(PIECES)


class StartedByIter(Body):
    def __iter__(self) -> Iterator[bytes]:
        assert self.start is not None
        self.start()
        return self.items


class File(BytesIO):
    """A file that counts like the others."""

    def __init__(self, application: Application) -> None:
        super().__init__(b"".join(PIECES))
        self.application = application

    def read(self, size: int | None = -1) -> bytes:
        self.application.taken += 1
        return super().read(size)

    def close(self) -> None:
        self.application.closed += 1


def started(make: Callable[[Application], Any]) -> Make:
    """The shape of what calls start_response, then returns."""

    def make_started(application: Application, start: Start) -> Any:
        start()
        return make(application)

    return make_started


def write_all(application: Application, start: Start) -> list[bytes]:
    write = start()
    for piece in application.pieces():
        write(piece)
    return []


def write_then_return(application: Application, start: Start) -> Body:
    body = Body(application)
    start()(next(body.items))
    return body


def generate(application: Application, start: Start) -> Iterator[bytes]:
    start()
    yield from application.pieces()


def generate_after_writing(application: Application, start: Start) -> Iterator[bytes]:
    pieces = application.pieces()
    start()(next(pieces))
    yield from pieces


def generate_after_empty(application: Application, start: Start) -> Iterator[bytes]:
    yield b""
    yield b""
    yield from generate(application, start)


def generate_nothing(application: Application, start: Start) -> Iterator[bytes]:
    start()
    yield from ()


SHAPES = {
    "list": Shape(started(lambda application: list(PIECES)), early=True),
    "empty list": Shape(started(lambda application: []), early=True, body=b""),
    "generator": Shape(started(Application.pieces), early=True),
    "iterator with close": Shape(started(Body), early=True, closes=True),
    "iterable with length": Shape(started(SizedBody), early=True, closes=True),
    "file_wrapper": Shape(started(lambda application: FileWrapper(File(application), 4)), early=True, closes=True),
    "write": Shape(write_all, early=True, taken=3),
    "write, then an iterator": Shape(write_then_return, early=True, taken=1, closes=True),
    "generator that starts": Shape(generate, early=False, taken=1),
    "generator that writes": Shape(generate_after_writing, early=False, taken=2),
    "generator of nothing": Shape(generate_nothing, early=False, body=b""),
    "generator that waits": Shape(generate_after_empty, early=False, taken=1, valid=False),
    "iterator that starts": Shape(Body, early=False, taken=1, closes=True),
    "iterable whose iter() starts": Shape(StartedByIter, early=False, closes=True),
}

EARLY = {name: shape for name, shape in SHAPES.items() if shape.early}
LATE = {name: shape for name, shape in SHAPES.items() if not shape.early}
VALID = {name: shape for name, shape in SHAPES.items() if shape.valid}
CLOSING = {name: shape for name, shape in SHAPES.items() if shape.closes}

BOTH = pytest.mark.parametrize("status", ["200 OK", "404 Not Found"], ids=["passed on", "replaced"])


def every(shapes: dict[str, Shape]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shape", shapes.values(), ids=shapes)


def replace_404(response: Response) -> Decide:
    return lambda status, headers: response if status.startswith("404 ") else None


def intercepted(application: WSGIApplication, response: Response = INDEX) -> WSGIApplication:
    """The application, with its 404s replaced."""
    return lambda environ, start_response: intercept(application, environ, start_response, replace_404(response))
