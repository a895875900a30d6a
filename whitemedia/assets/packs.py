"""Packs: files of coded bodies, one after the other, each written once and never changed in place.

So they can be mapped: all processes share their pages, and a slice is the body. A file that shrinks under its map
would end the process, hence never in place; and where others may cut it (network disks), it is read and not mapped.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

SUFFIX: Final = ".pack"
TEMPORARY: Final = ".new-"
"""How the name of a file begins that is not whole yet."""

ID_LENGTH: Final = 16

END: Final = b"\nend of whitemedia pack\n"
"""What a pack that is whole ends with."""

_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class Pack:
    """A pack that is read: mapped, or a slice at a time."""

    def __init__(self, path: Path, file: BinaryIO, *, mapped: bool) -> None:
        self.path = path
        self.size = os.fstat(file.fileno()).st_size
        self.is_mapped = mapped
        self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if mapped else None

    def read(self, start: int, stop: int) -> bytes:
        """The bytes of [start, stop). Raises OSError where it is not mapped."""
        if self._map is not None:
            return self._map[start:stop]
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(stop - start)


class PackBody(NamedTuple):
    """A body within a pack."""

    pack: Pack
    start: int
    stop: int

    def read(self) -> bytes:
        """All of it."""
        return self.pack.read(self.start, self.stop)

    def read_checked(self, digest: bytes | None) -> bytes | None:
        """All of it; None if it cannot be read, or has not this SHA-256: then the next start is to make it anew."""
        try:
            data = self.read()
        except OSError:
            return None
        if hashlib.sha256(data).digest() == digest:
            return data
        with suppress(OSError):
            self.pack.path.unlink()
        return None

    def cut(self, start: int, stop: int) -> bytes:
        """[start, stop) of it."""
        return self.pack.read(self.start + start, self.start + stop)


def open_pack(path: Path, *, mapped: bool) -> Pack | None:
    """The pack at `path`; None if it cannot be read, was cut, or may be written by others."""
    try:
        with path.open("rb") as file:
            file.seek(-len(END), os.SEEK_END)
            sound = file.read() == END and is_trusted(os.fstat(file.fileno()))
            return Pack(path, file, mapped=mapped) if sound else None
    except OSError:
        return None


class PackWriter:
    """A pack that is being written, which is finished or discarded."""

    def __init__(self, directory: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix=TEMPORARY, dir=directory)
        self._file = os.fdopen(descriptor, "w+b", buffering=0)
        self._path = Path(name)
        self._digest = hashlib.sha256()
        self.size = 0

    def add(self, data: bytes, digest: bytes) -> int:
        """Append a body, which has this SHA-256; where it starts. Raises OSError, and is then as before."""
        start = self.size
        try:
            self._write(data)
        except OSError:
            with suppress(OSError):
                self._file.seek(start)
                self._file.truncate()
            raise
        self._digest.update(digest)
        self.size += len(data)
        return start

    def finish(self, *, mapped: bool) -> tuple[bytes, Pack]:
        """Make it lasting, under a name made from its bodies: the id, and the pack to read. Raises OSError."""
        self._write(END)
        os.fsync(self._file.fileno())
        identifier = self._digest.digest()[:ID_LENGTH]
        path = self._path.with_name(identifier.hex() + SUFFIX)
        if os.name == "nt":
            self._file.close()
            self._path.replace(path)
            with path.open("rb") as file:
                return identifier, Pack(path, file, mapped=mapped)
        self._path.replace(path)
        with self._file as file:
            return identifier, Pack(path, file, mapped=mapped)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]

    def discard(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):
            self._file.close()
            self._path.unlink(missing_ok=True)


def is_trusted(status: os.stat_result) -> bool:
    """Whether nobody but its owner can write it, and that is this user or root. Windows tells neither."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid in (os.geteuid(), 0) and not status.st_mode & _OTHERS_MAY_WRITE
