"""Versions that were handed out are known to all processes that share a store, and to nobody else's damage."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path

import pytest

from tests.assets.failing import fail_with
from whitemedia.assets import seen as module
from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.seen import SEEN, Seen
from whitemedia.assets.store import MemoryStore
from whitemedia.store import prune_store

DIGEST = hashlib.sha256(b"1").digest()
PATH, VERSION = "/static/Ã¼ber uns\n.css", "0123456789ab"


@pytest.mark.parametrize("directory", [True, False], ids=["on disk", "in memory"])
def test_what_was_handed_out_is_known(tmp_path: Path, *, directory: bool) -> None:
    seen = Seen(tmp_path if directory else None)
    assert not seen
    seen.mark(PATH, VERSION, DIGEST)
    assert seen
    assert seen.digest(PATH, VERSION) == DIGEST
    assert seen.digest(PATH, "0" * 12) is seen.digest("/static/other.css", VERSION) is None


def test_another_process_knows_it_too_whenever_it_began(tmp_path: Path) -> None:
    first, second = Seen(tmp_path), Seen(tmp_path)
    assert second.digest(PATH, VERSION) is None
    first.mark(PATH, VERSION, DIGEST)
    assert second.digest(PATH, VERSION) == DIGEST
    second.mark(PATH, VERSION, DIGEST)
    assert (tmp_path / SEEN).read_bytes().count(b"\n") == 1
    assert Seen(tmp_path).digest(PATH, VERSION) == DIGEST


def test_stores_have_it(tmp_path: Path) -> None:
    DiskStore(tmp_path).seen.mark(PATH, VERSION, DIGEST)
    assert DiskStore(tmp_path).seen.digest(PATH, VERSION) == DIGEST
    assert MemoryStore().seen.digest(PATH, VERSION) is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\0" * 100,
        b"0123456789ab\n",
        b"0123456789ab 00 /a\n",
        b"0123456789ab " + b"zz" * 32 + b" /a\n",
        b"\xff " + DIGEST.hex().encode() + b" /a\n",
        b"0123456789ab " + DIGEST.hex().encode() + b" /cut",
    ],
)
def test_damage_is_not_believed_and_what_is_whole_is(tmp_path: Path, line: bytes) -> None:
    Seen(tmp_path).mark("/whole", VERSION, DIGEST)
    whole = (tmp_path / SEEN).read_bytes()
    (tmp_path / SEEN).write_bytes(line + b"\n" * (not line.endswith(b"\n")) * bool(line) + whole)
    seen = Seen(tmp_path)
    assert seen.digest("/whole", VERSION) == DIGEST
    assert seen.digest("/a", VERSION) is None


def test_a_list_that_others_may_write_is_not_believed(tmp_path: Path) -> None:
    Seen(tmp_path).mark(PATH, VERSION, DIGEST)
    (tmp_path / SEEN).chmod(0o666)
    assert Seen(tmp_path).digest(PATH, VERSION) is None


def test_the_older_half_of_a_long_list_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 1000)
    for number in range(200):
        Seen(tmp_path).mark(f"/{number}", VERSION, DIGEST)
    assert (tmp_path / SEEN).stat().st_size < 2000
    seen = Seen(tmp_path)
    assert seen.digest("/199", VERSION) == DIGEST
    assert seen.digest("/0", VERSION) is None


def test_where_nothing_can_be_written_it_is_known_to_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: object) -> int:
        raise OSError(28, os.strerror(28))

    seen = Seen(tmp_path)
    monkeypatch.setattr(os, "write", fail)
    for number in range(3):
        seen.mark(f"/{number}", VERSION, DIGEST)
        assert seen.digest(f"/{number}", VERSION) == DIGEST
    assert len(caplog.records) == 1


# The bytes of what was handed out

BYTES = b"1"


def never() -> bytes | None:
    raise AssertionError("read again")


def test_bytes_are_kept_once_for_all_processes(tmp_path: Path) -> None:
    Seen(tmp_path).keep(DIGEST, 1, lambda: BYTES)
    other = Seen(tmp_path)
    assert other.body(DIGEST) == BYTES
    other.keep(DIGEST, 1, never)
    assert [path.name for path in tmp_path.iterdir()] == [f"{DIGEST.hex()}.body"]


def test_without_a_directory_none_are_kept() -> None:
    seen = Seen(None)
    seen.keep(DIGEST, 1, never)
    assert seen.body(DIGEST) is None


def test_what_is_too_long_is_not_read(tmp_path: Path) -> None:
    seen = Seen(tmp_path)
    seen.keep(DIGEST, module.LONGEST_BODY + 1, never)
    assert seen.body(DIGEST) is None


def test_bytes_that_cannot_be_had_are_not_kept(tmp_path: Path) -> None:
    Seen(tmp_path).keep(DIGEST, 1, lambda: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"2", b"11"])
def test_other_bytes_under_their_name_are_not_believed(tmp_path: Path, data: bytes) -> None:
    seen = Seen(tmp_path)
    seen.keep(DIGEST, 1, lambda: BYTES)
    (tmp_path / f"{DIGEST.hex()}.body").write_bytes(data)
    assert seen.body(DIGEST) is None


def test_bytes_that_others_may_write_are_not_believed(tmp_path: Path) -> None:
    seen = Seen(tmp_path)
    seen.keep(DIGEST, 1, lambda: BYTES)
    (tmp_path / f"{DIGEST.hex()}.body").chmod(0o666)
    assert seen.body(DIGEST) is None


def test_a_full_disk_keeps_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("whitemedia.assets.seen.write_file", fail_with(errno.ENOSPC))
        seen.keep(DIGEST, 1, lambda: BYTES)
    assert seen.body(DIGEST) is None


@pytest.mark.parametrize(
    ("age", "days", "is_left"), [(89, 90, True), (91, 90, False), (0, 0, False), (29, 30, True)]
)
def test_bytes_that_nobody_used_for_long_are_pruned(tmp_path: Path, age: int, days: int, *, is_left: bool) -> None:
    Seen(tmp_path).keep(DIGEST, 1, lambda: BYTES)
    moment = time.time() - age * 24 * 60 * 60
    os.utime(tmp_path / f"{DIGEST.hex()}.body", (moment, moment))
    prune_store(tmp_path, days=days)
    assert (Seen(tmp_path).body(DIGEST) is not None) is is_left


def test_bytes_that_are_handed_out_again_are_not_pruned(tmp_path: Path) -> None:
    Seen(tmp_path).keep(DIGEST, 1, lambda: BYTES)
    os.utime(tmp_path / f"{DIGEST.hex()}.body", (1, 1))
    Seen(tmp_path).keep(DIGEST, 1, never)
    prune_store(tmp_path, days=1)
    assert Seen(tmp_path).body(DIGEST) == BYTES
