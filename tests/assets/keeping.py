"""Stores on disk that keep bodies, each named after what it is the body of."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.files import StatKey
from whitemedia.assets.packs import SUFFIX, PackBody
from whitemedia.assets.store import Coded

SetDay = Callable[[float], None]
KEY = StatKey(1, 2, 3, 4, 5)


def digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def body(store: DiskStore, name: str, coding: str = "br", level: int = 5) -> bytes | None:
    """The bytes that were kept for what has this name, if they are whole."""
    kept = store.body(digest(name), coding, level)
    if not isinstance(kept, Coded):
        return None
    assert isinstance(kept.body, PackBody)
    return kept.body.read_checked(kept.digest)


def keep(directory: Path, *names: str) -> DiskStore:
    """A store that has kept a body for each name."""
    store = DiskStore(directory)
    for name in names:
        store.keep(digest(name), "br", 5, f"coded {name}".encode())
    store.commit()
    return store


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def packs(directory: Path) -> list[Path]:
    return sorted(directory.glob(f"*{SUFFIX}"))


def data(name: str, length: int = 100) -> bytes:
    """A body that is like no other's."""
    return hashlib.shake_128(name.encode()).digest(length)


def fill(directory: Path, **lengths: int) -> None:
    """Keep bodies of these names and lengths, in one pack."""
    store = DiskStore(directory)
    for name, length in lengths.items():
        store.keep(digest(name), "br", 5, data(name, length))
    store.commit()


def contents(directory: Path) -> dict[str, bytes]:
    """What is in each file of a directory."""
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def days_from_now(monkeypatch: pytest.MonkeyPatch) -> SetDay:
    """Sets the clock: from then on it is so many days from now. It stands still, so that no day ends meanwhile."""
    now = time.time()

    def set_day(days: float) -> None:
        monkeypatch.setattr(time, "time", lambda: now + days * 24 * 60 * 60)

    set_day(0)
    return set_day
