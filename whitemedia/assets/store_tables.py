"""What a store on disk remembers, as tables of bytes: their layouts, the day of each entry's last use, their file."""

from __future__ import annotations

import hashlib
import os
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from whitemedia.assets.codings import BY_NAME
from whitemedia.assets.files import StatKey
from whitemedia.assets.index_file import Layout, Table, format_index, parse_index
from whitemedia.assets.packs import ID_LENGTH, SUFFIX, TEMPORARY, is_trusted
from whitemedia.assets.writing import write_file

FILES, BODIES, SIBLINGS, TYPES = range(4)

INDEX: Final = "index"
LOCK: Final = "lock"
NO_PACK: Final = bytes(ID_LENGTH)
TYPE_LENGTH: Final = 96
USED: Final = 4
"""Bytes: every value begins with the day of its last use, so that values compare as their days do."""

ABANDONED_SECONDS: Final = 3600
"""Age after which a file that is not whole, or a pack that no index names, belongs to nobody."""

_DAY: Final = 24 * 60 * 60
_DIGEST: Final = hashlib.sha256().digest_size
_STATE: Final = struct.Struct("<5Q")
_BODY: Final = struct.Struct(f"<B{ID_LENGTH}sQQ{_DIGEST}s")
_LAYOUTS: Final = (
    Layout(_STATE.size, USED + _DIGEST),  # files: SHA-256 by state
    Layout(_DIGEST + 1, USED + _BODY.size),  # bodies: by SHA-256 and coding
    Layout(_STATE.size + _DIGEST, USED + _DIGEST),  # siblings: own SHA-256 by state and the original's SHA-256
    Layout(_DIGEST, USED + TYPE_LENGTH),  # media types that were found in the bytes, by SHA-256
)
_NUMBERS: Final = {name: bytes([coding.number]) for name, coding in BY_NAME.items()}
_MASK: Final = (1 << 64) - 1


class BodyRecord(NamedTuple):
    """Where a body is: in no pack if it is not worth having. With its own SHA-256."""

    level: int
    pack: bytes
    start: int
    stop: int
    digest: bytes


def format_body(record: BodyRecord) -> bytes:
    return _BODY.pack(*record)


def parse_body(record: bytes) -> BodyRecord:
    return BodyRecord(*_BODY.unpack(record))


def body_key(digest: bytes, coding: str) -> bytes:
    return digest + _NUMBERS[coding]


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


def read_tables(directory: Path) -> tuple[Table, ...]:
    """The tables, if their file is there, whole and to be trusted; else empty ones."""
    try:
        with (directory / INDEX).open("rb") as file:
            data = file.read() if is_trusted(os.fstat(file.fileno())) else b""
    except OSError:
        data = b""
    return parse_index(data, _LAYOUTS) or ({}, {}, {}, {})


def write_tables(directory: Path, tables: tuple[Table, ...]) -> None:
    """Write them whole. Raises OSError, and leaves then those that were there."""
    write_file(directory / INDEX, format_index(_LAYOUTS, tables), TEMPORARY, lasting=True)


def pack_name(identifier: bytes) -> str:
    return identifier.hex() + SUFFIX


def named_packs(tables: tuple[Table, ...]) -> dict[str, int]:
    """The names of the packs that bodies are in, each with how many bytes of it are."""
    named: dict[str, int] = {}
    for value in tables[BODIES].values():
        body = parse_body(value[USED:])
        if body.pack != NO_PACK:
            name = pack_name(body.pack)
            named[name] = named.get(name, 0) + body.stop - body.start
    return named


def remove_abandoned(directory: Path, tables: tuple[Table, ...]) -> None:
    """Remove packs that no body is in, and what was never finished, if nobody can be at it any more."""
    named, oldest = named_packs(tables), time.time() - ABANDONED_SECONDS
    for path in directory.iterdir():
        if (path.suffix == SUFFIX and path.name not in named) or path.name.startswith(TEMPORARY):
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
