"""Building the siblings of one content: the best body for each target, once, beside every original that has it."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from whitemedia.assets.compression import is_smaller
from whitemedia.assets.files import StatKey, open_regular
from whitemedia.assets.reading import CheckedSibling
from whitemedia.assets.records import TEMPORARY, Record
from whitemedia.assets.writing import write_file
from whitemedia.build.examining import Examined, Failure, State
from whitemedia.build.targets import Target

_HOPELESS: Final = frozenset({errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)})
_CHANGED: Final = "changed while it was built"


class Job(NamedTuple):
    """Originals that have the same bytes, the targets that one of them lacks, and what is recorded of these bytes."""

    digest: bytes
    originals: tuple[Examined, ...]
    targets: tuple[Target, ...]
    known: Mapping[str, Record]

    @property
    def length(self) -> int:
        """Bytes to be coded."""
        return self.originals[0].source.stat_key.size * len(self.targets)


class Built(NamedTuple):
    """A sibling that is right: its path, its coding, its length; `is_new` if it was written now."""

    path: str
    original: str
    coding: str
    length: int
    is_new: bool


class Outcome(NamedTuple):
    """What became of a job: records by coding, siblings, failures."""

    digest: bytes
    records: dict[str, Record]
    siblings: list[Built]
    failures: list[Failure]


class DiskFullError(Exception):
    """Nothing more can be written: `path` was the first that could not, because of the OSError that caused it.

    `outcome` is what had become of the job until then.
    """

    def __init__(self, path: str, outcome: Outcome) -> None:
        super().__init__(path)
        self.path = path
        self.outcome = outcome


def build_siblings(job: Job) -> Outcome:
    """Do a job; in any thread. Raises DiskFullError."""
    outcome = Outcome(job.digest, {}, [], [])
    data = _read_original(job)
    if data is None:
        outcome.failures.extend(Failure(one.source.path, _CHANGED) for one in job.originals)
        return outcome
    for target in job.targets:
        best = _best(job, target, data)
        if best is None:
            outcome.records[target.coding.name] = Record(target.level, None, is_ours=True)
            continue
        body, record = best
        outcome.records[target.coding.name] = record
        for one in job.originals:
            _place(one, target, body, outcome)
    return outcome


def _read_original(job: Job) -> bytes | None:
    """The bytes, from one of the files that still has them."""
    found = (_read(one.source.path, job.digest) for one in job.originals)
    return next((data for data in found if data is not None), None)


def _read(path: str, digest: bytes) -> bytes | None:
    try:
        opened = open_regular(path)
    except OSError:
        return None
    if opened is None:
        return None
    with opened:
        data = opened.read_whole()
    return data if data is not None and hashlib.sha256(data).digest() == digest else None


def _best(job: Job, target: Target, data: bytes) -> tuple[bytes, Record] | None:
    """The smallest body that there is or can be made, and what to record of it; None if it is not worth having."""
    name = target.coding.name
    present = [one for one in job.originals if name in one.siblings]
    found = {body: one for one in present if (body := _read_sibling(one.siblings[name])) is not None}
    is_best = any(one.states[name] is State.CURRENT for one in found.values())
    made = [] if is_best else [target.coding.encode(data, target.level)]
    body = min([*found, *made], key=len)
    if not is_smaller(len(body), len(data)):
        return None
    digest, known = hashlib.sha256(body).digest(), job.known.get(name)
    was_ours = known is not None and known.digest == digest and known.is_ours
    level = known.level if is_best and known is not None else target.level
    return body, Record(level, digest, is_ours=was_ours or body not in found)


def _read_sibling(checked: CheckedSibling) -> bytes | None:
    return _read(checked.sibling.path, checked.digest)


def _place(one: Examined, target: Target, body: bytes, outcome: Outcome) -> None:
    """See to it that an original has this sibling."""
    original, name = one.source.path, target.coding.name
    checked = one.siblings.get(name)
    if checked is not None and checked.digest == hashlib.sha256(body).digest():
        outcome.siblings.append(Built(checked.sibling.path, original, name, len(body), is_new=False))
        return
    path = original + target.coding.suffixes[0]
    try:
        why = _write(one, path, body)
    except OSError as error:
        if error.errno in _HOPELESS:
            raise DiskFullError(path, outcome) from error
        why = str(error.strerror)
    if why is None:
        outcome.siblings.append(Built(path, original, name, len(body), is_new=True))
    else:
        outcome.failures.append(Failure(path, why))


def _write(one: Examined, path: str, body: bytes) -> str | None:
    """Write a sibling; why not, if that would be wrong by now. Raises OSError."""
    status = os.stat(one.source.path)
    if StatKey.of(status) != one.source.stat_key:
        return _CHANGED
    write_file(Path(path), body, TEMPORARY, readable_as=status, mtime_ns=status.st_mtime_ns)
    return None
