"""Which versions of which names were ever handed out, by any process that shares the store: a list that only grows.

A page that was loaded before a deployment asks for names of the version before. Those that were handed out are known
from those that somebody made up; each is a line, written at once. Their bytes are kept as well, each in a file of its own,
so that any process has them, of whichever release it is.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from whitemedia.assets.packs import TEMPORARY, is_trusted
from whitemedia.assets.writing import write_file

SEEN: Final = "seen"
LONGEST: Final = 8 << 20
"""Bytes of the list; beyond, the older half is forgotten."""

BODY: Final = ".body"
"""How the names of files with bytes end."""

LONGEST_BODY: Final = 4 << 20
"""Bytes of what is kept, and read for a request."""

FRESH_SECONDS: Final = 7 * 24 * 60 * 60
"""How old the time of such a file may become before it is said again that it is in use."""

_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_DIGEST_LENGTH: Final = 32
_log = logging.getLogger("whitemedia")


class Seen:
    """SHA-256 by path and version, in memory; with a `directory`, in a file there as well."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._path = None if directory is None else directory / SEEN
        self._known: dict[tuple[str, str], bytes] = {}
        self._inode, self._offset = 0, 0  # of the file, as far as it was read

    def __bool__(self) -> bool:
        self._read()
        return bool(self._known)

    def digest(self, path: str, version: str) -> bytes | None:
        """The SHA-256 of what had this version; None if that was never handed out."""
        if (path, version) not in self._known:
            self._read()
        return self._known.get((path, version))

    def mark(self, path: str, version: str, digest: bytes) -> None:
        """Keep that a version was handed out. Never raises."""
        if self.digest(path, version) is not None:
            return
        self._known[path, version] = digest
        if self._path is not None:
            try:
                self._append(_format(path, version, digest))
            except OSError as error:
                _log.warning("cannot write to %r: %s", str(self._path), error.strerror)
                self._path = None

    def keep(self, digest: bytes, length: int, read: Callable[[], bytes | None]) -> None:
        """Keep the bytes with this SHA-256 and length, which `read` has, unless they are too many. Never raises."""
        if self._directory is None or self._path is None or length > LONGEST_BODY:
            return
        path = self._body_path(digest)
        with suppress(OSError):
            if path.exists():
                if time.time() - path.stat().st_mtime > FRESH_SECONDS:
                    os.utime(path)
                return
            data = read()
            if data is not None:
                write_file(path, data, TEMPORARY)

    def body(self, digest: bytes) -> bytes | None:
        """The bytes with this SHA-256, if they were kept."""
        if self._directory is None:
            return None
        try:
            with self._body_path(digest).open("rb") as file:
                data = file.read(LONGEST_BODY + 1) if is_trusted(os.fstat(file.fileno())) else b""
        except OSError:
            return None
        return data if hashlib.sha256(data).digest() == digest else None

    def _body_path(self, digest: bytes) -> Path:
        assert self._directory is not None
        return self._directory / f"{digest.hex()}{BODY}"

    def _read(self) -> None:
        """What others have added since; all of it where it was written anew."""
        if self._path is None:
            return
        try:
            status = os.stat(self._path)
            if (status.st_ino, status.st_size) == (self._inode, self._offset):
                return
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                if status.st_ino != self._inode or status.st_size < self._offset:
                    self._inode, self._offset = status.st_ino, 0
                file.seek(self._offset)
                data = file.read() if is_trusted(status) else b""
        except OSError:  # none yet
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._known.update(_parse(whole))

    def _append(self, line: bytes) -> None:
        assert self._path is not None
        descriptor = os.open(self._path, _FLAGS, 0o600)
        try:
            os.write(descriptor, line)  # at once: lines of others stay whole
        finally:
            os.close(descriptor)
        if self._offset > LONGEST:
            lines = self._path.read_bytes().splitlines(keepends=True)
            write_file(self._path, b"".join(lines[len(lines) // 2 :]), TEMPORARY)


def _format(path: str, version: str, digest: bytes) -> bytes:
    quoted = quote_from_bytes(path.encode("latin-1", "replace"))
    return f"{version} {digest.hex()} {quoted}\n".encode("ascii")


def _parse(data: bytes) -> dict[tuple[str, str], bytes]:
    """The lines that are whole."""
    known = {}
    for line in data.splitlines():
        version, _, rest = line.partition(b" ")
        digest, _, quoted = rest.partition(b" ")
        try:
            key = (unquote_to_bytes(quoted).decode("latin-1"), version.decode("ascii"))
            found = bytes.fromhex(digest.decode("ascii"))
        except ValueError:
            continue
        if len(found) == _DIGEST_LENGTH:
            known[key] = found
    return known
