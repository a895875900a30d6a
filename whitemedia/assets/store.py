"""What was computed once and need not be again: digests by a file's state, coded bodies by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, NamedTuple, Protocol

from whitemedia.assets.files import StatKey
from whitemedia.assets.packs import PackBody
from whitemedia.assets.seen import Seen


class NotWorth:
    """A coded body that is not at least 5 % smaller than its original is remembered, not kept."""


NOT_WORTH: Final = NotWorth()


class Coded(NamedTuple):
    """A coded body, with its length and SHA-256."""

    body: bytes | PackBody
    length: int
    digest: bytes


class Store(Protocol):
    """Remembers for later tables. Every call may answer "not known": then it is computed again."""

    @property
    def in_memory(self) -> bool:
        """Whether bodies that are kept now take this process's memory."""

    def digest(self, stat_key: StatKey) -> bytes | None:
        """The SHA-256 of the file that had this stat key."""

    def remember(self, stat_key: StatKey, digest: bytes) -> None:
        """Keep a file's SHA-256."""

    def media_type(self, digest: bytes) -> str | None:
        """The media type that the bytes with this SHA-256 were found to have."""

    def keep_media_type(self, digest: bytes, media_type: str) -> None:
        """Keep a media type that was found in the bytes."""

    def knows_all(self, digest: bytes, codings: Iterable[tuple[str, int]]) -> bool:
        """Whether for each coding a body, or that it is not worth having, was kept, at this level or a higher one."""

    def body(self, digest: bytes, coding: str, level: int) -> Coded | NotWorth | None:
        """The coded body of the bytes with this SHA-256, at this level or a higher one."""

    def keep(self, digest: bytes, coding: str, level: int, body: bytes | NotWorth) -> None:
        """Keep a coded body, or that it is not worth having; it can be had after `commit`."""

    def verified(self, sibling: StatKey, digest: bytes) -> bytes | None:
        """The sibling's own SHA-256 if it was seen to decode to the bytes with this SHA-256."""

    def mark_verified(self, sibling: StatKey, digest: bytes, own: bytes) -> None:
        """Keep that a sibling decodes to the bytes with this SHA-256."""

    def note(self, key: bytes) -> bytes | None:
        """What was noted under this SHA-256."""

    def keep_note(self, key: bytes, data: bytes) -> None:
        """Keep what was found out at some cost, under the SHA-256 of all that it depends on."""

    def exclusive(self, seconds: float) -> AbstractContextManager[bool]:
        """Wait up to `seconds` for other processes that compute, and know then what they did; whether it is our turn."""

    def commit(self) -> None:
        """Make what was kept lasting, where the store outlives the process. Never raises."""

    @property
    def seen(self) -> Seen:
        """The versions of names that were handed out."""

    @property
    def held(self) -> int:
        """Bytes of bodies that it holds in this process's memory."""

    def retain(self, digests: Container[bytes]) -> None:
        """Hold no body but those of the bytes with these SHA-256."""


class MemoryStore:
    """A store for one process: dictionaries."""

    in_memory = True

    def __init__(self) -> None:
        self._digests: dict[StatKey, bytes] = {}
        self._media_types: dict[bytes, str] = {}
        self._bodies: dict[tuple[bytes, str], tuple[int, Coded | NotWorth]] = {}
        self._verified: dict[tuple[StatKey, bytes], bytes] = {}
        self._notes: dict[bytes, bytes] = {}
        self.seen = Seen(None)

    def digest(self, stat_key: StatKey) -> bytes | None:
        return self._digests.get(stat_key)

    def remember(self, stat_key: StatKey, digest: bytes) -> None:
        self._digests[stat_key] = digest

    def media_type(self, digest: bytes) -> str | None:
        return self._media_types.get(digest)

    def keep_media_type(self, digest: bytes, media_type: str) -> None:
        self._media_types[digest] = media_type

    def knows_all(self, digest: bytes, codings: Iterable[tuple[str, int]]) -> bool:
        return all(self.body(digest, coding, level) is not None for coding, level in codings)

    def body(self, digest: bytes, coding: str, level: int) -> Coded | NotWorth | None:
        kept_level, body = self._bodies.get((digest, coding), (-1, None))
        return body if kept_level >= level else None

    def keep(self, digest: bytes, coding: str, level: int, body: bytes | NotWorth) -> None:
        kept = body if isinstance(body, NotWorth) else Coded(body, len(body), hashlib.sha256(body).digest())
        self._bodies[digest, coding] = (level, kept)

    def verified(self, sibling: StatKey, digest: bytes) -> bytes | None:
        return self._verified.get((sibling, digest))

    def mark_verified(self, sibling: StatKey, digest: bytes, own: bytes) -> None:
        self._verified[sibling, digest] = own

    def note(self, key: bytes) -> bytes | None:
        return self._notes.get(key)

    def keep_note(self, key: bytes, data: bytes) -> None:
        self._notes[key] = data

    @contextmanager
    def exclusive(self, seconds: float) -> Iterator[bool]:  # noqa: ARG002 - there is nobody to wait for
        yield True

    def commit(self) -> None:
        """Nothing outlives the process."""

    @property
    def held(self) -> int:
        return sum(body.length for _, body in self._bodies.values() if isinstance(body, Coded))

    def retain(self, digests: Container[bytes]) -> None:
        self._bodies = {key: kept for key, kept in self._bodies.items() if key[0] in digests}
