"""Let an application answer, and answer in its stead where its status and headers call for it (PEP 3333).

An answer stands when the application returns or yields after giving it; until then it may give another one, with
the `exc_info` of an error. One that is not replaced reaches the server at once, as it was given. One that is
replaced never reaches it, and its body is closed unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from whitemedia.http.response import Response
from whitemedia.serving.body import send_wsgi

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Decide = Callable[[str, list[tuple[str, str]]], Response | None]
"""From the status line and the headers of an answer, which it leaves as they are: what replaces it, or None."""


def intercept(
    application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse, decide: Decide
) -> Iterable[bytes]:
    """Call `application`, and send what `decide` returns for its answer, if that is a response, in its place."""
    answer = _Answer(start_response, decide)
    try:
        body = application(environ, answer)
        answer.stands = answer.started or answer.response is not None
        if answer.response is not None:
            _close(body)
    except BaseException:
        answer.void()
        raise
    if answer.response is not None:
        return answer.send(environ)
    return body if answer.started else _UndecidedBody(body, answer, environ)


class _Answer:
    """The start_response that the application gets, and what became of its answer."""

    __slots__ = ("_decide", "_start_response", "_write", "response", "stands", "started")

    def __init__(self, start_response: StartResponse, decide: Decide) -> None:
        self._start_response = start_response
        self._decide = decide
        self._write: Callable[[bytes], object] = _ignore
        self.response: Response | None = None
        self.started = False  # whether the server's start_response was called
        self.stands = False

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None
    ) -> Callable[[bytes], object]:
        try:
            if self.response is not None and (self.stands or not exc_info):
                raise (exc_info and exc_info[1]) or AssertionError("start_response: called again without exc_info")
            if not self.stands and (exc_info or not self.started):
                self.void()
                self.response = self._decide(status, headers)
            if self.response is not None:
                return self._replace(exc_info)
            self.started = True
            start = self._start_response
            self._write = start(status, headers, exc_info) if exc_info else start(status, headers)
            return self._write
        finally:
            exc_info = None  # its traceback leads to this frame: a cycle, which keeps open what is in its frames

    def write(self, data: bytes) -> None:
        """For a replaced answer: nothing. The application may keep it for the answer after that."""
        if self.response is None:
            self._write(data)

    def send(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        """Send the response that replaces the answer."""
        assert self.response is not None
        return send_wsgi(self.response, environ, _ignore if self.started else self._start_response)

    def void(self) -> None:
        """Close the response, if there is one: it will not be sent."""
        if self.response is not None:
            response, self.response = self.response, None
            _close(response)

    def _replace(self, exc_info: OptExcInfo | None) -> Callable[[bytes], object]:
        assert self.response is not None
        try:
            if self.started:  # with another answer: whether that one is under way only the server can tell
                self._start_response(self.response.status, list(self.response.headers), exc_info)
        except BaseException:
            self.void()
            raise
        finally:
            exc_info = None
        return self.write


class _UndecidedBody:
    """What an application returned before it called start_response: what is sent is known only while it is iterated."""

    __slots__ = ("_answer", "_body", "_environ")

    def __init__(self, body: Iterable[bytes], answer: _Answer, environ: WSGIEnvironment) -> None:
        self._body = body
        self._answer = answer
        self._environ = environ

    def __iter__(self) -> Iterator[bytes]:
        answer = self._answer
        items = iter(self._body)
        if answer.response is None:
            for item in items:
                if answer.response is not None:
                    break
                answer.stands = answer.started
                yield item
        if answer.response is not None:
            answer.stands = True
            self._close_body()
            environ = dict(self._environ)
            environ.pop("wsgi.file_wrapper", None)  # only a server may iterate what this makes
            yield from answer.send(environ)

    def close(self) -> None:
        self._answer.stands = True
        try:
            self._close_body()
        finally:
            self._answer.void()

    def _close_body(self) -> None:
        body, self._body = self._body, ()
        _close(body)


def _close(closable: object) -> None:
    close = getattr(closable, "close", None)
    if close is not None:
        close()


def _ignore(*_: object) -> Callable[[bytes], object]:
    return _ignore
