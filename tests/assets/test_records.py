"""Records are read as they were written, or there are none."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assets.failing import fail_with
from whitemedia.assets.codings import BY_NAME
from whitemedia.assets.index_file import Layout, format_index
from whitemedia.assets.records import FOLDER, TEMPORARY, Record, read_records, write_records


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


RECORDS = {
    (digest("a"), "br"): Record(11, digest("a.br")),
    (digest("a"), "gzip"): Record(9, digest("a.gz"), is_ours=False),
    (digest("a"), "zstd"): Record(0, None),
    (digest("b"), "br"): Record(22, None),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with the folder for its records."""
    (tmp_path / FOLDER).mkdir()
    return tmp_path


def index(root: Path) -> Path:
    return root / FOLDER / "index"


digests = st.binary(min_size=32, max_size=32)
own_digests = digests.filter(any)  # nothing has the SHA-256 of zeros alone
records = st.dictionaries(
    st.tuples(digests, st.sampled_from(list(BY_NAME))),
    st.builds(Record, st.integers(0, 22), st.none() | own_digests, st.booleans()),
    max_size=20,
)


@settings(max_examples=50)
@given(records)
def test_what_was_written_is_read(written: dict[tuple[bytes, str], Record]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, FOLDER).mkdir()
        write_records(folder, written)
        assert read_records(folder) == written


def test_equal_records_make_equal_files(root: Path) -> None:
    write_records(str(root), RECORDS)
    first = index(root).read_bytes()
    write_records(str(root), dict(reversed(RECORDS.items())))
    assert index(root).read_bytes() == first


def test_records_tell_no_paths_and_no_times(root: Path) -> None:
    write_records(str(root), RECORDS)
    data = index(root).read_bytes()
    assert len(data) == 19 + 32 + 8 + len(RECORDS) * (33 + 34)
    assert str(root).encode() not in data


def test_what_is_written_replaces_what_was_there(root: Path) -> None:
    write_records(str(root), RECORDS)
    write_records(str(root), {})
    assert read_records(str(root)) == {}
    assert [path.name for path in (root / FOLDER).iterdir()] == ["index"]


def test_every_byte_counts(root: Path) -> None:
    write_records(str(root), RECORDS)
    data = index(root).read_bytes()
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 1 << position % 8
        index(root).write_bytes(damaged)
        assert read_records(str(root)) == {}
        index(root).write_bytes(data[:position])
        assert read_records(str(root)) == {}
    index(root).write_bytes(data + b"\0")
    assert read_records(str(root)) == {}


NOT_THERE: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "an empty file": Path.touch,
    "a foreign file": lambda path: path.write_bytes(b"#!/bin/sh\n" * 100),
    "a directory": Path.mkdir,
    "a link to itself": lambda path: path.symlink_to(path),
    "a broken link": lambda path: path.symlink_to("nothing"),
    "an index of another layout": lambda path: path.write_bytes(format_index((Layout(1, 1),), ({b"a": b"b"},))),
    "an index of two tables": lambda path: path.write_bytes(format_index((Layout(33, 34),) * 2, ({}, {}))),
}


@pytest.mark.parametrize("make", NOT_THERE.values(), ids=NOT_THERE)
def test_where_there_are_none_nothing_is_known(root: Path, make: Callable[[Path], object]) -> None:
    make(index(root))
    assert read_records(str(root)) == {}


def test_without_a_folder_nothing_is_known(tmp_path: Path) -> None:
    assert read_records(str(tmp_path)) == {}
    assert read_records(str(tmp_path / "missing")) == {}
    (tmp_path / FOLDER).touch()
    assert read_records(str(tmp_path)) == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs there")
def test_a_fifo_in_their_place_is_not_waited_for(root: Path) -> None:
    """A tree may come from anywhere, and a start must not hang."""
    os.mkfifo(index(root))
    told: list[object] = []
    thread = threading.Thread(target=lambda: told.append(read_records(str(root))), daemon=True)
    thread.start()
    thread.join(1)
    waited = thread.is_alive()
    with suppress(OSError):
        os.close(os.open(index(root), os.O_WRONLY | os.O_NONBLOCK))  # whoever waits goes on
    thread.join()
    assert (waited, told) == (False, [{}])


def test_a_coding_of_later_days_is_passed_over(root: Path) -> None:
    known = {digest("a") + bytes([BY_NAME["br"].number]): bytes([11, 1]) + digest("a.br")}
    later = {digest("a") + b"\xfe": bytes([1, 1]) + digest("a.later")}
    index(root).write_bytes(format_index((Layout(33, 34),), (known | later,)))
    assert read_records(str(root)) == {(digest("a"), "br"): Record(11, digest("a.br"))}


@pytest.mark.parametrize("name", ["mkstemp", "replace"])
def test_what_cannot_be_written_leaves_what_was_there(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write_records(str(root), RECORDS)
    owner: object = tempfile if name == "mkstemp" else Path
    monkeypatch.setattr(owner, name, fail_with(errno.ENOSPC))
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write_records(str(root), {})
    assert read_records(str(root)) == RECORDS
    assert [path.name for path in (root / FOLDER).iterdir()] == ["index"]


def test_what_is_not_whole_has_a_hidden_name() -> None:
    assert TEMPORARY.startswith(FOLDER)
    assert FOLDER.startswith(".")
