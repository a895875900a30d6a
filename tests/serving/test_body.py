"""Bodies: exactly the declared bytes of one state of a file, or an error that closes the connection."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn
from wsgiref.util import FileWrapper

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import drain, make_environ, open_descriptors
from whitemedia.assets.files import Opened, open_regular
from whitemedia.http.response import Response
from whitemedia.serving.body import BLOCK, BodyReader, send_wsgi
from whitemedia.serving.response import FileResponse, Span

OLD, NEW = (bytes(first + number % 97 for number in range(1000)) for first in (0, 100))
HEADERS = (("Content-Type", "text/plain"), ("Content-Length", "1000"))

Pieces = list[bytes | tuple[int, int]]


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that no test changes."""
    return write(tmp_path_factory.mktemp("body") / "fixed", OLD)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file to be changed, written long ago."""
    path = write(tmp_path / "file", OLD)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def open_file(path: Path) -> Opened:
    opened = open_regular(str(path))
    assert opened is not None
    return opened


def respond_with(path: Path, pieces: Pieces) -> FileResponse:
    """A response of bytes, and of spans given as (start, stop)."""
    opened = open_file(path)
    parts = tuple(piece if isinstance(piece, bytes) else Span(opened, *piece) for piece in pieces)
    return FileResponse(HTTPStatus.OK, HEADERS, opened, parts)


def ignore(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
    return lambda data: None


def fail(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("as the test wants it")


# The reader

spans = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(sorted).map(tuple)
pieces_of_a_body = st.lists(st.one_of(st.binary(max_size=50), spans), max_size=8)


@given(pieces=pieces_of_a_body, sizes=st.lists(st.integers(1, 1200), min_size=1, max_size=5))
def test_a_reader_gives_the_declared_bytes_in_blocks_of_at_most_the_size_asked_for(
    fixed: Path, pieces: Pieces, sizes: list[int]
) -> None:
    response = respond_with(fixed, pieces)
    reader = BodyReader(response)
    read = b""
    while data := reader.read(sizes[0]):
        assert len(data) <= sizes[0]
        read += data
        sizes = [*sizes[1:], sizes[0]]
    assert read == b"".join(piece if isinstance(piece, bytes) else OLD[slice(*piece)] for piece in pieces)
    assert reader.read(sizes[0]) == b""
    response.close()


def test_a_read_without_a_size_stops_at_the_declared_end(fixed: Path) -> None:
    reader = BodyReader(respond_with(fixed, [(10, 20)]))
    assert reader.read() == OLD[10:20]
    assert reader.read() == b""
    reader.close()


def test_a_multipart_body_reads_each_span_from_its_place(fixed: Path) -> None:
    reader = BodyReader(respond_with(fixed, [b"first ", (900, 903), b" second ", (5, 8), b" end"]))
    read = iter(lambda: reader.read(2), b"")
    assert b"".join(read) == b"first " + OLD[900:903] + b" second " + OLD[5:8] + b" end"
    reader.close()


def test_two_readers_of_one_file_share_no_position(fixed: Path) -> None:
    one, two = (BodyReader(respond_with(fixed, [(0, 1000)])) for _ in range(2))
    read = [(one.read(100), two.read(300)) for _ in range(10)]
    assert b"".join(first for first, _ in read) == OLD
    assert b"".join(second for _, second in read) == OLD
    one.close()
    two.close()


def test_a_reader_offers_no_descriptor_to_sendfile(fixed: Path) -> None:
    reader = BodyReader(respond_with(fixed, [(0, 1000)]))
    assert not hasattr(reader, "fileno")
    reader.close()


# A file that changes


def rewrite(path: Path) -> None:
    """New bytes of the same length, in place."""
    with path.open("r+b") as file:
        file.write(NEW)


CHANGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: os.truncate(path, 500),
    "emptied": lambda path: os.truncate(path, 0),
    "grown": lambda path: os.truncate(path, 1500),
    "rewritten in place": rewrite,
}


@pytest.mark.parametrize("blocks", [0, 1, 4], ids=["before the first block", "after one", "after four"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_changes_while_it_is_sent_raises_and_is_closed(
    path: Path, change: Callable[[Path], object], blocks: int, caplog: pytest.LogCaptureFixture
) -> None:
    before = open_descriptors()
    reader = BodyReader(respond_with(path, [(0, 1000)]))
    assert b"".join(reader.read(100) for _ in range(blocks)) == OLD[: blocks * 100]
    change(path)
    with caplog.at_level(logging.WARNING), pytest.raises(ConnectionResetError):
        reader.read(100)
    assert open_descriptors() == before
    [line] = caplog.messages
    assert repr(str(path)) in line


def test_a_short_read_raises_also_where_the_files_state_does_not_tell(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Opened, "is_rewritten", lambda opened: False)
    reader = BodyReader(respond_with(path, [(0, 1000)]))
    os.truncate(path, 500)
    assert reader.read(1000) == OLD[:500]
    with pytest.raises(ConnectionResetError):
        reader.read(1000)


def replace(path: Path) -> None:
    """What a deployment does: write beside it, then rename."""
    write(path.with_name("new"), NEW).replace(path)


@pytest.mark.parametrize(
    "change", [replace, Path.unlink, lambda path: path.chmod(0)], ids=["replaced", "deleted", "mode"]
)
def test_a_file_whose_name_or_mode_changes_while_it_is_sent_is_sent_whole(
    path: Path, change: Callable[[Path], object]
) -> None:
    reader = BodyReader(respond_with(path, [(0, 1000)]))
    read = reader.read(100)
    change(path)
    assert read + b"".join(iter(lambda: reader.read(100), b"")) == OLD
    reader.close()


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


# Stories


def test_a_read_of_nothing_reads_nothing_and_one_without_a_size_reads_all(path: Path) -> None:
    reader = BodyReader(respond_with(path, [(0, 10), (20, 30)]))
    assert reader.read(0) == b""
    assert reader.read() == OLD[:10] + OLD[20:30]
    reader.close()


@pytest.mark.parametrize("digest", [None, hashlib.sha256(OLD).digest()], ids=["no digest", "digest"])
def test_a_file_moved_away_while_it_is_sent_is_sent_whole(path: Path, digest: bytes | None) -> None:
    """Its status changes as if it had been written, and its time set back."""
    response = respond_with(path, [(0, 1000)])
    response.opened.digest = digest
    reader = BodyReader(response)
    assert reader.read(500) == OLD[:500]
    path.rename(path.with_name("aside"))
    assert reader.read(500) == OLD[500:]
    reader.close()


def test_a_file_rewritten_with_its_time_set_back_is_cut_where_its_digest_is_known(path: Path) -> None:
    """`cp -p` over a file in place, or rsync with `--inplace --times`."""
    response = respond_with(path, [(0, 1000)])
    response.opened.digest = hashlib.sha256(OLD).digest()
    reader = BodyReader(response)
    reader.read(500)
    before = path.stat()
    path.write_bytes(NEW)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ConnectionResetError):
        reader.read(500)
