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
from whitemedia.assets.index_file import Layout, format_index, parse_index
from whitemedia.assets.scan import OWN_NAMES
from whitemedia.assets.writing import write_file

TEMPORARY: Final = f"{OWN_NAMES}-new-"
"""How the name of a file in a root begins that is not whole yet."""

FOLDER: Final = OWN_NAMES
"""The directory in a root that is never served."""

_INDEX: Final = "index"
_DIGEST: Final = hashlib.sha256().digest_size
_LAYOUTS: Final = (Layout(_DIGEST + 1, 1 + _DIGEST),)  # original and coding: level and the sibling's own SHA-256
_NOTHING: Final = bytes(_DIGEST)
_BY_NUMBER: Final = {coding.number: coding.name for coding in CODINGS}


class Record(NamedTuple):
    """The best that is known for an original in a coding: the sibling's SHA-256, or None where none is worth having."""

    level: int
    digest: bytes | None


Records = Mapping[tuple[bytes, str], Record]
"""By the original's SHA-256 and the coding's name."""


def read_records(root: str) -> Records:
    """The records of a root; none where they are missing or damaged."""
    try:
        data = Path(root, FOLDER, _INDEX).read_bytes()
    except OSError:
        return {}
    tables = parse_index(data, _LAYOUTS)
    if tables is None:
        return {}
    return {
        (key[:-1], _BY_NUMBER[key[-1]]): Record(value[0], None if value[1:] == _NOTHING else value[1:])
        for key, value in tables[0].items()
        if key[-1] in _BY_NUMBER
    }


def write_records(root: str, records: Records) -> None:
    """Write them whole. Raises OSError, and leaves then those that were there."""
    table = {
        digest + bytes([BY_NAME[coding].number]): bytes([record.level]) + (record.digest or _NOTHING)
        for (digest, coding), record in sorted(records.items())
    }
    path = Path(root, FOLDER, _INDEX)
    write_file(path, format_index(_LAYOUTS, (table,)), TEMPORARY, lasting=True, readable_as=os.stat(root))
