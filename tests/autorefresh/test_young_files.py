"""A file that was written a moment ago may change once more without a trace in its state: it is read each time.

Nor may what is told of it as long as it is young stay when it no longer is.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.autorefresh.alike import Alike
from tests.autorefresh.changing import flip, plant_root
from tests.autorefresh.conftest import LATER
from whitemedia.assets import reading
from whitemedia.assets.files import StatKey


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    return Alike(plant_root(tmp_path))


@pytest.fixture
def one_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file system's clock stands still: whatever is written has the same times."""
    read, now_ns = StatKey.of, time.time_ns()
    later_ns = now_ns + LATER * 1_000_000_000  # that the files are still young when they are read

    def of(status: Any) -> StatKey:
        return read(status)._replace(mtime_ns=now_ns, ctime_ns=later_ns)

    monkeypatch.setattr(StatKey, "of", of)


@pytest.mark.usefixtures("one_tick")
@pytest.mark.parametrize("name", ["a.css", "coded.css", "coded.css.br"])
def test_a_change_within_a_tick_of_the_clock_is_seen(alike: Alike, name: str) -> None:
    asked = name.removesuffix(".br")
    before = alike.ask(asked, HTTP_ACCEPT_ENCODING="br")
    flip(alike.root / name)
    after = alike.ask(asked, HTTP_ACCEPT_ENCODING="br")
    assert (after.etag, after.body) != (before.etag, before.body)


def test_a_sibling_of_an_old_file_may_be_young(alike: Alike, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build tool has just compressed what it has not written anew, and does so again within a tick."""
    read, sibling = StatKey.of, alike.root / "coded.css.br"
    now_ns, inode = time.time_ns() + LATER * 1_000_000_000, sibling.stat().st_ino

    def of(status: Any) -> StatKey:
        changed_ns = now_ns if status.st_ino == inode else 0
        return read(status)._replace(mtime_ns=0, ctime_ns=changed_ns)

    monkeypatch.setattr(StatKey, "of", of)
    assert alike.ask("coded.css", HTTP_ACCEPT_ENCODING="br").headers["Content-Encoding"] == "br"
    flip(sibling)
    assert alike.ask("coded.css", HTTP_ACCEPT_ENCODING="br").headers["Content-Encoding"] is None


def test_a_time_in_the_future_is_told_once_it_has_come(alike: Alike, request: pytest.FixtureRequest) -> None:
    soon = time.time() + LATER / 2
    os.utime(alike.root / "a.css", (soon, soon))
    assert alike.ask("a.css").headers["Last-Modified"] is None
    request.getfixturevalue("later")
    assert alike.ask("a.css").headers["Last-Modified"] is not None


def test_a_file_too_large_to_be_hashed_has_a_strong_tag_once_it_has_settled(
    alike: Alike, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READ_LIMIT", 100)
    os.utime(alike.root / "a.css")
    assert alike.ask("a.css").etag.startswith("W/")
    request.getfixturevalue("later")
    assert not alike.ask("a.css").etag.startswith("W/")
