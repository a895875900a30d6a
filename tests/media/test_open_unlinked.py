"""A file beneath a root that anybody writes to is opened where no link leads to it, and nothing else is, without waiting."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.assets.failing import fail_with
from tests.assets.opening import content, key_of, promptly
from tests.conftest import SECRET, plant
from whitemedia.assets import files
from whitemedia.assets.files import open_unlinked

if TYPE_CHECKING:
    from tests.media.conftest import BeforeOpen

pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")

either_way = pytest.mark.usefixtures("either_way")
INSIDE = b"inside"


@pytest.fixture
def root(media: Path) -> Path:
    return plant(media, {"a": INSIDE, "d/a": INSIDE, "d/e/a": INSIDE, "d/e/f/a": INSIDE, "empty": b""})


@either_way
@pytest.mark.parametrize("name", ["a", "d/a", "d/e/a", "d/e/f/a"])
def test_a_file_is_opened_in_the_state_it_is_in(root: Path, name: str) -> None:
    opened = open_unlinked(str(root), name)
    assert opened is not None
    assert opened.stat_key == key_of(root / name)
    assert content(opened) == INSIDE


@either_way
def test_an_empty_file_is_one(root: Path) -> None:
    assert content(open_unlinked(str(root), "empty")) == b""


@either_way
@pytest.mark.parametrize("name", ["ü.txt", "a b", "%2e", "...", "\udcff", "a\nb", "-", "CON", "x" * 255])
def test_a_name_is_taken_as_it_is(root: Path, name: str) -> None:
    plant(root, {name: INSIDE})
    assert content(open_unlinked(str(root), name)) == INSIDE


# Links


LINKS = {
    "the file, within": ("link", "a", "link"),
    "the file, outside": ("link", "../secret.txt", "link"),
    "the file, to itself": ("link", "link", "link"),
    "the file, to nothing": ("link", "missing", "link"),
    "the file, to a device": ("link", os.devnull, "link"),
    "the file, to where it is": ("link", "./a", "link"),
    "the first directory, within": ("link", "d", "link/a"),
    "the first directory, outside": ("link", "../outside", "link/secret.txt"),
    "the first directory, the root itself": ("link", ".", "link/a"),
    "a directory in the middle, within": ("d/link", "e", "d/link/f/a"),
    "a directory in the middle, outside": ("d/link", "../../outside", "d/link/secret.txt"),
    "the last directory, within": ("d/e/link", "f", "d/e/link/a"),
    "the last directory, outside": ("d/e/link", "../../../outside", "d/e/link/secret.txt"),
    "a link behind directories": ("d/e/f/link", "a", "d/e/f/link"),
}


@either_way
@pytest.mark.parametrize(("link", "target", "name"), LINKS.values(), ids=LINKS)
def test_a_link_is_followed_at_no_place(root: Path, link: str, target: str, name: str) -> None:
    (root / link).symlink_to(target)
    assert open_unlinked(str(root), name) is None


@either_way
def test_an_absolute_link_into_the_root_is_not_followed(root: Path) -> None:
    (root / "link").symlink_to(root / "a")
    (root / "folder").symlink_to(root / "d")
    assert open_unlinked(str(root), "link") is None
    assert open_unlinked(str(root), "folder/a") is None


@either_way
def test_a_root_that_is_a_link_or_behind_one_is_followed(root: Path) -> None:
    """Who runs the application chose it, and a release is often one."""
    (root.parent / "current").symlink_to(root)
    (root.parent / "above").symlink_to(root.parent)
    assert content(open_unlinked(str(root.parent / "current"), "d/e/a")) == INSIDE
    assert content(open_unlinked(str(root.parent / "above" / "media"), "a")) == INSIDE


# What is no file


@either_way
@pytest.mark.parametrize(
    "name",
    [
        "missing",
        "d",
        "d/e",
        "d/missing/a",
        "a/a",
        "a/missing",
        "a\0",
        "a\0/a",
        "d\0/a",
        "x" * 256,
        "x/" * 2000 + "x",
    ],
    ids=lambda name: f"{name!r:.20}",
)
def test_what_is_no_file_is_none(root: Path, name: str) -> None:
    assert open_unlinked(str(root), name) is None


@either_way
@pytest.mark.parametrize("name", ["\ud800", "d/\udc00/a", "\ud800/a"])
def test_a_name_that_the_system_cannot_spell_is_none(root: Path, name: str) -> None:
    assert open_unlinked(str(root), name) is None


@either_way
def test_a_fifo_does_not_block(root: Path) -> None:
    os.mkfifo(root / "fifo")
    os.mkfifo(root / "d" / "fifo")
    for name in ("fifo", "d/fifo", "fifo/a"):
        assert promptly(lambda name=name: open_unlinked(str(root), name)) is None  # type: ignore[misc]


@either_way
def test_a_socket_is_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert open_unlinked(str(root), "socket") is None


@either_way
def test_a_device_is_none() -> None:
    assert open_unlinked("/dev", "null") is None
    assert promptly(lambda: open_unlinked("/dev", "zero")) is None


@either_way
@pytest.mark.parametrize("name", ["a", "d/a"])
def test_beneath_a_root_that_is_missing_or_no_directory_there_is_nothing(root: Path, name: str) -> None:
    assert open_unlinked(str(root / "gone"), name) is None
    assert open_unlinked(str(root / "a"), name) is None


# What changes on the way


def swap(path: Path, target: str | Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to(target)


@pytest.mark.skipif(not files._STEPWISE, reason="this system opens no directories")
@pytest.mark.parametrize(
    ("number", "place", "target", "expected"),
    [
        (1, "d", "outside", None),
        (2, "d", "outside", None),
        (3, "d", "outside", INSIDE),  # opened already: what it was called no longer matters
        (3, "d/e", "outside", None),
        (4, "d/e", "outside", INSIDE),
        (2, "d/e/a", "secret.txt", None),
        (4, "d/e/a", "secret.txt", None),
    ],
)
def test_a_swap_for_a_link_before_any_step_leads_nowhere(
    root: Path,
    before_open: BeforeOpen,
    *,
    number: int,
    place: str,
    target: str,
    expected: bytes | None,
) -> None:
    plant(root.parent / "outside", {"a": SECRET, "e/a": SECRET})
    before_open(number, lambda: swap(root / place, root.parent / target))
    assert content(open_unlinked(str(root), "d/e/a")) == expected


@pytest.mark.parametrize(("place", "target"), [("d", "outside"), ("d/e", "outside/e"), ("d/e/a", "secret.txt")])
def test_where_no_directory_is_opened_a_swap_is_seen_afterwards(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    before_open: BeforeOpen,
    place: str,
    target: str,
) -> None:
    plant(root.parent / "outside", {"a": SECRET, "e/a": SECRET})
    monkeypatch.setattr(files, "_STEPWISE", False)
    before_open(1, lambda: swap(root / place, root.parent / target))
    assert open_unlinked(str(root), "d/e/a") is None


@either_way
def test_a_file_that_becomes_a_fifo_before_it_is_opened_does_not_block(
    root: Path, either_way: bool, before_open: BeforeOpen
) -> None:
    def become_a_fifo() -> None:
        (root / "a").unlink()
        os.mkfifo(root / "a")

    before_open(2 if either_way else 1, become_a_fifo)
    assert promptly(lambda: open_unlinked(str(root), "a")) is None


# What cannot be told


@either_way
@pytest.mark.parametrize(
    ("code", "raises"),
    [
        *((code, True) for code in ("EMFILE", "EIO", "EACCES", "ENOMEM")),
        *((code, False) for code in ("ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "ENAMETOOLONG", "EINVAL")),
    ],
)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_what_cannot_be_told_raises_and_what_is_not_there_is_none(
    root: Path,
    either_way: bool,
    before_open: BeforeOpen,
    *,
    code: str,
    raises: bool,
    number: int,
) -> None:
    before_open(number if either_way else 1, fail_with(getattr(errno, code)))
    if raises:
        with pytest.raises(OSError, match=os.strerror(getattr(errno, code))):
            open_unlinked(str(root), "d/a")
    else:
        assert open_unlinked(str(root), "d/a") is None
