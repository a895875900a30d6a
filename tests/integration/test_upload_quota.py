"""A root that is full refuses uploads without counting all its files each time, and still knows what is there."""

from __future__ import annotations

import errno
import io
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from whitemedia.media.drafts import Draft
from whitemedia.media.upload_errors import QuotaExceeded
from whitemedia.media.uploads import MediaStore

LIMIT = 1000


class Clock:
    """Stands still, but that looking through a directory takes a second."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0
        self.looks = 0

    def scandir(self, scandir: Callable[[str], Any]) -> Callable[[str], AbstractContextManager[Any]]:
        def look(path: str) -> AbstractContextManager[Any]:
            self.looks += 1
            self.seconds += 1
            found: AbstractContextManager[Any] = scandir(path)
            return found

        return look


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(os, "scandir", clock.scandir(os.scandir))
    monkeypatch.setattr(time, "time", lambda: clock.seconds)
    return clock


def save(store: MediaStore, length: int) -> str:
    return store.save(io.BytesIO(b"a" * length), filename="a.txt").name


def test_where_counting_takes_long_it_is_not_done_for_every_refusal(tmp_path: Path, clock: Clock) -> None:
    """With some thousand files, and uploads that are refused one after the other, all others waited for the lock
    until they gave up."""
    store = MediaStore(tmp_path, quota=LIMIT)
    save(store, LIMIT)
    clock.looks = 0
    for _ in range(50):
        with pytest.raises(QuotaExceeded):
            save(store, 1)
    assert clock.looks <= 1


def test_room_that_was_made_by_other_means_is_found_after_a_while(tmp_path: Path, clock: Clock) -> None:
    store = MediaStore(tmp_path, quota=LIMIT)
    (tmp_path / save(store, LIMIT)).unlink()
    clock.seconds += 60
    assert save(store, LIMIT)


def test_room_that_was_made_by_other_means_is_found_at_once_where_counting_takes_no_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    store = MediaStore(tmp_path, quota=LIMIT)
    for _ in range(20):
        (tmp_path / save(store, LIMIT)).unlink()
    assert save(store, LIMIT)


def test_what_could_not_be_named_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MediaStore(tmp_path, quota=LIMIT)
    save(store, 1)
    with monkeypatch.context() as patch:
        patch.setattr(Draft, "name", _fail)
        with pytest.raises(PermissionError):
            save(store, 500)
    with pytest.raises(QuotaExceeded) as raised:
        save(store, LIMIT)
    assert raised.value.found == 1 + LIMIT


def test_a_file_that_has_its_name_is_saved_though_the_count_cannot_be_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = (MediaStore(tmp_path, quota=LIMIT) for _ in range(2))
    save(other, 1)
    write = Path.write_bytes

    def write_unsettled(path: Path, data: bytes) -> int:
        if data.isdigit():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", write_unsettled)
        assert store.exists(save(store, 500))
    with pytest.raises(QuotaExceeded) as raised:
        save(other, LIMIT)
    assert raised.value.found == 1 + 500 + LIMIT


def _fail(self: Draft, name: str) -> bool:
    raise PermissionError(name)
