"""A look at one path tells what a walk tells of it, and looks at no more than its way."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assets.walk import HIDDEN
from tests.autorefresh.trees import Step, Tree, paths_in, some_steps
from whitemedia.assets import scan
from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Directory, Skipped, Why
from whitemedia.assets.scan import MAX_LINK_DEPTH, DirectoryRoot

if TYPE_CHECKING:
    from tests.assets.conftest import Folder

Told = Source | Skipped | Directory | None


def open_root(path: Path, hidden: tuple[str, ...] = HIDDEN, *, follow_symlinks: bool = False) -> DirectoryRoot:
    return DirectoryRoot(str(path), hidden, follow_symlinks=follow_symlinks)


def told_by_walk(told: dict[str, Source | Skipped], root: DirectoryRoot, name: str) -> Told:
    """What a walk tells of a name: itself, the directory above it that is not entered, or that it is a directory."""
    above = ["/".join(name.split("/")[:number]) for number in range(1, name.count("/") + 1)]
    for directory in above:
        found = told.get(directory)
        if found is not None:
            return found if isinstance(found, Skipped) and found.subtree else None
    if name in told:
        return told[name]
    path = os.path.join(root.path, name)
    return Directory(path, f"{name}/", ()) if name and os.path.isdir(path) else None


def comparable(found: Told) -> Told:
    """Without the links on the way, and with siblings in one order."""
    if isinstance(found, Source):
        return found._replace(siblings=tuple(sorted(found.siblings)))
    return found._replace(hops=()) if isinstance(found, Directory) else found


def names_near(name: str) -> Iterator[str]:
    yield from (name, f"{name}.gz", f"{name}.br", name.removesuffix(".gz"), f"{name}/a.css", f"{name}/.env/x")
    yield from (name.swapcase(), f"{name}/x", f"{name}~", name.rpartition("/")[0])


@settings(max_examples=60)
@given(some_steps, st.sampled_from([HIDDEN, (), ("*.gz",), ("sub", "a*")]), st.booleans())
def test_a_look_tells_of_any_tree_what_a_walk_tells(
    made: list[Step], hidden: tuple[str, ...], follows: bool
) -> None:
    with tempfile.TemporaryDirectory() as parent:
        tree = Tree(Path(parent) / "root", made)
        root = open_root(tree.path, hidden, follow_symlinks=follows)
        told = {found.url_path: found for found in root.sources()}
        for name in {near for path in (*paths_in(tree.path), *told) for near in names_near(path)}:
            assert comparable(root.look(name)) == comparable(told_by_walk(told, root, name)), name


NO_NAMES = [
    *("", "/", "//", "a/", "/a", "a//b", ".", "..", "./a", "../outside/secret", "d/..", "d/../a", "d/./a", "d//a"),
    *("\0", "a\0", "d\0/a", "a/\0", "missing", "missing/a", "a/b", "a/b/c", "\ud800", "a" * 256, "a/" * 3_000),
    *("x" * 100_000, "/".join(["d"] * 2_000), "a.gz", "a.gz.gz.gz.gz"),
]


@pytest.mark.parametrize("name", NO_NAMES, ids=[ascii(name)[:20] for name in NO_NAMES])
def test_what_is_no_name_of_a_file_is_nothing(folder: Folder, outside: Folder, name: str) -> None:
    folder.file("a", b"a")
    folder.file("d/a", b"a")
    outside.file("secret")
    assert open_root(folder.path).look(name) is None


@pytest.mark.parametrize("separator", ["\\", "/"])
def test_a_segment_is_no_path_in_any_system_s_spelling(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, separator: str
) -> None:
    folder.file("d\\a", b"a")
    monkeypatch.setattr(os, "altsep", separator)
    found = open_root(folder.path).look("d\\a")
    assert (found is None) == (separator == "\\")


def test_a_look_finds_a_file_with_its_siblings(folder: Folder) -> None:
    for name in ("d/a.css", "d/a.css.gz", "d/a.css.br", "d/a.css.zst", "d/a.css.zstd", "d/b.css.gz"):
        folder.file(name, b"")
    root = open_root(folder.path)
    found = root.look("d/a.css")
    assert isinstance(found, Source)
    assert {sibling.coding for sibling in found.siblings} == {"gzip", "br", "zstd"}
    assert root.look("d/a.css.gz") == Skipped(str(folder.path / "d" / "a.css.gz"), "d/a.css.gz", Why.SIBLING)
    assert isinstance(root.look("d/b.css.gz"), Source)


def test_a_look_has_siblings_in_a_walk_s_order(folder: Folder) -> None:
    """Of two that are equally long the first is sent."""
    for suffix in ("", ".gz", ".br", ".zst", ".zstd"):
        folder.file(f"a.css{suffix}", b"")
    root = open_root(folder.path)
    [walked] = [source for source in root.sources() if source.url_path == "a.css"]
    assert root.look("a.css") == walked


def test_a_look_touches_only_what_is_on_the_way(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        folder.file(f"d/{number}.css", b"")
    root, looked_at, lstat = open_root(folder.path), [], os.lstat

    def look_at(path: Any) -> os.stat_result:
        looked_at.append(os.path.basename(path))
        return lstat(path)

    monkeypatch.setattr(os, "lstat", look_at)
    monkeypatch.setattr(os, "listdir", None)
    assert isinstance(root.look("d/7.css"), Source)
    assert set(looked_at) == {"d", "7.css", "7.css.br", "7.css.gz", "7.css.zst", "7.css.zstd"}
    assert len(looked_at) == 6


def test_a_look_tells_what_is_there_now(folder: Folder) -> None:
    root = open_root(folder.path)
    assert root.look("d/a") is None
    path = folder.file("d/a", b"1")
    first = root.look("d/a")
    path.write_bytes(b"22")
    second = root.look("d/a")
    assert isinstance(first, Source)
    assert isinstance(second, Source)
    assert (first.stat_key.size, second.stat_key.size) == (1, 2)
    path.unlink()
    assert root.look("d/a") is None


@pytest.mark.parametrize("link", ["d/up", "d/self", "d/to-d"])
def test_a_way_through_links_that_lead_back_is_not_entered(folder: Folder, link: str) -> None:
    folder.file("d/a", b"")
    folder.link("d/up", "..")
    folder.link("d/self", "self")
    folder.link("d/to-d", "../d")
    found = open_root(folder.path).look(f"{link}/d/a")
    assert isinstance(found, Skipped)
    assert (found.url_path, found.why, found.subtree) == (link, Why.LINK_LOOP, True)


def test_a_way_through_many_links_is_as_long_as_a_walk_s(folder: Folder) -> None:
    """Directories that link to each other in a ring, which no single step shows."""
    for number in range(20):
        folder.file(f"{number}/a", b"")
        folder.link(f"{number}/next", f"../{number + 1}")
    root = open_root(folder.path)
    told = {found.url_path: found for found in root.sources()}
    for steps in range(MAX_LINK_DEPTH + 3):
        name = "0" + "/next" * steps + "/a"
        assert comparable(root.look(name)) == comparable(told_by_walk(told, root, name))


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE], ids=errno.errorcode.get)
def test_what_cannot_be_told_closes_the_directory(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    folder.file("d/a", b"")
    lstat = os.lstat

    def fail(path: Any) -> os.stat_result:
        if os.path.dirname(path) == str(folder.path / "d"):
            raise OSError(code, os.strerror(code))
        return lstat(path)

    monkeypatch.setattr(os, "lstat", fail)
    root = open_root(folder.path)
    assert (
        root.look("d/a")
        == root.look("d/b/c")
        == Skipped(str(folder.path / "d"), "d", Why.UNREADABLE, subtree=True)
    )


@pytest.mark.parametrize("folds", [True, False])
def test_where_names_are_folded_only_the_listed_one_counts(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, *, folds: bool
) -> None:
    folder.file("d/a.css", b"a")
    lstat = os.lstat
    monkeypatch.setattr(scan, "_FOLDS_NAMES", folds)
    monkeypatch.setattr(
        os, "lstat", lambda path: lstat(os.path.join(folder.path, path[len(str(folder.path)) + 1 :].lower()))
    )
    root = open_root(folder.path)
    assert isinstance(root.look("d/a.css"), Source)
    for name in ("d/A.CSS", "D/a.css", "D"):
        assert (root.look(name) is None) == folds
