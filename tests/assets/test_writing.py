"""A file is written whole under its name, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.assets.failing import fail_with
from whitemedia.assets.writing import write_file

DATA = b"what is written" * 1_000
TEMPORARY = ".new-"

there = pytest.mark.parametrize("old", [None, b"old", DATA * 2], ids=["nothing there", "shorter", "longer"])


def plant_old(path: Path, old: bytes | None) -> None:
    if old is not None:
        path.write_bytes(old)


@there
@pytest.mark.parametrize("data", [b"", b"x", DATA], ids=["empty", "a byte", "more"])
@pytest.mark.parametrize("lasting", [False, True])
def test_a_file_is_what_was_written_and_alone(
    tmp_path: Path, old: bytes | None, data: bytes, lasting: bool
) -> None:
    plant_old(tmp_path / "a", old)
    write_file(tmp_path / "a", data, TEMPORARY, lasting=lasting)
    assert (tmp_path / "a").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("lasting", [False, True])
def test_only_what_is_to_last_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasting: bool
) -> None:
    """And before it has its name, with all of its bytes."""
    seen: list[tuple[int, bool]] = []
    monkeypatch.setattr(os, "fsync", lambda fd: seen.append((os.fstat(fd).st_size, (tmp_path / "a").exists())))
    write_file(tmp_path / "a", DATA, TEMPORARY, lasting=lasting)
    assert seen == [(len(DATA), False)] * lasting


def test_until_it_is_whole_its_name_begins_as_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = Path.replace

    def replace(path: Path, target: Path) -> Path:
        assert path.parent == target.parent
        assert path.read_bytes() == DATA
        seen.append(path.name)
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    write_file(tmp_path / "a", DATA, TEMPORARY)
    assert [name.startswith(TEMPORARY) for name in seen] == [True]


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o600, 0o444, 0o777, 0o6755, None])
def test_it_may_be_read_and_written_by_those_who_may_read_and_write_the_other(
    tmp_path: Path, mode: int | None, umask: int
) -> None:
    other = tmp_path / "other"
    other.touch()
    other.chmod(mode or 0)
    before = os.umask(umask)
    try:
        write_file(tmp_path / "a", DATA, TEMPORARY, readable_as=None if mode is None else other.stat())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == (0o600 if mode is None else mode & 0o666)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_it_belongs_to_whom_the_other_belongs(tmp_path: Path) -> None:
    """Who builds as root, or in another group, is not who serves."""
    other = tmp_path / "other"
    other.touch()
    os.chown(other, 1, 2)
    write_file(tmp_path / "a", DATA, TEMPORARY, readable_as=other.stat())
    status = (tmp_path / "a").stat()
    assert (status.st_uid, status.st_gid) == (1, 2)


@pytest.mark.skipif(not hasattr(os, "chown"), reason="owners are POSIX's")
@pytest.mark.parametrize("given", [set(), {"group"}, {"group", "owner"}], ids=["nothing", "the group", "both"])
def test_it_is_given_as_far_as_the_system_lets_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: set[str]
) -> None:
    status, done = os.stat(tmp_path), set()

    def chown(path: object, owner: int, group: int) -> None:
        asked = {"owner"} if group == -1 else {"group"}
        if not asked <= given:
            raise PermissionError
        done.update(asked)

    monkeypatch.setattr(os, "chown", chown)
    like = os.stat_result((*status[:4], status.st_uid + 1, status.st_gid + 1, *status[6:10]))
    write_file(tmp_path / "a", DATA, TEMPORARY, readable_as=like)
    assert (done, (tmp_path / "a").read_bytes()) == (given, DATA)


@pytest.mark.parametrize("mtime_ns", [0, 1_700_000_000_123_456_700, 4_102_444_800_000_000_000])
def test_it_has_the_time_that_was_said(tmp_path: Path, mtime_ns: int) -> None:
    write_file(tmp_path / "a", DATA, TEMPORARY, mtime_ns=mtime_ns)
    assert (tmp_path / "a").stat().st_mtime_ns == mtime_ns


FAULTS: dict[str, tuple[object, str]] = {
    "making it": (tempfile, "mkstemp"),
    "making it last": (os, "fsync"),
    "its mode": (os, "chmod"),
    "its time": (os, "utime"),
    "its name": (Path, "replace"),
}


@there
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, MemoryError], ids=lambda error: error.__name__)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_fails_what_was_there_stays_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes | None, fault: str, error: type[BaseException]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    plant_old(tmp_path / "a", old)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    status = tmp_path.stat()
    monkeypatch.setattr(*FAULTS[fault], fail)
    with pytest.raises(error):
        write_file(tmp_path / "a", DATA, TEMPORARY, lasting=True, readable_as=status, mtime_ns=1)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_write_that_fails_in_its_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = os.fdopen

    def fdopen(descriptor: int, mode: str) -> Any:
        file = real(descriptor, mode, buffering=0)
        file.write(DATA[:10])
        file.close()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fdopen", fdopen)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write_file(tmp_path / "a", DATA, TEMPORARY)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_even_be_removed_is_told_as_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", fail_with(errno.ENOSPC))
    monkeypatch.setattr(os, "unlink", fail_with(errno.EROFS))
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write_file(tmp_path / "a", DATA, TEMPORARY)


@pytest.mark.parametrize("target", ["b", "nothing", "a"], ids=["a file", "broken", "a loop"])
def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "b").write_bytes(b"old")
    (tmp_path / "a").symlink_to(target)
    write_file(tmp_path / "a", DATA, TEMPORARY)
    assert not (tmp_path / "a").is_symlink()
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()) == (DATA, b"old")


def test_a_directory_in_its_place_stays(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    with pytest.raises(OSError, match=r".+"):
        write_file(tmp_path / "a", DATA, TEMPORARY)
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "b"]


def test_where_there_is_no_directory_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_file(tmp_path / "missing" / "a", DATA, TEMPORARY)
    assert list(tmp_path.iterdir()) == []
