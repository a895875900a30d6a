"""What a store holds in this process's memory is counted, and let go where nobody needs it any more."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.assets.failing import fail_with
from tests.assets.keeping import digest
from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.packs import PackWriter
from whitemedia.assets.store import NOT_WORTH, MemoryStore, Store


@pytest.fixture(params=["memory", "a full disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store that has to hold what it keeps."""
    if request.param == "memory":
        return MemoryStore()
    monkeypatch.setattr(PackWriter, "add", fail_with(errno.ENOSPC))
    return DiskStore(tmp_path)


def test_bodies_are_counted_and_nothing_else(store: Store) -> None:
    assert store.held == 0
    store.keep(digest("one"), "br", 5, b"12345")
    store.keep(digest("one"), "gzip", 5, b"123")
    store.keep(digest("two"), "br", 5, NOT_WORTH)
    assert store.held == 8


def test_what_is_not_retained_is_held_no_more(store: Store) -> None:
    for name in ("one", "two"):
        store.keep(digest(name), "br", 5, b"12345")
    store.retain({digest("two"), digest("three")})
    assert store.held == 5
    assert store.body(digest("one"), "br", 5) is None
    assert store.body(digest("two"), "br", 5) is not None


def test_what_is_in_a_pack_is_not_held_and_stays(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.keep(digest("one"), "br", 5, b"12345")
    store.commit()
    store.retain(set())
    assert store.held == 0
    assert store.body(digest("one"), "br", 5) is not None
