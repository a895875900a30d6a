"""However a body is sent, or is not, it is closed once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn
from wsgiref.util import FileWrapper

import pytest

from tests.conftest import PREFIX, application, drain, make_environ, open_descriptors
from tests.serving.bodies import HEADERS, OLD, ignore, respond_with, write
from whitemedia import WhiteMedia
from whitemedia.assets.representation import LARGE, LargeResponse
from whitemedia.http.response import Response
from whitemedia.serving.body import BLOCK, SHARED_BLOCK, BodyReader, hold, send_wsgi
from whitemedia.serving.response import FileResponse


def fail(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("as the test wants it")


# Sending


@pytest.mark.parametrize(("body", "sent"), [(None, [b""]), (b"", [b""]), (b"bytes", [b"bytes"])])
def test_what_is_in_memory_goes_out_as_a_list(body: bytes | None, sent: list[bytes]) -> None:
    result = send_wsgi(Response(HTTPStatus.OK, HEADERS, body), make_environ("GET", "/"), ignore)
    assert type(result) is list
    assert result == sent


@pytest.mark.parametrize(
    ("method", "name", "fields"),
    [("HEAD", "digits.txt", {}), ("GET", "digits.txt", {"If-None-Match": "*"}), ("HEAD", "missing", {})],
)
def test_an_answer_without_a_body_has_an_item_all_the_same(
    shared_tree: Path, method: str, name: str, fields: dict[str, str]
) -> None:
    """Servers that send the head with the first item (Hypercorn) would answer with an error."""
    whitemedia = WhiteMedia(application, shared_tree, PREFIX, cache_dir=None, not_found="answer")
    assert whitemedia(make_environ(method, PREFIX + name, fields), ignore) == [b""]


@pytest.mark.parametrize("in_file", [True, False], ids=["file", "memory"])
def test_each_answer_gets_a_list_of_headers_of_its_own(fixed: Path, *, in_file: bool) -> None:
    response = respond_with(fixed, [(0, 1)]) if in_file else Response(HTTPStatus.OK, HEADERS, b"1")
    lists: list[list[tuple[str, str]]] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
        lists.append(list(headers))
        headers.clear()
        return lambda data: None

    for _ in range(2):
        drain(send_wsgi(response, make_environ("GET", "/"), start))
        response = response if not in_file else respond_with(fixed, [(0, 1)])
    response.close() if isinstance(response, FileResponse) else None
    assert lists == [list(HEADERS)] * 2


def test_without_a_file_wrapper_the_body_comes_in_large_blocks(tmp_path: Path) -> None:
    """Of such a server it is not known how many it begins at a time."""
    path = write(tmp_path / "large", bytes(2 * SHARED_BLOCK + 1))
    body = send_wsgi(respond_with(path, [(0, 2 * SHARED_BLOCK + 1)]), make_environ("GET", "/"), ignore)
    assert [len(block) for block in body] == [SHARED_BLOCK, SHARED_BLOCK, 1]
    body.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("module", "block"), [("gevent", SHARED_BLOCK), ("eventlet", SHARED_BLOCK), ("json", BLOCK)]
)
def test_the_servers_file_wrapper_gets_the_reader_and_the_block_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, block: int
) -> None:
    wrapped: list[tuple[object, ...]] = []

    def wrapper(*arguments: Any) -> Iterable[bytes]:
        wrapped.append(arguments)
        return FileWrapper(*arguments)

    monkeypatch.setitem(sys.modules, module, json)
    path = write(tmp_path / "large", bytes(BLOCK + 1))
    environ = make_environ("GET", "/") | {"wsgi.file_wrapper": wrapper}
    body = send_wsgi(respond_with(path, [(0, BLOCK + 1)]), environ, ignore)
    assert isinstance(body, FileWrapper)
    assert [(type(reader), size) for reader, size in wrapped] == [(BodyReader, block)]
    assert drain(body) == bytes(BLOCK + 1)


# Reading at once

THREADED = {"wsgi.file_wrapper": FileWrapper}


@pytest.mark.parametrize(
    ("environ", "length"),
    [(THREADED, 0), (THREADED, LARGE - 1), (THREADED, LARGE), (THREADED, BLOCK), ({}, SHARED_BLOCK)],
)
def test_what_is_not_longer_than_a_block_is_read_at_once_and_closed(
    tmp_path: Path, environ: dict[str, object], length: int
) -> None:
    path = write(tmp_path / "small", bytes(length))
    response = respond_with(path, [(0, length)])
    held = hold(response, environ)
    assert type(held) is (LargeResponse if length >= LARGE else Response)
    assert (held.status, held.headers, held.body) == (response.status, response.headers, bytes(length))
    assert response.opened.file.closed


@pytest.mark.parametrize(("environ", "length"), [(THREADED, BLOCK + 1), ({}, SHARED_BLOCK + 1)])
def test_what_is_longer_than_a_block_is_left_as_it_is(
    tmp_path: Path, environ: dict[str, object], length: int
) -> None:
    response = respond_with(write(tmp_path / "large", bytes(length)), [(0, length)])
    assert hold(response, environ) is response
    assert not response.opened.file.closed
    response.close()


def test_what_has_several_parts_is_read_at_once_too(fixed: Path) -> None:
    held = hold(respond_with(fixed, [b"first ", (900, 903), b" last ", (5, 8)]), {})
    assert held is not None
    assert held.body == b"first " + OLD[900:903] + b" last " + OLD[5:8]


def test_what_changed_before_it_was_read_is_not_sent(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    response = respond_with(path, [(0, 1000)])
    path.write_bytes(b"")
    assert hold(response, {}) is None
    assert response.opened.file.closed
    assert not caplog.messages  # whoever asked opens it again


# Closing


class CountingFile:
    """Stands for the open file and counts."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("environ", [{}, {"wsgi.file_wrapper": FileWrapper}], ids=["ours", "the server's"])
def test_a_body_that_is_never_read_is_closed_once(fixed: Path, environ: dict[str, object]) -> None:
    response = respond_with(fixed, [(0, 1000)])
    counting: Any = CountingFile()
    real, response.opened.file = response.opened.file, counting
    body: Any = send_wsgi(response, make_environ("GET", "/") | environ, ignore)
    assert counting.closed == 0
    body.close()
    assert counting.closed == 1
    real.close()


@pytest.mark.parametrize(
    ("start_response", "wrapper"), [(fail, FileWrapper), (ignore, fail)], ids=["start_response", "file_wrapper"]
)
def test_a_server_that_raises_leaves_nothing_open(fixed: Path, start_response: Any, wrapper: Any) -> None:
    before = open_descriptors()
    with pytest.raises(RuntimeError, match="as the test wants it"):
        send_wsgi(
            respond_with(fixed, [(0, 1000)]),
            make_environ("GET", "/") | {"wsgi.file_wrapper": wrapper},
            start_response,
        )
    assert open_descriptors() == before


def test_closing_twice_does_not_close_a_descriptor_that_is_anothers_by_then(fixed: Path) -> None:
    response = respond_with(fixed, [(0, 1000)])
    reader = BodyReader(response)
    reader.close()
    with fixed.open("rb") as other:  # gets the number that became free
        reader.close()
        response.close()
        assert other.read(1) == OLD[:1]


def test_what_was_read_before_a_disconnect_leaves_nothing_open(fixed: Path) -> None:
    before = open_descriptors()
    body: Any = send_wsgi(respond_with(fixed, [(0, 1000)]), make_environ("GET", "/"), ignore)
    assert next(iter(body)) == OLD
    body.close()
    assert open_descriptors() == before
