"""The content codings we can write and read: a coding is one row of `CODINGS`.

brotli comes with the package, gzip with Python, zstd with Python 3.14 or the extra `zstd`; where it is missing
its siblings are not used. Decoders stop at the first block past the length they are given, whatever is claimed.
"""

from __future__ import annotations

import functools
import importlib
import zlib
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import brotli

GZIP: Final = "gzip"
ZSTD: Final = "zstd"

ZSTD_WINDOW_LOG: Final = 23
"""8 MiB, the largest window that browsers accept (RFC 8878, section 3.1.1.1.2; RFC 9659)."""

_GZIP_WBITS: Final = 31


class Coding(NamedTuple):
    """A content coding: its registered name, its files' suffixes (the first is written), its levels.

    `number` stands for it in our files, and is never given to another. `startup_level` is fast, `build_level` small;
    both are of `levels`. `encode(data, level)` returns the coded bytes. `decode(data, limit)` returns None for what is not whole and valid,
    and stops soon after `limit` bytes, which it then exceeds. `available()` says whether both can be called.
    """

    name: str
    number: int
    suffixes: tuple[str, ...]
    levels: range
    startup_level: int
    build_level: int
    encode: Callable[[bytes, int], bytes]
    decode: Callable[[bytes, int], bytes | None]
    available: Callable[[], bool] = lambda: True


def _encode_brotli(data: bytes, level: int) -> bytes:
    coded: bytes = brotli.compress(data, quality=level)
    return coded


def _decode_brotli(data: bytes, limit: int) -> bytes | None:
    decoder = brotli.Decompressor()
    try:
        decoded: bytes = decoder.process(data, output_buffer_limit=limit + 1)
        while len(decoded) <= limit and not decoder.is_finished():
            more = decoder.process(b"", output_buffer_limit=limit + 1)
            if not more:
                return None
            decoded += more
    except brotli.error:
        return None
    return decoded


def _encode_gzip(data: bytes, level: int) -> bytes:
    coder = zlib.compressobj(
        level, zlib.DEFLATED, _GZIP_WBITS
    )  # writes no name and no time: same bytes everywhere
    return coder.compress(data) + coder.flush()


def _decode_gzip(data: bytes, limit: int) -> bytes | None:
    decoder = zlib.decompressobj(_GZIP_WBITS)
    try:
        decoded = decoder.decompress(data, limit + 1)
    except zlib.error:
        return None
    if decoder.eof and not decoder.unused_data:  # one member, nothing behind it: what every client decodes
        return decoded
    return decoded if len(decoded) > limit else None


@functools.cache
def _zstd() -> Any:
    for name in ("compression.zstd", "backports.zstd"):  # Python 3.14, and the extra "zstd"
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def _encode_zstd(data: bytes, level: int) -> bytes:
    zstd = _zstd()
    parameter = zstd.CompressionParameter
    options = {parameter.compression_level: level, parameter.checksum_flag: 0}
    if len(data) > 1 << ZSTD_WINDOW_LOG:
        options[parameter.window_log] = ZSTD_WINDOW_LOG
    coded: bytes = zstd.compress(data, options=options)
    return coded


def _decode_zstd(data: bytes, limit: int) -> bytes | None:
    zstd = _zstd()
    if _zstd_window(data) > 1 << ZSTD_WINDOW_LOG:  # the decoder does not look where it is given room for all
        return None
    decoder = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})
    try:
        decoded: bytes = decoder.decompress(data, limit + 1)
    except zstd.ZstdError:
        return None
    if decoder.eof and not decoder.unused_data:
        return decoded
    return decoded if len(decoded) > limit else None


def _zstd_window(frame: bytes) -> int:
    """The window, in bytes, that a frame's header asks of its decoder (RFC 8878, section 3.1.1.1)."""
    header = frame[4:18].ljust(14, b"\0")
    descriptor = header[0]
    if not descriptor & 0x20:
        exponent, mantissa = divmod(header[1], 8)
        base = 1 << 10 + exponent
        return base + base // 8 * mantissa
    start = 1 + (0, 1, 2, 4)[descriptor & 3]  # a single segment: its window is its content
    size = (1, 2, 4, 8)[descriptor >> 6]
    return int.from_bytes(header[start : start + size], "little") + (256 if size == 2 else 0)


CODINGS: Final = (
    Coding("br", 0, (".br",), range(12), 5, 11, _encode_brotli, _decode_brotli),
    Coding(
        ZSTD, 1, (".zst", ".zstd"), range(1, 23), 3, 19, _encode_zstd, _decode_zstd, lambda: _zstd() is not None
    ),
    Coding(GZIP, 2, (".gz",), range(1, 10), 5, 9, _encode_gzip, _decode_gzip),
)

BY_NAME: Final = {coding.name: coding for coding in CODINGS}

SUFFIXES: Final = {suffix: coding for coding in CODINGS for suffix in coding.suffixes}


def available_codings() -> tuple[Coding, ...]:
    """The codings that can be written and read here."""
    return tuple(coding for coding in CODINGS if coding.available())


def decodes_to(coding: Coding, coded: bytes, original: bytes) -> bool:
    """Whether `coded` is one whole body of that coding and decodes to exactly `original`."""
    return coding.decode(coded, len(original)) == original
