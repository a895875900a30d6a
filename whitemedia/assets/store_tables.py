"""What a store on disk remembers, as tables of bytes: their layouts, the day of each entry's last use, their file."""

from __future__ import annotations

import errno
import hashlib
import math
import os
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from whitemedia.assets.codings import BY_NAME, CODINGS
from whitemedia.assets.files import StatKey
from whitemedia.assets.index_file import Layout, Table, format_index, parse_index
from whitemedia.assets.packs import ID_LENGTH, SUFFIX, TEMPORARY, is_trusted
from whitemedia.assets.seen import BODY
from whitemedia.assets.writing import write_file

FILES, BODIES, SIBLINGS, TYPES, NOTES = range(5)

INDEX: Final = "index"
LOCK: Final = "lock"
NO_PACK: Final = bytes(ID_LENGTH)
TYPE_LENGTH: Final = 96
USED: Final = 4
"""Bytes: every value begins with the day of its last use, so that values compare as their days do."""

Tables = tuple[Table, ...]
EMPTY: Final[Tables] = ({}, {}, {}, {}, {})
"""Never changed."""

ABANDONED_SECONDS: Final = 3600
"""Age after which a file that is not whole, or a pack that no index names, belongs to nobody."""

_NO_FILE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP})
_DAY: Final = 24 * 60 * 60
_DIGEST: Final = hashlib.sha256().digest_size
_STATE: Final = struct.Struct("<5Q")
_BODY: Final = struct.Struct(f"<B{ID_LENGTH}sQQ{_DIGEST}s")
_LAYOUTS: Final = (
    Layout(_STATE.size, USED + _DIGEST),  # files: SHA-256 by state
    Layout(_DIGEST, USED + len(CODINGS) * _BODY.size),  # bodies: a slot for each coding, by SHA-256
    Layout(_STATE.size + _DIGEST, USED + _DIGEST),  # siblings: own SHA-256 by state and the original's SHA-256
    Layout(_DIGEST, USED + TYPE_LENGTH),  # media types that were found in the bytes, by SHA-256
    Layout(_DIGEST, USED + _BODY.size),  # notes, by the SHA-256 of what they are on
)
_NO_BODIES: Final = bytes(len(CODINGS) * _BODY.size)
SLOTS: Final = {name: coding.number * _BODY.size for name, coding in BY_NAME.items()}
"""Where the record of a coding begins within that of all: with a byte that is 0 where there is none, else the level + 1."""

_MASK: Final = (1 << 64) - 1


class BodyRecord(NamedTuple):
    """Where a body is: in no pack if it is not worth having. With its own SHA-256."""

    level: int
    pack: bytes
    start: int
    stop: int
    digest: bytes


def parse_body(record: bytes, coding: str) -> BodyRecord | None:
    """The body of one coding, of the record of all."""
    mark, *rest = _BODY.unpack_from(record, SLOTS[coding])
    return BodyRecord(mark - 1, *rest) if mark else None


def with_body(record: bytes | None, coding: str, body: BodyRecord) -> bytes:
    """The record of all with this body in it."""
    slots = bytearray(record or _NO_BODIES)
    _BODY.pack_into(slots, SLOTS[coding], body.level + 1, *body[1:])
    return bytes(slots)


def format_note(note: BodyRecord) -> bytes:
    """The record of a note, which is in no pack if it is empty."""
    return _BODY.pack(*note)


def parse_note(record: bytes) -> BodyRecord:
    """What `format_note` made."""
    return BodyRecord(*_BODY.unpack(record))


def parse_bodies(record: bytes) -> dict[str, BodyRecord]:
    """The bodies by coding."""
    return {coding: body for coding in SLOTS if (body := parse_body(record, coding)) is not None}


def format_state(key: StatKey) -> bytes:
    try:
        return _STATE.pack(*key)
    except struct.error:  # of times too far off, the last 64 bits
        return _STATE.pack(*(number & _MASK for number in key))


def today() -> int:
    """Days since 1970."""
    return int(time.time()) // _DAY


def format_day(day: int) -> bytes:
    return max(day, 0).to_bytes(USED, "big")


def used_since(table: Table, day: int) -> Table:
    """The entries that were used on this day or later."""
    oldest = format_day(day)
    return {key: value for key, value in table.items() if value >= oldest}


def is_readable(directory: Path) -> bool:
    """Whether this user may read the tables, if they are there: what root's start left is root's alone."""
    try:
        (directory / INDEX).open("rb").close()
    except PermissionError:
        return False
    except OSError:  # none yet, or not for now
        return True
    return True


def read_tables(directory: Path) -> Tables:
    """The tables, if their file is there, whole and to be trusted; else empty ones."""
    try:
        return reread_tables(directory)
    except OSError:
        return EMPTY


def reread_tables(directory: Path) -> Tables:
    """The same for who will write them again. Raises OSError where they are there and cannot be read now."""
    try:
        with (directory / INDEX).open("rb") as file:
            data = file.read() if is_trusted(os.fstat(file.fileno())) else b""
    except OSError as error:
        if error.errno not in _NO_FILE:
            raise
        return EMPTY
    return parse_index(data, _LAYOUTS) or EMPTY


def write_tables(directory: Path, tables: Tables) -> None:
    """Write them whole. Raises OSError, and leaves then those that were there."""
    write_file(directory / INDEX, format_index(_LAYOUTS, tables), TEMPORARY, lasting=True)


def named_packs(tables: Tables) -> set[str]:
    """The names of the packs that bodies and notes are in."""
    records = (parse_bodies(value[USED:]).values() for value in tables[BODIES].values())
    packs = {body.pack for bodies in records for body in bodies}
    packs |= {parse_note(value[USED:]).pack for value in tables[NOTES].values()}
    return {pack.hex() + SUFFIX for pack in packs - {NO_PACK}}


def remove_abandoned(directory: Path, tables: Tables, *, days: int, at_once: bool = False) -> None:
    """Remove packs that no body is in, and what was never finished, once nobody can be at it any more; and bytes of
    earlier releases that were not used for `days`.

    Packs go `at_once` where the lock is held. Whoever has one mapped keeps it; where that cannot be, it stays.
    """
    named, now = named_packs(tables), time.time()
    with suppress(OSError):
        for path in directory.iterdir():
            if path.suffix == SUFFIX and path.name not in named:
                _remove(path, math.inf if at_once else now - ABANDONED_SECONDS)
            elif path.name.startswith(TEMPORARY):
                _remove(path, now - ABANDONED_SECONDS)
            elif path.suffix == BODY:
                _remove(path, now - days * _DAY if days else math.inf)


def _remove(path: Path, older_than: float) -> None:
    with suppress(OSError):
        if path.stat().st_mtime < older_than:
            path.unlink()
