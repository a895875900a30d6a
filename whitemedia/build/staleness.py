"""Siblings of a file that has just been written: those that were made of other bytes are removed."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from whitemedia.assets.codings import SUFFIXES, Coding, decodes_to
from whitemedia.assets.records import Records


def remove_stale_siblings(path: str, records: Records) -> None:
    """Remove each sibling of the file at `path` that cannot be told to decode to it. Raises OSError."""
    siblings = {Path(path + suffix): coding for suffix, coding in SUFFIXES.items()}
    present = {sibling: coding for sibling, coding in siblings.items() if sibling.is_file()}
    if not present:
        return
    data = Path(path).read_bytes()
    digest = hashlib.sha256(data).digest()
    for sibling, coding in present.items():
        if not _is_made_of(data, digest, sibling, coding, records):
            with suppress(FileNotFoundError):
                sibling.unlink()


def _is_made_of(data: bytes, digest: bytes, sibling: Path, coding: Coding, records: Records) -> bool:
    coded = sibling.read_bytes()
    record = records.get((digest, coding.name))
    if record is not None and record.digest == hashlib.sha256(coded).digest():
        return True
    return coding.available() and decodes_to(coding, coded, data)
