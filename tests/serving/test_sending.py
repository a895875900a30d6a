"""What the application made is answered as a static file would be, in whatever kind of object its bytes are."""

# ruff: noqa: SIM115 - send() closes what it is given

from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.datastructures import FileStorage

from tests.conftest import MODIFIED_DATE, Client, open_descriptors, plant
from whitemedia.serving.sending import HELD, send

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SMALL = b"0123456789" * 7
LARGE = random.Random(3).randbytes(HELD + 321_000)

Make = Callable[[Path], Any]


def written(file: Any, path: Path) -> Any:
    """A file as an application leaves it: written, at its end, and not flushed."""
    file.write(path.read_bytes())
    return file


def read_in_part(path: Path) -> Any:
    """A file of which the application has looked at the head."""
    file = path.open("rb")
    file.read(4)
    return file


def gzipped(path: Path) -> Any:
    """A file that has a descriptor, but of other bytes."""
    return gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(path.read_bytes(), 1)))


def gzipped_on_disk(path: Path) -> Any:
    coded = path.with_name("coded.gz")
    coded.write_bytes(gzip.compress(path.read_bytes(), 1))
    return gzip.open(coded)


class Within:
    """A file within a file: `read` is the outer one's, and `seek` is not."""

    def __init__(self, path: Path) -> None:
        outer = path.with_name("outer")
        outer.write_bytes(b"head" + path.read_bytes())
        self._file = outer.open("rb")
        self.read, self.close = self._file.read, self._file.close

    def seek(self, offset: int) -> int:
        return self._file.seek(4 + offset)


class ReadsLittle:
    """All that is asked of a file, and no more bytes at once than it likes."""

    def __init__(self, path: Path) -> None:
        self._file = io.BytesIO(path.read_bytes())
        self.seek, self.close = self._file.seek, self._file.close

    def read(self, size: int) -> bytes:
        return self._file.read(min(size, 99_999))


BYTES: dict[str, Make] = {
    "bytes": Path.read_bytes,
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
}
STREAMS: dict[str, Make] = {
    "BytesIO": lambda path: io.BytesIO(path.read_bytes()),
    "BytesIO at its end": lambda path: written(io.BytesIO(), path),
    "in memory, spooled": lambda path: written(tempfile.SpooledTemporaryFile(4 * HELD), path),
    "on disk, spooled": lambda path: written(tempfile.SpooledTemporaryFile(1), path),
    "decoded": gzipped,
    "decoded from disk": gzipped_on_disk,
    "an upload in memory": lambda path: FileStorage(io.BytesIO(path.read_bytes())),
    "three methods": ReadsLittle,
    "within a file": Within,
}
FILES: dict[str, Make] = {
    "opened": lambda path: path.open("rb"),
    "read in part": read_in_part,
    "unbuffered": lambda path: path.open("rb", buffering=0),
    "to be changed": lambda path: path.open("r+b"),
    "an upload on disk": lambda path: FileStorage(path.open("rb"), "upload.txt"),
}
TEMPORARY: dict[str, Make] = {
    "TemporaryFile": lambda path: written(tempfile.TemporaryFile(), path),
    "NamedTemporaryFile": lambda path: written(tempfile.NamedTemporaryFile(), path),
}
KEPT = BYTES | STREAMS | FILES
"""Those that are the same at each request; a temporary file is a new one."""

every_kind = pytest.mark.parametrize("kind", KEPT | TEMPORARY)
every_kept_kind = pytest.mark.parametrize("kind", KEPT)
every_size = pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])


def client(path: Path, kind: str, **arguments: Any) -> Client:
    """An application that makes its body at each request."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = (KEPT | TEMPORARY)[kind](path)
        return send(body, **{"name": "digits.txt", **arguments})(environ, start_response)

    return Client(application)


@pytest.fixture
def path(tmp_path: Path, data: bytes) -> Path:
    return plant(tmp_path, {"source": data}) / "source"


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    before = open_descriptors()
    yield
    assert open_descriptors() == before


@every_size
@every_kind
def test_all_bytes_are_sent_wherever_the_position_is(path: Path, data: bytes, kind: str) -> None:
    answer = client(path, kind).get("/")
    assert (answer.status, answer.body) == (200, data)
    assert answer.headers["Content-Length"] == str(len(data))


@every_size
@every_kept_kind
def test_head_has_the_fields_of_get(path: Path, data: bytes, kind: str) -> None:
    asked = client(path, kind)
    assert asked.head("/", {"Range": "bytes=0-1"}).headers.items() == asked.get("/").headers.items()


@every_size
@every_kind
def test_ranges_are_cut_from_the_content(path: Path, data: bytes, kind: str) -> None:
    asked = client(path, kind)
    one = asked.get("/", {"Range": "bytes=5-8"})
    assert (one.status, one.body) == (206, data[5:9])
    assert one.headers["Content-Disposition"] == 'inline; filename="digits.txt"'
    end = asked.get("/", {"Range": "bytes=-3"})
    assert [(part.start, part.data, part.complete) for part in end.parts] == [
        (len(data) - 3, data[-3:], len(data))
    ]
    several = asked.get("/", {"Range": "bytes=60-,0-1"})
    assert [part.data for part in several.parts] == [data[60:], data[:2]]
    assert {part.media_type for part in several.parts} == {"text/plain; charset=utf-8"}
    beyond = asked.get("/", {"Range": f"bytes={len(data)}-"})
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(data)}")


@every_size
@every_kept_kind
def test_its_tag_holds_at_the_next_request(path: Path, data: bytes, kind: str) -> None:
    asked = client(path, kind)
    tag = asked.get("/").etag
    for method in ("GET", "HEAD"):
        assert asked.request(method, "/", {"If-None-Match": tag}).status == 304
        assert asked.request(method, "/", {"If-Match": tag}).status == 200
        assert asked.request(method, "/", {"If-Match": '"other"'}).status == 412
    assert asked.get("/", {"If-Range": tag, "Range": "bytes=1-2"}).body == data[1:3]
    assert asked.get("/", {"If-Range": '"other"', "Range": "bytes=1-2"}).body == data


@every_size
@pytest.mark.parametrize("kind", BYTES | STREAMS)
def test_what_was_read_is_tagged_by_its_bytes(path: Path, data: bytes, kind: str) -> None:
    answer = client(path, kind).get("/")
    assert answer.etag == f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    assert answer.headers["Last-Modified"] is None


@pytest.mark.parametrize("data", [SMALL])
@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_tagged_and_dated_by_its_state(path: Path, kind: str) -> None:
    asked = client(path, kind)
    answer = asked.get("/")
    assert answer.headers["Last-Modified"] == MODIFIED_DATE
    assert asked.get("/", {"If-Modified-Since": MODIFIED_DATE}).status == 304
    path.write_bytes(SMALL[::-1])
    assert asked.get("/").etag != answer.etag


@pytest.mark.parametrize("data", [SMALL])
@pytest.mark.parametrize("kind", TEMPORARY)
def test_a_file_just_written_has_a_weak_tag(path: Path, kind: str) -> None:
    """Two states may share one time."""
    assert client(path, kind).get("/").etag.startswith('W/"')


@pytest.mark.parametrize("data", [SMALL])
@pytest.mark.parametrize("modified", [0, 1, time.time() + 1e6], ids=["none", "a Nix store's", "in the future"])
def test_a_time_that_is_none_is_not_sent(path: Path, modified: float) -> None:
    os.utime(path, (modified, modified))
    answer = client(path, "opened").get("/", {"If-Modified-Since": MODIFIED_DATE})
    assert (answer.status, answer.headers["Last-Modified"]) == (200, None)


@every_size
@every_kind
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_any_other_method_is_answered_whole(path: Path, data: bytes, kind: str, method: str) -> None:
    """It did something, and this is what it made: neither a precondition nor a range can take that back."""
    fields = {
        "Range": "bytes=0-1",
        "If-None-Match": "*",
        "If-Match": '"other"',
        "If-Modified-Since": MODIFIED_DATE,
    }
    answer = client(path, kind).request(method, "/", fields)
    assert (answer.status, answer.body) == (200, data)


@every_kind
@pytest.mark.parametrize("data", [b""])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_nothing_is_sent_as_nothing(path: Path, kind: str, method: str) -> None:
    answer = client(path, kind).request(method, "/", {"Range": "bytes=0-"})
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", "0")


@pytest.mark.parametrize("length", [HELD - 1, HELD, HELD + 1])
def test_a_stream_is_sent_alike_around_the_length_up_to_which_it_is_held(length: int) -> None:
    answer = Client(send(io.BytesIO(bytes(length)), name="zeros")).get("/", {"Range": "bytes=-2"})
    assert (answer.body, answer.headers["Content-Range"]) == (
        bytes(2),
        f"bytes {length - 2}-{length - 1}/{length}",
    )


EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "content-type": "application/pdf",
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "accept-ranges": "bytes",
        "content-length": "70",
    }
)


@every_kept_kind
@pytest.mark.parametrize("data", [SMALL])
@pytest.mark.parametrize(("attachment", "disposition"), [(False, "inline"), (True, "attachment")])
def test_these_fields_are_sent_and_no_others(path: Path, kind: str, disposition: str, *, attachment: bool) -> None:
    """It may be one user's own: no other origin may read it, and no cache may keep it unasked."""
    answer = client(path, kind, name="report.pdf", attachment=attachment).get("/", {"Accept-Encoding": "br, gzip"})
    fields = answer.fields
    assert {name: fields.pop(name) for name in EXPECTED} == EXPECTED
    assert fields.pop("content-disposition") == f'{disposition}; filename="report.pdf"'
    assert fields.keys() == ({"etag", "last-modified"} if kind in FILES else {"etag"})


@every_kept_kind
@pytest.mark.parametrize("data", [SMALL])
def test_a_304_says_how_long_to_keep_it_and_not_what_it_is(path: Path, kind: str) -> None:
    answer = client(path, kind).get("/", {"If-None-Match": "*"})
    assert answer.status == 304
    assert answer.fields.keys() == {"cache-control", "x-content-type-options", "etag"}
