"""What `whitemedia build` leaves in a root for those who serve it: which siblings it wrote, by what they are made of.

It tells digests of originals and of siblings, no paths and no times: so it holds wherever the tree is copied to.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from whitemedia.assets.codings import BY_NAME, CODINGS
from whitemedia.assets.files import open_regular
from whitemedia.assets.index_file import Layout, format_index, parse_index
from whitemedia.assets.scan import OWN_NAMES
from whitemedia.assets.writing import write_file

TEMPORARY: Final = f"{OWN_NAMES}-new-"
"""How the name of a file in a root begins that is not whole yet."""

FOLDER: Final = OWN_NAMES
"""The directory in a root that is never served."""

_INDEX: Final = "index"
_DIGEST: Final = hashlib.sha256().digest_size
_LAYOUTS: Final = (
    Layout(_DIGEST + 1, 2 + _DIGEST),
)  # original, coding: level, whether ours, sibling's own SHA-256
_NOTHING: Final = bytes(_DIGEST)
_BY_NUMBER: Final = {coding.number: coding.name for coding in CODINGS}


class Record(NamedTuple):
    """The best that is known for an original in a coding: the sibling's SHA-256, or None where none is worth having.

    `is_ours` if every sibling with this SHA-256 was written by a build; else some were found.
    """

    level: int
    digest: bytes | None
    is_ours: bool = True


Records = Mapping[tuple[bytes, str], Record]
"""By the original's SHA-256 and the coding's name."""


def read_records(root: str) -> Records:
    """The records of a root; none where they are missing or damaged."""
    tables = parse_index(_read(os.path.join(root, FOLDER, _INDEX)), _LAYOUTS)
    if tables is None:
        return {}
    return {
        (key[:-1], _BY_NUMBER[key[-1]]): Record(value[0], value[2:] if any(value[2:]) else None, bool(value[1]))
        for key, value in tables[0].items()
        if key[-1] in _BY_NUMBER
    }


def _read(path: str) -> bytes:
    try:
        opened = open_regular(path)
    except OSError:
        return b""
    if opened is None:
        return b""
    with opened:
        return opened.read_whole() or b""


def write_records(root: str, records: Records) -> None:
    """Write them whole. Raises OSError, and leaves then those that were there."""
    table = {
        digest + bytes([BY_NAME[coding].number]): bytes([record.level, record.is_ours])
        + (record.digest or _NOTHING)
        for (digest, coding), record in sorted(records.items())
    }
    path = Path(root, FOLDER, _INDEX)
    write_file(path, format_index(_LAYOUTS, (table,)), TEMPORARY, lasting=True, readable_as=os.stat(root))
