"""A pack is written once, whole, under the name of its content, and read by slices."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assets.failing import fail_with
from tests.assets.packing import add, identify, make_pack
from whitemedia.assets.packs import END, SUFFIX, TEMPORARY, PackBody, PackWriter, is_trusted, open_pack

either = pytest.mark.parametrize("mapped", [True, False], ids=["mapped", "read"])


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


# What is written can be read


@either
@given(bodies=st.lists(st.binary(max_size=50), max_size=8))
def test_every_body_is_read_as_it_was_added(
    tmp_path_factory: pytest.TempPathFactory, mapped: bool, bodies: list[bytes]
) -> None:
    directory = tmp_path_factory.mktemp("packs")
    writer = PackWriter(directory)
    starts = [add(writer, body) for body in bodies]
    identifier, pack = writer.finish(mapped=mapped)
    opened = open_pack(directory / (identifier.hex() + SUFFIX), mapped=mapped)
    assert opened is not None
    for one in (pack, opened):
        assert one.size == sum(map(len, bodies)) + len(END)
        for start, body in zip(starts, bodies, strict=True):
            assert one.read(start, start + len(body)) == body
            assert PackBody(one, start, start + len(body)).read() == body


@pytest.mark.parametrize("finish", ["posix", "nt"])
def test_a_pack_is_named_by_its_content_and_nothing_else_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finish: str
) -> None:
    """Windows renames no file that is open."""
    writer = PackWriter(tmp_path)
    add(writer, b"one")
    add(writer, b"two")
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", finish)
        identifier, pack = writer.finish(mapped=True)
    assert identifier == identify(b"one", b"two")
    assert names(tmp_path) == [identifier.hex() + SUFFIX]
    assert (pack.path.read_bytes(), pack.read(3, 6)) == (b"onetwo" + END, b"two")


def test_until_it_is_finished_a_pack_has_a_name_that_says_so(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path)
    add(writer, b"one")
    [name] = names(tmp_path)
    writer.discard()
    assert name.startswith(TEMPORARY)
    assert not name.endswith(SUFFIX)
    assert names(tmp_path) == []


def test_what_is_discarded_twice_or_was_removed_is_no_error(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path)
    [temporary] = tmp_path.iterdir()
    temporary.unlink()
    writer.discard()
    writer.discard()


def test_it_is_lasting_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: seen.append(names(tmp_path)))
    make_pack(tmp_path, b"123")
    [[name]] = seen
    assert name.startswith(TEMPORARY)


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_others_can_neither_read_nor_write_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        body = make_pack(tmp_path, b"123")
    finally:
        os.umask(before)
    assert stat.S_IMODE(body.pack.path.stat().st_mode) == 0o600


@either
def test_equal_content_written_again_takes_its_place_and_what_is_open_stays(tmp_path: Path, mapped: bool) -> None:
    one, other = make_pack(tmp_path, b"123", mapped=mapped), make_pack(tmp_path, b"123", mapped=mapped)
    assert len(names(tmp_path)) == 1
    assert one.read() == other.read() == b"123"


# Bodies


@either
@pytest.mark.parametrize(("start", "stop"), [(0, 6), (0, 0), (2, 4), (6, 6)])
def test_a_cut_is_within_its_body(tmp_path: Path, mapped: bool, start: int, stop: int) -> None:
    assert make_pack(tmp_path, b"123456", mapped=mapped).cut(start, stop) == b"123456"[start:stop]


@either
def test_a_body_has_the_digest_of_its_own_bytes_alone(tmp_path: Path, mapped: bool) -> None:
    body = make_pack(tmp_path, b"123456", mapped=mapped)
    assert body.read_checked(hashlib.sha256(b"123456").digest()) == b"123456"
    for other in (hashlib.sha256(b"before123456behind").digest(), b"", None):
        assert body.read_checked(other) is None
        assert not body.pack.path.exists()


def test_a_body_in_a_pack_that_is_gone_or_cut_has_no_digest(tmp_path: Path) -> None:
    body = make_pack(tmp_path, b"123456", mapped=False)
    os.truncate(body.pack.path, body.stop - 1)
    assert body.read_checked(hashlib.sha256(b"123456").digest()) is None
    assert body.read_checked(hashlib.sha256(b"123456").digest()) is None


def test_a_mapped_pack_is_read_though_its_name_is_gone(tmp_path: Path) -> None:
    """Another process may forget it and remove it."""
    body = make_pack(tmp_path, b"123456")
    body.pack.path.unlink()
    assert body.read() == b"123456"


# What cannot be read


@either
@pytest.mark.parametrize("kind", ["missing", "directory", "empty", "unreadable", "link to itself"])
@pytest.mark.usefixtures("no_descriptor_leaks")
def test_what_is_no_file_that_can_be_read_is_no_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapped: bool, kind: str
) -> None:
    path = tmp_path / f"a{SUFFIX}"
    if kind == "directory":
        path.mkdir()
    elif kind == "link to itself":
        path.symlink_to(path)
    elif kind == "empty":
        path.touch(0o600)
    elif kind == "unreadable":
        path.write_bytes(b"data")
        monkeypatch.setattr(Path, "open", fail_with(errno.EACCES))
    assert open_pack(path, mapped=mapped) is None


def test_where_files_cannot_be_mapped_there_is_no_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_pack(tmp_path, b"123").pack.path

    monkeypatch.setattr("whitemedia.assets.packs.mmap.mmap", fail_with(errno.ENODEV))
    assert open_pack(path, mapped=True) is None
    assert open_pack(path, mapped=False) is not None


# Trust

OURS = os.geteuid() if hasattr(os, "geteuid") else 0


@pytest.mark.skipif(os.name == "nt", reason="modes and owners are POSIX's")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o400, 0o755, 0o620, 0o602, 0o666, 0o660])
@pytest.mark.parametrize("owner", [OURS, 0, OURS + 1])
def test_what_only_its_owner_writes_is_trusted_if_that_is_us_or_root(mode: int, owner: int) -> None:
    status = os.stat_result((stat.S_IFREG | mode, 1, 2, 1, owner, 0, 3, 4, 5, 6))
    assert is_trusted(status) is (mode & 0o022 == 0 and owner in (OURS, 0))


def test_where_the_system_has_no_such_owners_everything_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows the directory is the user's own, as the system made it."""
    monkeypatch.delattr("os.geteuid", raising=False)
    assert is_trusted(os.stat_result((stat.S_IFREG | 0o666, 1, 2, 1, 12345, 0, 3, 4, 5, 6)))


@pytest.mark.usefixtures("no_descriptor_leaks")
@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@either
def test_a_pack_that_others_may_write_is_not_read(tmp_path: Path, mapped: bool) -> None:
    path = tmp_path / f"a{SUFFIX}"
    path.touch()
    path.chmod(0o660)
    assert open_pack(path, mapped=mapped) is None


# A full disk


class Full(FileIO):
    """A file on a disk that has room for some bytes more, and takes few at a time."""

    room = 0
    at_once = 1 << 30

    def write(self, data: Any, /) -> int:
        taken = min(self.room, self.at_once, len(data))
        if not taken and len(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        type(self).room -= taken
        return super().write(memoryview(data)[:taken])


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> type[Full]:
    """What `PackWriter` writes to."""

    class Disk(Full):
        pass

    monkeypatch.setattr(os, "fdopen", lambda descriptor, mode, buffering: Disk(descriptor, "w+b"))
    return Disk


@pytest.mark.parametrize("room", range(6))
def test_a_body_that_found_no_room_leaves_the_pack_as_it_was(tmp_path: Path, full: type[Full], room: int) -> None:
    full.room = 3
    writer = PackWriter(tmp_path)
    assert add(writer, b"one") == 0
    full.room = room
    with pytest.raises(OSError, match="No space") as raised:
        add(writer, b"second")
    assert raised.value.errno == errno.ENOSPC
    full.room = 100
    assert add(writer, b"third") == 3
    identifier, pack = writer.finish(mapped=True)
    assert pack.path.read_bytes() == b"onethird" + END
    assert identifier == identify(b"one", b"third")


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_a_body_that_is_taken_bit_by_bit_is_written_whole(tmp_path: Path, full: type[Full], at_once: int) -> None:
    full.room, full.at_once = 100, at_once
    writer = PackWriter(tmp_path)
    start = add(writer, b"a longer body")
    _, pack = writer.finish(mapped=False)
    assert pack.read(start, writer.size) == b"a longer body"


@pytest.mark.usefixtures("no_descriptor_leaks")
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_pack_that_cannot_be_finished_can_be_discarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    writer = PackWriter(tmp_path)
    add(writer, b"one")
    monkeypatch.setattr(os if call == "fsync" else Path, call, fail_with(errno.ENOSPC))
    with pytest.raises(OSError, match="No space"):
        writer.finish(mapped=True)
    writer.discard()
    assert names(tmp_path) == []
