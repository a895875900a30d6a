"""Each coding reads what it wrote, and nothing else; no decoder lets a small body become a large one."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import types
import zlib
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets import codings
from whitemedia.assets.codings import (
    CODINGS,
    SUFFIXES,
    ZSTD_WINDOW_LOG,
    Coding,
    available_codings,
    decodes_to,
)

every_coding = pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.name)
texts = st.builds(lambda data, times: data * times, st.binary(max_size=50), st.integers(1, 2_000))
contents = st.one_of(st.binary(), texts)

HIGHEST = {"br": 11, "zstd": 22, "gzip": 9}
BY_NAME = {coding.name: coding for coding in CODINGS}
MiB = 1 << 20
TEXT = b"".join(b"p%d { margin: %dpx }\n" % (number, number * number) for number in range(2_000))


def encode(coding: Coding, data: bytes) -> bytes:
    return coding.encode(data, coding.startup_level)


def zstd() -> Any:
    found = codings._zstd()
    assert found is not None
    return found


# What each is called


def test_the_codings_and_their_suffixes_are_the_registered_ones() -> None:
    assert {coding.name: coding.suffixes for coding in CODINGS} == {
        "br": (".br",),
        "zstd": (".zst", ".zstd"),
        "gzip": (".gz",),
    }


def test_a_suffix_names_its_coding() -> None:
    assert {suffix: coding.name for suffix, coding in SUFFIXES.items()} == {
        ".br": "br",
        ".zst": "zstd",
        ".zstd": "zstd",
        ".gz": "gzip",
    }


# Round trips


@every_coding
@given(data=contents, level=st.integers(1, 9))
def test_what_was_coded_decodes_to_the_same_bytes(coding: Coding, data: bytes, level: int) -> None:
    coded = coding.encode(data, level)
    assert coding.decode(coded, len(data)) == data
    assert decodes_to(coding, coded, data)


@every_coding
@pytest.mark.parametrize("data", [b"", b"x", TEXT, bytes(3 * MiB)], ids=["empty", "one byte", "text", "zeros"])
def test_every_size_decodes_at_the_highest_level_too(coding: Coding, data: bytes) -> None:
    assert decodes_to(coding, coding.encode(data, HIGHEST[coding.name]), data)


@every_coding
def test_the_level_at_startup_is_worth_it(coding: Coding) -> None:
    assert len(encode(coding, TEXT)) < len(TEXT) / 2


@every_coding
def test_the_same_bytes_are_coded_to_the_same_bytes_each_time(coding: Coding) -> None:
    assert encode(coding, TEXT) == encode(coding, TEXT)


def test_gzip_writes_no_name_and_no_time() -> None:
    """Flags and time would differ from host to host, and with them the entity tag."""
    assert encode(BY_NAME["gzip"], TEXT)[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def test_zstd_writes_no_checksum() -> None:
    assert encode(BY_NAME["zstd"], TEXT)[4] & 0b100 == 0


@pytest.mark.parametrize(
    ("coding", "coded"),
    [
        ("br", brotli.compress(TEXT, lgwin=10)),
        ("gzip", gzip.compress(TEXT)),
        ("zstd", zstd().compress(TEXT, options={zstd().CompressionParameter.checksum_flag: 1})),
    ],
)
def test_what_other_tools_write_is_read(coding: str, coded: bytes) -> None:
    assert decodes_to(BY_NAME[coding], coded, TEXT)


# What is refused


@every_coding
@given(data=contents, cut=st.floats(0, 1, exclude_max=True))
def test_a_truncated_body_is_refused(coding: Coding, data: bytes, cut: float) -> None:
    coded = encode(coding, data)
    assert coding.decode(coded[: int(len(coded) * cut)], len(data)) is None


@every_coding
def test_a_body_truncated_by_one_byte_is_refused(coding: Coding) -> None:
    assert coding.decode(encode(coding, TEXT)[:-1], len(TEXT)) is None


@every_coding
@given(data=contents, garbage=st.binary(min_size=1))
def test_garbage_behind_a_body_is_refused(coding: Coding, data: bytes, garbage: bytes) -> None:
    """A client may take it for a second body, or fail."""
    assert coding.decode(encode(coding, data) + garbage, len(data)) is None


@every_coding
@given(data=contents, more=contents)
def test_a_second_member_is_refused(coding: Coding, data: bytes, more: bytes) -> None:
    """The command line tools join members, browsers read the first."""
    two = encode(coding, data) + encode(coding, more)
    assert not decodes_to(coding, two, data + more)
    assert not decodes_to(coding, two, data)


@every_coding
@given(data=st.binary(), flips=st.lists(st.integers(0), max_size=3))
def test_foreign_and_damaged_bytes_never_raise(coding: Coding, data: bytes, flips: list[int]) -> None:
    damaged = bytearray(encode(coding, TEXT))
    for position in flips:
        damaged[position % len(damaged)] ^= 1 << position % 8
    for body in (data, bytes(damaged)):
        decoded = coding.decode(body, 100)
        assert decoded is None or len(decoded) < 64 * 1024


@every_coding
@pytest.mark.parametrize("other", CODINGS, ids=lambda coding: coding.name)
def test_no_coding_reads_another_s_body(coding: Coding, other: Coding) -> None:
    assert decodes_to(coding, encode(other, TEXT), TEXT) is (coding is other)


@every_coding
@pytest.mark.parametrize("other", [TEXT[:-1], TEXT + b"x", TEXT[:-1] + b"x", b""], ids=range(4))
def test_a_body_decodes_to_exactly_its_original(coding: Coding, other: bytes) -> None:
    assert not decodes_to(coding, encode(coding, TEXT), other)


def test_zlib_and_deflate_are_not_gzip() -> None:
    assert BY_NAME["gzip"].decode(zlib.compress(TEXT), len(TEXT)) is None


# Bounds


@every_coding
@pytest.mark.parametrize("limit", [0, 1, 1000, MiB])
def test_decoding_stops_soon_after_the_limit(coding: Coding, limit: int) -> None:
    """A body of some kilobytes may claim gigabytes: neither the result nor the memory on the way follows it."""
    bomb = encode(coding, bytes(64 * MiB))
    tracemalloc.start()
    try:
        decoded = coding.decode(bomb, limit)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert decoded is not None
    assert limit < len(decoded) <= 2 * limit + 64 * 1024
    assert peak < 8 * limit + MiB


def zstd_with_window(window_log: int, data: bytes) -> bytes:
    """A frame that does not tell its length, so that the window is as large as was asked for."""
    coder = zstd().ZstdCompressor(options={zstd().CompressionParameter.window_log: window_log})
    coded: bytes = coder.compress(data) + coder.flush()
    return coded


@pytest.mark.parametrize("window_log", [10, 20, 23])
def test_zstd_windows_of_up_to_8_mib_are_read(window_log: int) -> None:
    assert decodes_to(BY_NAME["zstd"], zstd_with_window(window_log, TEXT), TEXT)


@pytest.mark.parametrize("window_log", [24, 27])
def test_zstd_windows_over_8_mib_are_refused(window_log: int) -> None:
    """Browsers refuse them (RFC 9659), so it would be a sibling that nobody can read."""
    assert BY_NAME["zstd"].decode(zstd_with_window(window_log, TEXT), len(TEXT)) is None


def test_zstd_never_writes_a_window_over_8_mib() -> None:
    data = bytes(9 * MiB)
    coded = BY_NAME["zstd"].encode(data, 22)  # which would take a window of 128 MiB
    option = zstd().DecompressionParameter.window_log_max
    assert zstd().ZstdDecompressor(options={option: ZSTD_WINDOW_LOG}).decompress(coded) == data


# Without zstd


def test_all_three_are_available_here() -> None:
    assert [coding.name for coding in available_codings()] == ["br", "zstd", "gzip"]


@pytest.mark.usefixtures("no_zstd")
def test_without_zstd_the_other_codings_are_available() -> None:
    assert [coding.name for coding in available_codings()] == ["br", "gzip"]


@pytest.mark.usefixtures("no_zstd")
def test_python_s_own_zstd_comes_before_the_backport(monkeypatch: pytest.MonkeyPatch) -> None:
    own = types.ModuleType("compression.zstd")
    monkeypatch.setitem(sys.modules, "compression", types.ModuleType("compression"))
    monkeypatch.setitem(sys.modules, "compression.zstd", own)
    monkeypatch.setitem(sys.modules, "backports.zstd", types.ModuleType("backports.zstd"))
    assert codings._zstd() is own


@pytest.mark.usefixtures("no_zstd")
def test_the_backport_serves_where_python_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    backport = types.ModuleType("backports.zstd")
    monkeypatch.setitem(sys.modules, "backports.zstd", backport)
    assert codings._zstd() is backport


@pytest.mark.parametrize(("window_log", "whole"), [(23, True), (24, False), (27, False)])
def test_a_zstd_frame_that_states_its_length_is_still_judged_by_its_window(window_log: int, whole: bool) -> None:
    """A decoder that is given room for all of a frame does not look at its window; browsers do."""
    data = b"a" * 300
    header = bytes([0b0100_0000, (window_log - 10) << 3]) + (len(data) - 256).to_bytes(2, "little")
    block = (len(data) << 3 | 1).to_bytes(3, "little") + data
    assert (BY_NAME["zstd"].decode(b"\x28\xb5\x2f\xfd" + header + block, len(data)) == data) is whole


@pytest.mark.parametrize("length", [0, 1, 255, 256, 257, 65_791, 65_792, 70_000, 1 << 23])
def test_our_zstd_frames_ask_for_no_more_than_browsers_have(length: int) -> None:
    coding = BY_NAME["zstd"]
    assert coding.decode(coding.encode(bytes(length), 3), length) == bytes(length)


def test_a_zstd_frame_of_one_segment_is_judged_by_its_length() -> None:
    """Its window is its content."""
    data = bytes((1 << 23) + 1)
    parameter = zstd().CompressionParameter
    assert BY_NAME["zstd"].decode(zstd().compress(data, options={parameter.window_log: 24}), len(data)) is None
