"""Examining: what there is of an original's siblings before anything is built. By content: times and paths tell nothing."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import NamedTuple

from whitemedia.assets.reading import READ_LIMIT, CheckedSibling, Facts, Reader
from whitemedia.assets.records import Record, Records
from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Skipped, Why
from whitemedia.assets.store import MemoryStore
from whitemedia.build.targets import Target
from whitemedia.http.media_types import is_compressible
from whitemedia.options import MiB, Options


class State(enum.Enum):
    """What an original has for a target."""

    CURRENT = "current"
    """A sibling that was built of these bytes, at this level or a higher one."""

    NOT_WORTH = "not worth having"
    """None, for it would not be enough smaller."""

    VALID = "valid"
    """A sibling of unknown origin that decodes to it."""

    WEAKER = "of a lower level"
    """A sibling that was built of these bytes, at a lower level."""

    STALE = "stale"
    """A sibling that does not decode to it, or is not enough smaller."""

    MISSING = "missing"
    """Nothing."""

    @property
    def is_final(self) -> bool:
        """Whether there is nothing to build."""
        return self in (State.CURRENT, State.NOT_WORTH)


class Examined(NamedTuple):
    """An original that is worth coding, with its SHA-256, the siblings that decode to it, and its states by coding."""

    source: Source
    digest: bytes
    siblings: dict[str, CheckedSibling]
    states: dict[str, State]


class Failure(NamedTuple):
    """A file that nothing was built of, or could not be written, and why."""

    path: str
    reason: str


class Examiner:
    """Examines originals, in any thread; what cannot be read is in `failures`, what nobody would use in `unused`."""

    def __init__(self, options: Options, targets: Iterable[Target], records: Records) -> None:
        self.failures: list[Failure] = []
        self.unused: list[Failure] = []
        self._targets = tuple(targets)
        self._records = records
        self._why: dict[str, Why] = {}
        self._reader = Reader(
            options.mimetypes,
            MemoryStore(),
            self._skip,
            choose=options.compress_test,
            records=lambda: records,
        )

    def examine(self, source: Source) -> Examined | None:
        """What is known of an original; None if it is not to be coded."""
        read = self._reader.read(source)
        if read is None:
            self.failures.append(Failure(source.path, self._why[source.path].value))
            return None
        facts = read.facts
        if facts.digest is None:
            self._note_unread(facts)
            return None
        if not facts.is_worth_coding:
            return None
        states = {target.coding.name: self._state(facts, facts.digest, target) for target in self._targets}
        return Examined(facts.source, facts.digest, facts.siblings, states)

    def _state(self, facts: Facts, digest: bytes, target: Target) -> State:
        name = target.coding.name
        record, checked = self._records.get((digest, name)), facts.siblings.get(name)
        if checked is not None:
            return _state_of_valid(checked, record, target.level)
        if record is not None and record.digest is None and record.level >= target.level:
            return State.NOT_WORTH
        claimed = any(sibling.coding == name for sibling in facts.source.siblings)
        return State.STALE if claimed else State.MISSING

    def _skip(self, skipped: Skipped) -> None:
        self._why[skipped.path] = skipped.why

    def _note_unread(self, facts: Facts) -> None:
        source = facts.source
        if source.stat_key.size <= READ_LIMIT:
            self.failures.append(Failure(source.path, "changed while it was read"))
        elif is_compressible(facts.media_type):
            self.unused.append(Failure(source.path, f"larger than {READ_LIMIT // MiB} MiB"))


def _state_of_valid(checked: CheckedSibling, record: Record | None, level: int) -> State:
    if record is None or record.digest != checked.digest:
        return State.VALID
    return State.CURRENT if record.level >= level else State.WEAKER
