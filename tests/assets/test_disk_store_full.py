"""A disk may be full, or fail, at any call: a start is right, and so is the next one when there is room again."""

from __future__ import annotations

import errno
import io
import mmap
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from tests.assets.starting import ALL, Cache
from tests.failing_disk import FailingDisk

SIBLING = frozenset({"lib.js br"})


class Written(FileIO):
    """A file whose writing may fail when half of it is done."""

    disk: FailingDisk

    def write(self, data: Any, /) -> int:
        try:
            self.disk.call("write")
        except OSError:
            super().write(memoryview(data)[: len(data) // 2])
            raise
        return super().write(data)


def fdopen(disk: FailingDisk) -> Callable[..., Any]:
    def open_guarded(descriptor: int, mode: str, buffering: int = -1) -> Any:
        raw = Written(descriptor, mode)
        raw.disk = disk
        return raw if buffering == 0 else io.BufferedWriter(raw, 512)

    return open_guarded


def open_guarded(disk: FailingDisk) -> Callable[..., int]:
    real = os.open

    def guarded(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if flags & os.O_CREAT and os.fspath(path).endswith("lock"):
            disk.call("lock")
        return real(path, flags, mode, dir_fd=dir_fd)

    return guarded


@contextmanager
def on(disk: FailingDisk) -> Iterator[None]:
    """Every call that writes may fail."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", open_guarded(disk))
        patch.setattr(os, "fdopen", fdopen(disk))
        patch.setattr(os, "fsync", disk.guard("fsync", os.fsync))
        patch.setattr(tempfile, "mkstemp", disk.guard("mkstemp", tempfile.mkstemp))
        patch.setattr(Path, "replace", disk.guard("replace", Path.replace))
        patch.setattr(Path, "mkdir", disk.guard("mkdir", Path.mkdir))
        patch.setattr(Path, "iterdir", disk.guard("iterdir", Path.iterdir))
        patch.setattr(mmap, "mmap", disk.guard("mmap", mmap.mmap))
        yield


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("stays", [True, False], ids=["from then on", "once"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=errno.errorcode.get)
def test_a_disk_may_fail_at_any_call(tmp_path: Path, code: int, stays: bool) -> None:
    seen: set[str] = set()
    for number in range(100):
        folder = tmp_path / str(number)
        folder.mkdir()
        cache, disk = Cache(folder), FailingDisk(number, code, stays=stays)
        with on(disk):
            coded = cache.start()
        assert SIBLING <= coded <= ALL
        assert cache.start() == ALL, disk.calls
        cache.encoded.clear()
        assert cache.start() == ALL
        assert cache.encoded == []
        seen.update(disk.calls)
        if not disk.failed:
            break
    assert seen == {"mkdir", "lock", "mkstemp", "write", "fsync", "replace", "mmap", "iterdir"}
    assert number > 10


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("stays", [True, False], ids=["from then on", "once"])
@pytest.mark.parametrize("changed", [False, True], ids=["all known", "one file changed"])
def test_nothing_of_a_store_can_be_read_for_a_while(tmp_path: Path, stays: bool, changed: bool) -> None:
    """Where too many files are open, for one."""
    for number in range(100):
        folder = tmp_path / str(number)
        folder.mkdir()
        cache, disk = Cache(folder), FailingDisk(number, errno.EMFILE, stays=stays)
        assert cache.start() == ALL
        if changed:
            cache.change("app.css")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "open", disk.guard("open", Path.open))
            assert SIBLING <= cache.start() <= ALL
        assert cache.start() == ALL, disk.calls
        if not disk.failed:
            break
    assert number > 1
