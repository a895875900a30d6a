"""One process at a time holds a lock; who waits gets it as soon as its holder ends, or gives up in time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

import whitemedia
from tests.assets.failing import fail_with
from whitemedia.assets import locking
from whitemedia.assets.locking import FileLock

fcntl = pytest.importorskip("fcntl")

PROMPTLY = 10.0  # seconds: more than any of these takes

HOLD = """
import sys
from pathlib import Path
from whitemedia.assets.locking import FileLock
with FileLock(Path(sys.argv[1]), 0) as lock:
    print(lock.held, flush=True)
    sys.stdin.read()
    if sys.argv[2] == "crash":
        import os
        os.abort()
"""


class FakeMsvcrt(ModuleType):
    """Locks a byte of a file as Windows does, and says so as Windows does."""

    LK_NBLCK = 2

    def locking(self, descriptor: int, mode: int, length: int) -> None:
        assert (mode, length) == (self.LK_NBLCK, 1)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PermissionError(errno.EACCES, "Permission denied") from None


@pytest.fixture(params=["fcntl", "msvcrt"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way of a system to lock files."""
    if request.param == "msvcrt":
        monkeypatch.setattr(locking, "_fcntl", None)
        monkeypatch.setattr(locking, "_msvcrt", FakeMsvcrt("msvcrt"))
    name: str = request.param
    return name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the lock."""
    return tmp_path / "lock"


@contextmanager
def process(path: Path, end: str = "") -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends."""
    environment = {**os.environ, "PYTHONPATH": str(Path(whitemedia.__file__).parents[1])}
    command = [sys.executable, "-c", HOLD, str(path), end]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        yield holder


@pytest.mark.usefixtures("system", "no_descriptor_leaks")
def test_a_lock_is_held_by_one_at_a_time_and_free_when_it_is_left(path: Path) -> None:
    with FileLock(path, 0) as one:
        assert one.held
        with FileLock(path, 0) as other:
            assert not other.held
        with FileLock(path, 0.1) as waiting:
            assert not waiting.held
        assert one.held
    assert not one.held
    with FileLock(path, 0) as again:
        assert again.held


@pytest.mark.usefixtures("system")
def test_a_lock_is_free_when_its_holder_raised(path: Path) -> None:
    with pytest.raises(KeyError), FileLock(path, 0):
        raise KeyError
    with FileLock(path, 0) as lock:
        assert lock.held


@pytest.mark.usefixtures("system")
def test_a_lock_can_be_taken_again(path: Path) -> None:
    lock = FileLock(path, 0)
    for _ in range(2):
        with lock as taken:
            assert taken is lock
            assert lock.held


@pytest.mark.usefixtures("system")
def test_who_waits_gets_it_when_it_is_free(path: Path) -> None:
    held: list[bool] = []

    def wait() -> None:
        with FileLock(path, PROMPTLY) as lock:
            held.append(lock.held)

    with FileLock(path, 0):
        waiter = threading.Thread(target=wait)
        waiter.start()
        waiter.join(0.1)
        assert held == []
    waiter.join(PROMPTLY)
    assert held == [True]


@pytest.mark.usefixtures("system")
def test_locks_of_different_files_do_not_meet(tmp_path: Path) -> None:
    with FileLock(tmp_path / "one", 0), FileLock(tmp_path / "other", 0) as lock:
        assert lock.held


@pytest.mark.parametrize("seconds", [0, 0.3, 5])
def test_who_gives_up_has_waited_as_long_as_it_was_told(
    path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """By a clock that cannot be set back."""
    now = [50.0]
    tried: list[int] = []

    def sleep(pause: float) -> None:
        now[0] += pause

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(locking, "try_lock", tried.append)
    with FileLock(path, seconds) as lock:
        assert not lock.held
    assert seconds <= now[0] - 50 <= seconds + 0.1
    assert 1 <= len(tried) <= 1 + 30 * seconds


@pytest.mark.usefixtures("no_descriptor_leaks")
def test_where_systems_lock_nothing_everybody_holds_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "_fcntl", None)
    monkeypatch.setattr(locking, "_msvcrt", None)
    with FileLock(path, 0) as one, FileLock(path, 0) as other:
        assert one.held
        assert other.held


@pytest.mark.usefixtures("no_descriptor_leaks")
@pytest.mark.parametrize("kind", ["no directory", "a directory", "a link to itself", "denied"])
def test_a_lock_that_nobody_can_open_keeps_nobody_waiting(
    path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(time, "sleep", fail_with(errno.EINTR))
    if kind == "no directory":
        path = path / "deeper"
    elif kind == "a directory":
        path.mkdir()
    elif kind == "a link to itself":
        path.symlink_to(path)
    else:
        monkeypatch.setattr(os, "open", fail_with(errno.EACCES))
    with FileLock(path, PROMPTLY) as lock:
        assert lock.held


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_lock_s_file_is_its_user_s_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        with FileLock(path, 0):
            assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


# Between processes


def test_a_lock_of_another_process_is_free_when_that_ends(path: Path) -> None:
    with process(path) as holder:
        with FileLock(path, 0) as lock:
            assert not lock.held
        holder.communicate("")
        with FileLock(path, PROMPTLY) as lock:
            assert lock.held


@pytest.mark.parametrize("how", ["killed", "crash"])
def test_a_lock_of_a_process_that_ended_badly_is_free(path: Path, how: str) -> None:
    with process(path, how) as holder:
        if how == "killed":
            holder.kill()
        holder.communicate("")
        with FileLock(path, PROMPTLY) as lock:
            assert lock.held


def test_a_fork_meanwhile_does_not_keep_the_lock(path: Path) -> None:
    """Of another thread: its child has a copy of every descriptor, until it runs another program if it ever does."""
    lock = FileLock(path, 0)
    with lock:
        assert lock._descriptor is not None
        copy = os.dup(lock._descriptor)
    try:
        with FileLock(path, 0) as again:
            assert again.held
    finally:
        os.close(copy)


# Where locking is not possible


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL])
def test_where_a_file_system_cannot_lock_everybody_holds_it(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """As some network disks: nobody else can have it either."""
    monkeypatch.setattr(fcntl, "flock", fail_with(code))
    monkeypatch.setattr(time, "sleep", fail_with(errno.EINTR))
    with FileLock(path, PROMPTLY) as lock:
        assert lock.held
