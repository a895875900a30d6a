"""A listing shows what is served in a directory, and nothing else: directories first, then files, each by name."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from tests.assets.walk import HIDDEN
from tests.autorefresh.trees import Step, Tree, some_steps
from tests.conftest import MODIFIED
from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Directory, Listed
from whitemedia.assets.scan import DirectoryRoot

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder


def listed(path: Path, url_path: str = "", *, follow_symlinks: bool = False) -> list[str] | None:
    """Names, those of directories with a slash."""
    found = DirectoryRoot(str(path), HIDDEN, follow_symlinks=follow_symlinks).list(url_path)
    return None if found is None else [entry.name + "/" * entry.is_directory for entry in found]


def test_directories_come_first_and_each_by_name(folder: Folder) -> None:
    names = [f"{letter}.txt" for letter in "hgfedcbazyxw"]
    for name in names:
        folder.file(name, b"")
        folder.directory(name[0])
    assert listed(folder.path) == [*sorted(f"{name[0]}/" for name in names), *sorted(names)]


def test_an_entry_has_the_size_and_the_time_of_its_file(folder: Folder) -> None:
    folder.file("d/a", b"12345", mtime=MODIFIED)
    os.utime(folder.path / "d", (MODIFIED, MODIFIED))
    root = DirectoryRoot(str(folder.path), HIDDEN, follow_symlinks=False)
    nanoseconds = MODIFIED * 1_000_000_000
    assert root.list("") == (Listed("d", is_directory=True, size=0, mtime_ns=nanoseconds),)
    assert root.list("d/") == (Listed("a", is_directory=False, size=5, mtime_ns=nanoseconds),)


def test_what_is_not_served_is_not_listed(folder: Folder, outside: Folder) -> None:
    for name in ("a.css", "a.css.gz", "b.gz", ".env", "c~", ".git/config", "d/a"):
        folder.file(name, b"")
    outside.file("secret")
    folder.link("broken", "missing")
    folder.link("loop", ".")
    folder.link("outward", outside.path)
    folder.link("secret", outside.path / "secret")
    folder.link("inward", "d/a")
    os.mkfifo(folder.path / "fifo")
    assert listed(folder.path) == ["d/", "a.css", "b.gz", "inward"]
    assert listed(folder.path, follow_symlinks=True) == ["d/", "outward/", "a.css", "b.gz", "inward", "secret"]


@pytest.mark.parametrize(
    "url_path",
    [
        "missing/",
        "a/",
        ".git/",
        "outward/",
        "outward/d/",
        "loop/",
        "d/../",
        "../",
        "./",
        "//",
        "d//",
        "\0/",
        "\ud800/",
    ],
)
def test_what_is_no_directory_to_be_shown_is_none(folder: Folder, outside: Folder, url_path: str) -> None:
    for name in ("a", "d/a", ".git/config"):
        folder.file(name, b"")
    outside.file("d/secret")
    folder.link("outward", outside.path)
    folder.link("loop", ".")
    assert listed(folder.path, url_path) is None


def test_an_empty_directory_is_empty_and_one_that_cannot_be_listed_is_none(folder: Folder, deny: Deny) -> None:
    path = folder.directory("d")
    assert listed(folder.path, "d/") == []
    deny(path, errno.EACCES)
    assert listed(folder.path, "d/") is None


def test_what_goes_while_it_is_listed_is_no_error(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path, stat = folder.directory("d"), os.stat

    def go_first(place: object) -> os.stat_result:
        if place == str(path):
            path.rmdir()
        return stat(str(place))

    monkeypatch.setattr(os, "stat", go_first)
    found = DirectoryRoot(str(folder.path), HIDDEN, follow_symlinks=False).list("")
    assert found == (Listed("d", is_directory=True, size=0, mtime_ns=0),)


@settings(max_examples=40)
@given(some_steps)
def test_of_any_tree_a_listing_has_what_a_look_finds(made: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as parent:
        tree = Tree(Path(parent) / "root", made)
        root = DirectoryRoot(str(tree.path), HIDDEN, follow_symlinks=False)
        pending = [""]
        while pending:
            directory = pending.pop()
            entries = root.list(directory)
            assert entries is not None
            shown = {entry.name: entry.is_directory for entry in entries}
            assert len(shown) == len(entries)
            for name in (*os.listdir(tree.path / directory), *shown):
                found = root.look(directory + name)
                assert (name in shown) == isinstance(found, (Source, Directory))
                assert shown.get(name, False) == isinstance(found, Directory)
            pending += [f"{directory}{name}/" for name, is_directory in shown.items() if is_directory]
