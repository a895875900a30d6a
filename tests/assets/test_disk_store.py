"""A store on disk is shared: what one process keeps all others know, and nobody sees what is half written."""

from __future__ import annotations

import hashlib
import os
import struct
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.assets.keeping import KEY, body, digest, keep, names, packs
from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.index_file import Layout, format_index
from whitemedia.assets.locking import FileLock
from whitemedia.assets.store import NOT_WORTH, Coded

DAY = 24 * 60 * 60
PROMPTLY = 10.0


# What is on disk


def test_a_commit_leaves_an_index_and_one_pack_that_are_their_user_s_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keep(tmp_path, "one", "other")
    finally:
        os.umask(before)
    assert names(tmp_path) == sorted(["index", "lock", *(path.name for path in packs(tmp_path))])
    assert len(packs(tmp_path)) == 1
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_store_that_is_only_asked_writes_nothing(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    assert (store.digest(KEY), body(store, "one")) == (None, None)
    store.commit()
    assert names(tmp_path) == []


def test_without_a_body_no_pack_is_written(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.remember(KEY, digest("one"))
    store.keep(digest("one"), "br", 5, NOT_WORTH)
    store.commit()
    assert names(tmp_path) == ["index", "lock"]


def test_the_pack_is_lasting_before_an_index_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the power fails in between, it is a pack too many, not one too few."""
    events: list[tuple[str, str]] = []
    real_fsync, real_replace = os.fsync, Path.replace

    def fsync(descriptor: int) -> None:
        events.append(("lasting", str(os.fstat(descriptor).st_ino)))
        real_fsync(descriptor)

    def replace(path: Path, target: Path) -> Path:
        events.append(("named", str(path.stat().st_ino)))
        return real_replace(path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    keep(tmp_path, "one")
    [pack], index = packs(tmp_path), tmp_path / "index"
    of_pack, of_index = (str(path.stat().st_ino) for path in (pack, index))
    assert events == [("lasting", of_pack), ("named", of_pack), ("lasting", of_index), ("named", of_index)]


def test_files_are_replaced_and_never_written_in_place(tmp_path: Path) -> None:
    """Another process may have them open."""
    keep(tmp_path, "one")
    opened = (tmp_path / "index").open("rb")
    with opened:
        before = opened.read()
        keep(tmp_path, "other")
        opened.seek(0)
        assert opened.read() == before != (tmp_path / "index").read_bytes()


FIRST_FORMAT = (
    Layout(40, 4 + 32),
    Layout(32, 4 + 3 * (1 + 16 + 8 + 8 + 32)),
    Layout(40 + 32, 4 + 32),
    Layout(32, 4 + 96),
)


def test_what_was_written_in_the_first_format_is_read(tmp_path: Path) -> None:
    """A store outlives versions: a change of these bytes is another format, with another first line."""
    coded = {"br": b"coded as br", "zstd": b"coded as zstd", "gzip": b"coded as gzip"}
    data = b"".join(coded.values())
    identifier = hashlib.sha256(data).digest()[:16]
    (tmp_path / f"{identifier.hex()}.pack").write_bytes(data + b"\nend of whitemedia pack\n")
    day = (int(time.time()) // DAY).to_bytes(4, "big")
    state = struct.pack("<QQQqq", 1, 2, 3, 4, 5)
    one, own = digest("one"), digest("own")
    slots = b""
    for coding in ("br", "zstd", "gzip"):
        start = data.index(coded[coding])
        span = struct.pack("<QQ", start, start + len(coded[coding]))
        sha256 = hashlib.sha256(coded[coding]).digest()
        slots += b"\6" + identifier + span + sha256
    bodies = {one: day + slots, own: day + (b"\6" + bytes(16 + 16 + 32)).ljust(len(slots), b"\0")}
    media_type = b"image/gif".ljust(96, b"\0")
    tables = ({state: day + one}, bodies, {state + one: day + own}, {one: day + media_type})
    (tmp_path / "index").write_bytes(format_index(FIRST_FORMAT, tables))
    for path in tmp_path.iterdir():
        path.chmod(0o600)
    store = DiskStore(tmp_path)
    assert (store.digest(KEY), store.verified(KEY, one), store.media_type(one)) == (one, own, "image/gif")
    assert {coding: body(store, "one", coding) for coding in coded} == coded
    assert store.body(own, "br", 5) is NOT_WORTH


# Several processes


def test_what_two_keep_one_after_the_other_is_kept_of_both(tmp_path: Path) -> None:
    one, other = DiskStore(tmp_path), DiskStore(tmp_path)
    for store, name in ((one, "one"), (other, "other")):
        store.remember(KEY._replace(ino=len(name)), digest(name))
        store.keep(digest(name), "br", 5, name.encode())
    one.commit()
    other.commit()
    for store in (other, DiskStore(tmp_path)):
        assert [body(store, name) for name in ("one", "other")] == [b"one", b"other"]
        assert [store.digest(KEY._replace(ino=length)) for length in (3, 5)] == [digest("one"), digest("other")]
    assert len(packs(tmp_path)) == 2


def test_what_others_did_is_known_when_it_is_one_s_turn(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    keep(tmp_path, "one")
    assert not store.knows_all(digest("one"), [("br", 5)])
    with store.exclusive(0) as is_ours:
        assert is_ours
        assert body(store, "one") == b"coded one"


def test_a_waiter_learns_what_the_first_did(tmp_path: Path) -> None:
    first, waiting, learned = DiskStore(tmp_path), DiskStore(tmp_path), []
    entered = threading.Event()

    def wait() -> None:
        entered.set()
        with waiting.exclusive(PROMPTLY) as is_ours:
            learned.append((is_ours, body(waiting, "one")))

    with first.exclusive(0) as is_ours:
        assert is_ours
        waiter = threading.Thread(target=wait)
        waiter.start()
        entered.wait(PROMPTLY)
        first.keep(digest("one"), "br", 5, b"coded one")
        first.commit()
        waiter.join(0.1)
        assert learned == []
    waiter.join(PROMPTLY)
    assert learned == [(True, b"coded one")]


def test_who_waited_in_vain_is_told_and_loses_nothing(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    with FileLock(tmp_path / "lock", 0):
        with store.exclusive(0.1) as is_ours:
            assert not is_ours
            store.remember(KEY, digest("one"))
            store.keep(digest("one"), "br", 5, b"coded one")
            store.commit()
        assert DiskStore(tmp_path).digest(KEY) is None
    store.commit()
    again = DiskStore(tmp_path)
    assert (again.digest(KEY), body(again, "one")) == (digest("one"), b"coded one")


def test_who_waited_in_vain_knows_what_was_done_meanwhile(tmp_path: Path) -> None:
    """Of many processes that start at once the last one may wait for all the others, which only look things up."""
    store = DiskStore(tmp_path)
    keep(tmp_path, "one")
    with FileLock(tmp_path / "lock", 0), store.exclusive(0) as is_ours:
        assert not is_ours
        assert body(store, "one") == b"coded one"


def test_one_s_turn_is_over_when_it_is_left(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    with pytest.raises(KeyError), store.exclusive(0):
        raise KeyError
    with DiskStore(tmp_path).exclusive(0) as is_ours:
        assert is_ours
        store.remember(KEY, digest("one"))
        store.commit()
        assert DiskStore(tmp_path).digest(KEY) is None


# Unwritable


@pytest.fixture
def unwritable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store's directory that this user may read, with one body in it."""
    keep(tmp_path, "one")
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    return tmp_path


def test_a_store_that_cannot_be_written_is_read_and_left_alone(unwritable: Path) -> None:
    before = {path: path.read_bytes() for path in unwritable.iterdir()}
    store = DiskStore(unwritable)
    assert body(store, "one") == b"coded one"
    with store.exclusive(0) as is_ours:
        assert is_ours  # nobody can do it for us
    store.remember(KEY, digest("other"))
    store.keep(digest("other"), "br", 5, b"coded other")
    store.keep(digest("noise"), "br", 5, NOT_WORTH)
    store.commit()
    assert {path: path.read_bytes() for path in unwritable.iterdir()} == before


def test_what_is_kept_where_nothing_can_be_written_is_in_memory(unwritable: Path) -> None:
    store = DiskStore(unwritable)
    assert store.in_memory
    store.keep(digest("other"), "br", 5, b"coded other")
    store.keep(digest("noise"), "br", 5, NOT_WORTH)
    expected = Coded(b"coded other", 11, hashlib.sha256(b"coded other").digest())
    assert store.knows_all(digest("other"), [("br", 5)])
    assert store.body(digest("other"), "br", 5) == expected
    assert store.body(digest("noise"), "br", 5) is NOT_WORTH


def test_a_store_that_can_be_written_takes_no_memory(tmp_path: Path) -> None:
    assert not DiskStore(tmp_path).in_memory


def test_it_is_not_waited_for_others_where_nothing_can_be_written(unwritable: Path) -> None:
    with FileLock(unwritable / "lock", 0), DiskStore(unwritable).exclusive(PROMPTLY) as is_ours:
        assert is_ours


# Media types and states that do not fit


@pytest.mark.parametrize("media_type", ["x" * 97, "application/" + "x" * 1000])
def test_a_media_type_that_is_too_long_is_not_remembered(tmp_path: Path, media_type: str) -> None:
    store = DiskStore(tmp_path)
    store.keep_media_type(digest("one"), media_type)
    store.commit()
    assert DiskStore(tmp_path).media_type(digest("one")) is None


@pytest.mark.parametrize("time_ns", [1 << 63, -(1 << 63) - 1, 253_402_300_800 * 10**9])
@pytest.mark.parametrize("field", ["mtime_ns", "ctime_ns"])
def test_a_time_beyond_the_year_2262_is_remembered_or_not_but_never_raises(
    tmp_path: Path, field: str, time_ns: int
) -> None:
    key: Any = KEY._replace(**{field: time_ns})
    store = DiskStore(tmp_path)
    store.remember(key, digest("one"))
    store.mark_verified(key, digest("one"), digest("own"))
    store.commit()
    again = DiskStore(tmp_path)
    assert again.digest(key) in (digest("one"), None)
    assert again.verified(key, digest("one")) in (digest("own"), None)
    assert again.digest(key._replace(**{field: time_ns + 1})) is None
