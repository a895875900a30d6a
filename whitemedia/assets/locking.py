"""A lock between processes: a file that one of them has locked. It is free when its holder ends, however that happens."""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Final

_fcntl: ModuleType | None
_msvcrt: ModuleType | None
try:
    import fcntl as _fcntl
except ImportError:
    _fcntl = None
try:
    import msvcrt as _msvcrt
except ImportError:
    _msvcrt = None

_POLL_SECONDS: Final = 0.05
_TAKEN: Final = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK, errno.EINTR})


class FileLock:
    """A context manager that waits up to `seconds`; `held` tells that nobody else holds it: also where nobody can."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._descriptor: int | None = None
        self.held = False

    def __enter__(self) -> FileLock:
        deadline = time.monotonic() + self._seconds
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError:  # nor can others lock it
            self.held = True
            return self
        while not (locked := try_lock(descriptor)) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        self._descriptor, self.held = descriptor, locked
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            if self.held:
                _unlock(self._descriptor)
            os.close(self._descriptor)
        self._descriptor, self.held = None, False


def try_lock(descriptor: int) -> bool:
    """Whether an open file could be locked, or nothing locks there. Closing it, or ending, frees it."""
    try:
        if _fcntl is not None:
            _fcntl.flock(descriptor, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
        elif _msvcrt is not None:
            _msvcrt.locking(descriptor, _msvcrt.LK_NBLCK, 1)
    except OSError as error:
        return error.errno not in _TAKEN  # what cannot be locked, nobody holds
    return True


def _unlock(descriptor: int) -> None:
    """Closing alone would leave it locked where a fork has a copy."""
    with suppress(OSError):
        if _fcntl is not None:
            _fcntl.flock(descriptor, _fcntl.LOCK_UN)
