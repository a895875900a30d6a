"""Coding bodies: what is worth it, and doing it in parallel with results that do not depend on timing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final

from whitemedia.assets.codings import Coding, available_codings
from whitemedia.assets.store import NOT_WORTH, NotWorth, Store
from whitemedia.http.media_types import is_compressible

MIN_LENGTH: Final = 200
"""Bytes under which the header fields of a coded answer cost what the coding saves."""


def is_smaller(coded: int, original: int) -> bool:
    """Whether a coded length is at least 5 % below the original's; less is not worth the client's decoding."""
    return coded * 20 <= original * 19


def is_worth_coding(media_type: str, length: int) -> bool:
    """Whether to try: by type and length."""
    return length >= MIN_LENGTH and is_compressible(media_type)


def count_cores() -> int:
    """Cores that this process may run on, where the system tells; else those of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Budget:
    """Bytes of bodies that may still be held in memory."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.spent = 0

    def take(self, length: int) -> bool:
        """Spend `length` bytes if they are there."""
        if self.spent + length > self.limit:
            return False
        self.spent += length
        return True

    def give_back(self, length: int) -> None:
        """Have `length` bytes to spend again."""
        self.spent -= length


class Compressor:
    """Codes bodies on as many threads as there are cores (every coder here releases the GIL).

    `begin` starts, `finish` waits. A context manager: its threads have ended when it exits, so that none is
    alive when a server forks. When the budget has refused a body, nothing further is begun.
    """

    def __init__(self, store: Store, budget: Budget, *, enabled: bool) -> None:
        self._store = store
        self._budget = budget
        self._codings = available_codings() if enabled and budget.limit else ()
        self._running: dict[tuple[bytes, str], Future[bytes | NotWorth]] = {}
        self._threads = ThreadPoolExecutor(max_workers=count_cores(), thread_name_prefix="whitemedia")

    def __enter__(self) -> Compressor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def begin(self, digest: bytes, data: bytes, present: Iterable[str]) -> None:
        """Start coding `data` in every coding but those `present`, unless its bodies are known or begun."""
        for coding in self._codings:
            key = (digest, coding.name)
            known = self._store.body(digest, coding.name, coding.startup_level)
            if coding.name not in present and known is None and key not in self._running:
                self._running[key] = self._threads.submit(_code, coding, data)

    def finish(self, digest: bytes, present: Iterable[str]) -> dict[str, bytes]:
        """The bodies, by coding, that are worth having and that the budget admits."""
        bodies: dict[str, bytes] = {}
        for coding in self._codings:
            if coding.name not in present:
                body = self._finish_one(coding, digest)
                if isinstance(body, bytes):
                    bodies[coding.name] = body
        return bodies

    def _finish_one(self, coding: Coding, digest: bytes) -> bytes | NotWorth | None:
        future = self._running.pop((digest, coding.name), None)
        if future is None:
            return self._store.body(digest, coding.name, coding.startup_level)
        body = future.result()
        if isinstance(body, bytes) and not self._budget.take(len(body)):
            self._codings = ()
            return None
        self._store.keep(digest, coding.name, coding.startup_level, body)
        return body


def _code(coding: Coding, data: bytes) -> bytes | NotWorth:
    body = coding.encode(data, coding.startup_level)
    return body if is_smaller(len(body), len(data)) else NOT_WORTH
