"""A file that is sent is closed once, whatever becomes of its answer, and is never sent in two states."""

# ruff: noqa: SIM115 - send() closes what it is given

from __future__ import annotations

import io
import os
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from wsgiref.util import FileWrapper

import pytest

from tests.conftest import call, drain, make_environ, open_descriptors
from tests.serving.bodies import NEW, OLD, ignore, write
from whitemedia.serving import sending
from whitemedia.serving.sending import HELD, send

pytestmark = pytest.mark.usefixtures("short_blocks")

LENGTH = 2 * HELD


class Counted:
    """A file that counts how often it is closed; whoever asks for its descriptor is deceived."""

    def __init__(self, file: Any) -> None:
        self.read, self.seek, self.file = file.read, file.seek, file
        self.closed_times = 0

    def close(self) -> None:
        self.closed_times += 1
        self.file.close()

    def fileno(self) -> NoReturn:
        raise AssertionError("its bytes may be others")


@pytest.fixture(params=["file", "stream"])
def body(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counted]:
    """A file with a descriptor, and one without, that is too large to be held."""
    before = open_descriptors()
    large = write(tmp_path / "large", bytes(LENGTH))
    counted = Counted(large.open("rb") if request.param == "file" else io.BytesIO(large.read_bytes()))
    yield counted
    assert counted.closed_times == 1
    assert open_descriptors() == before


def fail(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("as the test wants it")


# Closed once


@pytest.mark.parametrize(
    ("method", "fields", "status"),
    [
        pytest.param("GET", {}, 200, id="whole"),
        pytest.param("GET", {"Range": "bytes=9-"}, 206, id="a range"),
        pytest.param("GET", {"Range": "bytes=0-1,9-9"}, 206, id="ranges"),
        pytest.param("GET", {"Range": "bytes=99999999-"}, 416, id="a range beyond"),
        pytest.param("GET", {"If-None-Match": "*"}, 304, id="unchanged"),
        pytest.param("GET", {"If-Match": '"other"'}, 412, id="a precondition"),
        pytest.param("HEAD", {}, 200, id="HEAD"),
        pytest.param("HEAD", {"If-None-Match": "*"}, 304, id="HEAD unchanged"),
        pytest.param("POST", {}, 200, id="POST"),
    ],
)
def test_a_file_is_closed_by_every_answer(body: Counted, method: str, fields: dict[str, str], status: int) -> None:
    assert call(send(body, name="a.bin"), make_environ(method, "/", fields)).status == status


@pytest.mark.parametrize("blocks", [0, 1, 3])
def test_a_file_is_closed_when_the_client_goes(body: Counted, blocks: int) -> None:
    sent: Any = send(body, name="a.bin")(make_environ("GET", "/"), ignore)
    for _, block in zip(range(blocks), sent, strict=False):
        assert block
    assert body.closed_times == 0
    sent.close()
    sent.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(("start_response", "wrapper"), [(fail, FileWrapper), (ignore, fail)])
def test_a_file_is_closed_when_the_server_raises(
    body: Counted, method: str, start_response: Any, wrapper: Any
) -> None:
    environ = make_environ(method, "/") | {"wsgi.file_wrapper": wrapper}
    if method == "HEAD" and start_response is ignore:
        return body.close()  # nothing is wrapped
    with pytest.raises(RuntimeError, match="as the test wants it"):
        send(body, name="a.bin")(environ, start_response)
    return None


def test_a_file_is_closed_when_answering_fails(body: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "respond_selected", fail)
    with pytest.raises(RuntimeError, match="as the test wants it"):
        send(body, name="a.bin")(make_environ("GET", "/"), ignore)


def test_a_file_that_cannot_be_described_is_closed(body: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "sniff_media_type", fail)
    with pytest.raises(RuntimeError, match="as the test wants it"):
        send(body, name="no-extension")


def test_a_stream_that_cannot_be_read_is_closed() -> None:
    class Corrupt(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b"" if size == 0 else fail()

    body = Corrupt()
    with pytest.raises(RuntimeError, match="as the test wants it"):
        send(body, name="a.bin")
    assert body.closed


def test_a_small_stream_is_closed_at_once() -> None:
    body = Counted(io.BytesIO(OLD))
    application = send(body, name="a.bin")
    assert body.closed_times == 1
    assert call(application, make_environ("GET", "/")).body == OLD


def test_a_named_temporary_file_is_gone_when_it_was_sent() -> None:
    body = tempfile.NamedTemporaryFile()
    body.write(OLD)
    assert call(send(body, name="a.bin"), make_environ("GET", "/")).body == OLD
    assert not Path(body.name).exists()


# Sent once


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_is_not_sent_twice(body: Counted, method: str) -> None:
    application = send(body, name="a.bin")
    call(application, make_environ(method, "/"))
    with pytest.raises(RuntimeError, match="a file is sent once"):
        application(make_environ("GET", "/"), fail)


def test_a_second_call_leaves_the_first_its_file(body: Counted) -> None:
    application = send(body, name="a.bin")
    sent = application(make_environ("GET", "/"), ignore)
    with pytest.raises(RuntimeError, match="a file is sent once"):
        application(make_environ("GET", "/"), fail)
    assert drain(sent) == bytes(LENGTH)


def test_bytes_are_sent_as_often_as_is_asked() -> None:
    application = send(OLD, name="a.bin")
    for method in ("GET", "HEAD", "GET"):
        assert call(application, make_environ(method, "/")).body == (OLD if method == "GET" else b"")


@pytest.mark.parametrize("large", [False, True], ids=["file", "stream"])
def test_a_file_closed_too_early_is_an_error_before_anything_is_sent(path: Path, *, large: bool) -> None:
    """`with open(…) as file: return send(file, …)` closes it before the server calls."""
    with io.BytesIO(bytes(LENGTH)) if large else path.open("rb") as file:
        application = send(file, name="a.bin")
    with pytest.raises(RuntimeError, match="closed before it was sent"):
        application(make_environ("GET", "/"), fail)


# One state


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(NEW)


CHANGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: os.truncate(path, 500),
    "grown": lambda path: os.truncate(path, 1500),
    "rewritten": rewrite,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_changes_while_it_is_sent_closes_the_connection(
    path: Path, change: Callable[[Path], object]
) -> None:
    before = open_descriptors()
    sent = send(path.open("rb"), name="a.bin")(make_environ("GET", "/"), ignore)
    change(path)
    with pytest.raises(ConnectionResetError):
        drain(sent)
    assert open_descriptors() == before


def test_what_a_buffer_held_of_an_earlier_state_is_not_sent(path: Path) -> None:
    file = path.open("rb")
    assert file.read(10) == OLD[:10]
    rewrite(path)
    assert call(send(file, name="a.bin"), make_environ("GET", "/")).body == NEW


def test_what_the_application_has_not_flushed_is_sent(path: Path) -> None:
    file = path.open("r+b")
    file.read(10)
    file.write(b"new")
    assert call(send(file, name="a.bin"), make_environ("GET", "/")).body == OLD[:10] + b"new" + OLD[13:]


def test_a_stream_that_shrinks_closes_the_connection() -> None:
    body = io.BytesIO(bytes(LENGTH))
    sent = send(body, name="a.bin")(make_environ("GET", "/"), ignore)
    body.truncate(HELD)
    with pytest.raises(ConnectionResetError):
        drain(sent)
    assert body.closed


def test_a_spooled_file_stays_in_memory() -> None:
    before = open_descriptors()
    body: Any = tempfile.SpooledTemporaryFile(4 * HELD)
    body.write(bytes(LENGTH))
    sent = send(body, name="a.bin")(make_environ("GET", "/"), ignore)
    assert open_descriptors() == before
    assert drain(sent) == bytes(LENGTH)


class Zeros:
    """As many bytes as memory should not hold."""

    length = 32 * HELD

    def __init__(self) -> None:
        self._position = 0

    def seek(self, offset: int) -> None:
        self._position = offset

    def read(self, size: int) -> bytes:
        data = bytes(min(size, self.length - self._position))
        self._position += len(data)
        return data

    def close(self) -> None:
        pass


def test_a_large_stream_is_never_in_memory_as_a_whole() -> None:
    tracemalloc.start()
    sent = send(Zeros(), name="a.bin")(make_environ("GET", "/"), ignore)
    assert sum(len(block) for block in sent) == Zeros.length
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * HELD
