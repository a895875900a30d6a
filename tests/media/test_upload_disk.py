"""A disk may be full, or fail, at any call: the user is told, nothing is left, and with room again all is well."""

# ruff: noqa: PT017 - which of two errors it is depends on where it fails

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import open_descriptors
from tests.failing_disk import FailingDisk
from tests.media.uploading import left_in, make_picture, upload
from whitemedia.media.drafts import DRAFT
from whitemedia.media.upload_errors import StorageFull
from whitemedia.media.uploads import MediaStore, StoredFile

DATA = make_picture("PNG") + bytes(270_000)
PICTURE = make_picture("PNG")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a disk that others write to."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


class Disk(FailingDisk):
    """One on which files are made, and half of a write may be done."""

    def open(self, function: Callable[..., int]) -> Callable[..., int]:
        """Making a file may fail."""

        def guarded(path: Any, flags: int, *arguments: Any, **keywords: Any) -> int:
            if flags & os.O_CREAT and DRAFT in os.fspath(path):
                self.call("open")
            return function(path, flags, *arguments, **keywords)

        return guarded

    def write(self, function: Callable[[int, Any], int]) -> Callable[[int, Any], int]:
        """Writing may fail when half of it is done, and may do less than it is asked."""

        def guarded(descriptor: int, data: Any) -> int:
            try:
                self.call("write")
            except OSError:
                function(descriptor, data[: len(data) // 2])
                raise
            return function(descriptor, data[:100_000])

        return guarded


@contextmanager
def on(disk: Disk, *, links: bool = True) -> Iterator[None]:
    """Every call that writes may fail."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", disk.open(os.open))
        patch.setattr(os, "write", disk.write(os.write))
        patch.setattr(os, "fsync", disk.guard("fsync", os.fsync))
        patch.setattr(os, "fchmod", disk.guard("fchmod", os.fchmod))
        patch.setattr(os, "rename", disk.guard("rename", os.rename))
        patch.setattr(Path, "write_bytes", disk.guard("count", Path.write_bytes))
        patch.setattr(os, "link", disk.guard("link", os.link) if links else no_links)
        yield


def no_links(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def save(store: MediaStore) -> StoredFile:
    return upload(store, "a.png", DATA)


def clean(store: MediaStore) -> StoredFile:
    return upload(store, "a.png", PICTURE, clean=True)


WAYS: dict[str, tuple[Callable[[MediaStore], StoredFile], bool]] = {
    "saved": (save, True),
    "without links": (save, False),
    "cleaned": (clean, True),
}


@pytest.mark.parametrize("stays", [True, False], ids=["from then on", "once"])
@pytest.mark.parametrize(
    "code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS], ids=errno.errorcode.get
)
@pytest.mark.parametrize(("do", "links"), WAYS.values(), ids=WAYS)
def test_wherever_it_fails_nothing_is_left(
    tmp_path: Path, do: Callable[[MediaStore], StoredFile], links: bool, code: int, stays: bool
) -> None:
    is_full = code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    seen: set[str] = set()
    before = open_descriptors()
    for number in range(100):
        root = tmp_path / str(number)
        store, disk = MediaStore(root, accept="image/*", quota=1_000_000), Disk(number, code, stays=stays)
        with on(disk, links=links):
            try:
                stored = do(store)
            except StorageFull as error:
                assert (is_full, error.code, error.filename) == (True, 507, "a.png")
                assert left_in(root) == []
            except OSError as error:
                assert (is_full, error.errno) == (False, code)
                assert left_in(root) == []
            else:  # all that can fail then is to have its name on disk for sure
                assert not disk.failed or disk.calls[number:] in (["fsync"], ["fsync", "count"], ["count"])
                assert left_in(root) == [stored.name]
        assert open_descriptors() == before
        seen.update(disk.calls)
        assert do(MediaStore(root, accept="image/*", quota=1_000_000)).size > 0
        if not disk.failed:
            break
    assert seen == {"open", "write", "fchmod", "fsync", "count", "link" if links else "rename"}
    assert number >= 6


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_a_thumbnail_that_cannot_be_written_is_not_there(tmp_path: Path, code: int) -> None:
    store = MediaStore(tmp_path, accept="image/*", widths=(10,))
    clean(store)
    made = 0
    for number in range(100):
        with on(Disk(number, code, stays=True)):
            try:
                made = len(store.thumbnails("a.png"))
            except (StorageFull, OSError) as error:
                assert isinstance(error, StorageFull) == (code == errno.ENOSPC)
        if made:
            break
        assert left_in(tmp_path) == ["a.png"]
    assert left_in(tmp_path) == ["a.png", "a_png.10w.webp"]
    assert number > 3


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.ENOENT], ids=errno.errorcode.get)
def test_a_directory_that_cannot_be_synced_has_its_file_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """As on Windows."""
    store = MediaStore(tmp_path, accept="image/*")
    real = os.open

    def open_(path: Any, flags: int, *arguments: Any, **keywords: Any) -> int:
        if path == str(tmp_path) and flags == os.O_RDONLY:
            raise OSError(code, os.strerror(code))
        return real(path, flags, *arguments, **keywords)

    monkeypatch.setattr(os, "open", open_)
    stored = save(store)
    assert left_in(tmp_path) == [stored.name]


def test_a_root_that_is_gone_is_no_full_disk(tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "media", accept="image/*")
    (tmp_path / "media").rmdir()
    with pytest.raises(FileNotFoundError):
        save(store)


def test_a_file_that_is_too_large_for_the_disk_is_told(tmp_path: Path) -> None:
    """By the system itself: this process may write files of 200 kB."""
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    store = MediaStore(tmp_path, accept="image/*")
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(StorageFull):
            save(store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert left_in(tmp_path) == []
