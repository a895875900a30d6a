"""An index is read as it was written, or not at all."""

from __future__ import annotations

import hashlib
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets.index_file import MAGIC, Layout, Table, format_index, parse_index

LAYOUTS = (Layout(3, 2), Layout(1, 0), Layout(2, 5))
TABLES: tuple[Table, ...] = (
    {b"abc": b"de", b"\0\0\0": b"\xff\xff"},
    {},
    {b"ab": b"cdefg"},
)
INDEX = format_index(LAYOUTS, TABLES)


def signed(body: bytes) -> bytes:
    """An index with the right digest, whatever is in it."""
    return MAGIC + hashlib.sha256(body).digest() + body


def count(number: int) -> bytes:
    return number.to_bytes(8, "little")


def exactly(length: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=length, max_size=length)


@st.composite
def layouts_and_tables(draw: st.DrawFn) -> tuple[tuple[Layout, ...], tuple[Table, ...]]:
    layouts = tuple(draw(st.lists(st.builds(Layout, st.integers(1, 40), st.integers(0, 40)), max_size=4)))
    tables = (st.dictionaries(exactly(layout.key), exactly(layout.value), max_size=5) for layout in layouts)
    return layouts, tuple(draw(table) for table in tables)


@given(layouts_and_tables())
def test_what_was_written_is_read(given: tuple[tuple[Layout, ...], tuple[Table, ...]]) -> None:
    layouts, tables = given
    assert parse_index(format_index(layouts, tables), layouts) == tables


def test_equal_tables_make_equal_files() -> None:
    assert format_index(LAYOUTS, TABLES) == INDEX


@pytest.mark.parametrize("position", range(len(INDEX)))
def test_an_index_with_one_bit_changed_is_not_believed(position: int) -> None:
    for bit in range(8):
        damaged = bytearray(INDEX)
        damaged[position] ^= 1 << bit
        assert parse_index(bytes(damaged), LAYOUTS) is None


def test_an_index_cut_anywhere_is_not_believed() -> None:
    assert [parse_index(INDEX[:length], LAYOUTS) for length in range(len(INDEX))] == [None] * len(INDEX)


def test_an_index_with_something_behind_is_not_believed() -> None:
    assert [parse_index(INDEX + more, LAYOUTS) for more in (b"\0", INDEX, bytes(100))] == [None] * 3


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"\0",
        b"#!/bin/sh\n",
        MAGIC,
        MAGIC[:-1],
        MAGIC + bytes(32),
        INDEX.replace(b"index 1", b"index 2"),
        bytes(1000),
        b"\xff" * 1000,
    ],
    ids=["empty", "a byte", "a script", "magic", "half of it", "no digest", "of later days", "zeros", "ones"],
)
def test_what_is_no_index_is_not_believed(foreign: bytes) -> None:
    assert parse_index(foreign, LAYOUTS) is None


@given(st.binary())
def test_any_bytes_are_read_or_not_believed(data: bytes) -> None:
    assert parse_index(data, LAYOUTS) is None
    assert parse_index(MAGIC + data, LAYOUTS) is None


# Of another layout, though its digest is right


@pytest.mark.parametrize(
    "body",
    [
        b"",
        count(0) * 4,
        count(0) * 3 + b"\0",
        count(1) + count(0) * 2,
        count(0) * 2 + count(1) + bytes(6),
        count(0) * 2 + count(1) + bytes(8),
        count(1 << 40) + count(0) * 2,
        count((1 << 64) - 1) + count(0) * 2,
        count(0) * 2 + b"\0" * 7,
    ],
    ids=[
        "nothing",
        "four tables",
        "a byte more",
        "an entry that is not there",
        "an entry cut short",
        "an entry too long",
        "a billion entries",
        "as many as can be said",
        "a count cut short",
    ],
)
def test_an_index_of_another_layout_is_not_believed(body: bytes) -> None:
    assert parse_index(signed(body), LAYOUTS) is None


@pytest.mark.parametrize("tables", [1, 2])
def test_an_index_from_before_there_were_all_tables_has_the_others_empty(tables: int) -> None:
    assert parse_index(signed(count(0) * tables), LAYOUTS) == ({}, {}, {})


def test_an_index_of_empty_tables_is_one() -> None:
    assert parse_index(signed(count(0) * 3), LAYOUTS) == ({}, {}, {})


@given(st.binary(max_size=60))
def test_whatever_is_signed_is_read_or_not_believed(body: bytes) -> None:
    tables = parse_index(signed(body), LAYOUTS)
    if tables is not None:
        assert [(len(key), len(value)) for table in tables for key, value in table.items()] == [
            tuple(layout) for layout, table in zip(LAYOUTS, tables, strict=True) for _ in table
        ]


def test_a_claim_of_many_entries_takes_no_memory() -> None:
    data = signed(count(1 << 50) + count(0) * 2)
    tracemalloc.start()
    try:
        assert parse_index(data, LAYOUTS) is None
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("entries", [1_000, 10_000])
def test_reading_takes_memory_as_the_index_is_long(entries: int) -> None:
    """And so time: no entry is copied but once."""
    layouts = (Layout(40, 36),)
    index = format_index(layouts, ({number.to_bytes(40, "big"): bytes(36) for number in range(entries)},))
    tracemalloc.start()
    try:
        tables = parse_index(index, layouts)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert tables is not None
    assert len(tables[0]) == entries
    assert peak < 6 * len(index)
