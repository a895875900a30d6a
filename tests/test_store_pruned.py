"""Pruning forgets what was not used and gives its space back; what was used is kept, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assets.failing import fail_with
from tests.assets.keeping import KEY, SetDay, body, contents, data, days_from_now, digest, fill, keep, packs
from tests.assets.test_disk_store_full import on
from tests.failing_disk import FailingDisk
from tests.refusals import assert_refused
from whitemedia import store as store_module
from whitemedia.assets.disk_store import FRESH_DAYS, KEPT_DAYS, DiskStore
from whitemedia.assets.locking import FileLock
from whitemedia.assets.packs import SUFFIX, TEMPORARY
from whitemedia.assets.store_tables import ABANDONED_SECONDS
from whitemedia.store import StoreError, describe_store, prune_store

DAY = 24 * 60 * 60


@pytest.fixture
def set_day(monkeypatch: pytest.MonkeyPatch) -> SetDay:
    return days_from_now(monkeypatch)


def use(directory: Path, *used: str) -> None:
    """Look these up, as a start does, which notes it."""
    store = DiskStore(directory)
    assert None not in [body(store, name) for name in used]
    store.commit()


# What is forgotten


def fill_and_tell(directory: Path) -> Callable[[], list[object]]:
    """A store that knows one file, and what it will know of it."""
    store, one = DiskStore(directory), digest("one")
    store.remember(KEY, one)
    store.mark_verified(KEY, one, digest("own"))
    store.keep_media_type(one, "image/gif")
    store.keep(one, "br", 5, b"coded one")
    store.commit()

    def tell() -> list[object]:
        store = DiskStore(directory)
        return [store.digest(KEY), store.verified(KEY, one), store.media_type(one), body(store, "one")]

    return tell


@pytest.mark.parametrize(
    ("unused", "days", "stays"),
    [
        (0, 1, True),
        (1, 1, False),
        (1, 2, True),
        (29, 30, True),
        (30, 30, False),
        (0, 0, False),
        (1000, 0, False),
        (1000, 10**30, True),
        (-1, 0, False),
        (KEPT_DAYS - 1, None, True),
        (KEPT_DAYS, None, False),
    ],
)
def test_what_was_used_within_these_days_stays_and_all_else_goes(
    tmp_path: Path, set_day: SetDay, unused: int, days: int | None, stays: bool
) -> None:
    """Bodies, digests, siblings and types. 0 forgets everything, whatever the clock said; the default is a store's own."""
    tell = fill_and_tell(tmp_path)
    known = tell()
    set_day(unused)
    prune_store(tmp_path) if days is None else prune_store(tmp_path, days=days)
    assert tell() == (known if stays else [None] * 4)


@pytest.mark.parametrize("days", [-1, True, False, 1.0, "30", None, b"1"], ids=repr)
def test_what_is_no_number_of_days_is_refused(tmp_path: Path, days: Any) -> None:
    keep(tmp_path, "one")
    before = contents(tmp_path)
    assert_refused("days", days, lambda: prune_store(tmp_path, days=days))
    assert contents(tmp_path) == before


# What is freed


def test_what_was_freed_is_what_the_disk_has_more(tmp_path: Path, set_day: SetDay) -> None:
    fill(tmp_path, two=5000)
    fill(tmp_path, one=100)
    set_day(10)
    use(tmp_path, "one")
    before = contents(tmp_path)
    freed = prune_store(tmp_path, days=10)
    assert freed == sum(map(len, before.values())) - sum(map(len, contents(tmp_path).values())) > 5000
    assert prune_store(tmp_path, days=10) == 0


@pytest.mark.parametrize("days", [0, 30])
@pytest.mark.parametrize("folder", ["none", ""], ids=["not there", "empty"])
def test_no_less_than_nothing_is_freed(tmp_path: Path, folder: str, days: int) -> None:
    assert prune_store(tmp_path / folder, days=days) == 0
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("name", "age", "stays"),
    [
        (f"{'0' * 32}{SUFFIX}", 0, False),
        (f"{TEMPORARY}x", ABANDONED_SECONDS - 60, True),
        (f"{TEMPORARY}x", ABANDONED_SECONDS + 60, False),
        ("README", ABANDONED_SECONDS + 60, True),
    ],
)
def test_what_nobody_owns_goes(tmp_path: Path, name: str, age: int, stays: bool) -> None:
    """A pack at once, for who would name it holds the lock; what is being written only when it is old."""
    keep(tmp_path, "one")
    (tmp_path / name).write_bytes(b"data")
    os.utime(tmp_path / name, (time.time() - age,) * 2)
    prune_store(tmp_path)
    assert (tmp_path / name).exists() is stays
    assert body(DiskStore(tmp_path), "one") == b"coded one"


@pytest.fixture
def stale(tmp_path: Path, set_day: SetDay) -> Path:
    """A store with two packs; in 10 days' time bodies of one were used."""
    fill(tmp_path, waste=5000)
    fill(tmp_path, one=100, two=100)
    set_day(10)
    use(tmp_path, "one", "two")
    return tmp_path


def test_a_pack_goes_with_the_last_of_its_bodies(stale: Path) -> None:
    prune_store(stale, days=5)
    [pack] = packs(stale)
    assert pack.stat().st_size < 300
    store = DiskStore(stale)
    assert [body(store, name) for name in ("one", "two", "waste")] == [data("one"), data("two"), None]


def test_a_pack_stays_for_one_of_its_bodies(tmp_path: Path, set_day: SetDay) -> None:
    fill(tmp_path, one=100, waste=5000)
    set_day(10)
    use(tmp_path, "one")
    prune_store(tmp_path, days=5)
    store = DiskStore(tmp_path)
    assert [body(store, name) for name in ("one", "waste")] == [data("one"), None]


# Failure


def refusal(directory: Path, days: int = 5) -> str | None:
    """What pruning says if it cannot be done."""
    try:
        prune_store(directory, days=days)
    except StoreError as error:
        return str(error)
    return None


@pytest.mark.parametrize(("code", "stays"), [(errno.ENOSPC, True), (errno.EIO, False)], ids=["full", "fails once"])
def test_where_it_cannot_be_written_nothing_changes_and_nothing_is_left_behind(
    tmp_path: Path, set_day: SetDay, code: int, stays: bool
) -> None:
    writes = {"mkstemp", "write", "fsync", "replace"}
    for number in range(100):
        directory = tmp_path / str(number)
        directory.mkdir(0o700)
        set_day(0)
        fill(directory, one=100, waste=5000)
        set_day(10)
        use(directory, "one")
        before, disk = contents(directory), FailingDisk(number, code, stays=stays)
        with on(disk):
            refused = refusal(directory)
        assert body(DiskStore(directory), "one") == data("one")
        if not disk.failed:
            break
        if disk.calls[number] in writes:
            assert refused == f"cannot write to {str(directory)!r}: {os.strerror(code)}"
            assert contents(directory) == before, disk.calls
    assert writes <= set(disk.calls)


def test_a_directory_that_may_only_be_read_is_refused(stale: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(stale)
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", fail_with(errno.EACCES))
        patch.setattr(os, "open", fail_with(errno.EACCES))
        assert refusal(stale) == f"cannot write to {str(stale)!r}: {os.strerror(errno.EACCES)}"
    assert contents(stale) == before
    assert describe_store(stale).codings[0].bodies == 3


def test_where_others_write_all_the_time_nothing_changes(stale: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "WAIT_SECONDS", 0)
    before = contents(stale)
    with FileLock(stale / "lock", 0):
        assert refusal(stale) == f"{str(stale)!r} is being written to by other processes"
        assert contents(stale) == before
    assert refusal(stale) is None


def test_it_waits_for_others_and_keeps_what_they_kept_meanwhile(stale: Path) -> None:
    other, waiting = DiskStore(stale), threading.Thread(target=refusal, args=[stale])
    with other.exclusive(0):
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        other.keep(digest("new"), "br", 5, data("new"))
        other.commit()
    waiting.join()
    store = DiskStore(stale)
    assert [body(store, name) for name in ("new", "one", "waste")] == [data("new"), data("one"), None]


# Any sequence

LENGTHS = {"a": 3, "b": 30, "c": 100, "d": 1000, "e": 1000, "f": 5000}
SOME = st.frozensets(st.sampled_from(sorted(LENGTHS)), min_size=1)
STEPS = st.one_of(
    st.tuples(st.just("keep"), SOME),
    st.tuples(st.just("use"), SOME),
    st.tuples(st.just("wait"), st.integers(0, KEPT_DAYS)),
    st.tuples(st.just("prune"), st.integers(0, KEPT_DAYS)),
)


class Model:
    """The day of each body's last use, as far as it was noted."""

    def __init__(self) -> None:
        self.today = 0
        self.noted: dict[str, int] = {}

    def note(self, noted: frozenset[str]) -> None:
        """What a commit does, if there is something to be noted."""
        if noted:
            self.noted |= dict.fromkeys(noted, self.today)
            self.forget(self.today - KEPT_DAYS)

    def forget(self, oldest: int) -> None:
        self.noted = {name: day for name, day in self.noted.items() if day >= oldest}

    def step(self, kind: str, given: Any) -> None:
        if kind == "keep":
            self.note(given)
        elif kind == "use":
            stale = (name for name, day in self.noted.items() if day <= self.today - FRESH_DAYS)
            self.note(given.intersection(stale))
        elif kind == "wait":
            self.today += given
        else:
            self.forget(self.today - given + 1)


@settings(max_examples=100)
@given(steps=st.lists(STEPS, max_size=12))
def test_after_any_steps_what_remains_is_what_a_model_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]
) -> None:
    directory, model, now = tmp_path_factory.mktemp("store"), Model(), time.time()
    opened = [DiskStore(directory)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        patch.setattr(time, "time", lambda: now + model.today * DAY)
        for kind, given in steps:
            if kind == "keep":
                fill(directory, **{name: LENGTHS[name] for name in sorted(given)})
            elif kind == "use":
                use(directory, *given.intersection(model.noted))
            elif kind == "prune":
                prune_store(directory, days=given)
            model.step(kind, given)
            opened.append(DiskStore(directory))
            read = {name: body(opened[-1], name) for name in LENGTHS}
            assert read == {name: data(name, LENGTHS[name]) if name in model.noted else None for name in LENGTHS}
    for store in opened:
        assert all(body(store, name) in (None, data(name, LENGTHS[name])) for name in LENGTHS)
