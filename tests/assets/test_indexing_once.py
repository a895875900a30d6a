"""What costs time is done once, and leaves nothing behind."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.assets.resources import TEXT, in_memory, make_noise, make_text, only
from whitemedia.assets import compression, indexing, reading
from whitemedia.assets.building import Builder
from whitemedia.assets.codings import CODINGS
from whitemedia.assets.compression import Budget
from whitemedia.assets.store import MemoryStore

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Index, Spy


MiB = 1 << 20


def test_identical_content_is_coded_once_in_and_across_roots(
    folder: Folder, outside: Folder, index: Index, spy: Spy
) -> None:
    store, budget = MemoryStore(), Budget(MiB)
    coded = spy(compression, "_code")
    folder.file("a.css", TEXT)
    folder.file("b.js", TEXT)
    outside.file("c.css", TEXT)
    one, other = index(store=store, budget=budget).resources
    spent = budget.spent - 2 * len(TEXT)
    third = only(index(outside.path, store=store, budget=budget))
    assert [coding.name for coding, _ in coded] == [coding.name for coding in CODINGS]
    assert in_memory(one) == in_memory(other) == in_memory(third)
    assert spent == sum(map(len, in_memory(one).values())) == budget.spent - 3 * len(TEXT)


def test_a_coded_file_is_not_coded_again(folder: Folder, index: Index, spy: Spy) -> None:
    coded = spy(compression, "_code")
    folder.file("a.svgz", gzip.compress(make_noise(1_000)))
    index()
    assert coded == []


def test_the_store_is_committed_once_when_all_is_known(folder: Folder, index: Index, spy: Spy) -> None:
    coded = spy(compression, "_code")

    class Committed(MemoryStore):
        coded_before: list[int]

        def commit(self) -> None:
            self.coded_before = [*getattr(self, "coded_before", []), len(coded)]

    store = Committed()
    folder.file("a.css", TEXT)
    index(store=store)
    assert store.coded_before == [3]


def test_no_thread_of_ours_is_alive_when_the_index_is_ready(folder: Folder, index: Index) -> None:
    """A server forks next, and a thread does not survive that."""
    before = threading.enumerate()
    for number in range(20):
        folder.file(f"{number}.css", make_text(2_000, number))
    index()
    assert threading.enumerate() == before


@pytest.mark.parametrize(("bound", "limit"), [("_WINDOW", 2), ("_WINDOW_BYTES", 2_500)])
def test_what_waits_to_be_coded_is_bounded(
    folder: Folder, index: Index, monkeypatch: pytest.MonkeyPatch, bound: str, limit: int
) -> None:
    """Sources are read ahead of the coding, but not all of them at once: in number, nor in bytes."""
    events: list[str] = []

    def note(event: str, function: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object) -> object:
            events.append(event)
            return function(*given)

        return call

    monkeypatch.setattr(indexing, bound, limit)
    monkeypatch.setattr(reading.Reader, "read", note("read", reading.Reader.read))
    monkeypatch.setattr(Builder, "build", note("build", Builder.build))
    for number in range(5):
        folder.file(f"{number}.css", make_text(1_000, number))
    index()
    assert events == ["read"] * 3 + ["build", "read"] * 2 + ["build"] * 3
