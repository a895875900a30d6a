"""Which store an option asks for: this user's own, one in a directory, or one in memory."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.packs import is_trusted
from whitemedia.assets.store import MemoryStore, Store
from whitemedia.assets.store_tables import is_readable

_NAME: Final = "whitemedia"
_REMOTE: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse", "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"}
    | {"vboxsf", "virtiofs"}
)
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
_log = logging.getLogger("whitemedia")


def open_store(cache_dir: str | None) -> Store:
    """The store at `cache_dir`; "auto" is the user's cache, None memory only. What cannot be used is one line."""
    directory = store_directory(cache_dir)
    if directory is None:
        return MemoryStore()
    problem = _problem(directory)
    if problem is None:
        # Windows neither removes nor replaces a file that is mapped
        return DiskStore(directory, mapped=sys.platform != "win32" and not _is_remote(directory))
    level = logging.DEBUG if cache_dir == "auto" else logging.WARNING
    _log.log(level, "cache_dir %r %s: compressed files are not remembered", str(directory), problem)
    return MemoryStore()


def store_directory(cache_dir: str | None) -> Path | None:
    """Where the store at `cache_dir` is; None if that is in memory."""
    directory = user_cache(os.environ) if cache_dir == "auto" else None if cache_dir is None else Path(cache_dir)
    return (
        None if directory is None else Path(os.path.abspath(directory))
    )  # servers change their working directory


def user_cache(environ: Mapping[str, str]) -> Path | None:
    """The directory for what this user can do without; None where no home is known."""
    try:
        home = Path.home()
    except (RuntimeError, KeyError):
        return None
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / _NAME / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / _NAME
    given = environ.get("XDG_CACHE_HOME", "")
    return (Path(given) if os.path.isabs(given) else home / ".cache") / _NAME


def _problem(directory: Path) -> str | None:
    """Why it cannot be used; it is made where it is not there."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = directory.stat()
    except OSError as error:
        return f"cannot be used ({error.strerror})"
    except ValueError as error:  # no path on this system
        return f"cannot be used ({error})"
    if not is_trusted(status):
        return "may be written by others, or belongs to another user"
    return None if is_readable(directory) else "cannot be read by this user"


def _is_remote(directory: Path) -> bool:
    """Whether others may cut a file there that is mapped here, where the system tells."""
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
    path = os.path.realpath(directory)
    fields = (line.split(" ") for line in mounts)
    kinds = {_ESCAPED.sub(lambda found: chr(int(found[1], 8)), point): kind for _, point, kind, *_ in fields}
    within = [point for point in kinds if path == point or path.startswith(os.path.join(point, ""))]
    return bool(within) and kinds[max(within, key=len)].partition(".")[0] in _REMOTE
