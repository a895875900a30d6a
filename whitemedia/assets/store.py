"""What was computed once and need not be again: digests by stat key, coded bodies by digest."""

from __future__ import annotations

from typing import Final, Protocol

from whitemedia.assets.files import StatKey


class NotWorth:
    """A coded body that is not at least 5 % smaller than its original is remembered, not kept."""


NOT_WORTH: Final = NotWorth()


class Store(Protocol):
    """Remembers for later tables. Every call may answer "not known": then it is computed again."""

    def digest(self, stat_key: StatKey) -> bytes | None:
        """The SHA-256 of the file that had this stat key."""

    def remember(self, stat_key: StatKey, digest: bytes) -> None:
        """Keep a file's SHA-256."""

    def body(self, digest: bytes, coding: str, level: int) -> bytes | NotWorth | None:
        """The coded body of the bytes with this SHA-256, at this level or a higher one."""

    def keep(self, digest: bytes, coding: str, level: int, body: bytes | NotWorth) -> None:
        """Keep a coded body, or that it is not worth having."""

    def verified(self, sibling: StatKey, digest: bytes) -> bytes | None:
        """The sibling's own SHA-256 if it was seen to decode to the bytes with this SHA-256."""

    def mark_verified(self, sibling: StatKey, digest: bytes, own: bytes) -> None:
        """Keep that a sibling decodes to the bytes with this SHA-256."""

    def commit(self) -> None:
        """Make what was kept lasting, where the store outlives the process."""


class MemoryStore:
    """A store for one process: dictionaries."""

    def __init__(self) -> None:
        self._digests: dict[StatKey, bytes] = {}
        self._bodies: dict[tuple[bytes, str], tuple[int, bytes | NotWorth]] = {}
        self._verified: dict[tuple[StatKey, bytes], bytes] = {}

    def digest(self, stat_key: StatKey) -> bytes | None:
        return self._digests.get(stat_key)

    def remember(self, stat_key: StatKey, digest: bytes) -> None:
        self._digests[stat_key] = digest

    def body(self, digest: bytes, coding: str, level: int) -> bytes | NotWorth | None:
        kept_level, body = self._bodies.get((digest, coding), (-1, None))
        return body if kept_level >= level else None

    def keep(self, digest: bytes, coding: str, level: int, body: bytes | NotWorth) -> None:
        self._bodies[digest, coding] = (level, body)

    def verified(self, sibling: StatKey, digest: bytes) -> bytes | None:
        return self._verified.get((sibling, digest))

    def mark_verified(self, sibling: StatKey, digest: bytes, own: bytes) -> None:
        self._verified[sibling, digest] = own

    def commit(self) -> None:
        """Nothing outlives the process."""
