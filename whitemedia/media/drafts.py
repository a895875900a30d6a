"""Files in the making: written under a name that is never served, whole on disk before they get their own.

A draft is locked while it is written, so that one whose process was ended can be told from one that is under way.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Final

from whitemedia.assets.locking import try_lock
from whitemedia.assets.scan import OWN_NAMES

ATTEMPTS: Final = 100
"""Times that a file is made which another process takes for an abandoned one."""

DRAFT: Final = f"{OWN_NAMES}-draft-"
"""How their names begin."""

_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_EXISTS: Final = frozenset({errno.EEXIST, errno.EISDIR, errno.ENOTEMPTY})
_NO_LINKS: Final = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
)
_CLOSED: Final = -1


class Draft:
    """A new file in `root`; a context manager that leaves nothing behind unless it was named."""

    def __init__(self, root: str, mode: int) -> None:
        self._root = root
        self._mode = mode
        self._digest = hashlib.sha256()
        self.size = 0
        self.path, self._descriptor = _create(lambda: os.path.join(root, DRAFT + secrets.token_hex(8)))

    @property
    def sha256(self) -> str:
        """Of what was written, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Append all of `data`. Raises OSError."""
        self._digest.update(data)
        self.size += len(data)
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def read(self) -> BinaryIO:
        """What was written, from its start, in a file of its own."""
        file = os.fdopen(os.dup(self._descriptor), "rb")  # another one could not read, on Windows, what is locked
        file.seek(0)
        return file

    def finish(self) -> None:
        """Have it whole on disk, with the mode that it shall have. Raises OSError."""
        with suppress(AttributeError):  # Windows has none
            os.fchmod(self._descriptor, self._mode)
        os.fsync(self._descriptor)

    def name(self, name: str) -> bool:
        """Give it its name; False if something has that already, which stays as it is. Raises OSError."""
        if os.name == "nt":  # nothing that is open can be renamed there
            self._close()
        try:
            _rename_if_free(self.path, os.path.join(self._root, name))
        except OSError as error:
            if error.errno in _EXISTS:
                return False
            raise
        _sync_directory(self._root)
        return True

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._close()
        finally:
            with suppress(OSError):
                os.unlink(self.path)  # if it is still called that

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, _CLOSED
        if descriptor != _CLOSED:
            os.close(descriptor)


def remove_abandoned(root: str) -> None:
    """Remove drafts whose processes have ended."""
    try:
        names = os.listdir(root)
    except OSError:
        return
    for name in names:
        if name.startswith(DRAFT):
            with suppress(OSError):
                _remove_if_abandoned(os.path.join(root, name))


def _create(make_path: Callable[[], str]) -> tuple[str, int]:
    """A locked file. It may be taken for an abandoned one before it is locked: then there is another.

    Raises FileExistsError where there is no end to that.
    """
    for _ in range(ATTEMPTS):
        path = make_path()
        descriptor = os.open(path, _FLAGS, 0o600)
        if try_lock(descriptor) and os.path.exists(path):
            return path, descriptor
        os.close(descriptor)
        with suppress(OSError):
            os.unlink(path)
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)


def _remove_if_abandoned(path: str) -> None:
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        is_abandoned = try_lock(descriptor) and os.path.samestat(os.fstat(descriptor), os.stat(path))
        if is_abandoned and os.name != "nt":  # while it is locked: nobody begins to write it
            os.unlink(path)
    finally:
        os.close(descriptor)
    if is_abandoned and os.name == "nt":  # which removes nothing that is open, by whomever
        os.unlink(path)


def _rename_if_free(path: str, target: str) -> None:
    """Raises FileExistsError if `target` exists: a hard link does so everywhere, and Windows' rename."""
    if os.name == "nt":
        os.rename(path, target)
        return
    try:
        os.link(path, target, follow_symlinks=False)
    except NotImplementedError:
        os.link(path, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename_reserved(path, target)


def _rename_reserved(path: str, target: str) -> None:
    """Where there are no hard links: whoever makes the reservation first has the name."""
    folder, name = os.path.split(target)
    reserved, descriptor = _create(lambda: os.path.join(folder, DRAFT + name))
    try:
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
        os.rename(path, target)
    finally:
        with suppress(OSError):
            os.unlink(reserved)
        os.close(descriptor)  # then: a lock is of the file that has the name


def _sync_directory(root: str) -> None:
    """Have the name on disk too, where a directory can be opened."""
    with suppress(OSError):
        descriptor = os.open(root, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
