"""An application that answers again, with an exc_info: its last answer counts, until the first one stands."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tests.conftest import drain, make_environ
from tests.serving.applications import Server, intercepted
from tests.serving.bodies import respond_with
from whitemedia.serving.intercept import intercept
from whitemedia.serving.response import FileResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GOOD, MISSING, BROKEN = "200 OK", "404 Not Found", "500 Internal Server Error"


class ApplicationError(Exception):
    """What the application met; its answers after the first one are about it."""


def fail() -> NoReturn:
    raise ApplicationError


def fail_with(start_response: StartResponse, status: str) -> Callable[[bytes], object]:
    """Answer with the exc_info of an error."""
    try:
        fail()
    except ApplicationError:
        return start_response(status, [("X-Application", status)], sys.exc_info())


def perform(steps: list[str | bytes], start_response: StartResponse) -> None:
    """Answer with each status, after the first one with an exc_info, and write bytes."""
    first, *others = steps
    assert isinstance(first, str)
    write = start_response(first, [("X-Application", first)])
    for step in others:
        if isinstance(step, str):
            write = fail_with(start_response, step)
        else:
            write(step)


def early(steps: list[str | bytes]) -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        perform(steps, start_response)
        return [b"body"]

    return application


def late(steps: list[str | bytes]) -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        perform(steps, start_response)
        yield b"body"

    return application


styles = pytest.mark.parametrize("style", [early, late])


def answers(server: Server) -> list[str]:
    """What the server was told: the status of each of the application's answers, "index" for the other one."""
    return [dict(call[1]).get("X-Application", "index") for call in server.calls]  # type: ignore[call-overload]


@styles
@pytest.mark.parametrize(
    ("steps", "told", "sent"),
    [
        pytest.param([MISSING, BROKEN], [BROKEN], b"body", id="replaced, then not"),
        pytest.param([MISSING, b"lost", BROKEN, b"kept, "], [BROKEN], b"kept, body", id="written in between"),
        pytest.param([MISSING, MISSING], ["index"], b"index", id="replaced twice"),
        pytest.param([MISSING, BROKEN, MISSING], [BROKEN, "index"], b"index", id="replaced, not, replaced"),
        pytest.param([GOOD, BROKEN], [GOOD, BROKEN], b"body", id="never replaced"),
        pytest.param([GOOD, MISSING], [GOOD, "index"], b"index", id="not, then replaced"),
        pytest.param([GOOD, MISSING, b"lost"], [GOOD, "index"], b"index", id="not, then replaced and written"),
        pytest.param([GOOD, MISSING, BROKEN], [GOOD, "index", BROKEN], b"body", id="not, replaced, not"),
    ],
)
def test_the_last_answer_before_anything_is_sent_is_decided_on(
    style: Callable[..., WSGIApplication], steps: list[str | bytes], told: list[str], sent: bytes
) -> None:
    server = Server()
    assert server.serve(intercepted(style(steps))) == sent
    assert answers(server) == told
    assert {type(call[1]) for call in server.calls} == {list}


@styles
@pytest.mark.parametrize(("second", "told"), [(BROKEN, BROKEN), (MISSING, "index")])
def test_an_answer_after_bytes_were_sent_raises_what_it_is_about(
    style: Callable[..., WSGIApplication], second: str, told: str
) -> None:
    server = Server()
    with pytest.raises(ApplicationError):
        server.serve(intercepted(style([GOOD, b"written", second])))
    assert answers(server) == [GOOD, told]
    assert server.sent == b"written"


@pytest.mark.parametrize(("status", "told", "sent"), [(BROKEN, [BROKEN], b"body"), (MISSING, ["index"], b"index")])
def test_a_first_answer_may_be_about_an_error(status: str, told: list[str], sent: bytes) -> None:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        fail_with(start_response, status)
        return [b"body"]

    server = Server()
    assert server.serve(intercepted(application)) == sent
    assert answers(server) == told


def test_exc_info_reaches_the_server_as_it_is() -> None:
    given = (ApplicationError, ApplicationError(), None)

    def application(environ: WSGIEnvironment, start_response: Any) -> list[bytes]:
        start_response(MISSING, [])
        start_response(BROKEN, [], given)
        start_response(GOOD, [], exc_info=given)
        return []

    server = Server()
    server.serve(intercepted(application))
    assert [call[2] is given for call in server.calls] == [True, True]


# What is left behind


@styles
@pytest.mark.parametrize(
    ("steps", "sent"),
    [
        pytest.param([MISSING, BROKEN], [], id="not replaced"),
        pytest.param([MISSING, MISSING], [1], id="replaced anew"),
        pytest.param([GOOD, MISSING, MISSING], [1], id="replaced anew after another"),
        pytest.param([GOOD, MISSING, BROKEN], [], id="not replaced after another"),
    ],
)
def test_a_file_for_an_answer_that_is_void_is_closed(
    fixed: Path, style: Callable[..., WSGIApplication], steps: list[str | bytes], sent: list[int]
) -> None:
    responses: list[FileResponse] = []

    def decide(status: str, headers: list[tuple[str, str]]) -> FileResponse | None:
        assert all(response.opened.file.closed for response in responses)
        if status != MISSING:
            return None
        responses.append(respond_with(fixed, [(0, 10)]))
        return responses[-1]

    server = Server()
    body: Any = intercept(style(steps), make_environ("GET", "/"), server.start_response, decide)
    items = iter(body)
    next(items)
    still_open = [number for number, response in enumerate(responses) if not response.opened.file.closed]
    assert still_open == sent
    body.close() if hasattr(body, "close") else None
    assert all(response.opened.file.closed for response in responses)


def test_an_application_that_bears_its_error_goes_on_with_what_it_has_begun(fixed: Path) -> None:
    response = respond_with(fixed, [(0, 10)])

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response(GOOD, [])(b"begun, ")
        with pytest.raises(ApplicationError):
            fail_with(start_response, MISSING)
        assert response.opened.file.closed
        return [b"ended"]

    assert Server().serve(intercepted(application, response)) == b"begun, ended"


def test_a_write_of_a_replaced_answer_is_good_for_the_one_after_it() -> None:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        write = start_response(MISSING, [])
        fail_with(start_response, BROKEN)
        write(b"kept")
        return []

    assert Server().serve(intercepted(application)) == b"kept"


class Held:
    """Something in a frame of the application."""


@pytest.mark.parametrize(
    ("first", "second"), [(GOOD, BROKEN), (GOOD, MISSING), (MISSING, GOOD)], ids=["passed on", "replaced", "late"]
)
def test_an_error_that_was_answered_keeps_nothing_alive(first: str, second: str) -> None:
    """A frame that holds the exc_info it raises is a cycle, and what is open in it stays so until it is found."""
    held: list[weakref.ref[Held]] = []

    def start_response(status: str, headers: object, exc_info: Any = None) -> Callable[[bytes], object]:
        try:
            if exc_info:
                raise exc_info[1]
        finally:
            exc_info = None
        return held.count  # type: ignore[return-value]

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        here = Held()
        held.append(weakref.ref(here))
        start_response(first, [])
        try:
            if first == MISSING:
                yield b""
        finally:
            fail_with(start_response, second)

    gc.disable()
    try:
        with pytest.raises(ApplicationError) as raised:
            drain(intercepted(application)(make_environ("GET", "/"), start_response))
        del raised
        assert [reference() for reference in held] == [None]
    finally:
        gc.enable()
