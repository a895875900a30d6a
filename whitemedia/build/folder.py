"""The hidden folder of a root, where a build leaves its records; and the lock that keeps two builds apart."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from whitemedia.assets.locking import FileLock
from whitemedia.assets.records import FOLDER, TEMPORARY
from whitemedia.assets.roots import Skipped
from whitemedia.assets.writing import give

_LOCK: Final = "lock"


class BuildError(Exception):
    """A build that could not begin, or had to stop; what was written until then is valid and kept."""


@contextmanager
def locked_folder(root: str) -> Iterator[None]:
    """Have the folder, and be alone in it. Raises BuildError."""
    folder = Path(root, FOLDER)
    try:
        if not folder.is_dir():
            folder.mkdir()
            status = os.stat(root)
            give(folder, status)
            folder.chmod(stat.S_IMODE(status.st_mode) & 0o777)  # servers may be other users
    except OSError as error:
        raise BuildError(f"cannot make {str(folder)!r}: {error.strerror}") from None
    with FileLock(folder / _LOCK, 0) as lock:
        if not lock.held:
            raise BuildError(f"another build of {root!r} is running")
        yield


def remove_unfinished(root: str, skipped: Iterable[Skipped]) -> None:
    """Remove what a build that was killed left behind; only with the lock."""
    left = [item.path for item in skipped if os.path.basename(item.path).startswith(TEMPORARY)]
    for path in (*map(Path, left), *Path(root, FOLDER).glob(f"{TEMPORARY}*")):
        with suppress(OSError):
            path.unlink()
