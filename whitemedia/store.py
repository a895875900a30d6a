"""The store on disk, seen from outside: what it holds, and how to make it smaller.

from whitemedia.store import describe_store, prune_store

print(describe_store().bytes)
print(prune_store(days=30))
"""

from __future__ import annotations

import dataclasses
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from whitemedia import checks
from whitemedia.assets.codings import CODINGS, Coding
from whitemedia.assets.disk_store import KEPT_DAYS
from whitemedia.assets.locking import FileLock
from whitemedia.assets.packs import is_trusted
from whitemedia.assets.store_tables import (
    BODIES,
    FILES,
    LOCK,
    NO_PACK,
    USED,
    Tables,
    is_readable,
    parse_body,
    read_tables,
    remove_abandoned,
    reread_tables,
    today,
    used_since,
    write_tables,
)
from whitemedia.assets.stores import store_directory
from whitemedia.options import OptionError

WAIT_SECONDS: Final = 30
"""How long pruning waits for a process that is writing."""


class StoreError(Exception):
    """A store that cannot be pruned now; nothing was changed."""


@dataclasses.dataclass(frozen=True)
class StoredBodies:
    """Bodies of one coding, their bytes, and how many files were found not worth coding so."""

    coding: str
    bodies: int
    bytes: int
    not_worth: int


@dataclasses.dataclass(frozen=True)
class StoreSummary:
    """A store: its directory, its bytes on disk, the file states it knows, and its bodies by coding."""

    directory: str
    bytes: int
    files: int
    codings: tuple[StoredBodies, ...]


def describe_store(cache_dir: str | os.PathLike[str] = "auto") -> StoreSummary:
    """What the store at `cache_dir` holds; one that is not there holds nothing. Raises `OptionError`."""
    directory = _directory(cache_dir)
    tables = read_tables(directory)
    codings = tuple(_describe(tables, coding) for coding in CODINGS)
    return StoreSummary(str(directory), _size(directory), len(tables[FILES]), codings)


def prune_store(cache_dir: str | os.PathLike[str] = "auto", *, days: int = KEPT_DAYS) -> int:
    """Forget what was not used for `days` (0: everything); the bytes that were freed.

    Use is noted once a week. Space is freed by the pack: once nothing that one start has written is known any more. Processes that serve from the store go on undisturbed. Raises `OptionError`, and
    `StoreError` where the store is in use all the time or cannot be written.
    """
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        raise OptionError("days", days, "expected a whole number, 0 or more")
    directory = _directory(cache_dir)
    if not directory.is_dir():
        return 0
    before = _size(directory)
    with _locked(directory):
        tables = _forget(directory, days)
        remove_abandoned(directory, tables, days=days, at_once=True)
    return max(before - _size(directory), 0)


def _forget(directory: Path, days: int) -> Tables:
    """The tables without what was not used for `days`, which are written. Raises StoreError."""
    oldest = today() - days + 1
    doing = "read"
    try:
        known = reread_tables(directory)
        tables = tuple(used_since(table, oldest) if days else {} for table in known)
        doing = "write to"
        write_tables(directory, tables)
    except OSError as error:
        raise StoreError(f"cannot {doing} {str(directory)!r}: {error.strerror}") from None
    return tables


def _directory(cache_dir: object) -> Path:
    try:
        directory = store_directory(checks.cache_dir(cache_dir))
    except ValueError as error:
        raise OptionError("cache_dir", cache_dir, str(error)) from None
    if directory is None:
        raise OptionError("cache_dir", cache_dir, "is no directory")
    try:
        status = directory.stat()
    except (FileNotFoundError, NotADirectoryError):
        return directory
    except OSError as error:
        raise OptionError("cache_dir", str(directory), f"cannot be used: {error.strerror}") from None
    if not (stat.S_ISDIR(status.st_mode) and is_trusted(status)):
        raise OptionError("cache_dir", str(directory), "is no directory, or may be written by others")
    if not is_readable(directory):
        raise OptionError("cache_dir", str(directory), "cannot be read by this user")
    return directory


def _describe(tables: Tables, coding: Coding) -> StoredBodies:
    records = (parse_body(value[USED:], coding.name) for value in tables[BODIES].values())
    bodies = [body for body in records if body is not None]
    lengths = [body.stop - body.start for body in bodies if body.pack != NO_PACK]
    return StoredBodies(coding.name, len(lengths), sum(lengths), len(bodies) - len(lengths))


def _size(directory: Path) -> int:
    """Bytes of all files, of those that are there."""
    size = 0
    with suppress(OSError):
        for path in directory.iterdir():
            with suppress(OSError):
                size += path.stat().st_size
    return size


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    with FileLock(directory / LOCK, WAIT_SECONDS) as lock:
        if not lock.held:
            raise StoreError(f"{str(directory)!r} is being written to by other processes")
        yield
