"""While files are swapped, each of many threads gets one whole version, with that version's own tag, or none."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import Final

import pytest

from tests.answers import Answer
from tests.autorefresh.alike import behind
from tests.autorefresh.asked import make
from tests.autorefresh.trees import SPARSE
from tests.conftest import PREFIX, call, open_descriptors, plant
from whitemedia import WhiteMedia
from whitemedia.assets.validators import digest_etag

THREADS: Final = 8
REQUESTS: Final = 60
NAMES: Final = ("small.txt", "large.bin", "sub/small.txt", "gone.txt")
VERSIONS: Final = tuple(b"%d" % number * 5_000 for number in range(4))
LARGE: Final = tuple(version.ljust(SPARSE + number) for number, version in enumerate(VERSIONS))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = plant(tmp_path / "root", dict.fromkeys(NAMES, VERSIONS[0]))
    for number in range(len(VERSIONS)):
        plant(tmp_path, {f"sub{number}/small.txt": VERSIONS[number]})
    return plant(root, {"large.bin": LARGE[0]})


@pytest.fixture(autouse=True)
def fast_switches() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def keep_swapping(root: Path, done: threading.Event) -> None:
    for number in cycle(range(len(VERSIONS))):
        new, name = root.parent / "new", NAMES[number % 2]
        new.write_bytes((LARGE if name == "large.bin" else VERSIONS)[number])
        os.replace(new, root / name)
        (root / "sub").rename(root.parent / "old")
        (root.parent / f"sub{number}").rename(root / "sub")
        (root.parent / "old").rename(root.parent / f"sub{number}")
        (root / "gone.txt").unlink(missing_ok=True)
        if number % 2:
            (root / "gone.txt").write_bytes(b"")
        if done.is_set():
            return


def check(answer: Answer) -> bool:
    """It is a whole version, or none; says whether its tag is that version's digest."""
    if answer.status != 200:
        assert answer.status == 404
        return False
    assert answer.body in (*VERSIONS, *LARGE, b"")
    if answer.headers["Cache-Control"] == "no-cache" or answer.etag.startswith("W/"):
        return False  # it was replaced between being looked up, read and opened
    assert answer.etag == digest_etag(hashlib.sha256(answer.body).digest())
    return True


@pytest.mark.parametrize("memory_limit", [1 << 28, 0])
def test_each_answer_is_one_version_with_its_own_tag(root: Path, memory_limit: int) -> None:
    live = WhiteMedia(behind, root, PREFIX, autorefresh=True, memory_limit=memory_limit)
    before, done = open_descriptors(), threading.Event()

    def visit(number: int) -> int:
        names = [NAMES[(number + turn) % len(NAMES)] for turn in range(REQUESTS)]
        return sum(check(call(live, make("GET", PREFIX + name, {}))) for name in names)

    with ThreadPoolExecutor(THREADS + 1) as threads:
        swapping = threads.submit(keep_swapping, root, done)
        try:
            tagged = list(threads.map(visit, range(THREADS)))
        finally:
            done.set()
        swapping.result()
    assert sum(tagged) > THREADS
    assert open_descriptors() == before


def test_threads_that_ask_for_one_new_file_at_once_build_it_once(tmp_path: Path) -> None:
    built: list[str] = []

    def let_others_run(headers: object, path: str, url: str) -> None:
        built.append(url)
        time.sleep(0.01)

    live = WhiteMedia(behind, tmp_path, PREFIX, autorefresh=True, add_headers_function=let_others_run)
    plant(tmp_path, {"a.txt": b"a"})
    start = threading.Barrier(THREADS)

    def visit(_: int) -> bytes:
        start.wait()
        return call(live, make("GET", f"{PREFIX}a.txt", {})).body

    with ThreadPoolExecutor(THREADS) as threads:
        assert list(threads.map(visit, range(THREADS))) == [b"a"] * THREADS
    assert built == [f"{PREFIX}a.txt"]
