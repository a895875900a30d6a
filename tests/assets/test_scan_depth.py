"""A walk goes as deep as the root does, or as a path may be long."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.assets.walk import walk
from whitemedia.assets.roots import Why

if TYPE_CHECKING:
    from tests.assets.conftest import Folder


@pytest.fixture
def descend(folder: Folder) -> Iterator[Callable[[str, int], None]]:
    """Directories of one name in each other, and a file in the last one; removed without recursion."""

    def descend(name: str, depth: int) -> None:
        here = os.getcwd()
        os.chdir(folder.path)
        try:
            for _ in range(depth):
                os.mkdir(name)
                os.chdir(name)
            Path("bottom").write_bytes(b"deep")
        finally:
            os.chdir(here)

    yield descend
    aside = folder.path.parent / "aside"
    while below := [entry for entry in os.scandir(folder.path) if entry.is_dir()]:
        os.rename(below[0], aside)
        shutil.rmtree(folder.path)
        os.rename(aside, folder.path)


def test_a_thousand_levels_are_walked(folder: Folder, descend: Callable[[str, int], None]) -> None:
    descend("d", 1050)
    found = walk(folder.path)
    bottom = "d/" * 1050 + "bottom"
    assert (found.served, found.skipped) == ({bottom}, {})
    opened = found.sources[bottom].root.open(bottom)
    assert opened is not None
    with opened:
        assert opened.read_whole() == b"deep"


def test_what_is_deeper_than_a_path_may_be_long_is_unreadable(
    folder: Folder, descend: Callable[[str, int], None]
) -> None:
    folder.file("served.txt")
    descend("d" * 200, 30)
    found = walk(folder.path)
    assert found.served == {"served.txt"}
    assert [why for why, _ in found.skipped.values()] == [Why.UNREADABLE]
