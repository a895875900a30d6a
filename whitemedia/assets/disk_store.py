"""A store that outlives the process: one index, and packs of coded bodies, shared by all processes of a user.

Whatever is wrong with it makes a start slower and never wrong: what is damaged is not believed, and what cannot be
written is kept in memory, or not at all.
"""

from __future__ import annotations

import hashlib
import logging
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Final

from whitemedia.assets.codings import BY_NAME
from whitemedia.assets.files import StatKey
from whitemedia.assets.index_file import Layout, Table, format_index, parse_index
from whitemedia.assets.locking import FileLock
from whitemedia.assets.packs import (
    ID_LENGTH,
    SUFFIX,
    TEMPORARY,
    Pack,
    PackBody,
    PackWriter,
    is_trusted,
    open_pack,
)
from whitemedia.assets.store import NOT_WORTH, Coded, NotWorth
from whitemedia.assets.writing import write_file

FRESH_DAYS: Final = 7
"""How old the note of an entry's last use may become before it is written again."""

KEPT_DAYS: Final = 90
"""After so many days without use an entry is forgotten."""

ABANDONED_SECONDS: Final = 3600
"""Age after which a file that is not whole, or a pack that no index names, belongs to nobody."""

_INDEX: Final = "index"
_LOCK: Final = "lock"
_DAY: Final = 24 * 60 * 60
_DIGEST: Final = hashlib.sha256().digest_size
_TYPE_LENGTH: Final = 96
_NO_PACK: Final = bytes(ID_LENGTH)

_USED: Final = 4  # bytes: every value begins with the day of its last use, so that values compare as their days do
_STATE: Final = struct.Struct("<5Q")
_BODY: Final = struct.Struct(f"<B{ID_LENGTH}sQQ{_DIGEST}s")  # level, pack, start, stop, SHA-256
_LAYOUTS: Final = (
    Layout(_STATE.size, _USED + _DIGEST),  # files: SHA-256 by state
    Layout(_DIGEST + 1, _USED + _BODY.size),  # bodies: by SHA-256 and coding
    Layout(_STATE.size + _DIGEST, _USED + _DIGEST),  # siblings: own SHA-256 by state and the original's SHA-256
    Layout(_DIGEST, _USED + _TYPE_LENGTH),  # media types that were found in the bytes, by SHA-256
)
_NUMBERS: Final = {name: bytes([coding.number]) for name, coding in BY_NAME.items()}
_MASK: Final = (1 << 64) - 1
_log = logging.getLogger("whitemedia")


FILES, BODIES, SIBLINGS, TYPES = range(4)


class DiskStore:
    """A store in a directory that is there; only read where it cannot be written."""

    def __init__(self, directory: Path, *, mapped: bool = True) -> None:
        self._directory = directory
        self._mapped = mapped
        self._writable = os.access(directory, os.W_OK)
        self._today = int(time.time()) // _DAY
        self._fresh = _format_day(self._today - FRESH_DAYS + 1)
        self._known = self._load()
        self._new: tuple[Table, ...] = ({}, {}, {}, {})
        self._held: dict[bytes, Coded] = {}  # where the disk did not take them
        self._packs: dict[bytes, Pack | None] = {}
        self._writer: PackWriter | None = None
        self._written: dict[
            bytes, tuple[int, int, int, bytes]
        ] = {}  # level, start, stop and SHA-256 in the writer's pack
        self._is_ours = False

    @property
    def in_memory(self) -> bool:
        return not self._writable

    def digest(self, stat_key: StatKey) -> bytes | None:
        return self._recall(FILES, _format_state(stat_key))

    def remember(self, stat_key: StatKey, digest: bytes) -> None:
        self._keep(FILES, _format_state(stat_key), digest)

    def verified(self, sibling: StatKey, digest: bytes) -> bytes | None:
        return self._recall(SIBLINGS, _format_state(sibling) + digest)

    def mark_verified(self, sibling: StatKey, digest: bytes, own: bytes) -> None:
        self._keep(SIBLINGS, _format_state(sibling) + digest, own)

    def media_type(self, digest: bytes) -> str | None:
        found = self._recall(TYPES, digest)
        return None if found is None else found.rstrip(b"\0").decode("ascii", "replace")

    def keep_media_type(self, digest: bytes, media_type: str) -> None:
        value = media_type.encode("ascii", "replace")
        if len(value) <= _TYPE_LENGTH:
            self._keep(TYPES, digest, value.ljust(_TYPE_LENGTH, b"\0"))

    def knows(self, digest: bytes, coding: str, level: int) -> bool:
        key = digest + _NUMBERS[coding]
        record = self._recall(BODIES, key)
        if record is not None and record[0] >= level:
            identifier = record[1 : 1 + ID_LENGTH]
            return identifier == _NO_PACK or self._pack(identifier) is not None
        return key in self._held or (key in self._written and self._written[key][0] >= level)

    def body(self, digest: bytes, coding: str, level: int) -> Coded | NotWorth | None:
        key = digest + _NUMBERS[coding]
        if key in self._held:
            return self._held[key]
        record = self._recall(BODIES, key)
        if record is None or record[0] < level:
            return None
        _, identifier, start, stop, own = _BODY.unpack(record)
        if identifier == _NO_PACK:
            return NOT_WORTH
        pack = self._pack(identifier)
        return None if pack is None else Coded(PackBody(pack, start, stop), stop - start, own)

    def keep(self, digest: bytes, coding: str, level: int, body: bytes | NotWorth) -> None:
        key = digest + _NUMBERS[coding]
        if isinstance(body, NotWorth):
            self._keep(BODIES, key, _BODY.pack(level, _NO_PACK, 0, 0, bytes(_DIGEST)))
            return
        own = hashlib.sha256(body).digest()
        start = self._write(body, own)
        if start is None:
            self._held[key] = Coded(body, len(body), own)
        else:
            self._written[key] = level, start, start + len(body), own

    @contextmanager
    def exclusive(self, seconds: float) -> Iterator[bool]:
        if not self._writable:
            yield True  # nobody can compute for us
            return
        with FileLock(self._directory / _LOCK, seconds) as lock:
            self._known = self._load()
            self._is_ours = lock.held
            try:
                yield lock.held
            finally:
                self._is_ours = False

    def commit(self) -> None:
        if not (self._writable and (self._written or any(self._new))):
            return
        with nullcontext() if self._is_ours else FileLock(self._directory / _LOCK, 0) as lock:
            if self._is_ours or (lock is not None and lock.held):
                try:
                    self._commit()
                except OSError as error:
                    self._stop_writing(error)

    def _recall(self, table: int, key: bytes) -> bytes | None:
        """A value without the day of its last use, which is noted."""
        value = self._new[table].get(key) or self._known[table].get(key)
        if value is None:
            return None
        if value < self._fresh:
            self._keep(table, key, value[_USED:])
        return value[_USED:]

    def _keep(self, table: int, key: bytes, value: bytes) -> None:
        self._new[table][key] = _format_day(self._today) + value

    def _pack(self, identifier: bytes) -> Pack | None:
        if identifier not in self._packs:
            path = self._directory / (identifier.hex() + SUFFIX)
            self._packs[identifier] = open_pack(path, mapped=self._mapped)
        return self._packs[identifier]

    def _write(self, body: bytes, own: bytes) -> int | None:
        """Where a body starts in the pack that is being written; None if it cannot be."""
        if not self._writable:
            return None
        try:
            self._writer = self._writer or PackWriter(self._directory)
            return self._writer.add(body, own)
        except OSError as error:
            self._stop_writing(error)
            return None

    def _stop_writing(self, error: OSError) -> None:
        """What is written already is lost, for it has no index; the next start computes it again."""
        _log.warning(
            "cannot write to %r: %s; compressed files are not remembered", str(self._directory), error.strerror
        )
        self._writable = False
        self._written.clear()
        if self._writer is not None:
            self._writer.discard()
            self._writer = None

    def _load(self) -> tuple[Table, ...]:
        """The index, if there is one that is whole and to be trusted."""
        try:
            with (self._directory / _INDEX).open("rb") as file:
                data = file.read() if is_trusted(os.fstat(file.fileno())) else b""
        except OSError:
            data = b""
        return parse_index(data, _LAYOUTS) or ({}, {}, {}, {})

    def _commit(self) -> None:
        """Write the pack, then the index that names it. Raises OSError."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            try:
                identifier, pack = writer.finish(mapped=self._mapped)
            except BaseException:
                writer.discard()
                raise
            self._packs[identifier] = pack
            for key, (level, start, stop, own) in self._written.items():
                self._keep(BODIES, key, _BODY.pack(level, identifier, start, stop, own))
            self._written.clear()
        tables = tuple(_forget(old | new, self._today) for old, new in zip(self._load(), self._new, strict=True))
        write_file(self._directory / _INDEX, format_index(_LAYOUTS, tables), TEMPORARY, lasting=True)
        self._known, self._new = tables, ({}, {}, {}, {})
        self._remove_abandoned()

    def _remove_abandoned(self) -> None:
        """Packs that the index does not name, and what was never finished."""
        named = {_BODY.unpack(value[_USED:])[1].hex() + SUFFIX for value in self._known[BODIES].values()}
        oldest = time.time() - ABANDONED_SECONDS
        for path in self._directory.iterdir():
            if (path.suffix == SUFFIX and path.name not in named) or path.name.startswith(TEMPORARY):
                with suppress(OSError):
                    if path.stat().st_mtime < oldest:
                        path.unlink()


def _format_day(day: int) -> bytes:
    return max(day, 0).to_bytes(_USED, "big")


def _forget(table: Table, today: int) -> Table:
    oldest = _format_day(today - KEPT_DAYS)
    return {key: value for key, value in table.items() if value >= oldest}


def _format_state(key: StatKey) -> bytes:
    try:
        return _STATE.pack(*key)
    except struct.error:  # of times too far off, the last 64 bits
        return _STATE.pack(*(number & _MASK for number in key))
