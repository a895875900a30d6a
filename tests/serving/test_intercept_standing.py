"""Once an answer stands, a further one is between application and server: the server has the body, or never heard of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.serving.applications import Server, intercepted
from tests.serving.test_intercept_again import BROKEN, GOOD, MISSING, ApplicationError, answers, fail_with

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def generate_after(first: bytes) -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response(GOOD, [("X-Application", GOOD)])
        yield first
        fail_with(start_response, MISSING)
        yield b"body"

    return application


def iterate_after(first: bytes) -> WSGIApplication:
    def iterate(start_response: StartResponse) -> Iterator[bytes]:
        yield first
        fail_with(start_response, MISSING)
        yield b"body"

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response(GOOD, [("X-Application", GOOD)])
        return iterate(start_response)

    return application


@pytest.mark.parametrize("make", [generate_after, iterate_after])
def test_once_the_server_has_the_body_a_further_answer_is_between_the_two(
    make: Callable[[bytes], WSGIApplication],
) -> None:
    server = Server()
    assert server.serve(intercepted(make(b""))) == b"body"
    assert answers(server) == [GOOD, MISSING]
    server = Server()
    with pytest.raises(ApplicationError):
        server.serve(intercepted(make(b"first")))
    assert answers(server) == [GOOD, MISSING]


class AnsweringWhenClosed:
    """An empty body that calls start_response when it is first read, if not before, and again when it is closed."""

    def __init__(self, start_response: StartResponse, first: str | None, last: str) -> None:
        self.start_response = start_response
        self.first = first
        self.last = last
        self.met: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        if self.first:
            self.start_response(self.first, [("X-Application", self.first)])
        return iter(())

    def close(self) -> None:
        try:
            fail_with(self.start_response, self.last)
        except ApplicationError as error:
            self.met = error


def close_early(start_response: StartResponse, first: str, last: str) -> AnsweringWhenClosed:
    start_response(first, [("X-Application", first)])
    return AnsweringWhenClosed(start_response, None, last)


@pytest.mark.parametrize("last", [GOOD, MISSING, BROKEN])
@pytest.mark.parametrize("make", [close_early, AnsweringWhenClosed], ids=["early", "late"])
@pytest.mark.parametrize("first", [GOOD, MISSING], ids=["passed on", "replaced"])
def test_an_answer_given_while_closing_changes_nothing(
    make: Callable[..., AnsweringWhenClosed], first: str, last: str
) -> None:
    bodies = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> AnsweringWhenClosed:
        bodies.append(make(start_response, first, last))
        return bodies[0]

    server = Server()
    sent = server.serve(intercepted(application))
    assert sent == (b"index" if first == MISSING else b"")
    assert answers(server) == (["index"] if first == MISSING else [GOOD, last])
    assert (bodies[0].met is not None) == (first == MISSING)
