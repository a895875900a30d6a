"""A file is had under the very name that the system has for it, where that may find it by others; and by what it was."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from tests.conftest import plant
from whitemedia.assets import files
from whitemedia.assets.files import open_unlinked

SPELLED = "Ünter.txt"


def open_as(monkeypatch: pytest.MonkeyPatch, root: Path, name: str, found: str) -> bool:
    """Whether `name` opens, where the system says that the file it found has the path `found`."""
    monkeypatch.setattr(files, "_get_path", lambda descriptor: os.fsencode(found))
    opened = open_unlinked(str(root), name)
    if opened is not None:
        opened.close()
    return opened is not None


@pytest.mark.parametrize(
    ("found", "opens"),
    [
        (f"/a/{SPELLED}", True),
        (f"/a/{unicodedata.normalize('NFD', SPELLED)}", True),
        (f"/a/{SPELLED.upper()}", False),
        (f"/A/{SPELLED}", False),
        ("/a/other.txt", False),
        (f"-private/{SPELLED}", False),
    ],
)
def test_a_name_that_folds_to_another_files_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_descriptor_leaks: None, found: str, *, opens: bool
) -> None:
    """As on macOS: who may have "private/" is asked of the name in the request, and "Private/" is another one."""
    root = plant(tmp_path / "root", {f"a/{SPELLED}": b"1"})
    assert open_as(monkeypatch, root, f"a/{SPELLED}", os.path.realpath(root) + found) == opens


def test_the_root_itself_may_be_given_by_another_name_than_the_system_has_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As "Uploads" for "uploads": whoever configures it does not ask for what is another's."""
    root = plant(tmp_path / "root", {f"a/{SPELLED}": b"1"})
    assert open_as(monkeypatch, root, f"a/{SPELLED}", f"{tmp_path}/ROOT/a/{SPELLED}")


def test_what_is_written_and_given_its_old_time_again_is_rewritten(tmp_path: Path) -> None:
    """Of files that users write, no change of status goes unexplained."""
    path = plant(tmp_path, {"a.txt": b"11"}) / "a.txt"
    with open_unlinked(str(tmp_path), "a.txt") as opened:  # type: ignore[union-attr]
        status = path.stat()
        assert not opened.is_rewritten()
        path.write_bytes(b"22")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert path.stat().st_ctime_ns != status.st_ctime_ns
        assert opened.is_rewritten()


@pytest.mark.parametrize("change", ["unlink", "chmod", "link"])
def test_what_is_only_renamed_away_linked_or_locked_is_not(tmp_path: Path, change: str) -> None:
    path = plant(tmp_path, {"a.txt": b"11"}) / "a.txt"
    with open_unlinked(str(tmp_path), "a.txt") as opened:  # type: ignore[union-attr]
        if change == "unlink":
            path.unlink()
        elif change == "chmod":
            path.chmod(0o600)
        else:
            (tmp_path / "b.txt").hardlink_to(path)
        assert not opened.is_rewritten()
