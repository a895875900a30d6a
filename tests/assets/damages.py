"""What may become of a file of a store."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from whitemedia.assets.packs import END

Damage = Callable[[Path], object]


def flip(position: int) -> Damage:
    def damage(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[position % len(data)] ^= 1
        path.write_bytes(data)

    return damage


def cut(share: float) -> Damage:
    return lambda path: os.truncate(path, int(path.stat().st_size * share))


def become(make: Damage) -> Damage:
    def damage(path: Path) -> None:
        path.unlink()
        make(path)

    return damage


LOST: dict[str, Damage] = {
    "removed": Path.unlink,
    "emptied": cut(0),
    "half": cut(0.5),
    "a byte short": lambda path: os.truncate(path, path.stat().st_size - 1),
    "its end": flip(-1),
    "foreign": lambda path: path.write_bytes(b"#!/bin/sh\n"),
    "a directory": become(Path.mkdir),
    "a link to itself": become(lambda path: path.symlink_to(path)),
    "a broken link": become(lambda path: path.symlink_to("nothing")),
    "written by others": lambda path: path.chmod(0o666),
}
CHANGED: dict[str, Damage] = {
    "its first byte": flip(0),
    "a byte of it": flip(1000),
    "its last byte": flip(-1 - len(END)),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size - len(END)) + END),
    "all a byte later": lambda path: path.write_bytes(b"\0" + path.read_bytes()[: -1 - len(END)] + END),
}
DAMAGES = LOST | CHANGED
