"""Whoever fails, leaves or goes on: the application's body is closed once, and a file that is not sent is closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import drain, make_environ
from tests.serving.applications import (
    BOTH,
    CLOSING,
    EARLY,
    LATE,
    SHAPES,
    Application,
    Body,
    Server,
    Shape,
    every,
    intercepted,
)
from tests.serving.bodies import OLD, respond_with
from whitemedia.serving.intercept import intercept
from whitemedia.serving.response import FileResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@pytest.fixture
def response(fixed: Path) -> Iterator[FileResponse]:
    """A response that owns an open file."""
    response = respond_with(fixed, [b"first ", (0, 1000)])
    yield response
    response.close()


# Sending a file


class OnlyForServers:
    """What some servers' file_wrapper makes: the server knows it, nobody else can iterate it."""

    def __init__(self, file: Any, size: int) -> None:
        self.file = file
        self.close = file.close


@every(EARLY)
def test_a_file_goes_out_through_the_servers_file_wrapper(response: FileResponse, shape: Shape) -> None:
    server, application = Server(), Application(shape, "404 Not Found")
    environ = make_environ("GET", "/") | {"wsgi.file_wrapper": OnlyForServers}
    body = intercepted(application, response)(environ, server.start_response)
    assert isinstance(body, OnlyForServers)
    assert body.file.read() == b"first " + OLD
    body.close()
    assert response.opened.file.closed


@every(LATE)
def test_a_file_is_read_for_the_server_where_it_cannot_know_of_it(response: FileResponse, shape: Shape) -> None:
    server, application = Server(), Application(shape, "404 Not Found")
    environ = make_environ("GET", "/") | {"wsgi.file_wrapper": OnlyForServers}
    assert server.serve(intercepted(application, response), environ) == b"first " + OLD
    assert response.opened.file.closed
    assert environ["wsgi.file_wrapper"] is OnlyForServers


# A client that leaves


@pytest.mark.parametrize("taken", [0, 1, 2])
@BOTH
@every(CLOSING)
def test_a_client_that_goes_away_leaves_nothing_open(
    response: FileResponse, shape: Shape, status: str, taken: int
) -> None:
    server, application = Server(), Application(shape, status)
    body: Any = intercepted(application, response)(make_environ("GET", "/"), server.start_response)
    items = iter(body)
    for _ in range(taken):
        next(items)
    body.close()
    assert application.closed == 1
    assert response.opened.file.closed or not server.calls or application.write is server.write


# Applications and servers that fail


@every(CLOSING)
def test_the_applications_body_is_closed_before_the_server_hears_of_another(shape: Shape) -> None:
    """So an error in close() is still an error, not a page with an error in the log."""
    server, application = Server(), Application(shape, "404 Not Found")

    def start_response(*arguments: Any) -> Any:
        assert application.closed == 1
        return server.start_response(*arguments)

    drain(intercepted(application)(make_environ("GET", "/"), start_response))
    assert len(server.calls) == 1


FAILURES = [ValueError("here"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()]


@pytest.fixture(params=FAILURES, ids=lambda failure: type(failure).__name__)
def failure(request: pytest.FixtureRequest) -> BaseException:
    failure: BaseException = request.param
    return failure


@BOTH
def test_what_an_application_raises_comes_out_as_it_is(
    response: FileResponse, status: str, failure: BaseException
) -> None:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, [])
        raise failure

    server = Server()
    with pytest.raises(type(failure)) as raised:
        server.serve(intercepted(application, response))
    assert raised.value is failure
    assert response.opened.file.closed == (status != "200 OK")


class Failing(Body):
    """A body that raises at its first or second item, or (0) when it is closed, or (-1) at each of these."""

    def __init__(self, application: Application, start: Any, failure: BaseException, at: int) -> None:
        super().__init__(application, start)
        self.failure = failure
        self.at = at

    def __next__(self) -> bytes:
        item = super().__next__()
        if self.at in (self.application.taken, -1):
            raise self.failure
        return item

    def close(self) -> None:
        super().close()
        if self.at <= 0:
            raise self.failure


@pytest.mark.parametrize(
    ("early", "status", "at"),
    [
        pytest.param(True, "200 OK", 1, id="passed on early, first item"),
        pytest.param(True, "200 OK", 2, id="passed on early, second item"),
        pytest.param(True, "200 OK", 0, id="passed on early, close"),
        pytest.param(False, "200 OK", 1, id="passed on late, first item"),
        pytest.param(False, "200 OK", 2, id="passed on late, second item"),
        pytest.param(False, "200 OK", 0, id="passed on late, close"),
        pytest.param(True, "404 Not Found", 0, id="replaced early, close"),
        pytest.param(False, "404 Not Found", 1, id="replaced late, first item"),
        pytest.param(False, "404 Not Found", 0, id="replaced late, close"),
        pytest.param(False, "404 Not Found", -1, id="replaced late, first item and close"),
    ],
)
def test_what_a_body_raises_comes_out_as_it_is(
    response: FileResponse, failure: BaseException, early: bool, status: str, at: int
) -> None:
    def make(application: Application, start: Any) -> Failing:
        if early:
            start()
        return Failing(application, None if early else start, failure, at)

    server, application = Server(), Application(Shape(make, early), status)
    with pytest.raises(type(failure)) as raised:
        server.serve(intercepted(application, response))
    assert raised.value is failure
    assert application.closed == 1
    assert response.opened.file.closed == (status != "200 OK")
    assert len(server.calls) == (status == "200 OK")


@BOTH
@every(CLOSING)
def test_a_server_that_refuses_the_answer_leaves_nothing_open(
    response: FileResponse, shape: Shape, status: str
) -> None:
    class Refusing(Server):
        def start_response(self, *arguments: Any) -> Any:
            raise ConnectionAbortedError

    application = Application(shape, status)
    with pytest.raises(ConnectionAbortedError):
        Refusing().serve(intercepted(application, response))
    returned = application.returned is not None
    assert application.closed == returned
    assert response.opened.file.closed == (status != "200 OK")


@every(SHAPES)
def test_a_decision_that_fails_fails_the_application(shape: Shape) -> None:
    def decide(status: str, headers: list[tuple[str, str]]) -> None:
        raise MemoryError

    server, application = Server(), Application(shape, "200 OK")
    with pytest.raises(MemoryError):
        server.serve(lambda environ, start_response: intercept(application, environ, start_response, decide))
    assert application.closed == (shape.closes and not shape.early)
    assert server.calls == []
