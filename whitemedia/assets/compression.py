"""Coding bodies: what is worth it, and doing it in parallel with results that do not depend on timing."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, NamedTuple

from whitemedia.assets.codings import Coding, available_codings
from whitemedia.assets.store import NOT_WORTH, NotWorth, Store
from whitemedia.http.media_types import is_compressible

_WAITING_BYTES: Final = 64 << 20
"""Bytes that may have been read and wait for their coding."""

_SPLIT_LENGTH: Final = 256 << 10
"""Bytes from which each coding of a body has a thread of its own; for less, handing it over costs more."""

MIN_LENGTH: Final = 200
"""Bytes under which the header fields of a coded answer cost what the coding saves."""


def is_smaller(coded: int, original: int) -> bool:
    """Whether a coded length is at least 5 % below the original's; less is not worth the client's decoding."""
    return coded * 20 <= original * 19


Choice = Callable[[str, str, int], bool]
"""Tells from a path below the root, a media type and a length whether to code."""


def is_worth_coding(path: str, media_type: str, length: int) -> bool:  # noqa: ARG001 - a Choice
    """Whether to try: by type and length."""
    return length >= MIN_LENGTH and is_compressible(media_type)


def leaving_out(is_left_out: Callable[[str], bool], choose: Choice | None = None) -> Choice:
    """A choice that does not code what is left out by its path, and asks `choose`, or the usual one, of the rest."""
    decide = choose or is_worth_coding
    return lambda path, media_type, length: not is_left_out(path) and decide(path, media_type, length)


def count_cores() -> int:
    """Cores that this process may run on, where the system tells; else those of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Task(NamedTuple):
    digest: bytes
    length: int
    codings: tuple[Coding, ...]
    bodies: Future[list[bytes | NotWorth | None]]


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
    """Codes bodies on as many threads as there are cores (every coder here releases the GIL), and keeps them in a store.

    A context manager: its threads have ended when it exits, so that none is alive when a server forks. Where bodies
    are kept in memory and the budget refuses one, nothing further is begun; nor is it after `seconds`.
    """

    def __init__(self, store: Store, budget: Budget, *, seconds: float) -> None:
        self._store = store
        self._budget = budget
        self._codings = available_codings() if budget.limit or not store.in_memory else ()
        self._deadline = time.monotonic() + seconds
        self._running: deque[_Task] = deque()
        self._begun: set[tuple[bytes, str]] = set()
        self._waiting = 0
        self._threads = ThreadPoolExecutor(max_workers=count_cores(), thread_name_prefix="whitemedia")

    def __enter__(self) -> Compressor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish(-1)
        finally:
            self._threads.shutdown(wait=True, cancel_futures=True)

    @property
    def is_open(self) -> bool:
        """Whether it would begin to code."""
        return bool(self._codings) and time.monotonic() < self._deadline

    def code(self, digest: bytes, data: bytes, present: Iterable[str]) -> None:
        """Code `data` in every coding but those `present`, unless its bodies are known or begun."""
        if not self.is_open:
            return
        wanted = [
            coding for coding in self._codings if coding.name not in present and self._is_new(digest, coding)
        ]
        self._begun.update((digest, coding.name) for coding in wanted)
        together = len(data) < _SPLIT_LENGTH and wanted
        for codings in [tuple(wanted)] if together else [(coding,) for coding in wanted]:
            self._running.append(_Task(digest, len(data), codings, self._submit(codings, data)))
            self._waiting += len(data)
        self._finish(_WAITING_BYTES)

    def _is_new(self, digest: bytes, coding: Coding) -> bool:
        begun = (digest, coding.name) in self._begun
        return not begun and not self._store.knows_all(digest, [(coding.name, coding.startup_level)])

    def _submit(self, codings: tuple[Coding, ...], data: bytes) -> Future[list[bytes | NotWorth | None]]:
        try:
            return self._threads.submit(self._encode_all, codings, data)
        except RuntimeError:  # hosts limit threads: then it is done in this one
            done: Future[list[bytes | NotWorth | None]] = Future()
            done.set_result(self._encode_all(codings, data))
            return done

    def _encode_all(self, codings: Iterable[Coding], data: bytes) -> list[bytes | NotWorth | None]:
        return [self._encode(coding, data) for coding in codings]

    def _encode(self, coding: Coding, data: bytes) -> bytes | NotWorth | None:
        if time.monotonic() >= self._deadline:
            return None
        body = coding.encode(data, coding.startup_level)
        return body if is_smaller(len(body), len(data)) else NOT_WORTH

    def _finish(self, waiting: int) -> None:
        """Keep results, in the order in which they were begun, while more than `waiting` bytes wait for theirs."""
        while self._running and self._waiting > waiting:
            digest, length, codings, bodies = self._running.popleft()
            self._waiting -= length
            for coding, body in zip(codings, bodies.result(), strict=True):
                self._keep(digest, coding, body)

    def _keep(self, digest: bytes, coding: Coding, body: bytes | NotWorth | None) -> None:
        if body is None or coding not in self._codings:
            return
        if isinstance(body, bytes) and self._store.in_memory and not self._budget.take(len(body)):
            self._codings = ()
        else:
            self._store.keep(digest, coding.name, coding.startup_level, body)
