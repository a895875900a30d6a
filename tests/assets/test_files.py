"""Opening a file: a regular one, at once, or none."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.assets.opening import key_of, promptly
from whitemedia.assets.files import open_regular

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder


pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")


def test_a_regular_file_is_opened_in_the_state_it_is_in(folder: Folder) -> None:
    path = folder.file("a", b"12345")
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        assert (opened.length, opened.stat_key) == (5, key_of(path))


def make_directory(path: Path) -> None:
    path.mkdir()


def make_socket(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)  # a socket's name is at most some 100 bytes long
    here = os.open(".", os.O_RDONLY)
    try:
        os.fchdir(folder)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)
        os.close(folder)


def make_device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")


def make_endless_link(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    "make",
    [make_directory, os.mkfifo, make_socket, make_device, make_endless_link],
    ids=lambda make: make.__name__,
)
def test_what_is_no_regular_file_is_none_at_once(folder: Folder, make: Callable[[Path], None]) -> None:
    path = folder.path / "a"
    make(path)
    assert promptly(lambda: open_regular(str(path))) is None


def test_a_device_without_a_driver_is_none(folder: Folder, deny: Deny) -> None:
    path = folder.file("a")
    for code in (errno.ENXIO, errno.ENODEV):
        deny(path, code)
        assert open_regular(str(path)) is None


@pytest.mark.parametrize("name", ["missing", "file/below"])
def test_what_is_not_there_is_none(folder: Folder, name: str) -> None:
    folder.file("file")
    assert open_regular(str(folder.path / name)) is None


@pytest.mark.parametrize("code", [errno.EACCES, errno.EMFILE, errno.EIO, errno.ENOMEM])
def test_what_cannot_be_told_raises(folder: Folder, deny: Deny, code: int) -> None:
    path = folder.file("a")
    deny(path, code)
    with pytest.raises(OSError, match=os.strerror(code)):
        open_regular(str(path))


def test_a_directory_that_cannot_be_opened_as_on_windows_is_none(folder: Folder, deny: Deny) -> None:
    deny(folder.path)
    assert open_regular(str(folder.path)) is None


def test_a_directory_that_cannot_be_told_raises(folder: Folder, deny: Deny) -> None:
    deny(folder.path, errno.EMFILE)
    with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
        open_regular(str(folder.path))


def test_a_file_that_cannot_be_judged_is_closed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> os.stat_result:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = folder.file("a")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", fail)
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            open_regular(str(path))
