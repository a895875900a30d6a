"""Savers that are killed, at random moments and at every line: what is served is whole, and the next start tidies up."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

import whitemedia
from tests.conftest import Client, application
from whitemedia import WhiteMedia
from whitemedia.assets.scan import OWN_NAMES
from whitemedia.media.drafts import DRAFT

KILLS: Final = int(os.environ.get("UPLOAD_KILLS", "15"))
EVERY: Final = int(os.environ.get("UPLOAD_EVERY", "3"))
"""200, and every line, are tried by hand."""

NAMES: Final = ["report.txt", "报告.txt"]
QUOTA: Final = 200_000
TIMEOUT: Final = 600.0
"""Seconds after which a script is taken to hang."""

COMMON: Final = """
import hashlib, io, json, os, random, signal, sys, time, traceback
from whitemedia.media.upload_errors import QuotaExceeded
from whitemedia.media.uploads import MediaStore

MUCH = 1 << 40
root, names, quota, number = json.loads(sys.argv[1])

class Slow(io.BytesIO):
    '''Comes in pieces, as from a network.'''
    def read(self, size):
        return super().read(min(size, 5000))

def made(chance):
    body = chance.randbytes(chance.randint(1, 20_000)).hex().encode()
    return Slow(hashlib.sha256(body).hexdigest().encode() + b"\\n" + body)

def is_own(name):
    return name.startswith(".whitemedia")

def drafts():
    return [name for name in os.listdir(root) if name.startswith(".whitemedia-draft")]

def there():
    return {name: os.stat(os.path.join(root, name)).st_size for name in os.listdir(root) if not is_own(name)}
"""

RANDOMLY: Final = (
    COMMON
    + """
def save(store, seed, told):
    chance = random.Random(seed)
    while True:
        store.save(made(chance), filename=chance.choice(names))
        os.write(told, b".")

def begin(seed):
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        status = 1
        os.close(reader)
        try:
            save(MediaStore(root, quota=MUCH), seed, writer)
        except BrokenPipeError:
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writer)
    return pid, reader

signal.signal(signal.SIGPIPE, signal.SIG_IGN)
survivor, told = begin(-1)
chance = random.Random(7)
left = 0
for kill in range(number):
    pid, reader = begin(kill)
    while chance.random() < 0.6:
        os.read(reader, 1)
    time.sleep(chance.random() / 50)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(reader)
    interrupted = len(drafts())
    MediaStore(root)
    left += interrupted > 1
    assert len(drafts()) <= 1, drafts()  # of the one that goes on
os.read(told, 1)
os.close(told)
status = os.waitpid(survivor, 0)[1]
assert status == 0, status
MediaStore(root)
assert drafts() == []
with open(os.path.join(root, ".whitemedia-quota"), "rb") as file:
    assert int(file.read()) == sum(there().values())
print(json.dumps({"interrupted": left}))
"""
)

EVERYWHERE: Final = (
    COMMON
    + """
def killed_at(line, act):
    '''Whether it was killed before it had done it.'''
    if (pid := os.fork()) == 0:
        passed = 0
        def trace(frame, event, argument):
            nonlocal passed
            if "whitemedia" not in frame.f_code.co_filename:
                return None
            if event == "line":
                passed += 1
                if passed == line:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace
        try:
            sys.settrace(trace)
            act()
            sys.settrace(None)
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(pid, 0)[1]
    assert status in (0, signal.SIGKILL), status
    return status != 0

def check():
    MediaStore(root)
    assert drafts() == []
    left = there()
    for name in left:
        with open(os.path.join(root, name), "rb") as file:
            digest, _, body = file.read().partition(b"\\n")
        assert hashlib.sha256(body).hexdigest().encode() == digest, name
    try:
        store.save(io.BytesIO(huge), filename="huge.txt")
    except QuotaExceeded as error:
        assert error.found - len(huge) == sum(left.values()), (error.found, left)
    for name in left:
        assert store.delete(name)

huge = b"a" * (quota + 1)
store = MediaStore(root, quota=quota)
content = MediaStore(root, quota=quota, name="content")
store.save(made(random.Random(0)), filename=names[0])
save = lambda: store.save(made(random.Random(line)), filename=names[0])
same = lambda: content.save(made(random.Random(1)), filename=names[0])
delete = lambda: store.delete(names[0])
counts = {}
for name, act in (("save", save), ("same", same), ("delete", delete)):
    line = 1
    while True:
        if act is not same:
            store.save(made(random.Random(0)), filename=names[0])
        if not killed_at(line, act):
            break
        check()
        line += number
    check()
    counts[name] = line
print(json.dumps(counts))
"""
)


class Reader(threading.Thread):
    """Asks for everything that comes into a root, hidden or not, over and over."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        media = WhiteMedia(application)
        media.add_media(root, "/media/")
        self._client = Client(media)
        self._root = root
        self._ends = threading.Event()
        self.wrong: list[str] = []
        self.seen: set[str] = set()
        self.hidden: set[str] = set()

    def run(self) -> None:
        while not self._ends.is_set():
            for name in set(os.listdir(self._root)) - self.seen:
                self.look(name)

    def look(self, name: str) -> None:
        answer = self._client.get(f"/media/{name}")
        if name.startswith(OWN_NAMES):
            self.hidden.add(name)
            self.wrong += [name] if answer.status != 404 else []
        elif answer.status != 200 or not is_whole(answer.body):
            self.wrong.append(f"{name}: {answer.status}, {len(answer.body)} bytes")
        else:
            self.seen.add(name)

    def stop(self) -> None:
        self._ends.set()
        self.join()
        for name in os.listdir(self._root):
            self.look(name)


@contextmanager
def reading(root: Path) -> Iterator[Reader]:
    reader = Reader(root)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()


def is_whole(data: bytes) -> bool:
    digest, _, body = data.partition(b"\n")
    return hashlib.sha256(body).hexdigest().encode() == digest


def told_by(script: str, root: Path, number: int) -> dict[str, Any]:
    """What a script that ends well told."""
    environment = {**os.environ, "PYTHONPATH": str(Path(whitemedia.__file__).parents[1])}
    arguments = json.dumps([str(root), NAMES, QUOTA, number])
    command = [sys.executable, "-W", "error", "-c", script, arguments]
    ended = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=TIMEOUT)
    assert (ended.returncode, ended.stderr) == (0, "")
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks there")
def test_whenever_savers_are_killed_nothing_partial_is_served_or_stays(tmp_path: Path) -> None:
    with reading(tmp_path) as reader:
        told = told_by(RANDOMLY, tmp_path, KILLS)
    assert reader.wrong == []
    assert reader.seen
    assert [name for name in reader.hidden if name.startswith(DRAFT)]
    assert told["interrupted"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks there")
def test_at_whatever_line_it_is_killed_the_next_start_finds_whole_files_and_their_exact_sum(
    tmp_path: Path,
) -> None:
    told = told_by(EVERYWHERE, tmp_path, EVERY)
    assert min(told["save"], told["same"], told["delete"]) > 50
