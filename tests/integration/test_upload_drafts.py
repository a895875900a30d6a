"""Another store that is made at any moment takes nothing from one that saves."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from whitemedia.assets.locking import try_lock
from whitemedia.media import drafts
from whitemedia.media.uploads import MediaStore

TEXT = b"text " * 10_000


def save(store: MediaStore) -> str:
    return store.save(io.BytesIO(TEXT), filename="a.txt").name


def names(root: Path) -> list[str]:
    return sorted(os.listdir(root))


def test_a_draft_that_another_looks_at_before_it_is_locked_is_left_to_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another has found it unlocked, has locked it, and is about to remove it: it is gone by the time it is named."""
    store, others = MediaStore(tmp_path), []

    def lock_late(descriptor: int) -> bool:
        if not others:
            [name] = names(tmp_path)
            others.append(os.open(tmp_path / name, os.O_RDWR))
            assert try_lock(others[0])
        return try_lock(descriptor)

    monkeypatch.setattr(drafts, "try_lock", lock_late)
    copy = store._copy

    def remove_and_copy(*arguments: object) -> None:
        os.unlink(tmp_path / names(tmp_path)[0])
        os.close(others[0])
        copy(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "_copy", remove_and_copy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafts.secrets, "token_hex", _counting())
        assert save(store) == "a.txt"
    assert names(tmp_path) == ["a.txt"]


def _counting() -> Callable[[int], str]:
    numbers = iter(range(100))
    return lambda length: f"{next(numbers):0{2 * length}x}"
