"""Whatever an application returns: what is replaced is not read, and what is not replaced is not touched."""

from __future__ import annotations

from wsgiref.validate import validator

from tests.serving.applications import (
    BOTH,
    INDEX,
    SHAPES,
    VALID,
    Application,
    Server,
    Shape,
    every,
    intercepted,
)


@every(SHAPES)
def test_an_answer_that_is_not_replaced_reaches_the_server_as_it_was_given(shape: Shape) -> None:
    server, application = Server(), Application(shape, "200 OK")
    assert server.serve(intercepted(application)) == shape.body
    [(status, headers)] = server.calls
    assert status == "200 OK"
    assert headers is application.headers
    assert application.write is server.write
    assert application.closed == shape.closes


@every(SHAPES)
def test_an_answer_that_is_replaced_is_closed_unread(shape: Shape) -> None:
    server, application = Server(), Application(shape, "404 Not Found")
    assert server.serve(intercepted(application)) == b"index"
    assert server.calls == [(INDEX.status, list(INDEX.headers))]
    assert application.taken == shape.taken
    assert application.closed == shape.closes


@BOTH
@every(VALID)
def test_an_application_that_keeps_to_the_standard_still_does(shape: Shape, status: str) -> None:
    server, application = Server(), Application(shape, status)
    sent = server.serve(validator(intercepted(validator(application))))
    assert sent == (shape.body if status == "200 OK" else b"index")
    assert len(server.calls) == 1
    assert application.closed == shape.closes
