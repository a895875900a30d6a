"""A line a request, whatever the request, the answer and its end."""

from __future__ import annotations

import io
import re
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Client, make_environ
from whitemedia.cli.access_log import AccessLog

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TEXT = [("Content-Type", "text/plain"), ("Content-Length", "5")]


class Log(list[str]):
    """What was written, without the time, which is checked to be one."""

    def __call__(self, line: str) -> None:
        told, space, milliseconds = line.partition(" bytes ")
        assert space
        assert re.fullmatch(r"[0-9]+\.[0-9] ms", milliseconds)
        self.append(told)


class FileWrapper:
    """As waitress's: it can seek if its file can, and is then read by the server while it sends."""

    def __init__(self, file: Any, block_size: int = 8192) -> None:
        self.file = file
        if hasattr(file, "seek"):
            self.seek, self.tell = file.seek, file.tell

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(2), b"")

    def close(self) -> None:
        self.file.close()


class Unseekable:
    """As whitemedia's own files are."""

    def __init__(self, data: bytes) -> None:
        file = io.BytesIO(data)
        self.read, self.close = file.read, file.close


class Closing:
    """A body of two chunks that notes its end."""

    closed = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"he"
        yield b"llo"

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def log() -> Log:
    return Log()


def answering(body: Iterable[bytes], status: str = "200 OK") -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, TEXT)
        return body

    return application


def ask(application: WSGIApplication, log: Log, **environ: Any) -> Iterable[bytes]:
    """The body, neither read nor closed."""
    made = {**make_environ("GET", "/a", REMOTE_ADDR="::1"), **environ}
    return AccessLog(application, log)(made, lambda *_: lambda data: None)


def close(body: Any) -> None:
    body.close()


def raise_error() -> None:
    raise ValueError("of the application")


def failing(*chunks: bytes) -> Iterator[bytes]:
    yield from chunks
    raise_error()


TARGETS = {
    "a path": ({"PATH_INFO": "/a/b.css"}, "/a/b.css"),
    "a query": ({"PATH_INFO": "/a", "QUERY_STRING": "b=1&c=%20"}, "/a?b=1&c=%20"),
    "a mount point": ({"SCRIPT_NAME": "/mount", "PATH_INFO": "/a"}, "/mount/a"),
    "no path": ({"PATH_INFO": ""}, ""),
    "UTF-8": ({"PATH_INFO": "/größe".encode().decode("latin-1")}, "/gr%C3%B6%C3%9Fe"),
    "not UTF-8": ({"PATH_INFO": "/\xff"}, "/%FF"),
    "no latin-1": ({"PATH_INFO": "/\u202e", "QUERY_STRING": "\u202e"}, "/%3F??"),
    "a space": ({"PATH_INFO": "/a b 200 7"}, "/a%20b%20200%207"),
    "a percent sign": ({"PATH_INFO": "/100%25"}, "/100%2525"),
    "a question mark": ({"PATH_INFO": "/a?b"}, "/a%3Fb"),
    "a new line": ({"PATH_INFO": "/a\r\n127.0.0.1 GET /b"}, "/a%0D%0A127.0.0.1%20GET%20/b"),
    "a new line in the query": ({"PATH_INFO": "/a", "QUERY_STRING": "b\r\nc d"}, "/a?b%0D%0Ac%20d"),
    "an escape sequence": ({"PATH_INFO": "/\x1b]0;title\x07\x9b31m"}, "/%1B%5D0;title%07%9B31m"),
    "an escape sequence in the query": ({"PATH_INFO": "/", "QUERY_STRING": "\x1b[2J\x9b"}, "/?%1B[2J%9B"),
    "NUL, tab and DEL": ({"PATH_INFO": "/\x00\t\x7f"}, "/%00%09%7F"),
    "other lines": ({"PATH_INFO": "/\x85\x0b\x0c"}, "/%85%0B%0C"),
}


@pytest.mark.parametrize(("environ", "target"), TARGETS.values(), ids=TARGETS)
def test_a_target_is_one_word_of_printable_ascii(environ: dict[str, str], target: str, log: Log) -> None:
    close(ask(answering([]), log, **environ))
    assert log == [f"::1 GET {target} 200 0"]


HOSTILE = {
    "method": ({"REQUEST_METHOD": "GE\nT \x1b"}, "::1 GE%0AT%20%1B /a 200 0"),
    "client": ({"REMOTE_ADDR": "1.2.3.4\n\x1b "}, "1.2.3.4%0A%1B%20 GET /a 200 0"),
    "no client": ({"REMOTE_ADDR": ""}, "- GET /a 200 0"),
    "no client at all": ({"REMOTE_ADDR": None}, "- GET /a 200 0"),
}


@pytest.mark.parametrize(("environ", "line"), HOSTILE.values(), ids=HOSTILE)
def test_every_word_is_printable_ascii(environ: dict[str, Any], line: str, log: Log) -> None:
    close(ask(answering([]), log, **environ))
    assert log == [line]


def test_a_status_is_three_printable_characters(log: Log) -> None:
    close(ask(answering([], "4\n\x1b OK"), log))
    assert log == ["::1 GET /a 4%0A%1B 0"]


def test_what_the_application_does_to_the_environ_is_not_told(log: Log) -> None:
    def shifting(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ.update(SCRIPT_NAME="/a", PATH_INFO="", REQUEST_METHOD="PUT", REMOTE_ADDR="")
        start_response("200 OK", TEXT)
        return []

    close(ask(shifting, log))
    assert log == ["::1 GET /a 200 0"]


BODIES: dict[str, Callable[[], Iterable[bytes]]] = {
    "a list": lambda: [b"hello"],
    "a list of several": lambda: [b"he", b"", b"llo"],
    "a generator": lambda: iter([b"he", b"llo"]),
    "with close": Closing,
    "a file that cannot seek": lambda: FileWrapper(Unseekable(b"hello")),
    "a file": lambda: FileWrapper(io.BytesIO(b"hello")),
}


@pytest.mark.parametrize("make", BODIES.values(), ids=BODIES)
def test_an_answer_is_passed_on_whole_and_counted(make: Callable[[], Iterable[bytes]], log: Log) -> None:
    client = Client(AccessLog(answering(make()), log))
    answer = client.get("/a", {}, **{"wsgi.file_wrapper": FileWrapper})
    assert answer.body == b"hello"
    assert log == ["- GET /a 200 5"]


@pytest.mark.parametrize("make", BODIES.values(), ids=BODIES)
def test_nothing_is_told_before_the_body_is_closed_and_then_once(
    make: Callable[[], Iterable[bytes]], log: Log
) -> None:
    body = ask(answering(make()), log, **{"wsgi.file_wrapper": FileWrapper})
    assert b"".join(body) == b"hello"
    assert log == []
    close(body)
    close(body)
    assert log == ["::1 GET /a 200 5"]


def test_of_a_body_that_is_left_what_was_taken_is_counted(log: Log) -> None:
    body = ask(answering(iter([b"he", b"llo"])), log)
    assert next(iter(body)) == b"he"
    close(body)
    assert log == ["::1 GET /a 200 2"]


def test_a_file_that_the_server_reads_keeps_its_type_and_tells_how_far_it_came(log: Log) -> None:
    file = io.BytesIO(b"0123456789")
    file.seek(3)
    given = FileWrapper(file)
    body = ask(answering(given), log, **{"wsgi.file_wrapper": FileWrapper})
    assert body is given
    file.read(4)
    close(body)
    assert file.closed
    assert log == ["::1 GET /a 200 4"]


def test_a_file_that_the_server_read_is_given_up_when_it_is_closed(log: Log) -> None:
    body = ask(answering(FileWrapper(io.BytesIO(b"hello"))), log, **{"wsgi.file_wrapper": FileWrapper})
    known = weakref.ref(body)
    close(body)
    del body
    assert known() is None


def test_a_file_that_others_have_closed_is_told_of_too(log: Log) -> None:
    file = io.BytesIO(b"0123456789")
    body = ask(answering(FileWrapper(file)), log, **{"wsgi.file_wrapper": FileWrapper})
    file.close()
    close(body)
    assert log == ["::1 GET /a 200 0"]


def test_the_body_of_the_application_is_closed_once(log: Log) -> None:
    body = Closing()
    Client(AccessLog(answering(body), log)).get("/a")
    assert body.closed == 1


def test_a_list_keeps_its_length_which_gives_servers_the_content_length(log: Log) -> None:
    assert len(ask(answering([b"hello"]), log)) == 1  # type: ignore[arg-type]
    assert not hasattr(ask(answering(iter([b"hello"])), log), "__len__")


def test_what_is_written_is_counted(log: Log) -> None:
    written: list[bytes] = []

    def writing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", TEXT)(b"he")
        return [b"llo"]

    body = AccessLog(writing, log)(make_environ("GET", "/a"), lambda *_: written.append)
    assert b"".join([*written, *body]) == b"hello"
    close(body)
    assert log == ["- GET /a 200 5"]


def test_an_error_before_the_answer_is_a_500_and_raised(log: Log) -> None:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", TEXT)
        raise ValueError("of the application")

    with pytest.raises(ValueError, match="of the application"):
        ask(application, log)
    assert log == ["::1 GET /a 500 0"]


@pytest.mark.parametrize(("chunks", "line"), [((), "500 0"), ((b"he",), "200 2")], ids=["before a byte", "after"])
def test_an_error_in_the_body_is_a_500_until_bytes_are_sent(
    chunks: tuple[bytes, ...], line: str, log: Log
) -> None:
    body = ask(answering(failing(*chunks)), log)
    with pytest.raises(ValueError, match="of the application"):
        b"".join(body)
    close(body)
    assert log == [f"::1 GET /a {line}"]


def test_an_answer_that_replaces_another_is_the_one_that_is_told(log: Log) -> None:
    given: list[tuple[Any, ...]] = []

    def start_response(*arguments: Any) -> Callable[[bytes], object]:
        given.append(arguments)
        return lambda data: None

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", TEXT)
        try:
            raise_error()
        except ValueError:
            start_response("503 Service Unavailable", TEXT, sys.exc_info())
        return []

    close(AccessLog(application, log)(make_environ("GET", "/a"), start_response))
    assert log == ["- GET /a 503 0"]
    assert [len(arguments) for arguments in given] == [2, 3]


def test_requests_are_counted_when_they_have_ended(log: Log) -> None:
    access_log = AccessLog(answering([]), log)
    bodies = [access_log(make_environ("GET", "/a"), lambda *_: lambda data: None) for _ in range(3)]
    close(bodies[0])
    assert access_log.requests == 1
