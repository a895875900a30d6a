"""A memory budget is kept, and spent alike in every process."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.assets.resources import (
    TEXT,
    by_name,
    coded_bodies,
    in_memory,
    make_noise,
    make_text,
    names_held,
    only,
    plant_siblings,
)
from whitemedia.assets import building, compression
from whitemedia.assets.compression import Budget
from whitemedia.assets.files import StatKey
from whitemedia.assets.indexing import Indexed, index_root
from whitemedia.assets.representation import FileBody
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.options import Options

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Index


def test_the_smallest_are_held_first(folder: Folder, index: Index) -> None:
    for length in (300, 100, 200, 400):
        folder.file(f"{length}.png", make_noise(length))
    assert names_held(index(memory_limit=650)) == ["100.png", "200.png", "300.png"]


def test_coded_bodies_come_before_identities(folder: Folder, index: Index) -> None:
    folder.file("app.css", TEXT)
    folder.file("tiny.png", b"123456")
    spent = sum(map(len, in_memory(by_name(index())["app.css"]).values()))
    found = by_name(index(memory_limit=spent + 5))
    assert found["app.css"].contents.keys() == {"br", "gzip", "zstd", "identity"}
    assert not found["tiny.png"].held


def test_equal_files_are_taken_by_their_names(folder: Folder, index: Index) -> None:
    for name in ("c.png", "a.png", "b.png"):
        folder.file(name, make_noise(100))
    assert names_held(index(memory_limit=250)) == ["a.png", "b.png"]


@pytest.mark.parametrize(("spare", "held"), [(0, True), (-1, False)])
def test_a_large_identity_is_not_held(
    folder: Folder, index: Index, monkeypatch: pytest.MonkeyPatch, spare: int, held: bool
) -> None:
    monkeypatch.setattr(building, "HELD_LIMIT", 1000 + spare)
    folder.file("a.png", make_noise(1000))
    assert bool(only(index()).held) is held


def test_a_limit_of_0_holds_nothing_codes_nothing_and_uses_siblings_as_files(folder: Folder, index: Index) -> None:
    plant_siblings(folder)
    folder.file("other.css", TEXT)
    indexed = index(memory_limit=0)
    found = by_name(indexed)
    assert names_held(indexed) == []
    assert found["other.css"].codings == ("identity",)
    assert set(found["app.css"].codings) == {"br", "gzip", "identity"}
    for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
        path = folder.path / f"app.css{suffix}"
        content = found["app.css"].contents[coding]
        assert content.body == FileBody(str(path), StatKey.of(path.stat()))
        assert (content.length, content.digest) == (
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).digest(),
        )


def test_a_sibling_that_the_limit_does_not_admit_is_not_held(folder: Folder, index: Index) -> None:
    coded = plant_siblings(folder)
    assert len(coded["br"]) < len(coded["gzip"])
    resource = only(index(memory_limit=len(coded["br"]), compress="off"))
    assert resource.held == ("br",)
    assert coded_bodies(resource) == coded


def test_roots_share_one_budget_and_one_store(folder: Folder, outside: Folder, index: Index) -> None:
    for root in (folder, outside):
        root.file("a.png", make_noise(100))
    budget = Budget(150)
    first = index(budget=budget)
    second = index(outside.path, budget=budget)
    assert (names_held(first), names_held(second), budget.spent) == (["a.png"], [], 100)


def what_is_held(indexed: Indexed) -> list[tuple[str, tuple[str, ...], dict[str, bytes]]]:
    return [(resource.source.url_path, resource.held, in_memory(resource)) for resource in indexed.resources]


@example([(True, 200, 0), (True, 200, 1)], 94, 1)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 3_000), st.integers(0, 2)), max_size=8),
    st.integers(0, 12_000),
    st.integers(1, 5_000),
)
def test_any_limit_is_kept_and_spent_alike_whatever_is_read_ahead(
    files: list[tuple[bool, int, int]], limit: int, waiting: int
) -> None:
    with tempfile.TemporaryDirectory() as path, pytest.MonkeyPatch.context() as patch:
        for number, (is_text, length, seed) in enumerate(files):
            data = make_text(length, seed) if is_text else make_noise(length, seed)
            (Path(path) / f"{number}.{'css' if is_text else 'png'}").write_bytes(data)
        root, options = DirectoryRoot(path, (), follow_symlinks=False), Options(memory_limit=limit)
        budgets = [Budget(limit) for _ in range(3)]
        results = [index_root(root, "/", options, MemoryStore(), budgets[0])]
        patch.setattr(compression, "_WAITING_BYTES", waiting)
        results.append(index_root(root, "/", options, MemoryStore(), budgets[1]))
        patch.setattr(compression, "count_cores", lambda: 1)
        results.append(index_root(root, "/", options, MemoryStore(), budgets[2]))
    unique = {body for resource in results[0].resources for body in in_memory(resource).values()}
    held = [resource.contents["identity"].length for resource in results[0].resources if resource.held]
    left = [resource.contents["identity"].length for resource in results[0].resources if not resource.held]
    assert budgets[0].spent == sum(map(len, unique)) + sum(held) <= limit
    assert max(held, default=0) <= min(left, default=limit)
    assert len({budget.spent for budget in budgets}) == 1
    assert what_is_held(results[0]) == what_is_held(results[1]) == what_is_held(results[2])
