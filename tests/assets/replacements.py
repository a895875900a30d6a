"""What may stand where the walk saw a file."""

from __future__ import annotations

import os
from pathlib import Path


def become_nothing(path: Path, outside: Path) -> None:
    pass


def become_directory(path: Path, outside: Path) -> None:
    path.mkdir()


def become_fifo(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def become_outward_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def become_outward_link_to_fifo(path: Path, outside: Path) -> None:
    os.mkfifo(outside.with_name("fifo"))
    path.symlink_to(outside.with_name("fifo"))


BECOME = [become_nothing, become_directory, become_fifo, become_outward_link, become_outward_link_to_fifo]
