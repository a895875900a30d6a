"""What a store finds, tells of and deletes is a file of its root, whatever name it is asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.media.uploading import upload
from whitemedia.media.uploads import MediaStore

DATA = b"what is saved"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def store(root: Path) -> MediaStore:
    return MediaStore(root, accept=".txt")


HOSTILE: list[Any] = [
    *["", ".", "..", "../outside.txt", "/etc/passwd", "folder/a.txt", "folder", "link.txt", "linked/a.txt"],
    *[
        "a.txt/",
        "a.txt\0",
        "\0",
        "x" * 300,
        ".hidden.txt",
        ".whitemedia-quota",
        "a.txt~",
        "\udcff.txt",
        "\ud800.txt",
        "fifo",
    ],
]


@pytest.fixture
def around(tmp_path: Path, store: MediaStore, root: Path) -> Path:
    """What nobody may have through a store."""
    (tmp_path / "outside.txt").write_bytes(b"outside")
    (root / "folder").mkdir()
    for name in ("folder/a.txt", ".hidden.txt", ".whitemedia-quota", "a.txt~"):
        (root / name).write_bytes(b"mine")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (root / "linked").symlink_to(root / "folder")
    os.mkfifo(root / "fifo")
    upload(store, "a.txt", DATA)
    return tmp_path


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_is_nobody_s(store: MediaStore, around: Path, name: str) -> None:
    before = sorted(path.relative_to(around) for path in around.rglob("*"))
    assert not store.exists(name)
    assert not store.delete(name)
    with pytest.raises(FileNotFoundError):
        store.open(name)
    assert sorted(path.relative_to(around) for path in around.rglob("*")) == before


def test_files_are_told_and_links_and_folders_are_not(store: MediaStore, around: Path) -> None:
    upload(store, "B ü.txt", DATA)
    assert store.names() == ["B ü.txt", "a.txt"]
    assert store.exists("a.txt")
    with store.open("a.txt") as file:
        assert file.read() == DATA
    assert store.delete("a.txt")
    assert not store.delete("a.txt")
    assert store.names() == ["B ü.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="names there are bytes")
def test_names_that_are_no_text_are_not_told(store: MediaStore, root: Path) -> None:
    """One of them, that came by other means, had no page of names be written."""
    (root / os.fsdecode(b"\xff.txt")).write_bytes(DATA)
    upload(store, "a.txt", DATA)
    assert store.names() == ["a.txt"]
    assert store.url(os.fsdecode(b"\xff.txt")) == "/media/%FF.txt"
    assert store.delete(os.fsdecode(b"\xff.txt"))
