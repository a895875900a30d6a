"""What costs time is done once, and leaves nothing behind."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.assets.conftest import Folder
from tests.assets.resources import (
    TEXT,
    coded_bodies,
    fields_of,
    in_memory,
    make_noise,
    make_text,
    only,
    plant_siblings,
)
from whitemedia.assets import reading
from whitemedia.assets.compression import Budget, Compressor
from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.store import MemoryStore, Store

if TYPE_CHECKING:
    from tests.assets.conftest import Index, Spy


MiB = 1 << 20


def test_identical_content_is_coded_once_in_and_across_roots(
    folder: Folder, outside: Folder, index: Index, spy: Spy
) -> None:
    store, budget = MemoryStore(), Budget(MiB)
    coded = spy(Compressor, "_encode")
    folder.file("a.css", TEXT)
    folder.file("b.js", TEXT)
    outside.file("c.css", TEXT)
    one, other = index(store=store, budget=budget).resources
    spent = budget.spent - 2 * len(TEXT)
    third = only(index(outside.path, store=store, budget=budget))
    assert sorted(coding.name for _, coding, _ in coded) == ["br", "gzip", "zstd"]
    assert in_memory(one) == in_memory(other) == in_memory(third)
    assert spent == sum(map(len, in_memory(one).values())) == budget.spent - 3 * len(TEXT)


def test_a_coded_file_is_not_coded_again(folder: Folder, index: Index, spy: Spy) -> None:
    coded = spy(Compressor, "_encode")
    folder.file("a.svgz", gzip.compress(make_noise(1_000)))
    index()
    assert coded == []


def test_the_store_is_committed_once_when_all_is_known(folder: Folder, index: Index, spy: Spy) -> None:
    coded = spy(Compressor, "_encode")

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


# The next start


@pytest.fixture(params=["memory", "disk"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """The store that a start uses, and then the next one."""
    if request.param == "disk":
        return lambda: DiskStore(tmp_path)
    store = MemoryStore()
    return lambda: store


MODIFIED = 1_700_000_000


def plant_some(folder: Folder) -> None:
    """Files of every kind that can be remembered."""
    for number, length in enumerate((0, 100, 3_000, 5_000)):
        folder.file(f"{number}.css", make_text(length, number), mtime=MODIFIED)
        folder.file(f"{number}.png", make_noise(length, number), mtime=MODIFIED)
        folder.file(f"noise{number}.css", make_noise(length, number), mtime=MODIFIED)
        folder.file(f"unknown{number}", make_text(length, number), mtime=MODIFIED)
    plant_siblings(folder)


@pytest.mark.usefixtures("settled")
def test_what_is_as_it_was_is_neither_read_nor_coded_at_the_next_start(
    folder: Folder, index: Index, stores: Callable[[], Store], spy: Spy
) -> None:
    plant_some(folder)
    first = index(store=stores())
    coded, read = spy(Compressor, "_encode"), spy(reading.Reader, "read")
    second = index(store=stores())
    assert (coded, read) == ([], [])
    assert described(first) == described(second)


def test_what_lies_elsewhere_now_is_read_and_not_coded_at_the_next_start(
    folder: Folder, index: Index, stores: Callable[[], Store], spy: Spy
) -> None:
    """As after a deployment, which writes every file anew."""
    plant_some(folder)
    first = index(store=stores())
    moved = Folder(folder.path.with_name("moved"))
    plant_some(moved)
    coded = spy(Compressor, "_encode")
    second = index(moved.path, store=stores())
    assert coded == []
    assert described(first) == described(second)


@pytest.mark.usefixtures("settled")
def test_only_what_changed_is_read_and_coded_at_the_next_start(
    folder: Folder, index: Index, stores: Callable[[], Store], spy: Spy
) -> None:
    plant_some(folder)
    index(store=stores())
    new = make_text(5_000, 9)
    folder.file("3.css", new)
    coded, read = spy(Compressor, "_encode"), spy(reading.Reader, "read")
    index(store=stores())
    assert [source.url_path for _, source in read] == ["3.css"]
    assert sorted((coding.name, data) for _, coding, data in coded) == [
        (name, new) for name in ("br", "gzip", "zstd")
    ]


@pytest.mark.usefixtures("settled")
def test_what_compress_off_left_is_coded_when_it_is_on(
    folder: Folder, index: Index, stores: Callable[[], Store], spy: Spy
) -> None:
    folder.file("app.css", TEXT)
    coded = spy(Compressor, "_encode")
    index(store=stores(), compress="off")
    assert coded == []
    assert len(coded_bodies(only(index(store=stores())))) == len(coded) == 3


@pytest.mark.usefixtures("settled")
def test_with_compress_off_what_is_known_coded_is_not_used(
    folder: Folder, index: Index, stores: Callable[[], Store]
) -> None:
    folder.file("app.css", TEXT)
    index(store=stores())
    assert only(index(store=stores(), compress="off")).codings == ("identity",)


@pytest.mark.usefixtures("settled")
def test_what_the_seconds_did_not_suffice_for_is_coded_at_the_next_start(
    folder: Folder, index: Index, stores: Callable[[], Store]
) -> None:
    folder.file("app.css", TEXT)
    assert only(index(store=stores(), compress_seconds=0)).codings == ("identity",)
    assert len(only(index(store=stores())).codings) == 4


def described(indexed: Indexed) -> list[tuple[object, ...]]:
    """All that is answered of each file, but for where its bytes are."""
    return [
        (
            resource.source.url_path,
            fields_of(resource),
            resource.codings,
            coded_bodies(resource),
            [resource.contents[coding][:3] for coding in resource.codings],
        )
        for resource in indexed.resources
    ]
