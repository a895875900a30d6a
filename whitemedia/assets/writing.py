"""Writing files: whole under their names, or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

_MODES: Final = 0o666  # of an original's, what makes sense for what is derived from it


def write_file(
    path: Path, data: bytes, temporary: str, *, lasting: bool = False, like: os.stat_result | None = None
) -> None:
    """Write a file whole, in place of what was there; until then its name begins with `temporary`.

    `lasting` is for what must outlive a loss of power; with `like` it has that file's mode and time. Raises OSError,
    and leaves then what was there.
    """
    descriptor, name = tempfile.mkstemp(prefix=temporary, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        if like is not None:
            os.chmod(name, stat.S_IMODE(like.st_mode) & _MODES)
            os.utime(name, ns=(like.st_atime_ns, like.st_mtime_ns))
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
