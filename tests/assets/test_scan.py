"""One walk over a root: everything in it is a source, a directory to enter, or skipped with its reason; nothing raises."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.assets.walk import HIDDEN, walk
from whitemedia.assets.files import StatKey
from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Why
from whitemedia.assets.scan import DirectoryRoot

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder


# What is served


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "d/e/f.css",
        "über uns.txt",
        "new\nline",
        "%41",
        "a b?c#d",
        "back\\slash",
        '"quoted"',
        "CON",
        "\u202e",
        "a..b",
    ],
)
def test_a_regular_file_is_a_source_under_its_own_name(folder: Folder, name: str) -> None:
    path = folder.file(name, b"12345")
    [source] = walk(folder.path).sources.values()
    assert source == Source(str(path), name, StatKey.of(path.stat()), source.root, ())


def test_a_root_given_as_a_relative_path_stays_where_it_was(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.file("a", b"inside")
    monkeypatch.chdir(folder.path.parent)
    root = DirectoryRoot(folder.path.name, HIDDEN, follow_symlinks=False)
    monkeypatch.chdir("/")
    assert root.path == str(folder.path)
    assert [found.url_path for found in root.sources()] == ["a"]


def test_a_root_whose_own_path_is_not_utf_8_is_served(folder: Folder) -> None:
    path = folder.path / "caf\udce9"
    make_undecodable(make_directory)(path)
    assert walk(path).served == {"below"}


def test_an_empty_root_has_nothing(folder: Folder) -> None:
    assert walk(folder.path) == ({}, {})


def test_a_source_can_be_opened_by_its_url_path_as_long_as_it_stays_in_the_root(
    folder: Folder, outside: Folder
) -> None:
    path = folder.file("d/a", b"inside")
    [source] = walk(folder.path).sources.values()
    opened = source.root.open("d/a")
    assert opened is not None
    with opened:
        assert opened.read_whole() == b"inside"
    path.unlink()
    path.symlink_to(outside.file("secret"))
    assert source.root.open("d/a") is None


# What is skipped, with its reason


def link_to(target: str) -> Callable[[Path], None]:
    return lambda place: place.symlink_to(target)


def make_two_links(place: Path) -> None:
    place.symlink_to("other~")
    place.with_name("other~").symlink_to(place.name)


def make_socket(place: Path) -> None:
    here = os.getcwd()
    os.chdir(place.parent)  # a socket's name is at most some 100 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(place.name)
    finally:
        os.chdir(here)


def make_device(place: Path) -> None:
    try:
        os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")


def make_file(place: Path) -> None:
    place.touch()


def make_directory(place: Path) -> None:
    place.mkdir()
    (place / "below").touch()


def make_undecodable(make: Callable[[Path], None]) -> Callable[[Path], None]:
    def make_or_skip(place: Path) -> None:
        try:
            make(place)
        except OSError as error:
            pytest.skip(f"this file system refuses the name: {error.strerror}")

    return make_or_skip


class Dirt(NamedTuple):
    """Something in a root that is not served."""

    title: str
    name: str
    make: Callable[[Path], None]
    why: Why
    subtree: bool


DIRTY = [
    Dirt("broken link", "a", link_to("missing"), Why.BROKEN_LINK, True),
    Dirt("link beneath a file", "a", link_to("served.txt/below"), Why.BROKEN_LINK, True),
    Dirt("link to itself", "a", link_to("a"), Why.LINK_LOOP, True),
    Dirt("two links to each other", "a", make_two_links, Why.LINK_LOOP, True),
    Dirt("link to its directory", "a", link_to("."), Why.LINK_LOOP, True),
    Dirt("link to its directory's parent", "deep/er/a", link_to(".."), Why.LINK_LOOP, True),
    Dirt("link to the root", "deep/er/a", link_to("../.."), Why.LINK_LOOP, True),
    Dirt("link out to a file", "a", link_to("../root-private/secret"), Why.OUTWARD_LINK, False),
    Dirt("link out to a directory", "a", link_to("../root-private"), Why.OUTWARD_LINK, True),
    Dirt("link out above the root", "a", link_to("../.."), Why.OUTWARD_LINK, True),
    Dirt("link out and by its name in again", "a", link_to("/"), Why.OUTWARD_LINK, True),
    Dirt("link to a device", "a", link_to("/dev/null"), Why.NOT_REGULAR, False),
    Dirt("FIFO", "a", os.mkfifo, Why.NOT_REGULAR, False),
    Dirt("socket", "a", make_socket, Why.NOT_REGULAR, False),
    Dirt("device", "a", make_device, Why.NOT_REGULAR, False),
    Dirt("file not UTF-8", "caf\udce9", make_undecodable(make_file), Why.UNDECODABLE, False),
    Dirt("directory not UTF-8", "caf\udce9", make_undecodable(make_directory), Why.UNDECODABLE, True),
    Dirt("hidden file", ".env", make_file, Why.HIDDEN, False),
    Dirt("hidden directory", ".git", make_directory, Why.HIDDEN, True),
    Dirt("hidden directory without a dot", "old~", make_directory, Why.HIDDEN, True),
    Dirt("hidden link to a directory", ".deep", link_to("deep"), Why.HIDDEN, True),
    Dirt("editor's lock, a hidden broken link", ".#a", link_to("nobody@host.1"), Why.HIDDEN, False),
    Dirt("hidden in a shown directory", "deep/.env", make_file, Why.HIDDEN, False),
    Dirt("hidden in .well-known", ".well-known/.env", make_file, Why.HIDDEN, False),
]


@pytest.mark.parametrize("row", DIRTY, ids=lambda row: row.title)
def test_what_cannot_be_served_is_skipped_with_its_reason_and_the_rest_served(
    folder: Folder, outside: Folder, row: Dirt
) -> None:
    outside.file("secret")
    folder.file("served.txt")
    folder.file("deep/er/served.txt")
    place = folder.path / row.name
    place.parent.mkdir(exist_ok=True)
    row.make(place)
    found = walk(folder.path)
    assert found.skipped[row.name] == (row.why, row.subtree)
    assert found.served == {"served.txt", "deep/er/served.txt"}


def test_a_directory_that_cannot_be_listed_is_one_skipped_subtree(folder: Folder, deny: Deny) -> None:
    folder.file("served.txt")
    folder.file("CLOSED X/below")
    deny(folder.path / "CLOSED X")
    found = walk(folder.path)
    assert (found.served, found.skipped) == ({"served.txt"}, {"CLOSED X": (Why.UNREADABLE, True)})


def test_a_root_that_cannot_be_listed_is_skipped(folder: Folder, deny: Deny) -> None:
    deny(folder.path)
    assert walk(folder.path) == ({}, {"": (Why.UNREADABLE, True)})


def test_what_is_gone_or_closed_between_listing_and_looking_is_skipped(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gone", "closed", "served.txt"):
        folder.file(name)
    failures = {str(folder.path / "gone"): errno.ENOENT, str(folder.path / "closed"): errno.EACCES}
    lstat = os.lstat

    def look(path: str) -> os.stat_result:
        if path in failures:
            raise OSError(failures[path], "")
        return lstat(path)

    monkeypatch.setattr(os, "lstat", look)
    found = walk(folder.path)
    assert found.served == {"served.txt"}
    assert found.skipped == {"gone": (Why.BROKEN_LINK, True), "closed": (Why.UNREADABLE, True)}


def test_only_what_a_clean_tree_has_too_is_expected() -> None:
    assert {why for why in Why if why.expected} == {Why.HIDDEN, Why.SIBLING}
