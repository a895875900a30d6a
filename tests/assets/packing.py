"""A body in a pack."""

from __future__ import annotations

import hashlib
from pathlib import Path

from whitemedia.assets.packs import ID_LENGTH, PackBody, PackWriter


def add(writer: PackWriter, body: bytes) -> int:
    """Add a body with its own SHA-256."""
    return writer.add(body, hashlib.sha256(body).digest())


def identify(*bodies: bytes) -> bytes:
    """The id of a pack of these bodies."""
    return hashlib.sha256(b"".join(hashlib.sha256(body).digest() for body in bodies)).digest()[:ID_LENGTH]


def make_pack(directory: Path, body: bytes, *, mapped: bool = True) -> PackBody:
    """A body with others before and behind it in its pack."""
    writer = PackWriter(directory)
    add(writer, b"before")
    start = add(writer, body)
    add(writer, b"behind")
    _, pack = writer.finish(mapped=mapped)
    return PackBody(pack, start, start + len(body))
