"""A disk that has no room for an upload: its user is told, nothing of it stays, and what was there is as it was."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from whitemedia.media.drafts import DRAFT
from whitemedia.media.quota import COUNT
from whitemedia.media.upload_errors import StorageFull
from whitemedia.media.uploads import MediaStore

OPTIONS = {"bytes": "size=1m", "files": "size=1m,nr_inodes=8"}
LENGTH = 100_000
MUCH = 1 << 40


@pytest.fixture(params=OPTIONS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system that holds a megabyte, or some files."""
    mount = ["mount", "-t", "tmpfs", "-o", OPTIONS[request.param], "tmpfs", str(tmp_path)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"nothing can be mounted here: {error}")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.fixture(params=[None, MUCH], ids=["no quota", "a quota"])
def store(request: pytest.FixtureRequest, disk: Path) -> MediaStore:
    return MediaStore(disk / "media", quota=request.param)


def data(number: int) -> bytes:
    return f"{number} ".encode() * (LENGTH // len(f"{number} "))


def save(store: MediaStore, number: int) -> str:
    return store.save(io.BytesIO(data(number)), filename="report.txt").name


def fill(store: MediaStore) -> list[str]:
    """Save until the disk is full; the names."""
    names: list[str] = []
    while len(names) < 100:
        try:
            names.append(save(store, len(names)))
        except StorageFull:
            return names
    pytest.fail("the disk is larger")


def drafts(store: MediaStore) -> list[str]:
    return [name for name in os.listdir(store.root) if name.startswith(DRAFT)]


def test_what_finds_no_room_leaves_nothing_and_harms_nothing(store: MediaStore) -> None:
    names = fill(store)
    with pytest.raises(StorageFull) as raised:
        save(store, 100)
    assert (raised.value.code, raised.value.filename) == (507, "report.txt")
    assert len(names) > 1
    assert sorted(names) == store.names()
    assert drafts(store) == []
    for number, name in enumerate(names):
        with store.open(name) as file:
            assert file.read() == data(number)


def test_when_there_is_room_again_the_next_upload_is_saved_and_counted(store: MediaStore) -> None:
    names = fill(store)
    assert store.delete(names.pop())
    names.append(save(store, 100))
    assert sorted(names) == store.names()
    assert drafts(store) == []
    if store.options.quota:
        assert int(Path(store.root, COUNT).read_bytes()) == sum(_length(store, name) for name in names)


def _length(store: MediaStore, name: str) -> int:
    return Path(store.root, name).stat().st_size
