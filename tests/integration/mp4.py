"""The smallest MP4 (ISO/IEC 14496-12) that a browser plays: a track of silence in Opus."""

from __future__ import annotations

import struct
from typing import Final

_SILENCE: Final = b"\xfc\xff\xfe"  # 20 ms (RFC 6716)
_RATE: Final = 48_000
_PER_PACKET: Final = 960
_UNITY: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def silent_mp4(seconds: int) -> bytes:
    """So many seconds of silence."""
    packets = seconds * _RATE // _PER_PACKET
    length = packets * _PER_PACKET
    kind = _box(b"ftyp", b"isom", 0, b"isomiso2mp41")
    data = _box(b"mdat", _SILENCE * packets)
    entry = _box(
        b"Opus",
        bytes(6),
        b"\0\1",
        bytes(8),
        b"\0\1\0\x10",
        0,
        _RATE << 16,
        _box(b"dOps", b"\0\1", b"\0\0", _RATE, b"\0\0\0"),
    )
    table = _box(
        b"stbl",
        _box(b"stsd", 0, 1, entry),
        _box(b"stts", 0, 1, packets, _PER_PACKET),
        _box(b"stsc", 0, 1, 1, packets, 1),
        _box(b"stsz", 0, len(_SILENCE), packets),
        _box(b"stco", 0, 1, len(kind) + 8),
    )
    source = _box(b"dinf", _box(b"dref", 0, 1, _box(b"url ", 1)))
    media = _box(
        b"mdia",
        _box(b"mdhd", 0, 0, 0, _RATE, length, b"\x55\xc4\0\0"),
        _box(b"hdlr", 0, 0, b"soun", bytes(12), b"\0"),
        _box(b"minf", _box(b"smhd", 0, 0), source, table),
    )
    track = _box(b"trak", _box(b"tkhd", 7, 0, 0, 1, 0, length, bytes(12), b"\1\0\0\0", _UNITY, 0, 0), media)
    header = _box(b"mvhd", 0, 0, 0, _RATE, length, 0x10000, b"\1\0", bytes(10), _UNITY, bytes(24), 2)
    return kind + data + _box(b"moov", header, track)


def _box(kind: bytes, *fields: bytes | int) -> bytes:
    """A box; an int is a field of 32 bits."""
    body = b"".join(struct.pack(">I", field) if isinstance(field, int) else field for field in fields)
    return struct.pack(">I", len(body) + 8) + kind + body
