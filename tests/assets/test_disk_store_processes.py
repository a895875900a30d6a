"""Processes that start at once share the work; one that is ended in the middle leaves nothing that is believed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import whitemedia
from tests.assets.starting import ALL, CODINGS, SITE, Cache
from tests.conftest import PREFIX
from whitemedia.assets.packs import TEMPORARY
from whitemedia.assets.store_tables import ABANDONED_SECONDS

START = """
import json, os, sys, time
from whitemedia import WhiteMedia
from whitemedia.assets.compression import Compressor

root, cache, pause = sys.argv[1:]
encode, encoded = Compressor._encode, []

def spy(compressor, coding, data):
    encoded.append(coding.name)
    os.write(1, b"encoding\\n")  # at once: two threads that print would share a line
    time.sleep(float(pause))
    return encode(compressor, coding, data)

Compressor._encode = spy
wm = WhiteMedia(lambda environ, start: [], root, "/static/", cache_dir=cache)

def ask(path, coding):
    fields = {}
    def start(status, headers, exc_info=None):
        fields.update(headers, status=status)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_ACCEPT_ENCODING": coding}
    body = b"".join(wm(environ, start))
    return [fields["status"], fields.get("Content-Encoding"), body.hex()]

def answers():
    return {f"{path} {coding}": ask(path, coding) for path in wm.table.entries for coding in ("br", "gzip", "zstd", "")}
"""

FORK = """
readers = []
for _ in range(2):
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as file:
            json.dump(answers(), file)
        os._exit(0)
    os.close(writer)
    readers.append(reader)
given = [json.load(os.fdopen(reader)) for reader in readers]
assert given[0] == given[1] == answers()
"""

TELL = """
print(json.dumps({"encoded": encoded, "answers": answers()}))
"""


def begin(cache: Cache, script: str, pause: float = 0) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(whitemedia.__file__).parents[1])}
    command = [sys.executable, "-c", script, str(cache.root), str(cache.directory), str(pause)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a process told, which ended well."""
    output, _ = process.communicate()
    assert process.returncode == 0
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    return told


def coded(told: dict[str, Any]) -> set[str]:
    """Which bodies a process had coded."""
    names = {(name, coding): told["answers"][f"{PREFIX}{name} {coding}"] for name in SITE for coding in CODINGS}
    return {f"{name} {answer[1]}" for (name, _), answer in names.items() if answer[1]}


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A root, and a store that is not there yet."""
    return Cache(tmp_path)


def test_processes_that_start_at_once_code_each_body_once_and_answer_alike(cache: Cache) -> None:
    told = [end(process) for process in [begin(cache, START + TELL, 0.02) for _ in range(3)]]
    assert [coded(one) for one in told] == [ALL] * 3
    assert told[0]["answers"] == told[1]["answers"] == told[2]["answers"]
    assert sum(len(one["encoded"]) for one in told) == len(ALL) - 1  # of one there is a sibling


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks there")
def test_processes_that_were_forked_answer_from_the_store(cache: Cache) -> None:
    for _ in range(2):
        assert coded(end(begin(cache, START + FORK + TELL))) == ALL


def test_a_process_that_was_killed_leaves_nothing_but_a_file_to_be_removed(cache: Cache) -> None:
    process = begin(cache, START, 30)
    assert process.stdout is not None
    assert process.stdout.readline() == "encoding\n"
    process.kill()
    process.communicate()
    (cache.directory / f"{TEMPORARY}left").write_bytes(b"a pack that is not whole")
    assert cache.start() == ALL
    left = [path for path in cache.directory.iterdir() if path.name.startswith(TEMPORARY)]
    for path in left:
        os.utime(path, (time.time() - ABANDONED_SECONDS - 1,) * 2)
    cache.change("app.css")
    assert cache.start() == ALL
    assert left
    assert not any(path.exists() for path in left)
