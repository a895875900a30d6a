"""A store that is used for long: by a process that refreshes while others prune, by very many starts, and by some that end early."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.assets.keeping import body, digest, keep, names, packs
from tests.assets.starting import ALL, Cache, check
from tests.conftest import serve, whitemedia_of
from whitemedia.assets import disk_store
from whitemedia.assets.disk_store import MAX_MAPPED, DiskStore
from whitemedia.assets.packs import SUFFIX
from whitemedia.store import prune_store

pytestmark = pytest.mark.usefixtures("settled")


# Refreshed after others have pruned


@pytest.mark.parametrize("days", [0, 30], ids=["all", "a part"])
def test_what_did_not_change_stays_coded_though_others_forgot_it(tmp_path: Path, days: int) -> None:
    cache = Cache(tmp_path)
    client = serve(cache.root, cache_dir=str(cache.directory))
    prune_store(cache.directory, days=days)
    cache.change("app.css")
    whitemedia_of(client).refresh()
    assert check(client, cache.site) == ALL


def test_what_was_not_mapped_and_is_gone_is_coded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whitemedia.assets.stores._is_remote", lambda directory: True)
    cache = Cache(tmp_path)
    client = serve(cache.root, cache_dir=str(cache.directory))
    prune_store(cache.directory, days=0)
    for _ in range(2):
        cache.change("app.css")
        whitemedia_of(client).refresh()
    assert check(client, cache.site) == ALL


# Very many packs


PROC = Path("/proc/self/fd")


def open_packs(directory: Path) -> int:
    """How many descriptors of packs beneath a directory this process has."""
    opened = [os.readlink(PROC / name) for name in os.listdir(PROC) if (PROC / name).is_symlink()]
    return sum(path.startswith(str(directory)) and SUFFIX in path for path in opened)


@pytest.fixture
def few_mapped(monkeypatch: pytest.MonkeyPatch) -> int:
    assert MAX_MAPPED < 100  # macOS gives a process 256 descriptors
    monkeypatch.setattr(disk_store, "MAX_MAPPED", 3)
    return 3


@pytest.mark.skipif(not PROC.exists(), reason="only Linux tells what descriptors are of")
def test_however_many_packs_there_are_few_descriptors_are_taken(tmp_path: Path, few_mapped: int) -> None:
    """Each release adds a pack, for as long as something in it is used."""
    every = [f"body {number}" for number in range(10)]
    for name in every:
        keep(tmp_path, name)
    assert len(packs(tmp_path)) == 10
    store = DiskStore(tmp_path)
    assert [body(store, name) for name in every] == [f"coded {name}".encode() for name in every]
    assert open_packs(tmp_path) == few_mapped


@pytest.mark.skipif(not PROC.exists(), reason="only Linux tells what descriptors are of")
def test_a_process_that_refreshes_often_takes_few_descriptors(tmp_path: Path, few_mapped: int) -> None:
    cache = Cache(tmp_path)
    client = serve(cache.root, cache_dir=str(cache.directory))
    for _ in range(5):
        cache.change("app.css")
        whitemedia_of(client).refresh()
        assert check(client, cache.site) == ALL
    assert open_packs(tmp_path) == few_mapped


# Ended early


def begin(store: DiskStore, ended: type[BaseException]) -> None:
    with store.exclusive(0):
        store.keep(digest("one"), "br", 5, b"coded one")
        raise ended


@pytest.mark.parametrize("ended", [KeyboardInterrupt, SystemExit, ValueError])
def test_what_a_start_did_before_it_was_ended_is_not_done_again(
    tmp_path: Path, ended: type[BaseException]
) -> None:
    """A server ends a worker that takes too long, and starts another, and so on."""
    with pytest.raises(ended):
        begin(DiskStore(tmp_path), ended)
    assert body(DiskStore(tmp_path), "one") == b"coded one"
    assert [name for name in names(tmp_path) if name.startswith(".")] == []
