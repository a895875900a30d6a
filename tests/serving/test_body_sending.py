"""However a body is sent, or is not, it is closed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn
from wsgiref.util import FileWrapper

import pytest

from tests.conftest import drain, make_environ, open_descriptors
from tests.serving.bodies import HEADERS, OLD, ignore, respond_with, write
from whitemedia.http.response import Response
from whitemedia.serving.body import BLOCK, BodyReader, send_wsgi
from whitemedia.serving.response import FileResponse


def fail(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("as the test wants it")


# Sending


@pytest.mark.parametrize(("body", "sent"), [(None, []), (b"", [b""]), (b"bytes", [b"bytes"])])
def test_what_is_in_memory_goes_out_as_a_list(body: bytes | None, sent: list[bytes]) -> None:
    result = send_wsgi(Response(HTTPStatus.OK, HEADERS, body), make_environ("GET", "/"), ignore)
    assert type(result) is list
    assert result == sent


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
    path = write(tmp_path / "large", bytes(2 * BLOCK + 1))
    body = send_wsgi(respond_with(path, [(0, 2 * BLOCK + 1)]), make_environ("GET", "/"), ignore)
    assert [len(block) for block in body] == [BLOCK, BLOCK, 1]
    body.close()  # type: ignore[attr-defined]


def test_the_servers_file_wrapper_gets_the_reader_and_the_block_size(fixed: Path) -> None:
    wrapped: list[tuple[object, ...]] = []

    def wrapper(*arguments: Any) -> Iterable[bytes]:
        wrapped.append(arguments)
        return FileWrapper(*arguments)

    environ = make_environ("GET", "/") | {"wsgi.file_wrapper": wrapper}
    body = send_wsgi(respond_with(fixed, [(100, 900)]), environ, ignore)
    assert isinstance(body, FileWrapper)
    assert [(type(reader), size) for reader, size in wrapped] == [(BodyReader, BLOCK)]
    assert drain(body) == OLD[100:900]


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
