"""Space is given back by moving what is left of a pack: no body is lost by it but one that is damaged already."""

from __future__ import annotations

import errno
import hashlib
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.assets.damages import DAMAGES, Damage, flip
from tests.assets.failing import fail_with
from tests.assets.keeping import KEY, body, digest, names, packs
from tests.assets.test_disk_store_full import Disk, on
from whitemedia.assets.compacting import Tables, compact, remove_packs
from whitemedia.assets.disk_store import FRESH_DAYS, DiskStore
from whitemedia.assets.packs import END, SUFFIX, TEMPORARY, PackWriter
from whitemedia.assets.store import NOT_WORTH
from whitemedia.assets.store_tables import BODIES, body_key, named_packs, parse_body, read_tables, write_tables

EMPTY: Tables = ({}, {}, {}, {})


def data(name: str, length: int = 100) -> bytes:
    """A body that is like no other's."""
    return hashlib.shake_128(name.encode()).digest(length)


def fill(directory: Path, **lengths: int) -> Tables:
    """The tables once a pack with bodies of these names and lengths is there too."""
    store = DiskStore(directory)
    for name, length in lengths.items():
        store.keep(digest(name), "br", 5, data(name, length))
    store.commit()
    return read_tables(directory)


def without(tables: Tables, *forgotten: str) -> Tables:
    keys = {body_key(digest(name), "br") for name in forgotten}
    kept = {key: value for key, value in tables[BODIES].items() if key not in keys}
    return tuple(kept if number == BODIES else table for number, table in enumerate(tables))


def apply(directory: Path, tables: Tables) -> DiskStore:
    """The store after compaction, opened anew."""
    tables = compact(directory, tables)
    write_tables(directory, tables)
    remove_packs(directory, tables)
    return DiskStore(directory)


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


# What is moved


@pytest.mark.parametrize(
    ("kept", "forgotten", "moved"),
    [
        (1000, 0, False),
        (10, 1000, True),
        (1000, 10, False),
        (100 + len(END), 100, False),
        (99 + len(END), 100, True),
    ],
    ids=["all in use", "hardly in use", "mostly in use", "half in use", "a byte less than half in use"],
)
def test_a_pack_less_than_half_in_use_is_moved(tmp_path: Path, kept: int, forgotten: int, moved: bool) -> None:
    tables = without(fill(tmp_path, kept=kept, forgotten=forgotten), "forgotten")
    [before] = packs(tmp_path)
    assert body(apply(tmp_path, tables), "kept") == data("kept", kept)
    [after] = packs(tmp_path)
    assert (after != before) is moved
    assert after.stat().st_size == kept + len(END) + (0 if moved else forgotten)


def test_where_nothing_is_to_be_moved_nothing_is_written(tmp_path: Path) -> None:
    tables = fill(tmp_path, one=1000)
    before = contents(tmp_path)
    with on(Disk(0, errno.EIO, stays=True)):
        assert compact(tmp_path, tables) == tables
    assert contents(tmp_path) == before


def test_what_is_left_of_several_packs_is_moved_to_one_and_others_stay(tmp_path: Path) -> None:
    fill(tmp_path, one=100, waste=1000)
    fill(tmp_path, two=200, three=300, waste2=1000)
    [*wasteful] = packs(tmp_path)
    fill(tmp_path, four=400)
    [other] = set(packs(tmp_path)) - set(wasteful)
    store = apply(tmp_path, without(read_tables(tmp_path), "waste", "waste2"))
    assert len(packs(tmp_path)) == 2
    assert other in packs(tmp_path)
    lengths = {"one": 100, "two": 200, "three": 300, "four": 400}
    assert {name: body(store, name) for name in lengths} == {name: data(name, lengths[name]) for name in lengths}


def test_all_else_that_is_known_stays_as_it_is(tmp_path: Path) -> None:
    """Days, levels, what is not worth it, and the other tables."""
    store = DiskStore(tmp_path)
    store.remember(KEY, digest("one"))
    store.mark_verified(KEY, digest("one"), digest("own"))
    store.keep_media_type(digest("one"), "image/gif")
    store.keep(digest("noise"), "br", 9, NOT_WORTH)
    store.keep(digest("one"), "gzip", 7, data("one", 10))
    store.keep(digest("waste"), "br", 5, data("waste", 1000))
    store.commit()
    tables = without(read_tables(tmp_path), "waste")
    moved = compact(tmp_path, tables)
    assert [table for number, table in enumerate(moved) if number != BODIES] == [tables[0], *tables[2:]]
    assert moved[BODIES].keys() == tables[BODIES].keys()
    for key, value in tables[BODIES].items():
        before, after = parse_body(value[4:]), parse_body(moved[BODIES][key][4:])
        assert moved[BODIES][key][:4] == value[:4]
        assert (after.level, after.digest) == (before.level, before.digest)
    assert apply(tmp_path, moved).body(digest("noise"), "br", 9) is NOT_WORTH


def test_a_pack_may_be_moved_onto_itself(tmp_path: Path) -> None:
    """What it ends with is longer than the body; its name is made from what is in it."""
    tables = fill(tmp_path, one=3)
    before = contents(tmp_path)
    assert body(apply(tmp_path, tables), "one") == data("one", 3)
    assert contents(tmp_path) == before


# Stores that are open


def test_a_store_that_was_open_reads_on_and_what_it_keeps_then_is_added(tmp_path: Path) -> None:
    """Of packs that are gone it has the pages."""
    tables = without(fill(tmp_path, one=100, two=100, waste=1000), "waste")
    was_open = DiskStore(tmp_path)
    assert body(was_open, "one") == data("one")
    apply(tmp_path, tables)
    for name, length in {"one": 100, "two": 100, "waste": 1000}.items():
        assert body(was_open, name) == data(name, length)
    was_open.keep(digest("new"), "br", 5, data("new"))
    was_open.commit()
    store = DiskStore(tmp_path)
    assert [body(store, name) for name in ("new", "one", "two")] == [data("new"), data("one"), data("two")]


def test_a_use_that_is_noted_after_the_move_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was looked up where it is no longer."""
    tables, now = without(fill(tmp_path, one=100, waste=1000), "waste"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + FRESH_DAYS * 24 * 60 * 60)
    was_open = DiskStore(tmp_path)
    assert body(was_open, "one") == data("one")
    apply(tmp_path, tables)
    was_open.commit()
    assert body(DiskStore(tmp_path), "one") == data("one")


# Damage


@pytest.mark.parametrize("position", range(3), ids=["first", "second", "last"])
def test_a_body_that_is_damaged_is_dropped_alone(tmp_path: Path, position: int) -> None:
    kept = {"one": 100, "two": 100, "three": 100}
    tables = without(fill(tmp_path, **kept, waste=1000), "waste")
    flip(100 * position)(packs(tmp_path)[0])
    store = apply(tmp_path, tables)
    right = {name: data(name, length) for name, length in kept.items()}
    assert {name: body(store, name) for name in kept} == {**right, list(kept)[position]: None}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_whatever_became_of_a_pack_no_body_is_wrong(tmp_path: Path, damage: Damage) -> None:
    tables = without(fill(tmp_path, one=100, two=1001, waste=2000), "waste")
    sound = fill(tmp_path, sound=1000)
    [pack] = [path for path in packs(tmp_path) if path.stat().st_size > 3000]
    damage(pack)
    store = apply(tmp_path, (*tables[:BODIES], tables[BODIES] | without(sound, "waste")[BODIES], *tables[2:]))
    assert body(store, "one") in (None, data("one", 100))
    assert body(store, "two") in (None, data("two", 1001))
    assert body(store, "sound") == data("sound", 1000)


def test_where_all_is_damaged_no_pack_is_left(tmp_path: Path) -> None:
    tables = without(fill(tmp_path, one=1, waste=1000), "waste")
    flip(0)(packs(tmp_path)[0])
    assert body(apply(tmp_path, tables), "one") is None
    assert packs(tmp_path) == []


# Failure


@pytest.mark.parametrize(("code", "stays"), [(errno.ENOSPC, True), (errno.EIO, False)], ids=["full", "fails once"])
@pytest.mark.parametrize("damaged", [False, True], ids=["sound", "with a damaged body"])
def test_where_it_fails_all_is_as_it_was(tmp_path: Path, code: int, stays: bool, damaged: bool) -> None:
    tables = without(fill(tmp_path, one=100, two=100, waste=1000), "waste")
    if damaged:
        flip(0)(packs(tmp_path)[0])
    before, number = contents(tmp_path), 0
    while True:
        disk = Disk(number, code, stays=stays)
        with on(disk), suppress(OSError):
            compact(tmp_path, tables)
        if not disk.failed:
            break
        assert contents(tmp_path) == before, disk.calls
        number += 1
    assert set(disk.calls) == {"mkstemp", "write", "fsync", "replace"}


def test_where_it_is_interrupted_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = without(fill(tmp_path, one=100, waste=1000), "waste")
    before = contents(tmp_path)

    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(PackWriter, "add", interrupt)
    with pytest.raises(KeyboardInterrupt):
        compact(tmp_path, tables)
    assert contents(tmp_path) == before


# What is removed


def test_packs_that_no_body_is_in_are_removed_and_nothing_else(tmp_path: Path) -> None:
    tables = fill(tmp_path, one=100)
    [named] = named_packs(tables)
    others = ["README", f"{TEMPORARY}x", f"x{SUFFIX}.txt", "lock", "index"]
    for name in (*others, f"{'0' * 32}{SUFFIX}"):
        (tmp_path / name).touch()
    remove_packs(tmp_path, tables)
    assert names(tmp_path) == sorted([named, *others])


@pytest.mark.parametrize("kind", ["a folder", "in use", "not listed"])
def test_what_cannot_be_removed_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """As on Windows, where no file goes that is mapped."""
    path = tmp_path / f"{'0' * 32}{SUFFIX}"
    if kind == "a folder":
        path.mkdir()
    else:
        path.touch()
        for call in ("glob", "iterdir") if kind == "not listed" else ("unlink",):
            monkeypatch.setattr(Path, call, fail_with(errno.EIO))
    remove_packs(tmp_path, EMPTY)
    assert path.exists()
