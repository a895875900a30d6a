"""Whatever is swapped between resolving a path and opening it, nothing outside the root is read."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.assets.opening import content, promptly
from whitemedia.assets import files
from whitemedia.assets.files import Opened, open_beneath, open_regular

if TYPE_CHECKING:
    from tests.assets.conftest import Folder


pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")


def swap_for_link(path: Path, target: Path) -> None:
    path.rename(path.with_name("moved-away"))
    path.symlink_to(target)


def swap_for_fifo(path: Path, _target: Path) -> None:
    path.rename(path.with_name("moved-away"))
    os.mkfifo(path)


def remove(path: Path, _target: Path) -> None:
    path.rename(path.with_name("moved-away"))


SWAPS: list[tuple[Callable[[Path, Path], None], str, str]] = [
    (swap_for_link, "d", "."),
    (swap_for_link, "d/e", "e"),
    (swap_for_link, "d/e/a", "e/a"),
    (swap_for_fifo, "d/e/a", ""),
    (swap_for_fifo, "d/e", ""),
    (remove, "d", ""),
    (remove, "d/e/a", ""),
]


@pytest.fixture
def before_next_open(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Do something once, after the path has been resolved and before anything is opened."""

    def arrange(act: Callable[[], None]) -> None:
        original, pending = os.open, [act]

        def call(*arguments: Any, **keywords: Any) -> int:
            if pending:
                pending.pop()()
            return original(*arguments, **keywords)

        monkeypatch.setattr(os, "open", call)

    return arrange


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("row", SWAPS, ids=lambda row: f"{row[0].__name__} {row[1]}")
def test_a_swap_after_the_path_was_resolved_opens_nothing(
    folder: Folder,
    outside: Folder,
    before_next_open: Callable[[Callable[[], None]], None],
    row: tuple[Callable[[Path, Path], None], str, str],
) -> None:
    swap, name, target = row
    folder.file("d/e/a", b"inside")
    outside.file("e/a", b"secret")
    before_next_open(lambda: swap(folder.path / name, outside.path / target))
    assert promptly(lambda: open_beneath(str(folder.path), "d/e/a")) is None


def test_a_swap_that_is_undone_before_the_comparison_opens_nothing(
    folder: Folder, outside: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where directories cannot be opened the path resolves as before, so what was opened is compared too."""
    path = folder.file("a", b"inside")
    secret = outside.file("a", b"secret")
    monkeypatch.setattr(files, "_STEPWISE", False)
    monkeypatch.setattr(files, "open_regular", lambda _: open_regular(str(secret)))
    assert open_beneath(str(folder.path), path.name) is None


def test_a_file_that_goes_before_the_comparison_is_none(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder.file("a", b"inside")

    def open_and_remove(name: str) -> Opened | None:
        opened = open_regular(name)
        path.unlink()
        return opened

    monkeypatch.setattr(files, "_STEPWISE", False)
    monkeypatch.setattr(files, "open_regular", open_and_remove)
    assert open_beneath(str(folder.path), path.name) is None


@pytest.fixture
def swapping(folder: Folder, outside: Folder) -> Iterator[None]:
    """While the test runs, `d` is by turns a directory in the root and a link out of it."""
    folder.file("d/a", b"inside")
    outside.file("a", b"secret")
    ended = threading.Event()
    inside, outward = folder.path / "kept", folder.path / "outward"
    outward.symlink_to(outside.path)

    def swap() -> None:
        place = folder.path / "d"
        while not ended.is_set():
            place.rename(inside)
            outward.rename(place)
            place.rename(outward)
            inside.rename(place)

    thread = threading.Thread(target=swap)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.usefixtures("swapping")
@pytest.mark.skipif(not files._STEPWISE, reason="only opening name by name withstands a storm")
def test_while_a_directory_is_swapped_only_the_file_in_the_root_is_ever_read(folder: Folder) -> None:
    found = {content(open_beneath(str(folder.path), "d/a")) for _ in range(2_000)}
    assert found <= {b"inside", None}
    assert b"inside" in found
