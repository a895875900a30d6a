"""Another store that is made at any moment takes nothing from one that saves."""

from __future__ import annotations

import errno
import io
import os
import secrets
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
    store = MediaStore(tmp_path)
    others: list[int] = []
    found: list[str] = []

    def lock_late(descriptor: int) -> bool:
        if not others:
            found.extend(names(tmp_path))
            others.append(os.open(tmp_path / found[0], os.O_RDWR))
            assert try_lock(others[0])
        return try_lock(descriptor)

    monkeypatch.setattr(drafts, "try_lock", lock_late)
    copy = store._copy

    def remove_and_copy(*arguments: object) -> None:
        (tmp_path / found[0]).unlink(missing_ok=True)
        os.close(others[0])
        copy(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "_copy", remove_and_copy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_hex", _counting())
        assert save(store) == "a.txt"
    assert names(tmp_path) == ["a.txt"]


def test_without_hard_links_a_name_is_reserved_until_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is made meanwhile took the reservation for a draft whose process had ended."""
    store = MediaStore(tmp_path)
    rename: Callable[[str, str], None] = os.rename

    def rename_late(source: str, target: str) -> None:
        before = names(tmp_path)
        MediaStore(tmp_path)
        assert names(tmp_path) == before
        rename(source, target)

    monkeypatch.setattr(os, "link", _fail_to_link)
    monkeypatch.setattr(os, "rename", rename_late)
    assert save(store) == "a.txt"
    assert save(store) != "a.txt"
    assert len(names(tmp_path)) == 2


def _counting() -> Callable[[int], str]:
    numbers = iter(range(100))
    return lambda length: f"{next(numbers):0{2 * length}x}"


def _fail_to_link(*arguments: object, **options: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))
