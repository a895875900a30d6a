"""What a server's process has: descriptors, files of the tree, memory. Needs /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.integration.client import PATIENCE


def count_descriptors(process: int) -> int:
    """Descriptors that a process has open."""
    return len(os.listdir(f"/proc/{process}/fd"))


def open_files(process: int, tree: Path) -> list[str]:
    """What a process has open of a directory."""
    folder, found = Path(f"/proc/{process}/fd"), []
    for name in os.listdir(folder):
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(os.readlink(folder / name))
    return [path for path in found if path.startswith(str(tree))]


def resident(process: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    """Fail after a while with what is `otherwise` the case."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)  # no event tells of another process
