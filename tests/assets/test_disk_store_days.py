"""What is used is kept for ever, what nobody uses goes, and with it what nobody owns."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.assets.keeping import KEY, body, digest, keep, packs
from tests.assets.resources import TEXT
from whitemedia.assets.compression import Compressor
from whitemedia.assets.disk_store import FRESH_DAYS, KEPT_DAYS, DiskStore
from whitemedia.assets.packs import SUFFIX, TEMPORARY
from whitemedia.assets.store_tables import ABANDONED_SECONDS

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Index, Spy

DAY = 24 * 60 * 60
NOON = 20_000 * DAY + DAY // 2


@pytest.fixture
def set_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Stores opened from now on, and what they compare with, are of another time."""
    return lambda seconds: monkeypatch.setattr(time, "time", lambda: seconds)


def touch(store: DiskStore) -> list[object]:
    """All that a store knows of one file, which it is asked for."""
    one = digest("one")
    return [store.digest(KEY), store.verified(KEY, one), store.media_type(one), body(store, "one")]


def fill(directory: Path) -> list[object]:
    """A store that knows one file."""
    store = DiskStore(directory)
    store.remember(KEY, digest("one"))
    store.mark_verified(KEY, digest("one"), digest("own"))
    store.keep_media_type(digest("one"), "image/gif")
    store.keep(digest("one"), "br", 5, b"coded one")
    store.commit()
    return [digest("one"), digest("own"), "image/gif", b"coded one"]


def commit_another(directory: Path) -> None:
    """As another process does."""
    store = DiskStore(directory)
    store.remember(KEY._replace(ino=9), digest("another"))
    store.commit()


@pytest.mark.parametrize(("days", "known"), [(0, True), (KEPT_DAYS, True), (KEPT_DAYS + 1, False)])
def test_what_was_not_used_for_long_is_forgotten(
    tmp_path: Path, set_time: Callable[[float], None], days: int, known: bool
) -> None:
    set_time(NOON)
    filled = fill(tmp_path)
    set_time(NOON + days * DAY)
    commit_another(tmp_path)
    assert touch(DiskStore(tmp_path)) == (filled if known else [None] * 4)


def test_what_is_used_now_and_then_is_never_forgotten(tmp_path: Path, set_time: Callable[[float], None]) -> None:
    set_time(NOON)
    filled = fill(tmp_path)
    for days in range(0, 3 * KEPT_DAYS, KEPT_DAYS - 1):
        set_time(NOON + days * DAY)
        store = DiskStore(tmp_path)
        assert touch(store) == filled
        store.commit()
        commit_another(tmp_path)


def test_what_a_process_uses_that_refreshes_for_long_is_never_forgotten(
    tmp_path: Path, set_time: Callable[[float], None]
) -> None:
    set_time(NOON)
    filled = fill(tmp_path)
    store = DiskStore(tmp_path)
    for days in range(0, 3 * KEPT_DAYS, KEPT_DAYS // 3):
        set_time(NOON + days * DAY)
        assert touch(store) == filled
        store.commit()
        commit_another(tmp_path)
    assert touch(DiskStore(tmp_path)) == filled


@pytest.mark.usefixtures("settled")
def test_what_every_start_uses_is_never_forgotten(
    tmp_path: Path, folder: Folder, index: Index, spy: Spy, set_time: Callable[[float], None]
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(0o700)
    folder.file("app.css", TEXT)
    now, coded = time.time(), spy(Compressor, "_encode")
    for days in range(0, 2 * KEPT_DAYS, 30):
        set_time(now + days * DAY)
        index(store=DiskStore(cache))
        commit_another(cache)
    assert len(coded) == 3


@pytest.mark.parametrize(("days", "noted"), [(0, False), (FRESH_DAYS - 1, False), (FRESH_DAYS, True)])
def test_use_is_not_noted_every_day(
    tmp_path: Path, set_time: Callable[[float], None], days: int, noted: bool
) -> None:
    """Else the index would be written at every start."""
    set_time(NOON)
    filled = fill(tmp_path)
    before = (tmp_path / "index").read_bytes()
    set_time(NOON + days * DAY)
    store = DiskStore(tmp_path)
    assert touch(store) == filled
    store.commit()
    assert ((tmp_path / "index").read_bytes() != before) is noted
    assert touch(DiskStore(tmp_path)) == filled


def test_a_clock_that_was_set_back_is_no_harm(tmp_path: Path, set_time: Callable[[float], None]) -> None:
    set_time(NOON)
    filled = fill(tmp_path)
    for seconds in (NOON - 1000 * DAY, 0.0, NOON):
        set_time(seconds)
        commit_another(tmp_path)
        assert touch(DiskStore(tmp_path)) == filled


def test_a_pack_of_which_all_is_forgotten_is_removed_and_others_stay(
    tmp_path: Path, set_time: Callable[[float], None]
) -> None:
    set_time(time.time())
    keep(tmp_path, "one")
    [old] = packs(tmp_path)
    set_time(time.time() + (KEPT_DAYS + 1) * DAY)
    store = keep(tmp_path, "other")
    assert old not in packs(tmp_path)
    assert len(packs(tmp_path)) == 1
    assert body(store, "other") == b"coded other"


# What nobody owns


@pytest.mark.parametrize("name", [f"{TEMPORARY}x1y2z3", f"{'0' * 31}1{SUFFIX}"], ids=["unfinished", "not named"])
@pytest.mark.parametrize(("age", "removed"), [(ABANDONED_SECONDS + 60, True), (ABANDONED_SECONDS - 60, False)])
def test_a_file_that_nobody_owns_is_removed_when_it_is_old(
    tmp_path: Path, name: str, age: int, removed: bool
) -> None:
    """A young one may be another process's, which is about to name it."""
    path = tmp_path / name
    path.write_bytes(b"data")
    os.utime(path, (time.time() - age,) * 2)
    keep(tmp_path, "one")
    assert path.exists() is not removed


@pytest.mark.parametrize("name", ["index.bak", "README", ".hidden", "0.pack.gz", "lock", "folder"])
def test_what_is_not_the_store_s_is_left_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.mkdir() if name == "folder" else path.write_bytes(b"")
    os.utime(path, (1, 1))
    keep(tmp_path, "one")
    assert path.exists()


def test_what_cannot_be_removed_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / f"folder{SUFFIX}"
    path.mkdir()
    os.utime(path, (1, 1))
    assert body(keep(tmp_path, "one"), "one") == b"coded one"


def test_packs_that_are_named_stay_however_old(tmp_path: Path) -> None:
    keep(tmp_path, "one")
    [pack] = packs(tmp_path)
    os.utime(pack, (1, 1))
    store = keep(tmp_path, "other")
    assert body(store, "one") == b"coded one"
    assert len(packs(tmp_path)) == 2
