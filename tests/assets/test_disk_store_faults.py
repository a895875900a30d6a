"""Whatever is wrong with a store, a start is right: every coded body decodes to its file, and nothing is raised."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import time
from pathlib import Path

import pytest

from tests.assets.damages import CHANGED, DAMAGES, LOST, Damage, flip
from tests.assets.failing import fail_with
from tests.assets.starting import ALL, Cache
from whitemedia.assets import locking
from whitemedia.assets import packs as packs_module
from whitemedia.assets.files import StatKey
from whitemedia.assets.index_file import MAGIC
from whitemedia.assets.locking import FileLock

EPOCH = 315_532_800 * 10**9  # the first of January 1980, as of all files in such images


@pytest.fixture
def cache(tmp_path: Path, settled: None) -> Cache:
    """A store that knows all of a site."""
    cache = Cache(tmp_path)
    assert cache.start() == ALL
    return cache


# Damage


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_an_index_that_is_damaged_is_not_believed_and_written_again(cache: Cache, damage: Damage) -> None:
    damage(cache.index)
    assert [cache.start() for _ in range(2)] == [ALL] * 2


@pytest.mark.parametrize("later", [b"", b"whatever comes then"])
def test_an_index_of_later_days_is_not_believed(cache: Cache, later: bytes) -> None:
    cache.index.write_bytes(MAGIC.replace(b"1", b"2") + later)
    assert cache.start() == ALL


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_with_a_pack_that_is_damaged_every_start_is_right(cache: Cache, damage: Damage) -> None:
    damage(cache.pack)
    assert [cache.start() <= ALL for _ in range(2)] == [True] * 2


@pytest.mark.parametrize("damage", [pytest.param(LOST[name], id=name) for name in LOST if name != "a directory"])
def test_what_a_pack_has_lost_is_coded_again(cache: Cache, damage: Damage) -> None:
    damage(cache.pack)
    cache.start()
    assert cache.start() == ALL


@pytest.mark.parametrize("damage", CHANGED.values(), ids=CHANGED)
def test_what_is_found_to_be_damaged_is_coded_again_at_the_next_start(cache: Cache, damage: Damage) -> None:
    damage(cache.pack)
    assert cache.start() < ALL
    assert cache.start() == ALL


def test_a_body_that_is_damaged_costs_no_other(cache: Cache) -> None:
    flip(0)(cache.pack)
    assert len(cache.start()) == len(ALL) - 1


# The directory


def test_a_directory_that_went_is_made_again(cache: Cache) -> None:
    shutil.rmtree(cache.directory)
    assert cache.start() == ALL
    assert cache.index.exists()


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777])
def test_a_directory_that_others_may_write_is_not_used_and_said_once(
    cache: Cache, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    before = {path: path.stat().st_mtime_ns for path in cache.directory.iterdir()}
    cache.directory.chmod(mode)
    cache.encoded.clear()
    assert cache.start() == ALL
    assert len(cache.encoded) == len(ALL) - 1  # of one there is a sibling
    assert {path: path.stat().st_mtime_ns for path in cache.directory.iterdir()} == before
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(cache.directory) in caplog.messages[0]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners are POSIX's")
def test_a_directory_of_another_user_is_not_used(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(cache.directory, 1, 1) if os.geteuid() == 0 else monkeypatch.setattr(os, "geteuid", lambda: 1)
    cache.encoded.clear()
    assert cache.start() == ALL
    assert cache.encoded


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners are POSIX's")
@pytest.mark.parametrize("name", ["index", "pack"])
def test_a_file_of_another_user_is_not_read(cache: Cache, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Such as one that was linked from where others write."""
    status = getattr(cache, name).stat()
    real = packs_module.is_trusted
    monkeypatch.setattr(packs_module, "is_trusted", lambda found: found.st_ino != status.st_ino and real(found))
    monkeypatch.setattr("whitemedia.assets.store_tables.is_trusted", packs_module.is_trusted)
    cache.encoded.clear()
    assert cache.start() == ALL
    assert cache.encoded


@pytest.mark.parametrize("kind", ["a file", "beneath a file", "a broken link", "a link to itself"])
def test_a_directory_that_cannot_be_made_is_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    cache = Cache(tmp_path)
    if kind == "a broken link":
        cache.directory.symlink_to("nothing/at/all")
    elif kind == "a link to itself":
        cache.directory.symlink_to(cache.directory)
    else:
        cache.directory.write_bytes(b"")
    if kind == "beneath a file":
        cache.directory /= "deeper"
    assert [cache.start() for _ in range(2)] == [ALL] * 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2


def test_a_directory_may_be_a_link_to_one(tmp_path: Path, settled: None) -> None:
    cache = Cache(tmp_path)
    (tmp_path / "elsewhere").mkdir(0o700)
    cache.directory.symlink_to("elsewhere")
    assert [cache.start() for _ in range(2)] == [ALL] * 2
    assert len(cache.encoded) == len(ALL) - 1


def test_a_store_that_cannot_be_written_is_used_and_what_is_new_is_in_memory(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    before = sorted(path.name for path in cache.directory.iterdir())
    cache.encoded.clear()
    assert cache.start() == ALL
    assert cache.encoded == []
    cache.change("app.css")
    assert cache.start() == ALL
    assert len(cache.encoded) == 3
    assert sorted(path.name for path in cache.directory.iterdir()) == before


# The lock


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waiting takes no time, but is counted."""
    slept: list[float] = []
    real = time.monotonic
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "monotonic", lambda: real() + sum(slept))
    return slept


def test_who_waits_in_vain_serves_what_is_known_and_remembers_nothing_wrong(
    cache: Cache, no_time: list[float]
) -> None:
    cache.change("app.css")
    cache.encoded.clear()
    with FileLock(cache.directory / "lock", 0):
        assert cache.start() == {name for name in ALL if not name.startswith("app.css")}
    assert 10 < sum(no_time) < 20
    assert cache.encoded == []
    assert cache.start() == ALL


def test_where_all_is_known_nobody_waits(cache: Cache, no_time: list[float]) -> None:
    with FileLock(cache.directory / "lock", 0):
        assert cache.start() == ALL
    assert no_time == []


def test_where_systems_lock_nothing_a_start_is_as_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "_fcntl", None)
    monkeypatch.setattr(locking, "_msvcrt", None)
    cache = Cache(tmp_path)
    assert [cache.start() for _ in range(2)] == [ALL] * 2


@pytest.mark.parametrize("kind", ["a directory", "a link to itself", "a file system that cannot lock"])
def test_where_the_lock_cannot_be_had_by_anybody_a_start_codes_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_time: list[float], kind: str
) -> None:
    cache = Cache(tmp_path)
    cache.directory.mkdir(0o700)
    lock = cache.directory / "lock"
    if kind == "a directory":
        lock.mkdir()
    elif kind == "a link to itself":
        lock.symlink_to(lock)
    else:
        monkeypatch.setattr(pytest.importorskip("fcntl"), "flock", fail_with(errno.ENOLCK))
    assert cache.start() == ALL
    assert no_time == []


# Disks whose times tell nothing


def test_what_was_built_anew_with_the_same_times_is_not_taken_for_what_it_was(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of images that are only read (squashfs, erofs), built to be reproducible: no time and no inode tells versions apart."""
    monkeypatch.setattr(StatKey, "of", lambda status: StatKey(1, status.st_ino, status.st_size, *[EPOCH] * 2))
    for text in (b"red ", b"blue"):
        cache.site["app.css"] = b"a { color: %b }\n" % text * 100
        (cache.root / "app.css").write_bytes(cache.site["app.css"])
        assert cache.start() == ALL
