"""Memory is given back where the C library can be asked to, and elsewhere nothing happens."""

from __future__ import annotations

import ctypes
import importlib
import sys
from typing import Any

import pytest

from whitemedia.assets.memory import give_back_memory


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
