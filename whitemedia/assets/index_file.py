"""The file in which a store remembers: tables of fixed-length keys and values, behind a digest of them all.

It is written whole and never changed in place, so that it is either as it was written or not believed.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Final, NamedTuple

MAGIC: Final = b"whitemedia index 1\n"

_COUNT: Final = struct.Struct("<Q")
_DIGEST: Final = hashlib.sha256().digest_size


class Layout(NamedTuple):
    """Lengths of a table's keys and values, in bytes."""

    key: int
    value: int


Table = dict[bytes, bytes]


def format_index(layouts: tuple[Layout, ...], tables: tuple[Table, ...]) -> bytes:
    """The bytes of an index."""
    parts = []
    for layout, table in zip(layouts, tables, strict=True):
        assert all(len(key) == layout.key and len(value) == layout.value for key, value in table.items())
        parts.append(_COUNT.pack(len(table)))
        parts += [part for item in table.items() for part in item]
    body = b"".join(parts)
    return MAGIC + hashlib.sha256(body).digest() + body


def parse_index(data: bytes, layouts: tuple[Layout, ...]) -> tuple[Table, ...] | None:
    """The tables of an index, of which an older one lacks the last; None for what is damaged, or another thing."""
    start = len(MAGIC) + _DIGEST
    body = data[start:]
    if not data.startswith(MAGIC) or hashlib.sha256(body).digest() != data[len(MAGIC) : start]:
        return None
    tables: list[Table] = []
    at = 0
    for layout in layouts:
        if tables and at == len(body):
            tables.append({})
            continue
        if len(body) < at + _COUNT.size:
            return None
        (count,) = _COUNT.unpack_from(body, at)
        at += _COUNT.size
        width = layout.key + layout.value
        stop = at + count * width
        if stop > len(body):
            return None
        tables.append({body[i : i + layout.key]: body[i + layout.key : i + width] for i in range(at, stop, width)})
        at = stop
    return tuple(tables) if at == len(body) else None
