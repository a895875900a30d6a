"""A file has its name when it is whole, and never another's; whatever goes wrong, nothing is left."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from tests.conftest import Client, application, construct, open_descriptors
from tests.media.uploading import in_threads, left_in, upload
from whitemedia.media.upload_errors import UploadTooLarge
from whitemedia.media.uploads import MediaStore

BLOCK = 256 * 1024
DATA = b"what is saved\n" * 100


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def store(root: Path) -> MediaStore:
    return MediaStore(root, accept=".txt")


class Stream:
    """What a client sends: each item is a read, or an error."""

    filename = "a.txt"
    content_length = 3  # which nobody believes

    def __init__(self, *reads: bytes | BaseException, then: bytes = b"") -> None:
        self._reads = iter(reads)
        self._then = then
        self.given = 0

    def read(self, size: int, /) -> bytes:
        item = next(self._reads, self._then[:size])
        if isinstance(item, BaseException):
            raise item
        assert len(item) <= size
        self.given += len(item)
        return item


class Failing(Stream):
    """One that fails after it has given so many bytes."""

    def __init__(self, length: int, error: BaseException) -> None:
        super().__init__()
        self._length = length
        self._error = error

    def read(self, size: int, /) -> bytes:
        if self.given >= self._length:
            raise self._error
        size = min(size, self._length - self.given)
        self.given += size
        return b"x" * size


@pytest.mark.parametrize("data", [b"", b"x", DATA, b"x" * 4096, b"x" * 4097, b"x" * (4096 + BLOCK + 1)], ids=len)
def test_what_is_saved_is_what_was_sent(store: MediaStore, root: Path, data: bytes) -> None:
    stored = upload(store, "ü 1.txt", data)
    assert stored == (
        "ü 1.txt",
        "/media/%C3%BC%201.txt",
        len(data),
        "text/plain",
        hashlib.sha256(data).hexdigest(),
    )
    assert (root / "ü 1.txt").read_bytes() == data
    assert left_in(root) == ["ü 1.txt"]


def test_short_reads_are_no_end(store: MediaStore, root: Path) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1 + (size or 0) % 11)

    assert store.save(Slow(DATA), filename="a.txt").size == len(DATA)
    assert (root / "a.txt").read_bytes() == DATA


def test_what_is_read_is_from_where_it_is(store: MediaStore, root: Path) -> None:
    file = io.BytesIO(DATA)
    file.seek(5)
    store.save(file, filename="a.txt")
    assert (root / "a.txt").read_bytes() == DATA[5:]


@pytest.mark.parametrize(
    ("name", "filename", "stored"),
    [("a.txt", None, "a.txt"), ("a.txt", "b.txt", "b.txt"), ("x.png", "b.txt", "b.txt")],
)
def test_a_name_that_is_given_goes_before_its_own(
    store: MediaStore, name: str, filename: str | None, stored: str
) -> None:
    stream = Stream(DATA)
    stream.filename = name
    assert store.save(stream, filename=filename).name == stored


@pytest.mark.parametrize("limit", [0, 1, 4095, 4096, 100_000, 4096 + BLOCK])
def test_the_limit_counts_while_it_is_copied(root: Path, limit: int) -> None:
    """Of a client that lies about its length and never ends."""
    store = MediaStore(root, accept=".txt", max_size=limit)
    stream = Stream(then=b"x" * BLOCK)
    with pytest.raises(UploadTooLarge) as caught:
        store.save(stream)
    assert (caught.value.code, caught.value.limit, caught.value.filename) == (413, limit, "a.txt")
    assert stream.given <= limit + BLOCK + 4096
    assert left_in(root) == []
    assert upload(store, "a.txt", b"x" * limit).size == limit


@pytest.mark.parametrize(
    "error", [OSError("gone"), KeyboardInterrupt(), MemoryError(), ValueError("chunk")], ids=repr
)
@pytest.mark.parametrize("length", [0, 100, 4096, 300_000])
def test_a_client_that_goes_away_leaves_nothing(
    store: MediaStore, root: Path, error: BaseException, length: int
) -> None:
    before = open_descriptors()
    with pytest.raises(type(error)):
        store.save(Failing(length, error))
    assert left_in(root) == []
    assert open_descriptors() == before


def test_nothing_is_ever_overwritten(store: MediaStore, root: Path) -> None:
    (root / "a.txt").write_bytes(b"mine")
    (root / "b.txt").symlink_to("nowhere")
    (root / "c.txt").mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        stored = upload(store, name, DATA)
        assert stored.name[:2] + stored.name[10:] == f"{name[0]}-.txt"
        assert (root / stored.name).read_bytes() == DATA
    assert (root / "a.txt").read_bytes() == b"mine"
    assert (root / "b.txt").is_symlink()


def test_whoever_saves_one_name_at_once_has_a_file_of_its_own(store: MediaStore, root: Path) -> None:
    saved: dict[str, bytes] = {}

    def work(number: int) -> None:
        for turn in range(13):
            data = b"%d %d" % (number, turn)
            saved[upload(store, "a.txt", data).name] = data

    in_threads(8, work)
    assert len(saved) == 8 * 13
    assert {name: (root / name).read_bytes() for name in left_in(root)} == saved


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o640, 0o666, 0o444], ids=oct)
def test_it_has_the_mode_that_was_said(root: Path, mode: int, umask: int) -> None:
    before = os.umask(umask)
    try:
        upload(MediaStore(root, accept=".txt", mode=mode), "a.txt", DATA)
    finally:
        os.umask(before)
    assert stat.S_IMODE((root / "a.txt").stat().st_mode) == mode


def test_it_is_on_disk_before_it_has_its_name(
    store: MediaStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so is its name before it is told."""
    seen: list[tuple[bool, int, bool]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        is_file = stat.S_ISREG(status.st_mode)
        seen.append((is_file, status.st_size if is_file else 0, (root / "a.txt").exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    upload(store, "a.txt", DATA)
    assert seen == [(True, len(DATA), False), (False, 0, True)]


def test_a_media_prefix_serves_it_at_once_and_a_draft_never(store: MediaStore, root: Path, tree: Path) -> None:
    middleware = construct(application, tree)
    middleware.add_media(root, "/media/")
    client = Client(middleware)
    asked: list[int] = []

    class Asking(Stream):
        def read(self, size: int, /) -> bytes:
            names = [*left_in(root), *[name.upper() for name in left_in(root)], "a.txt"]
            asked.extend(client.get(f"/media/{name}").status for name in names)
            return super().read(size)

    data = b"x" * 4096 + DATA * 2
    stored = store.save(Asking(data[:4096], DATA, DATA))
    assert asked == [404] * (1 + 3 * 3)
    answer = client.get("/media/a.txt")
    assert (answer.status, answer.body) == (200, data)
    assert store.delete(stored.name)
    assert client.get("/media/a.txt").status == 404
