"""Writing files: whole under their names, or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

_READ_WRITE: Final = 0o666


def write_file(
    path: Path,
    data: bytes,
    temporary: str,
    *,
    lasting: bool = False,
    readable_as: os.stat_result | None = None,
    mtime_ns: int | None = None,
) -> None:
    """Write a file whole, in place of what was there; until then its name begins with `temporary`.

    `lasting` is for what must outlive a loss of power. Those who may read or write `readable_as`, may the file, as far
    as the system lets us give it to them; else only its owner. Raises OSError, and leaves then what was there.
    """
    descriptor, name = tempfile.mkstemp(prefix=temporary, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        if readable_as is not None:
            give(name, readable_as)
            os.chmod(name, readable_as.st_mode & _READ_WRITE)
        if mtime_ns is not None:
            os.utime(name, ns=(mtime_ns, mtime_ns))
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def give(path: str | os.PathLike[str], like: os.stat_result) -> None:
    """Give a file that we made to the owner and the group of another, as far as the system lets us."""
    if hasattr(os, "chown"):
        for owner, group in ((-1, like.st_gid), (like.st_uid, -1)):
            with suppress(OSError):
                os.chown(path, owner, group)
