"""Opening files: regular ones only, never blocking, judged by what was opened rather than by what a path said.

`open_beneath` reads a path that may have changed since it was scanned, and never leaves the root.
"""

from __future__ import annotations

import errno
import hashlib
import importlib
import os
import stat
import unicodedata
from collections.abc import Callable
from io import FileIO
from typing import Any, Final, NamedTuple

_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO without a writer would block for ever
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOINHERIT", 0)
)
_BLOCK: Final = 1 << 20
_DIRECTORY_FLAGS: Final = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_PATH", 0)  # to search, not to list
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_STEPWISE: Final = bool(_NO_FOLLOW) and os.open in os.supports_dir_fd

# Gone, or no longer a regular file: a link where none may be (ELOOP, or EMLINK and EFTYPE of some BSDs), a socket or a
# driverless device (ENXIO, ENODEV), or what is no name there (EILSEQ)
_ABSENT: Final = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP}
    | {errno.EMLINK, errno.EILSEQ, getattr(errno, "EFTYPE", errno.ELOOP)}
)


def _path_getter() -> Callable[[int], bytes] | None:
    """What tells the path of an open file, on macOS, where a file may be found by a name that folds to its own."""
    try:
        fcntl: Any = importlib.import_module("fcntl")
        command = fcntl.F_GETPATH
    except (ImportError, AttributeError):
        return None
    return lambda descriptor: bytes(fcntl.fcntl(descriptor, command, bytes(1024))).rstrip(b"\0")


_get_path = _path_getter()


class StatKey(NamedTuple):
    """What identifies one state of one file."""

    dev: int
    ino: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> StatKey:
        """The key of a stat result."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class Opened:
    """An open regular file with the state it was found in; whoever holds it closes it, once."""

    __slots__ = ("_changed_ns", "_metadata", "digest", "file", "is_others", "stat_key")

    def __init__(self, file: FileIO, stat_key: StatKey, metadata: tuple[int, ...] = ()) -> None:
        self.file = file
        self.stat_key = stat_key
        self.digest: bytes | None = None  # the SHA-256 of this state, from whoever knows it
        self.is_others = False  # whether whoever writes it may set its time back
        self._changed_ns = stat_key.ctime_ns
        self._metadata = metadata

    @property
    def length(self) -> int:
        return self.stat_key.size

    def is_rewritten(self) -> bool:
        """Whether bytes may have been written since it was opened.

        A file that was deleted, renamed, replaced by another or given another mode is still whole here, though its
        status has changed. Links and mode may tell why; else it may have been written and its time set back, and
        only its digest can tell. Without one it is taken for renamed or, if it is others', for written.
        """
        status = os.fstat(self.file.fileno())
        if (status.st_size, status.st_mtime_ns) != (self.stat_key.size, self.stat_key.mtime_ns):
            return True
        if status.st_ctime_ns == self._changed_ns:
            return False
        explained = _metadata(status) != self._metadata
        self._changed_ns, self._metadata = status.st_ctime_ns, _metadata(status)
        if explained or self.digest is None:
            return self.is_others and not explained
        return not self._has_its_digest()

    def read_whole(self) -> bytes | None:
        """All bytes of this state, from the start; None if the file changed meanwhile."""
        self.file.seek(0)
        data = self.file.read(self.length)
        while data and len(data) < self.length and (more := self.file.read(self.length - len(data))):
            data += more  # a read returns at most 2 GiB
        unchanged = StatKey.of(os.fstat(self.file.fileno())) == self.stat_key
        return data if unchanged and len(data) == self.length else None

    def read_head(self, length: int) -> bytes:
        """Up to `length` bytes from the start."""
        self.file.seek(0)
        return self.file.read(length)

    def _has_its_digest(self) -> bool:
        """Whether the bytes now have the digest that is known of them; the position stays."""
        position = self.file.tell()
        self.file.seek(0)
        found = hashlib.sha256()
        while block := self.file.read(_BLOCK):
            found.update(block)
        self.file.seek(position)
        return found.digest() == self.digest

    def close(self) -> None:
        """Close the file; further calls do nothing."""
        self.file.close()

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def has_state(path: str, stat_key: StatKey) -> bool:
    """Whether the file at `path` is in this state, without opening it."""
    try:
        return StatKey.of(os.stat(path)) == stat_key
    except OSError:
        return False


def read_in_state(path: str, stat_key: StatKey) -> bytes | None:
    """The bytes of the file at `path` if it is in this state; what it then becomes, only they can tell.

    Raises OSError where it cannot be told or opened.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno in _ABSENT or _is_directory(error, path, None):
            return None
        raise
    try:
        if StatKey.of(os.fstat(descriptor)) != stat_key:
            return None
        data = os.read(descriptor, stat_key.size)
        while data and len(data) < stat_key.size and (more := os.read(descriptor, stat_key.size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)


def open_regular(path: str, flags: int = 0, dir_fd: int | None = None) -> Opened | None:
    """Open a regular file; None if there is none at `path`. Raises OSError where it cannot be told or opened."""
    try:
        descriptor = os.open(path, _FLAGS | flags, dir_fd=dir_fd)
    except OSError as error:
        if error.errno in _ABSENT or _is_directory(error, path, dir_fd):
            return None
        raise
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            file = FileIO(path, "rb", opener=lambda *_: descriptor)  # named, for messages
            return Opened(file, StatKey.of(status), _metadata(status))
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _metadata(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_nlink, status.st_mode, status.st_uid, status.st_gid)


def open_beneath(root: str, relative: str, *, follow_symlinks: bool = False) -> Opened | None:
    """Open the regular file at `relative` (segments joined by "/") if it resolves beneath the resolved `root`.

    None if there is none or it lies outside; links are followed outward only with `follow_symlinks`.
    """
    if follow_symlinks:
        return open_regular(os.path.join(root, *relative.split("/")))
    try:
        resolved_root = os.path.realpath(root)
        path = os.path.join(resolved_root, *relative.split("/"))
        resolved = os.path.realpath(path)
    except OSError as error:
        if error.errno in _ABSENT or error.errno == errno.EINVAL:  # a link was replaced while it was read
            return None
        raise
    except (ValueError, RecursionError):  # a NUL, or a chain of more links than any system follows
        return None
    if not is_beneath(resolved, resolved_root):
        return None
    if _STEPWISE:
        return _open_stepwise(resolved_root, os.path.relpath(resolved, resolved_root).split(os.sep))
    return _open_compared(path, resolved)


def open_unlinked(root: str, relative: str) -> Opened | None:
    """Open the regular file at `relative` (segments joined by "/", none of them "", "." or "..") beneath `root`.

    No link is followed below the root, not even one within it: who writes there may be anybody. None if there is no
    regular file.
    """
    try:
        opened = _open_unlinked(root, relative.split("/"))
    except OSError as error:
        if error.errno in _ABSENT or error.errno == errno.EINVAL:
            return None
        raise
    except ValueError:  # a NUL, or what is no name in the system's encoding
        return None
    if opened is not None:
        opened.is_others = True
    return opened


def _open_unlinked(root: str, names: list[str]) -> Opened | None:
    """Under the very name that the system has for the file: whoever may have another one may not have it by this."""
    if not _STEPWISE:
        resolved = os.path.join(os.path.realpath(root), *names)  # no link, no device, no short or folded name
        return _open_compared(resolved, resolved) if os.path.realpath(resolved) == resolved else None
    opened = _open_stepwise(root, names)
    if opened is None or _get_path is None or _is_called(opened, "/".join(names)):
        return opened
    opened.close()
    return None


def _is_called(opened: Opened, relative: str) -> bool:
    """Whether that is its name below the root in the same case of letters, however accents are put together."""
    assert _get_path is not None
    found = os.fsdecode(_get_path(opened.file.fileno()))
    return unicodedata.normalize("NFC", found).endswith("/" + unicodedata.normalize("NFC", relative))


def _is_directory(error: OSError, path: str, dir_fd: int | None) -> bool:
    """Windows says EACCES of a directory, where POSIX opens it."""
    return error.errno == errno.EACCES and dir_fd is None and os.path.isdir(path)


def is_beneath(path: str, root: str) -> bool:
    """Whether a resolved path lies in the resolved directory `root`, with a boundary between the two."""
    return path.startswith(os.path.join(root, ""))


def _open_stepwise(root: str, names: list[str]) -> Opened | None:
    """Open one resolved name after the other without following links: a swap on the way is refused."""
    try:
        directory = os.open(root, _FLAGS | _DIRECTORY_FLAGS)
        try:
            for name in names[:-1]:
                below = os.open(name, _FLAGS | _DIRECTORY_FLAGS | _NO_FOLLOW, dir_fd=directory)
                os.close(directory)
                directory = below
            return open_regular(names[-1], _NO_FOLLOW, directory)
        finally:
            os.close(directory)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise


def _open_compared(path: str, resolved: str) -> Opened | None:
    """Where directories cannot be opened (Windows): open, then see that the path still resolves to what was opened.

    A path that is swapped out and back between two of these steps can deceive it, as it can any check by path.
    """
    opened = open_regular(resolved)
    if opened is None:
        return None
    try:
        same = os.path.realpath(path) == resolved and os.path.samestat(
            os.fstat(opened.file.fileno()), os.stat(resolved)
        )
    except OSError:
        same = False
    if same:
        return opened
    opened.close()
    return None
