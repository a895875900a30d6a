"""A coding that is simple to foresee, and bodies that are coded."""

from __future__ import annotations

from collections.abc import Callable

from whitemedia.assets.codings import Coding
from whitemedia.assets.compression import Budget, Compressor
from whitemedia.assets.store import Coded, MemoryStore, NotWorth, Store

TEXT = b"one line of a text, and another one\n" * 100
DIGEST = b"digest of TEXT"
MiB = 1 << 20
SECONDS = 3600.0  # more than a test lasts


class Halving:
    """A coding that makes of any bytes their first half, or another share, and remembers what it was asked for."""

    def __init__(
        self, name: str = "half", pause: Callable[[], object] = lambda: None, *, share: float = 0.5
    ) -> None:
        self.asked: list[tuple[bytes, int]] = []
        self.pause = pause
        self.share = share
        self.coding = Coding(name, 9, (f".{name}",), range(1, 10), 7, 9, self.encode, lambda data, limit: None)

    def encode(self, data: bytes, level: int) -> bytes:
        self.pause()
        self.asked.append((data, level))
        return data[: int(len(data) * self.share)]


def code(store: Store, budget: Budget, *bodies: tuple[bytes, bytes], present: tuple[str, ...] = ()) -> Store:
    """The store, once all bodies are coded."""
    with Compressor(store, budget, seconds=SECONDS) as compressor:
        for digest, data in bodies:
            compressor.code(digest, data, present)
    return store


def body(store: Store, digest: bytes, coding: str = "half", level: int = 7) -> bytes | NotWorth | None:
    """What was kept."""
    kept = store.body(digest, coding, level)
    if isinstance(kept, Coded):
        assert isinstance(kept.body, bytes)
        return kept.body
    return kept


class Roomy(MemoryStore):
    """A store whose bodies take no memory of this process."""

    in_memory = False
