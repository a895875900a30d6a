"""Giving back the space of a store: packs are never changed, so what is left of one is moved to a new one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from whitemedia.assets.index_file import Table
from whitemedia.assets.packs import SUFFIX, Pack, PackBody, PackWriter, open_pack
from whitemedia.assets.store_tables import (
    BODIES,
    USED,
    BodyRecord,
    format_body,
    named_packs,
    pack_name,
    parse_body,
)

Tables = tuple[Table, ...]


def compact(directory: Path, tables: Tables) -> Tables:
    """The tables with every body in a pack of which at least half is in use; they are yet to be written.

    Raises OSError, and leaves then everything as it was.
    """
    wasteful = {name: open_pack(directory / name, mapped=False) for name in _wasteful(directory, tables)}
    if not wasteful:
        return tables
    stay = {key: value for key, value in tables[BODIES].items() if _pack(value) not in wasteful}
    move = {key: value for key, value in tables[BODIES].items() if key not in stay}
    writer = PackWriter(directory)
    try:
        moved = {
            key: record for key, value in move.items() if (record := _move(value, wasteful, writer)) is not None
        }
        identifier, _ = writer.finish(mapped=False)
    except BaseException:
        writer.discard()
        raise
    placed = {
        key: move[key][:USED] + format_body(record._replace(pack=identifier)) for key, record in moved.items()
    }
    return tuple(stay | placed if number == BODIES else table for number, table in enumerate(tables))


def remove_packs(directory: Path, tables: Tables) -> None:
    """Remove the packs that no body is in. Whoever has one mapped keeps it; where that cannot be, it stays."""
    named = named_packs(tables)
    for path in directory.glob(f"*{SUFFIX}"):
        if path.name not in named:
            with suppress(OSError):
                path.unlink()


def _wasteful(directory: Path, tables: Tables) -> list[str]:
    """Packs that are there and less than half of which is in use."""
    found = []
    for name, used in named_packs(tables).items():
        with suppress(OSError):
            if used * 2 < (directory / name).stat().st_size:
                found.append(name)
    return found


def _pack(value: bytes) -> str:
    return pack_name(parse_body(value[USED:]).pack)


def _move(value: bytes, packs: dict[str, Pack | None], writer: PackWriter) -> BodyRecord | None:
    """A body's record once it is in the new pack; None if the old one is damaged."""
    record = parse_body(value[USED:])
    pack = packs[pack_name(record.pack)]
    data = None if pack is None else PackBody(pack, record.start, record.stop).read_checked(record.digest)
    if data is None:
        return None
    start = writer.add(data, record.digest)
    return record._replace(start=start, stop=start + len(data))
