"""An open file is read in the state in which it was opened, or found to have changed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.assets.opening import key_of
from whitemedia.assets.files import Opened, StatKey, open_regular

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Spy


pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")

TICK = 0.03  # seconds, in which a file system's clock moves on


@pytest.mark.parametrize("data", [b"", b"x", b"0123456789" * 10_000], ids=["empty", "one byte", "long"])
def test_the_whole_file_is_read_from_the_start_each_time(folder: Folder, data: bytes) -> None:
    opened = open_regular(str(folder.file("a", data)))
    assert opened is not None
    with opened:
        assert [opened.read_whole(), opened.read_head(4), opened.read_whole()] == [data, data[:4], data]


def truncate(path: Path) -> None:
    os.truncate(path, 3)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewrite_in_the_same_size_and_time(path: Path) -> None:
    status = os.stat(path)
    with path.open("r+b") as file:
        file.write(b"54321")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    "change", [truncate, grow, rewrite_in_the_same_size_and_time], ids=lambda change: change.__name__
)
def test_a_file_that_changed_is_not_read_as_the_one_that_was_opened(
    folder: Folder, change: Callable[[Path], None]
) -> None:
    path = folder.file("a", b"12345", mtime=1_000_000_000)
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        time.sleep(TICK)
        change(path)
        assert opened.read_whole() is None


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    path.with_name("new").write_bytes(b"another")
    path.with_name("new").replace(path)


def change_mode(path: Path) -> None:
    path.chmod(0o600)


@pytest.mark.parametrize(
    ("change", "rewritten"),
    [(truncate, True), (grow, True), (delete, False), (replace, False), (change_mode, False)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_open_file_is_rewritten_by_new_bytes_not_by_what_happens_to_its_path(
    folder: Folder, change: Callable[[Path], None], rewritten: bool
) -> None:
    path = folder.file("a", b"12345", mtime=1_000_000_000)
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        assert not opened.is_rewritten()
        change(path)
        assert opened.is_rewritten() is rewritten


def rename(path: Path) -> None:
    path.rename(path.with_name("renamed"))


@pytest.mark.parametrize(
    ("change", "known", "rewritten"),
    [
        (rewrite_in_the_same_size_and_time, True, True),
        (rewrite_in_the_same_size_and_time, False, False),
        (rename, True, False),
        (rename, False, False),
        (change_mode, True, False),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_size_and_time_cannot_tell_the_digest_tells_where_it_is_known(
    folder: Folder, change: Callable[[Path], None], known: bool, rewritten: bool
) -> None:
    data = b"0123456789" * 300_000  # longer than what is read at once
    path = folder.file("a", data, mtime=1_000_000_000)
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        opened.digest = hashlib.sha256(data).digest() if known else None
        opened.file.seek(7)
        time.sleep(TICK)
        change(path)
        assert opened.is_rewritten() is rewritten
        assert opened.file.tell() == 7


def test_a_file_is_read_for_its_digest_once_for_each_change(folder: Folder, spy: Spy) -> None:
    path = folder.file("a", b"12345", mtime=1_000_000_000)
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        opened.digest = hashlib.sha256(b"12345").digest()
        digests = spy(Opened, "_has_its_digest")
        time.sleep(TICK)
        rename(path)
        assert [opened.is_rewritten() for _ in range(3)] == [False] * 3
        assert len(digests) == 1
        time.sleep(TICK)
        rewrite_in_the_same_size_and_time(path.with_name("renamed"))
        assert opened.is_rewritten()
        assert len(digests) == 2


class ShortReads(FileIO):
    """A file of which a read returns little, as one of 2 GiB and more does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 4)) or b""


def test_short_reads_are_put_together(folder: Folder) -> None:
    path = folder.file("a", b"0123456789")
    with Opened(ShortReads(str(path)), key_of(path)) as opened:
        assert opened.read_whole() == b"0123456789"


def test_a_file_cut_between_two_reads_is_none(folder: Folder) -> None:
    path = folder.file("a", b"0123456789")
    longer = key_of(path)._replace(size=20)
    with Opened(ShortReads(str(path)), longer) as opened:
        assert opened.read_whole() is None


def test_closing_twice_closes_once(folder: Folder) -> None:
    opened = open_regular(str(folder.file("a")))
    assert opened is not None
    opened.close()
    reused = os.open(folder.path, os.O_RDONLY)  # takes the same descriptor
    opened.close()
    os.close(reused)


@pytest.mark.parametrize("field", StatKey._fields)
def test_each_part_of_a_state_tells_two_states_apart(field: str) -> None:
    parts = {"st_dev": 1, "st_ino": 2, "st_size": 3, "st_mtime_ns": 4, "st_ctime_ns": 5}

    class Status:
        def __getattr__(self, name: str) -> int:
            return parts[name]

    status: Any = Status()
    before = StatKey.of(status)
    parts[f"st_{field}"] += 10
    assert StatKey.of(status) == before._replace(**{field: getattr(before, field) + 10})
