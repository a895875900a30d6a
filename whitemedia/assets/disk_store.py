"""A store that outlives the process: one index, and packs of coded bodies, shared by all processes of a user.

Whatever is wrong with it makes a start slower and never wrong: what is damaged is not believed, and what cannot be
written is kept in memory, or not at all.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from whitemedia.assets.files import StatKey
from whitemedia.assets.index_file import Table
from whitemedia.assets.locking import FileLock
from whitemedia.assets.packs import ID_LENGTH, SUFFIX, Pack, PackBody, PackWriter, open_pack
from whitemedia.assets.seen import Seen
from whitemedia.assets.store import NOT_WORTH, Coded, NotWorth
from whitemedia.assets.store_tables import (
    BODIES,
    EMPTY,
    FILES,
    LOCK,
    NO_PACK,
    NOTES,
    SIBLINGS,
    SLOTS,
    TYPE_LENGTH,
    TYPES,
    USED,
    BodyRecord,
    Tables,
    format_day,
    format_note,
    format_state,
    parse_body,
    parse_note,
    read_tables,
    remove_abandoned,
    reread_tables,
    today,
    used_since,
    with_body,
    write_tables,
)

FRESH_DAYS: Final = 7
"""How old the note of an entry's last use may become before it is written again."""

KEPT_DAYS: Final = 90
"""After so many days without use an entry is forgotten."""

MAX_MAPPED: Final = 32
"""Packs to map, each of which takes a descriptor while it is; of others what is asked for is read into memory."""

_log = logging.getLogger("whitemedia")


class DiskStore:
    """A store in a directory that is there; only read where it cannot be written."""

    def __init__(self, directory: Path, *, mapped: bool = True) -> None:
        self._directory = directory
        self._mapped = mapped
        self._writable = os.access(directory, os.W_OK)
        self.seen = Seen(directory)
        self._known = read_tables(self._directory)
        self._new: tuple[Table, ...] = _tables()
        self._set_day(today())
        self._held: dict[tuple[bytes, str], Coded] = {}  # where the disk did not take them
        self._packs: dict[bytes, Pack | None] = {}
        self._writer: PackWriter | None = None
        self._written: dict[tuple[bytes, str], BodyRecord] = {}  # in the writer's pack, which has no id yet
        self._noted: dict[bytes, bytes] = {}  # in this process
        self._written_notes: dict[bytes, BodyRecord] = {}
        self._is_ours = False

    @property
    def in_memory(self) -> bool:
        return not self._writable

    def digest(self, stat_key: StatKey) -> bytes | None:
        return self._recall(FILES, format_state(stat_key))

    def remember(self, stat_key: StatKey, digest: bytes) -> None:
        self._keep(FILES, format_state(stat_key), digest)

    def verified(self, sibling: StatKey, digest: bytes) -> bytes | None:
        return self._recall(SIBLINGS, format_state(sibling) + digest)

    def mark_verified(self, sibling: StatKey, digest: bytes, own: bytes) -> None:
        self._keep(SIBLINGS, format_state(sibling) + digest, own)

    def media_type(self, digest: bytes) -> str | None:
        found = self._recall(TYPES, digest)
        return None if found is None else found.rstrip(b"\0").decode("ascii", "replace")

    def keep_media_type(self, digest: bytes, media_type: str) -> None:
        value = media_type.encode("ascii", "replace")
        if len(value) <= TYPE_LENGTH:
            self._keep(TYPES, digest, value.ljust(TYPE_LENGTH, b"\0"))

    def knows_all(self, digest: bytes, codings: Iterable[tuple[str, int]]) -> bool:
        record = self._recall(BODIES, digest)
        if record is None:
            return all(self._has_kept(digest, coding, level) for coding, level in codings)
        for coding, level in codings:
            at = SLOTS[coding]
            identifier = record[at + 1 : at + 1 + ID_LENGTH]
            known = record[at] > level and (identifier == NO_PACK or self._pack(identifier) is not None)
            if not (known or self._has_kept(digest, coding, level)):
                return False
        return True

    def body(self, digest: bytes, coding: str, level: int) -> Coded | NotWorth | None:
        held, record = self._held.get((digest, coding)), self._recall(BODIES, digest)
        found = None if record is None else parse_body(record, coding)
        if held is not None or found is None or found.level < level:
            return held
        if found.pack == NO_PACK:
            return NOT_WORTH
        pack = self._pack(found.pack)
        length = found.stop - found.start
        return None if pack is None else Coded(PackBody(pack, found.start, found.stop), length, found.digest)

    def keep(self, digest: bytes, coding: str, level: int, body: bytes | NotWorth) -> None:
        if isinstance(body, NotWorth):
            self._keep_body(digest, coding, BodyRecord(level, NO_PACK, 0, 0, bytes(len(digest))))
            return
        own = hashlib.sha256(body).digest()
        start = self._write(body, own)
        if start is None:
            self._held[digest, coding] = Coded(body, len(body), own)
        else:
            self._written[digest, coding] = BodyRecord(level, NO_PACK, start, start + len(body), own)

    def note(self, key: bytes) -> bytes | None:
        record = self._recall(NOTES, key)
        if record is None:
            return self._noted.get(key)
        found = parse_note(record)
        if found.pack == NO_PACK:
            return b""
        pack = self._pack(found.pack)
        return None if pack is None else PackBody(pack, found.start, found.stop).read_checked(found.digest)

    def keep_note(self, key: bytes, data: bytes) -> None:
        self._noted[key] = data
        own = hashlib.sha256(data).digest()
        start = self._write(data, own) if data else None
        if start is not None:
            self._written_notes[key] = BodyRecord(0, NO_PACK, start, start + len(data), own)
        elif not data:
            self._keep(NOTES, key, format_note(BodyRecord(0, NO_PACK, 0, 0, own)))

    @contextmanager
    def exclusive(self, seconds: float) -> Iterator[bool]:
        if not self._writable:
            yield True  # nobody can compute for us
            return
        with FileLock(self._directory / LOCK, seconds) as lock:
            self._known = _join(self._known, read_tables(self._directory))
            self._packs = {found: pack for found, pack in list(self._packs.items()) if pack and pack.is_mapped}
            self._is_ours = lock.held
            try:
                yield lock.held
            except BaseException:  # a worker that is ended because it takes too long is to be faster next time
                self.commit()
                raise
            finally:
                self._is_ours = False

    def commit(self) -> None:
        self._set_day(today())
        if not (self._writable and (self._written or self._written_notes or any(self._new))):
            return
        with nullcontext() if self._is_ours else FileLock(self._directory / LOCK, 0) as lock:
            if self._is_ours or (lock is not None and lock.held):
                try:
                    self._commit()
                except OSError as error:
                    self._stop_writing(error)

    @property
    def held(self) -> int:
        return sum(body.length for body in self._held.values())

    def retain(self, digests: Container[bytes]) -> None:
        self._held = {key: body for key, body in self._held.items() if key[0] in digests}

    def _has_kept(self, digest: bytes, coding: str, level: int) -> bool:
        """Whether a body was kept that is in no pack yet, or will never be."""
        key = digest, coding
        return key in self._held or (key in self._written and self._written[key].level >= level)

    def _keep_body(self, digest: bytes, coding: str, body: BodyRecord) -> None:
        self._keep(BODIES, digest, with_body(self._recall(BODIES, digest), coding, body))

    def _recall(self, table: int, key: bytes) -> bytes | None:
        """A value without the day of its last use, which is noted."""
        value = self._new[table].get(key) or self._known[table].get(key)
        if value is None:
            return None
        if value < self._fresh:
            self._keep(table, key, value[USED:])
        return value[USED:]

    def _keep(self, table: int, key: bytes, value: bytes) -> None:
        self._new[table][key] = format_day(self._today) + value

    def _set_day(self, day: int) -> None:
        """A process that refreshes may do so for months: what it has used since it last did was used now."""
        now = format_day(day)
        self._new = tuple({key: now + value[USED:] for key, value in list(new.items())} for new in self._new)
        self._today, self._fresh = day, format_day(day - FRESH_DAYS + 1)

    @property
    def _maps_more(self) -> bool:
        return self._mapped and len(self._packs) < MAX_MAPPED

    def _pack(self, identifier: bytes) -> Pack | None:
        if identifier not in self._packs:
            path = self._directory / (identifier.hex() + SUFFIX)
            self._packs[identifier] = open_pack(path, mapped=self._maps_more)
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
        self._written_notes.clear()
        if self._writer is not None:
            self._writer.discard()
            self._writer = None

    def _commit(self) -> None:
        """Write the pack, then the index that names it. Raises OSError."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            try:
                identifier, pack = writer.finish(mapped=self._maps_more)
            except BaseException:
                writer.discard()
                raise
            self._packs[identifier] = pack
            for (digest, coding), body in self._written.items():
                self._keep_body(digest, coding, body._replace(pack=identifier))
            for key, note in self._written_notes.items():
                self._keep(NOTES, key, format_note(note._replace(pack=identifier)))
            self._written.clear()
            self._written_notes.clear()
        oldest = self._today - KEPT_DAYS
        pairs = zip(reread_tables(self._directory), self._new, strict=True)
        tables = tuple(used_since(old | new, oldest) for old, new in pairs)
        write_tables(self._directory, tables)
        self._known, self._new = _join(self._known, tables), _tables()
        remove_abandoned(self._directory, tables, days=KEPT_DAYS)


def _join(known: Tables, read: Tables) -> Tables:
    """What a process goes on to know: what others have pruned meanwhile it has still open."""
    return tuple(old | new for old, new in zip(known, read, strict=True))


def _tables() -> tuple[Table, ...]:
    return tuple({} for _ in EMPTY)
