"""Beneath a root, no path and no link leads out."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.assets.opening import content, promptly
from whitemedia.assets.files import is_beneath, open_beneath

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder


pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")


@pytest.mark.parametrize(
    ("path", "root", "beneath"),
    [
        ("/srv/static/a", "/srv/static", True),
        ("/srv/static/a/b", "/srv/static", True),
        ("/srv/static", "/srv/static", False),
        ("/srv/static-private/a", "/srv/static", False),
        ("/srv/other", "/srv/static", False),
        ("/srv", "/srv/static", False),
        ("/etc", "/", True),
    ],
)
def test_beneath_has_a_boundary(path: str, root: str, beneath: bool) -> None:
    assert is_beneath(path, root) is beneath


@pytest.mark.usefixtures("either_way")
class TestBeneath:
    @pytest.mark.parametrize(
        "name", ["a", "d/a", "d/e/a", "file-link", "d/up", "directory-link/a", "link-to-link"]
    )
    def test_a_file_or_a_link_that_stays_is_opened(self, folder: Folder, name: str) -> None:
        for path in ("a", "d/a", "d/e/a"):
            folder.file(path, b"inside")
        folder.link("file-link", "d/a")
        folder.link("d/up", "../a")
        folder.link("directory-link", folder.path / "d")
        folder.link("link-to-link", "directory-link/a")
        assert content(open_beneath(str(folder.path), name)) == b"inside"

    @pytest.mark.parametrize(
        "name",
        ["", ".", "..", "d", "d/", "missing", "d/missing", "a/below", "../root-private/secret", "/etc/passwd"],
    )
    def test_what_is_no_file_in_the_root_is_none(self, folder: Folder, outside: Folder, name: str) -> None:
        folder.file("a")
        folder.file("d/a")
        outside.file("secret")
        assert open_beneath(str(folder.path), name) is None

    @pytest.mark.parametrize("name", ["file", "directory/secret", "by-way-of", "loop", "fifo", "to-fifo"])
    def test_links_outward_loops_and_fifos_are_none_at_once(
        self, folder: Folder, outside: Folder, name: str
    ) -> None:
        outside.file("secret")
        folder.link("file", outside.path / "secret")
        folder.link("directory", "../root-private")
        folder.link("by-way-of", "directory/secret")
        folder.link("loop", "loop")
        os.mkfifo(folder.path / "fifo")
        folder.link("to-fifo", "fifo")
        assert promptly(lambda: open_beneath(str(folder.path), name)) is None

    def test_links_outward_are_opened_where_that_is_asked_for(self, folder: Folder, outside: Folder) -> None:
        outside.file("shared", b"shared")
        folder.link("file", outside.path / "shared")
        assert content(open_beneath(str(folder.path), "file", follow_symlinks=True)) == b"shared"

    @pytest.mark.parametrize("follow_symlinks", [True, False])
    def test_an_absolute_path_is_one_beneath_the_root(
        self, folder: Folder, outside: Folder, follow_symlinks: bool
    ) -> None:
        secret = str(outside.file("secret"))
        assert open_beneath(str(folder.path), secret, follow_symlinks=follow_symlinks) is None
        folder.file(secret.lstrip("/"), b"inside")
        opened = open_beneath(str(folder.path), secret, follow_symlinks=follow_symlinks)
        assert content(opened) == b"inside"

    def test_a_root_that_is_a_link_is_its_target(self, folder: Folder, outside: Folder) -> None:
        folder.file("a", b"inside")
        outside.link("current", folder.path)
        assert content(open_beneath(str(outside.path / "current"), "a")) == b"inside"

    def test_a_root_that_is_gone_has_nothing(self, folder: Folder) -> None:
        assert open_beneath(str(folder.path / "gone"), "a") is None

    @pytest.mark.parametrize(("code", "raises"), [(2, False), (20, False), (22, False), (5, True)])
    def test_a_link_that_changes_while_it_is_resolved_is_none(
        self, folder: Folder, monkeypatch: pytest.MonkeyPatch, code: int, raises: bool
    ) -> None:
        """It was one when it was looked at, and is gone, or a file, when it is read; a failing disk is told."""

        def fail(path: object, **keywords: object) -> str:
            raise OSError(code, os.strerror(code))

        folder.link("a", "missing")
        raised = pytest.raises(OSError, match=os.strerror(code)) if raises else contextlib.nullcontext()
        with monkeypatch.context() as patch, raised:
            patch.setattr(os, "readlink", fail)
            assert open_beneath(str(folder.path), "a") is None

    def test_what_cannot_be_told_raises(self, folder: Folder, deny: Deny) -> None:
        path = folder.file("a")
        for denied in (path, folder.path, Path("a")):  # as either way names what it opens
            deny(denied, errno.EMFILE)
        with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
            open_beneath(str(folder.path), "a")


def test_a_directory_on_the_way_that_cannot_be_opened_raises_and_leaks_nothing(folder: Folder, deny: Deny) -> None:
    folder.file("d/e/a")
    deny(Path("e"))
    with pytest.raises(PermissionError):
        open_beneath(str(folder.path), "d/e/a")


@pytest.mark.parametrize(
    "relative", ["a\0b", "a" * 300, "link1499"], ids=["NUL", "a long name", "a chain of links"]
)
def test_what_no_system_can_open_is_none(folder: Folder, relative: str) -> None:
    folder.file("link0")
    for number in range(1, 1500 if relative.startswith("link") else 1):
        folder.link(f"link{number}", f"link{number - 1}")
    assert open_beneath(str(folder.path), relative) is None
