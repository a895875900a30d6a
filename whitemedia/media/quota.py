"""How many bytes a root may hold, counted exactly by all processes that save there: under one lock, in one small file.

The count is written before a file has its name, and after it has lost it: whoever is ended in between leaves a count
that is too high, never one that is too low, and before anything is refused for it the files are counted again.
"""

from __future__ import annotations

import os
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


class Ledger:
    """What is counted while nobody else counts. This one counts nothing: there is no limit."""

    used = 0

    def take(self, length: int) -> bool:  # noqa: ARG002
        """Whether there is room for `length` bytes more, which then are counted."""
        return True

    def give_back(self, length: int) -> None:
        """`length` bytes are there no more."""


class Quota:
    """The bytes that the files in `root` may have together; None sets no limit."""

    def __init__(self, root: str, limit: int | None) -> None:
        self._root = root
        self._limit = limit
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
            yield _CountingLedger(self._root, self._limit, is_counted=self._is_counted)
            self._is_counted = True


class _CountingLedger(Ledger):
    def __init__(self, root: str, limit: int, *, is_counted: bool) -> None:
        self._root = root
        self._path = Path(root, COUNT)
        self._limit = limit
        told = self._read() if is_counted else None
        self._is_recounted = told is None
        self.used = self._count() if told is None else told

    def take(self, length: int) -> bool:
        if self.used + length > self._limit and not self._is_recounted:
            self.used = self._count()
        if self.used + length > self._limit:
            return False
        self._write(self.used + length)
        return True

    def give_back(self, length: int) -> None:
        with suppress(OSError):  # a full disk, too, must lose files
            self._write(max(self.used - length, 0))

    def _read(self) -> int | None:
        with suppress(OSError, ValueError):
            written = self._path.read_bytes()
            return int(written) if written.isdigit() else None
        return None

    def _write(self, used: int) -> None:
        self.used = used
        try:
            self._path.write_bytes(b"%d" % used)
        except OSError:
            self._path.unlink(missing_ok=True)  # some of its digits may be there
            raise

    def _count(self) -> int:
        self._is_recounted = True
        with os.scandir(self._root) as entries:
            return sum(
                entry.stat(follow_symlinks=False).st_size
                for entry in entries
                if not entry.name.startswith(OWN_NAMES) and entry.is_file(follow_symlinks=False)
            )
