"""An opening that must not block, and what was opened."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from whitemedia.assets.files import Opened, StatKey

PROMPTLY = 5.0  # seconds, after which something blocks


def promptly(function: Callable[[], Opened | None]) -> Opened | None:
    """The result of `function`, which must not block; so that a test that finds it does fails, and does not hang."""
    results: list[Opened | None] = []
    thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
    thread.start()
    thread.join(PROMPTLY)
    assert results, "blocked or raised"
    return results[0]


def content(opened: Opened | None) -> bytes | None:
    if opened is None:
        return None
    with opened:
        return opened.read_whole()


def key_of(path: Path) -> StatKey:
    return StatKey.of(os.stat(path))
