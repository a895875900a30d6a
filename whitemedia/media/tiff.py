"""How many strips or tiles the pages of a TIFF are cut into (TIFF 6.0, section 2, and BigTIFF), without decoding any.

Decoders keep more of each than it takes in the file, and do so before anything else can be judged.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, Final, NamedTuple

_HEADERS: Final = frozenset({b"II*\0", b"II\0*", b"II+\0", b"MM\0*", b"MM*\0", b"MM\0+"})
"""As Pillow knows them: byte order and version, which some writers spell in the other order."""

_BIG: Final = 43
_PIECES: Final = frozenset({273, 324})  # StripOffsets, TileOffsets
_MANY: Final = 65_535  # fields of a page, which is all that a classic TIFF can have
_LAST: Final = 1 << 62  # no file has a byte behind it


class _Layout(NamedTuple):
    """How a header's and a page's fields are laid out: where the first page's offset is, and formats of `struct`."""

    first: int
    number: str
    field: str
    offset: str


_CLASSIC_LAYOUT: Final = _Layout(4, "H", "HHL4x", "L")
_BIG_LAYOUT: Final = _Layout(8, "Q", "HHQ8x", "Q")


def most_pieces(file: BinaryIO, pages: int) -> int:
    """The most strips or tiles of any of the first `pages` pages; 0 where it is no TIFF. Leaves `file` at its start."""
    file.seek(0)
    header = file.read(16).ljust(16, b"\0")
    layouts = _layouts(header) if header[:4] in _HEADERS else ()
    most = max((_most_pieces(file, header, layout, pages) for layout in layouts), default=0)
    file.seek(0)
    return most


def _layouts(header: bytes) -> tuple[_Layout, ...]:
    """As which it may be read: Pillow takes a big-endian BigTIFF for a classic one."""
    if _BIG not in header[2:4]:
        return (_CLASSIC_LAYOUT,)
    return (_BIG_LAYOUT,) if header.startswith(b"II") else (_BIG_LAYOUT, _CLASSIC_LAYOUT)


def _most_pieces(file: BinaryIO, header: bytes, layout: _Layout, pages: int) -> int:
    order = "<" if header.startswith(b"II") else ">"
    field, number = struct.Struct(order + layout.field), struct.Struct(order + layout.number)
    following = struct.Struct(order + layout.offset)
    (offset,) = following.unpack_from(header, layout.first)
    most, seen = 0, set[int]()
    while 0 < offset < _LAST and offset not in seen and len(seen) < pages:
        seen.add(offset)
        file.seek(offset)
        (fields,) = number.unpack(file.read(number.size).ljust(number.size, b"\0"))
        if fields > _MANY:  # any of them could be what is counted
            return int(fields)
        data = file.read(fields * field.size)
        whole = data[: len(data) // field.size * field.size]  # what was cut off has no page behind it either
        counts = [count for tag, _, count in field.iter_unpack(whole) if tag in _PIECES]
        most = max(most, *counts) if counts else most
        (offset,) = following.unpack(file.read(following.size).ljust(following.size, b"\0"))
    return most
