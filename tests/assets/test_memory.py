"""Memory is given back where the C library can be asked to; what was built for good is left out of garbage collection."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from whitemedia.assets.memory import MANY, building_for_good, give_back_memory


class Library:
    """A C library that notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def malloc_trim(self, pad: int) -> None:
        self.asked.append(pad)


def test_all_free_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library if name is None else None)
    give_back_memory()
    assert library.asked == [0]


def _raises(error: Exception) -> Any:
    def load(name: object) -> Any:
        raise error

    return load


@pytest.mark.parametrize(
    "load",
    [_raises(OSError()), _raises(TypeError("bad argument")), lambda name: object()],
    ids=["musl", "nt", "macOS"],
)
def test_where_that_cannot_be_nothing_happens(monkeypatch: pytest.MonkeyPatch, load: Any) -> None:
    """Windows has no library without a name, and others have no such function."""
    monkeypatch.setattr(ctypes, "CDLL", load)
    give_back_memory()


def test_without_ctypes_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some Pythons are built without it."""
    monkeypatch.setitem(sys.modules, "ctypes", None)
    with pytest.raises(ImportError):
        importlib.import_module("ctypes")
    give_back_memory()


# Built for good


class Node:
    """What can be garbage: it refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def build(number: int) -> list[list[int]]:
    with building_for_good():
        assert not gc.isenabled()
        return [[] for _ in range(number)]


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_is_collected_afterwards_if_it_was_before(enabled: bool, fails: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        with contextlib.suppress(ValueError), building_for_good():
            assert not gc.isenabled()
            if fails:
                raise ValueError
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


@pytest.mark.parametrize(("number", "frozen"), [(MANY // 2, False), (2 * MANY, True)])
def test_many_objects_are_left_out_of_garbage_collection(number: int, frozen: bool) -> None:
    kept = build(number)
    assert (gc.get_freeze_count() >= len(kept)) is frozen
    assert (gc.get_freeze_count() == 0) is not frozen


def test_what_became_garbage_in_between_is_collected_the_next_time() -> None:
    kept = [build(2 * MANY)]
    node = Node()
    gone = weakref.ref(node)
    kept.append(build(2 * MANY))  # the node is left out as well
    del node
    gc.collect()
    assert gone() is not None
    kept.append(build(2 * MANY))
    assert gone() is None


def test_without_a_way_to_leave_it_out_it_is_collected_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyPy has none."""
    with monkeypatch.context() as patch:
        patch.delattr(gc, "freeze")
        build(2 * MANY)
    assert gc.get_freeze_count() == 0
    assert gc.isenabled()
