"""Bodies: exactly the declared bytes of one state of a file, or an error that closes the connection."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import open_descriptors
from tests.serving.bodies import NEW, OLD, Pieces, respond_with, write
from whitemedia.assets.files import Opened
from whitemedia.serving.body import BodyReader

# The reader

spans = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(sorted).map(tuple)
pieces_of_a_body = st.lists(st.one_of(st.binary(max_size=50), spans), max_size=8)


@given(pieces=pieces_of_a_body, sizes=st.lists(st.integers(1, 1200), min_size=1, max_size=5))
def test_a_reader_gives_the_declared_bytes_in_blocks_of_at_most_the_size_asked_for(
    fixed: Path, pieces: Pieces, sizes: list[int]
) -> None:
    response = respond_with(fixed, pieces)
    reader = BodyReader(response)
    read = b""
    while data := reader.read(sizes[0]):
        assert len(data) <= sizes[0]
        read += data
        sizes = [*sizes[1:], sizes[0]]
    assert read == b"".join(piece if isinstance(piece, bytes) else OLD[slice(*piece)] for piece in pieces)
    assert reader.read(sizes[0]) == b""
    response.close()


def test_a_read_without_a_size_stops_at_the_declared_end(fixed: Path) -> None:
    reader = BodyReader(respond_with(fixed, [(10, 20)]))
    assert reader.read() == OLD[10:20]
    assert reader.read() == b""
    reader.close()


def test_a_multipart_body_reads_each_span_from_its_place(fixed: Path) -> None:
    reader = BodyReader(respond_with(fixed, [b"first ", (900, 903), b" second ", (5, 8), b" end"]))
    read = iter(lambda: reader.read(2), b"")
    assert b"".join(read) == b"first " + OLD[900:903] + b" second " + OLD[5:8] + b" end"
    reader.close()


def test_two_readers_of_one_file_share_no_position(fixed: Path) -> None:
    one, two = (BodyReader(respond_with(fixed, [(0, 1000)])) for _ in range(2))
    read = [(one.read(100), two.read(300)) for _ in range(10)]
    assert b"".join(first for first, _ in read) == OLD
    assert b"".join(second for _, second in read) == OLD
    one.close()
    two.close()


steps = st.lists(st.tuples(st.integers(-1500, 1500), st.sampled_from([0, 1, 2]), st.integers(-1, 400)), max_size=8)


@given(pieces=pieces_of_a_body, steps=steps)
def test_a_reader_that_seeks_reads_what_a_file_of_these_bytes_would(
    fixed: Path, pieces: Pieces, steps: list[tuple[int, int, int]]
) -> None:
    """Whatever blocks it is read in: waitress goes back to what it could not send."""
    whole = b"".join(piece if isinstance(piece, bytes) else OLD[slice(*piece)] for piece in pieces)
    reader, position = BodyReader(respond_with(fixed, pieces)), 0
    assert reader.seekable()
    for offset, whence, size in steps:
        position = min(max((0, position, len(whole))[whence] + offset, 0), len(whole))
        assert reader.seek(offset, whence) == reader.tell() == position
        data = reader.read(size)
        assert whole.startswith(data, position)
        assert data if size and position < len(whole) else not data
        position += len(data)
        assert reader.tell() == position
    reader.seek(0)
    assert reader.read() == whole
    reader.close()


def test_a_reader_offers_no_descriptor_to_sendfile(fixed: Path) -> None:
    reader = BodyReader(respond_with(fixed, [(0, 1000)]))
    assert not hasattr(reader, "fileno")
    reader.close()


def test_a_read_of_nothing_reads_nothing_and_one_without_a_size_reads_all(path: Path) -> None:
    reader = BodyReader(respond_with(path, [(0, 10), (20, 30)]))
    assert reader.read(0) == b""
    assert reader.read() == OLD[:10] + OLD[20:30]
    reader.close()


# A file that changes


def rewrite(path: Path) -> None:
    """New bytes of the same length, in place."""
    with path.open("r+b") as file:
        file.write(NEW)


CHANGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: os.truncate(path, 500),
    "emptied": lambda path: os.truncate(path, 0),
    "grown": lambda path: os.truncate(path, 1500),
    "rewritten in place": rewrite,
}


@pytest.mark.parametrize("blocks", [0, 1, 4], ids=["before the first block", "after one", "after four"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_changes_while_it_is_sent_raises_and_is_closed(
    path: Path, change: Callable[[Path], object], blocks: int, caplog: pytest.LogCaptureFixture
) -> None:
    before = open_descriptors()
    reader = BodyReader(respond_with(path, [(0, 1000)]))
    assert b"".join(reader.read(100) for _ in range(blocks)) == OLD[: blocks * 100]
    change(path)
    with caplog.at_level(logging.WARNING), pytest.raises(ConnectionResetError):
        reader.read(100)
    with pytest.raises(ConnectionResetError):  # of a server that tries again
        reader.read(100)
    assert open_descriptors() == before
    [line] = caplog.messages
    assert repr(str(path)) in line


def test_a_short_read_raises_also_where_the_files_state_does_not_tell(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Opened, "is_rewritten", lambda opened: False)
    reader = BodyReader(respond_with(path, [(0, 1000)]))
    os.truncate(path, 500)
    assert reader.read(1000) == OLD[:500]
    with pytest.raises(ConnectionResetError):
        reader.read(1000)


def replace(path: Path) -> None:
    """What a deployment does: write beside it, then rename."""
    write(path.with_name("new"), NEW).replace(path)


@pytest.mark.parametrize(
    "change", [replace, Path.unlink, lambda path: path.chmod(0)], ids=["replaced", "deleted", "mode"]
)
def test_a_file_whose_name_or_mode_changes_while_it_is_sent_is_sent_whole(
    path: Path, change: Callable[[Path], object]
) -> None:
    reader = BodyReader(respond_with(path, [(0, 1000)]))
    read = reader.read(100)
    change(path)
    assert read + b"".join(iter(lambda: reader.read(100), b"")) == OLD
    reader.close()


@pytest.mark.parametrize("digest", [None, hashlib.sha256(OLD).digest()], ids=["no digest", "digest"])
def test_a_file_moved_away_while_it_is_sent_is_sent_whole(path: Path, digest: bytes | None) -> None:
    """Its status changes as if it had been written, and its time set back."""
    response = respond_with(path, [(0, 1000)])
    response.opened.digest = digest
    reader = BodyReader(response)
    assert reader.read(500) == OLD[:500]
    path.rename(path.with_name("aside"))
    assert reader.read(500) == OLD[500:]
    reader.close()


def test_a_file_rewritten_with_its_time_set_back_is_cut_where_its_digest_is_known(path: Path) -> None:
    """`cp -p` over a file in place, or rsync with `--inplace --times`."""
    response = respond_with(path, [(0, 1000)])
    response.opened.digest = hashlib.sha256(OLD).digest()
    reader = BodyReader(response)
    reader.read(500)
    before = path.stat()
    path.write_bytes(NEW)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ConnectionResetError):
        reader.read(500)
