"""How many bytes a root may hold, counted exactly by all processes that save there: under one lock, in one small file.

The count is written before a file has its name, and after it has lost it, as one that is not settled until that is done:
after whoever was ended in between, the files are counted again. So they are before anything is refused, for others may
have deleted some by other means; but all others wait meanwhile, so counting takes one twentieth of the time at most.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from whitemedia.assets.locking import FileLock
from whitemedia.assets.scan import OWN_NAMES

COUNT: Final = f"{OWN_NAMES}-quota"
LOCK: Final = f"{COUNT}.lock"
PATIENCE: Final = 30.0
"""Seconds to wait for others; each holds the lock for some system calls, or for a count of the root."""

_REST: Final = 20
"""Times as long as counting took, none is counted again for a refusal."""

_LONGEST_REST: Final = 60.0

_UNSETTLED: Final = b"?"


class Ledger:
    """What is counted while nobody else counts. This one counts nothing: there is no limit."""

    used = 0

    def take(self, length: int) -> bool:  # noqa: ARG002
        """Whether there is room for `length` bytes more, which then are counted."""
        return True

    def has_room(self, length: int) -> bool:  # noqa: ARG002
        """Whether there is room for `length` bytes more."""
        return True

    def give_back(self, length: int) -> None:
        """`length` bytes are there no more."""


class Quota:
    """The bytes that the files in `root` may have together, or, `recursive`, also those beneath its directories; None
    sets no limit."""

    def __init__(self, root: str, limit: int | None, *, recursive: bool = False) -> None:
        self._root = root
        self._limit = limit
        self._recursive = recursive
        self._is_counted = False  # by this process: others may have put files there by other means

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Within, nobody else takes or gives back. Raises OSError."""
        if self._limit is None:
            yield Ledger()
            return
        lock_path = Path(self._root, LOCK)
        with FileLock(lock_path, PATIENCE) as lock:
            if not lock.held:
                raise TimeoutError(f"{lock_path} is locked by another process")
            ledger = _CountingLedger(
                self._root, self._limit, is_counted=self._is_counted, recursive=self._recursive
            )
            yield ledger
            ledger.settle()
            self._is_counted = True


class _CountingLedger(Ledger):
    def __init__(self, root: str, limit: int, *, is_counted: bool, recursive: bool) -> None:
        self._root = root
        self._recursive = recursive
        self._path = Path(root, COUNT)
        self._limit = limit
        self._is_settled = True
        told = self._read() if is_counted else None
        self.used = self._count() if told is None else told

    def take(self, length: int) -> bool:
        if not self.has_room(length):
            return False
        self._write(self.used + length)
        return True

    def has_room(self, length: int) -> bool:
        if self.used + length > self._limit and not self._is_resting():
            self.used = self._count()
        return self.used + length <= self._limit

    def give_back(self, length: int) -> None:
        with suppress(OSError):  # a full disk, too, must lose files
            self._write(max(self.used - length, 0))

    def settle(self) -> None:
        """What was counted is what is there. If that cannot be written, the next one counts anew."""
        if not self._is_settled:
            with suppress(OSError):
                self._path.write_bytes(b"%d" % self.used)

    def _read(self) -> int | None:
        """None if there is none, or none that was settled."""
        with suppress(OSError, ValueError):
            written = self._path.read_bytes()
            return int(written) if written.isdigit() else None
        return None

    def _write(self, used: int) -> None:
        self.used, self._is_settled = used, False
        try:
            self._path.write_bytes(b"%d" % used + _UNSETTLED)
        except OSError:
            self._path.unlink(missing_ok=True)  # some of its digits may be there
            raise

    def _count(self) -> int:
        started = time.time()
        used = 0
        for folder, folders, names in os.walk(self._root, onerror=_raise):
            paths = (os.path.join(folder, name) for name in names if not name.startswith(OWN_NAMES))
            used += sum(map(_length, paths))
            if not self._recursive:
                folders.clear()
        self._rest_until(time.time() + min((time.time() - started) * _REST, _LONGEST_REST))
        return used

    def _rest_until(self, moment: float) -> None:
        """Told to all processes by the time of the lock's file."""
        with suppress(OSError):
            os.utime(Path(self._root, LOCK), (moment, moment))

    def _is_resting(self) -> bool:
        with suppress(OSError):
            return 0 < os.stat(Path(self._root, LOCK)).st_mtime - time.time() <= _LONGEST_REST
        return False


def _raise(error: OSError) -> None:
    raise error


def _length(path: str) -> int:
    """Bytes of a file; none of what has just gone, or is a link or no file."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0
