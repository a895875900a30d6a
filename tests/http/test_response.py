"""A response is a value: a status line as WSGI wants it, headers, and a body or none."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest

from whitemedia.http.response import Response


@pytest.mark.parametrize(
    ("status", "line"),
    [
        pytest.param(HTTPStatus.OK, "200 OK", id="200"),
        pytest.param(HTTPStatus.NO_CONTENT, "204 No Content", id="204"),
        pytest.param(HTTPStatus.PARTIAL_CONTENT, "206 Partial Content", id="206"),
        pytest.param(HTTPStatus.FOUND, "302 Found", id="302"),
        pytest.param(HTTPStatus.NOT_MODIFIED, "304 Not Modified", id="304"),
        pytest.param(HTTPStatus.NOT_FOUND, "404 Not Found", id="404"),
        pytest.param(HTTPStatus.METHOD_NOT_ALLOWED, "405 Method Not Allowed", id="405"),
        pytest.param(HTTPStatus.PRECONDITION_FAILED, "412 Precondition Failed", id="412"),
        pytest.param(HTTPStatus.SERVICE_UNAVAILABLE, "503 Service Unavailable", id="503"),
    ],
)
def test_a_status_is_sent_as_code_and_phrase(status: HTTPStatus, line: str) -> None:
    assert Response(status, ()).status == line


@pytest.mark.parametrize("status", HTTPStatus)
def test_every_status_line_is_what_wsgi_takes(status: HTTPStatus) -> None:
    """PEP 3333: three digits, a space, a phrase; no control character, no space at the end."""
    line = Response(status, ()).status
    assert re.fullmatch(rf"{status.value} [!-~]+( [!-~]+)*", line)


def test_a_response_holds_what_it_was_given() -> None:
    headers = (("Content-Type", "text/plain"), ("Content-Length", "5"))
    response = Response(HTTPStatus.OK, headers, b"hello")
    assert (response.headers, response.body) == (headers, b"hello")


def test_a_response_has_no_body_unless_given_one() -> None:
    """No body (304, HEAD) is another thing than an empty one."""
    assert Response(HTTPStatus.NOT_MODIFIED, ()).body is None
    assert Response(HTTPStatus.OK, (), b"").body == b""


def test_a_response_takes_no_other_attribute() -> None:
    """Whatever a server or an adapter wants to remember belongs elsewhere: one response answers many requests."""
    response, name = Response(HTTPStatus.OK, ()), "note"
    with pytest.raises(AttributeError):
        setattr(response, name, "mine")
