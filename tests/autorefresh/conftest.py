"""Boundaries that can be compared, and a clock by which what has just been written is old."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import pytest

LATER = 60


@pytest.fixture(autouse=True, scope="module")
def no_random_boundaries() -> Iterator[None]:
    """Two answers of several ranges are equal if all else is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_hex", lambda length: "0" * 2 * length)
        yield


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute from now: what has just been written has settled."""
    now, now_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: now() + LATER)
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() + LATER * 1_000_000_000)


@pytest.fixture
def earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute ago: what has just been written stays young, however slow the machine is."""
    now_ns = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() - LATER * 1_000_000_000)


@pytest.fixture(params=["young", "settled"])
def either_age(request: pytest.FixtureRequest) -> None:
    """Files that were written a moment ago, and files that are old."""
    if request.param == "settled":
        request.getfixturevalue("later")
