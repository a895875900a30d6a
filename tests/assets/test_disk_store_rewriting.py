"""Whatever becomes of a store, files are sent with the versions of what they refer to, and are edited once."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

import whitemedia
from tests.assets.damages import DAMAGES, LOST, Damage
from tests.assets.rewritten import CODED, EDITED, SITE, Rewritten
from tests.assets.test_disk_store_full import on
from tests.failing_disk import FailingDisk
from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.locking import FileLock
from whitemedia.assets.store_tables import LOCK

START = """
import json, os, sys
from whitemedia import WhiteMedia
from whitemedia.assets import rewriting
from whitemedia.assets.compression import Compressor

root, cache = sys.argv[1:]
encode, read, encoded, edited = Compressor._encode, rewriting.read_in_state, [], []

def spy(compressor, coding, data):
    encoded.append(coding.name)
    return encode(compressor, coding, data)

def spy_on_reading(path, stat_key):
    edited.append(os.path.basename(path))
    return read(path, stat_key)

Compressor._encode, rewriting.read_in_state = spy, spy_on_reading
wm = WhiteMedia(lambda environ, start: [], root, "/static/", cache_dir=cache, rewrite=True)

def ask(path):
    fields = {}
    def start(status, headers, exc_info=None):
        fields.update(headers, status=status)
    body = b"".join(wm({"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_ACCEPT_ENCODING": "br"}, start))
    return [fields["status"], fields.get("Content-Encoding"), body.hex()]

answers = {path: ask(path) for path in sorted(wm.table.entries)}
print(json.dumps({"encoded": encoded, "edited": edited, "answers": answers}))
"""


@pytest.fixture
def cache(tmp_path: Path, settled: None) -> Rewritten:
    """A store that knows all of a site."""
    cache = Rewritten(tmp_path)
    assert cache.start() == CODED
    assert sorted(cache.edited) == list(EDITED)
    cache.edited.clear()
    return cache


def test_what_was_edited_once_is_not_edited_again(cache: Rewritten) -> None:
    assert cache.start() == CODED
    assert cache.edited == []


def test_only_what_names_a_change_is_edited_again(cache: Rewritten) -> None:
    cache.change()
    assert cache.start() == CODED
    assert sorted(cache.edited) == ["app.css", "base.css", "site.webmanifest"]


def test_a_release_that_is_taken_back_is_not_edited_again(cache: Rewritten) -> None:
    cache.change()
    cache.start()
    cache.change(SITE["logo.png"])
    cache.edited.clear()
    assert cache.start() == CODED
    assert cache.edited == []


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_with_an_index_that_is_damaged_every_start_is_right(cache: Rewritten, damage: Damage) -> None:
    damage(cache.index)
    assert [cache.start() for _ in range(2)] == [CODED] * 2


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_with_packs_that_are_damaged_every_start_is_right(cache: Rewritten, damage: Damage) -> None:
    for pack in cache.packs:
        damage(pack)
    assert [cache.start() <= CODED for _ in range(3)] == [True] * 3


@pytest.mark.parametrize("damage", [pytest.param(LOST[name], id=name) for name in LOST if name != "a directory"])
def test_what_packs_have_lost_is_found_out_again_once(cache: Rewritten, damage: Damage) -> None:
    for pack in cache.packs:
        damage(pack)
    cache.start()
    assert sorted(cache.edited) == list(EDITED)
    assert cache.start() == CODED
    assert sorted(cache.edited) == list(EDITED)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("stays", [True, False], ids=["from then on", "once"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS], ids=errno.errorcode.get)
def test_a_disk_may_fail_at_any_call(tmp_path: Path, code: int, stays: bool) -> None:
    for number in range(200):
        folder = tmp_path / str(number)
        folder.mkdir()
        cache, disk = Rewritten(folder), FailingDisk(number, code, stays=stays)
        with on(disk):
            assert cache.start() <= CODED
        assert cache.start() == CODED, disk.calls
        cache.edited.clear()
        assert cache.start() == CODED
        assert cache.edited == [], disk.calls
        if not disk.failed:
            break
    assert number > 10
    assert not disk.failed


def test_a_store_that_cannot_be_written_is_read(cache: Rewritten, monkeypatch: pytest.MonkeyPatch) -> None:
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **rest: mode != os.W_OK and access(path, mode, **rest))
    assert cache.start() == CODED
    assert cache.edited == []
    cache.change()
    assert cache.start() == CODED
    assert sorted(cache.edited) == ["app.css", "base.css", "site.webmanifest"]


@pytest.mark.usefixtures("settled")
def test_processes_that_start_at_once_edit_and_code_once_and_answer_alike(tmp_path: Path) -> None:
    cache = Rewritten(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(Path(whitemedia.__file__).parents[1])}
    command = [sys.executable, "-c", START, str(cache.root), str(cache.directory)]
    started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(8)]
    told: list[dict[str, Any]] = [json.loads(process.communicate()[0]) for process in started]
    assert all(one["answers"] == told[0]["answers"] for one in told)
    assert {status for status, *_ in told[0]["answers"].values()} == {"200 OK"}
    assert sum(len(one["encoded"]) for one in told) == len(CODED)
    assert sorted(name for one in told for name in one["edited"]) == list(EDITED)


def test_what_was_edited_is_remembered_before_it_is_anothers_turn(
    tmp_path: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has the lock as soon as it is free, and keeps it."""
    cache, exclusive, turns = Rewritten(tmp_path), DiskStore.exclusive, ExitStack()
    begun: list[float] = []

    @contextmanager
    def exclusive_once(store: DiskStore, seconds: float) -> Iterator[bool]:
        with exclusive(store, seconds) as is_ours:
            begun.append(seconds)
            yield is_ours
        if len(begun) == 2:  # the first is for indexing
            turns.enter_context(FileLock(cache.directory / LOCK, 0))

    with monkeypatch.context() as patch, turns:
        patch.setattr(DiskStore, "exclusive", exclusive_once)
        cache.start()
    assert len(begun) == 2
    cache.edited.clear()
    assert cache.start() == CODED
    assert cache.edited == []
