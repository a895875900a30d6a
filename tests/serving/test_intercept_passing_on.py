"""An answer that is not replaced is as if nobody had looked at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import drain, make_environ
from tests.serving.applications import (
    EARLY,
    LATE,
    PIECES,
    Application,
    Server,
    ServerError,
    Shape,
    every,
    intercepted,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@every(EARLY)
def test_what_is_not_replaced_is_returned_as_it_is(shape: Shape) -> None:
    """A server knows its file_wrapper by its type, and a length by `len`."""
    server, application = Server(), Application(shape, "200 OK")
    body = intercepted(application)(make_environ("GET", "/"), server.start_response)
    assert body is application.returned
    drain(body)


@every(LATE)
def test_what_is_not_replaced_is_sent_piece_by_piece(shape: Shape) -> None:
    server, application = Server(), Application(shape, "200 OK")
    body: Any = intercepted(application)(make_environ("GET", "/"), server.start_response)
    assert server.calls == []
    for item in body:
        server.sent += item
        assert server.sent == b"".join(PIECES[: application.taken])
    assert server.sent == shape.body
    body.close()


def test_what_is_written_is_sent_at_once() -> None:
    server = Server()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        write = start_response("200 OK", [])
        for number, piece in enumerate(PIECES):
            write(piece)
            assert server.sent == b"".join(PIECES[: number + 1])
        return []

    server.serve(intercepted(application))


# Applications that do wrong


def start_nothing(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return list(PIECES)


def start_too_late(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    yield b"too early"
    start_response("404 Not Found", [])


def start_twice(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [])
    start_response("404 Not Found", [])
    return []


def start_twice_late(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    yield from start_twice(environ, start_response)


def start_twice_with_a_piece_between(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [])
    yield b"piece"
    start_response("404 Not Found", [])


def return_nothing(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
    return None


@pytest.mark.parametrize(
    "application",
    [
        start_nothing,
        start_too_late,
        start_twice,
        start_twice_late,
        start_twice_with_a_piece_between,
        return_nothing,
    ],
)
def test_what_the_server_objects_to_it_objects_to_in_the_same_words(application: WSGIApplication) -> None:
    alone, behind = Server(), Server()
    with pytest.raises((ServerError, TypeError)) as expected:
        alone.serve(application)
    with pytest.raises(expected.type) as raised:
        behind.serve(intercepted(application))
    assert str(raised.value) == str(expected.value)
    assert behind.calls == alone.calls
    assert behind.sent == alone.sent


def test_an_empty_answer_that_is_never_started_is_the_servers_to_refuse() -> None:
    server = Server()
    assert server.serve(intercepted(lambda environ, start_response: [])) == b""
    assert server.calls == []


@pytest.mark.parametrize("again", ["200 OK", "404 Not Found"])
def test_a_second_answer_after_one_that_is_replaced_is_an_error(again: str) -> None:
    """The server, which was not told of the first one, cannot tell."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("404 Not Found", [])
        start_response(again, [])
        return []

    server = Server()
    with pytest.raises(AssertionError, match="start_response"):
        server.serve(intercepted(application))
    assert server.calls == []
