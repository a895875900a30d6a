"""The tables of a store: read as they were written, or not believed; what is old, and what nobody owns, is told apart."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assets.damages import LOST, Damage, flip
from tests.assets.failing import fail_with
from tests.assets.keeping import KEY, digest, names
from whitemedia.assets import store_tables
from whitemedia.assets.codings import BY_NAME
from whitemedia.assets.files import StatKey
from whitemedia.assets.index_file import Table
from whitemedia.assets.packs import ID_LENGTH, SUFFIX, TEMPORARY
from whitemedia.assets.store_tables import (
    ABANDONED_SECONDS,
    NO_PACK,
    BodyRecord,
    format_day,
    format_state,
    named_packs,
    parse_bodies,
    read_tables,
    remove_abandoned,
    today,
    used_since,
    with_body,
    write_tables,
)

DAY = 24 * 60 * 60
EMPTY: tuple[Table, ...] = ({}, {}, {}, {}, {})
PACK, OTHER = bytes(range(ID_LENGTH)), bytes(range(1, 1 + ID_LENGTH))
NUMBERS = st.integers(0, (1 << 64) - 1)


def placed(*bodies: tuple[str, bytes, int, int]) -> tuple[Table, ...]:
    """Tables of nothing but bodies, each with its name, pack, start and stop."""
    table = {
        digest(name): format_day(1) + with_body(None, "br", BodyRecord(5, pack, start, stop, digest("own")))
        for name, pack, start, stop in bodies
    }
    return {}, table, {}, {}, {}


def full() -> tuple[Table, ...]:
    """Tables with an entry each."""
    day, state = format_day(today()), format_state(KEY)
    _, bodies, *_ = placed(("one", PACK, 0, 7))
    return {state: day + digest("one")}, bodies, {state + digest("one"): day + digest("own")}, {}, {}


# Values


RECORDS = st.builds(
    BodyRecord,
    st.integers(0, 22),
    st.binary(min_size=ID_LENGTH, max_size=ID_LENGTH),
    NUMBERS,
    NUMBERS,
    st.just(digest("own")),
)


@given(st.lists(st.tuples(st.sampled_from(sorted(BY_NAME)), RECORDS)))
def test_each_coding_s_body_is_read_as_it_was_written_last(written: list[tuple[str, BodyRecord]]) -> None:
    record = None
    for coding, body in written:
        record = with_body(record, coding, body)
    assert ({} if record is None else parse_bodies(record)) == dict(written)


@given(st.builds(StatKey, *[NUMBERS] * 5), st.builds(StatKey, *[NUMBERS] * 5))
def test_different_states_have_different_keys(one: StatKey, other: StatKey) -> None:
    assert (format_state(one) == format_state(other)) is (one == other)


@pytest.mark.parametrize("number", [-1, 1 << 64, -(1 << 63), 1 << 80])
@pytest.mark.parametrize("field", StatKey._fields)
def test_a_number_that_does_not_fit_makes_a_key_all_the_same(field: str, number: int) -> None:
    state = format_state(KEY._replace(**{field: number}))
    assert len(state) == len(format_state(KEY))
    assert state != format_state(KEY)


# Days


@pytest.mark.parametrize(("seconds", "day"), [(0.0, 0), (DAY - 0.1, 0), (DAY, 1), (20_000 * DAY + 0.5, 20_000)])
def test_days_are_counted_from_1970(monkeypatch: pytest.MonkeyPatch, seconds: float, day: int) -> None:
    monkeypatch.setattr(time, "time", lambda: seconds)
    assert today() == day


@given(st.integers(-5, 1 << 20), st.integers(-5, 1 << 20))
def test_days_compare_as_their_bytes_do(one: int, other: int) -> None:
    """Those before 1970 are none: clocks that say so are wrong."""
    assert (format_day(one) < format_day(other)) is (max(one, 0) < max(other, 0))


@pytest.mark.parametrize(
    ("used", "since", "stays"),
    [(9, 10, False), (10, 10, True), (11, 10, True), (255, 256, False), (256, 255, True), (0, -1, True)],
)
@pytest.mark.parametrize("value", [b"", b"\0", b"\xff" * 40], ids=["nothing", "lowest", "highest"])
def test_an_entry_is_as_old_as_its_day_whatever_its_value(
    used: int, since: int, stays: bool, value: bytes
) -> None:
    table = {b"key": format_day(used) + value}
    assert used_since(table, since) == (table if stays else {})


# Their file


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_tables(tmp_path, full())
    assert read_tables(tmp_path) == full()
    assert names(tmp_path) == ["index"]


def test_an_index_that_is_not_there_is_empty_and_is_not_made(tmp_path: Path) -> None:
    assert read_tables(tmp_path) == EMPTY
    assert read_tables(tmp_path / "none") == EMPTY
    assert names(tmp_path) == []


UNBELIEVED: dict[str, Damage] = {
    **{name: damage for name, damage in LOST.items() if os.name != "nt" or name != "written by others"},
    "its first line": flip(0),
    "its digest": flip(30),
    "an entry": flip(200),
}


@pytest.mark.parametrize("damage", UNBELIEVED.values(), ids=UNBELIEVED)
def test_an_index_that_is_damaged_is_empty(tmp_path: Path, damage: Damage) -> None:
    write_tables(tmp_path, full())
    damage(tmp_path / "index")
    assert read_tables(tmp_path) == EMPTY


def test_an_index_of_somebody_else_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tables(tmp_path, full())
    monkeypatch.setattr(store_tables, "is_trusted", lambda status: False)
    assert read_tables(tmp_path) == EMPTY


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=errno.errorcode.get)
@pytest.mark.parametrize("call", ["tempfile.mkstemp", "os.fsync", "pathlib.Path.replace"])
def test_where_writing_fails_what_was_there_stays_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    write_tables(tmp_path, full())
    with monkeypatch.context() as patch:
        patch.setattr(call, fail_with(code))
        with pytest.raises(OSError, match=os.strerror(code)):
            write_tables(tmp_path, EMPTY)
    assert read_tables(tmp_path) == full()
    assert names(tmp_path) == ["index"]


# Packs


@pytest.mark.parametrize(
    ("bodies", "named"),
    [
        ([], []),
        ([("one", NO_PACK, 0, 0)], []),
        ([("one", PACK, 0, 7)], [PACK]),
        ([("one", PACK, 0, 7), ("two", PACK, 10, 12)], [PACK]),
        ([("one", PACK, 3, 7), ("two", OTHER, 0, 1), ("three", NO_PACK, 0, 0)], [PACK, OTHER]),
    ],
    ids=["nothing", "not worth it", "one", "two in one", "one in each"],
)
def test_packs_are_named_by_the_bodies_in_them(
    bodies: list[tuple[str, bytes, int, int]], named: list[bytes]
) -> None:
    assert named_packs(placed(*bodies)) == {pack.hex() + SUFFIX for pack in named}


UNOWNED: dict[str, tuple[str, int, bool]] = {
    "named, old": (PACK.hex() + SUFFIX, ABANDONED_SECONDS + 60, True),
    "not named, old": (OTHER.hex() + SUFFIX, ABANDONED_SECONDS + 60, False),
    "not named, young": (OTHER.hex() + SUFFIX, ABANDONED_SECONDS - 60, True),
    "not whole, old": (f"{TEMPORARY}x", ABANDONED_SECONDS + 60, False),
    "not whole, young": (f"{TEMPORARY}x", ABANDONED_SECONDS - 60, True),
    "another's, old": (f"README{SUFFIX}.txt", ABANDONED_SECONDS + 60, True),
}


@pytest.mark.parametrize(("name", "age", "stays"), UNOWNED.values(), ids=UNOWNED)
def test_what_nobody_can_be_at_any_more_is_removed(tmp_path: Path, name: str, age: int, stays: bool) -> None:
    path = tmp_path / name
    path.write_bytes(b"data")
    os.utime(path, (time.time() - age,) * 2)
    remove_abandoned(tmp_path, placed(("one", PACK, 0, 4)), days=90)
    assert path.exists() is stays


@pytest.mark.parametrize("call", [Path.unlink, Path.stat], ids=["unlink", "stat"])
def test_what_cannot_be_removed_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[..., object]
) -> None:
    for name in ("1", "2"):
        (tmp_path / f"{name}{SUFFIX}").write_bytes(b"data")
        os.utime(tmp_path / f"{name}{SUFFIX}", (1, 1))

    def fail(path: Path, **given: object) -> object:
        if path.name == f"1{SUFFIX}":
            raise PermissionError(errno.EACCES, "held")
        return call(path, **given)

    with monkeypatch.context() as patch:
        patch.setattr(Path, call.__name__, fail)
        remove_abandoned(tmp_path, EMPTY, days=90)
    assert names(tmp_path) == [f"1{SUFFIX}"]
