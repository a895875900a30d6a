"""A body in a pack."""

from __future__ import annotations

from pathlib import Path

from whitemedia.assets.packs import PackBody, PackWriter


def make_pack(directory: Path, body: bytes, *, mapped: bool = True) -> PackBody:
    """A body with others before and behind it in its pack."""
    writer = PackWriter(directory)
    writer.add(b"before")
    start = writer.add(body)
    writer.add(b"behind")
    _, pack = writer.finish(mapped=mapped)
    return PackBody(pack, start, start + len(body))
