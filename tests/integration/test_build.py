"""`whitemedia build` as a process that is killed, interrupted, and begun again: what it leaves is right at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import whitemedia
from tests.build.site import Site, make_text
from tests.conftest import PREFIX, serve
from tests.integration.server import START_SECONDS
from whitemedia.assets.records import FOLDER, TEMPORARY

KILLS = 20
FILES = {f"{number % 5}/{number}.css": make_text(number, 500 + 200 * (number % 20)) for number in range(30)}
SIBLINGS = 2 * len(FILES)
LEVELS = ("--codings", "br,gzip", "--levels", "br=5,gzip=6")
LARGE = make_text(99, 300_000)
"""What takes seconds to code at the highest level."""

PATH = str(Path(whitemedia.__file__).parents[1])
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": PATH,
    "PYTHONWARNINGS": "default",
}  # a file that nobody closed is told of

posix = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


@contextmanager
def building(site: Site, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """A build that runs; it is ended if it has not."""
    command = [sys.executable, "-m", "whitemedia", "build", str(site.path), *(argv or LEVELS)]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


def build(site: Site, *argv: str) -> list[str]:
    """The lines of a build that ends well."""
    with building(site, *argv) as process:
        out, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    return out.splitlines()


def wait_for(process: subprocess.Popen[str], holds: Callable[[], object]) -> None:
    """Until something holds; a build tells nothing of its files."""
    while not holds():
        if process.poll() is not None:
            pytest.fail(f"it ended: {process.communicate()}")
        time.sleep(0.002)


def unfinished(site: Site) -> list[str]:
    return [str(path) for path in site.path.rglob(f"{TEMPORARY}*")]


def finished_are_right(site: Site) -> bool:
    """Whether every file that has its own name is whole."""
    return all(Path(name).name.startswith(TEMPORARY) for name in site.wrong())


def answers_are_right(site: Site, files: dict[str, bytes]) -> bool:
    """Whether a start over it, which compresses nothing itself, answers every file in each coding."""
    client = serve(site.path, compress="off")
    return all(
        client.get(PREFIX + name, {"Accept-Encoding": coding}).content == data
        for name, data in files.items()
        for coding in ("br", "gzip")
    )


def test_whenever_it_is_killed_what_is_there_is_right_and_the_next_build_goes_on(tmp_path: Path) -> None:
    rng = random.Random(4)
    site = Site(tmp_path / "site", FILES)
    assert build(site)[-1].startswith(f"whitemedia: wrote {SIBLINGS} files in ")
    states = set()
    for _ in range(KILLS):
        lost = site.siblings()
        site.remove(*rng.sample(lost, len(lost) * 3 // 4))
        enough = rng.randint(len(site.siblings()), SIBLINGS)
        with building(site) as process:
            while process.poll() is None and len(site.siblings()) < enough:
                time.sleep(0.001)
            process.kill()
        states.add(len(site.siblings()))
        assert finished_are_right(site)
        assert answers_are_right(site, FILES)
    assert len(states) > 3  # it was killed in the middle
    build(site)
    assert (len(site.siblings()), site.wrong(), unfinished(site)) == (SIBLINGS, [], [])
    before = site.index.read_bytes()
    assert build(site)[-1].startswith("whitemedia: wrote 0 files in ")
    assert site.index.read_bytes() == before
    assert answers_are_right(site, FILES)
    build(site, *LEVELS, "--check")


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interrupted_once_it_keeps_what_it_did_and_ends_with_130(tmp_path: Path, name: str) -> None:
    site = Site(tmp_path / "site", FILES)
    with building(site, "--codings", "br,gzip", "--levels", "br=9,gzip=9") as process:
        wait_for(process, site.siblings)
        process.send_signal(getattr(signal, name))
        out, errors = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert errors.splitlines() == [
        "whitemedia build: finishing the files in hand (again: at once)",
        "whitemedia build: interrupted; what was written is valid, and the next build goes on from there",
    ]
    there = site.siblings()
    assert 0 < len(there) < SIBLINGS
    assert (site.wrong(), site.unrecorded()) == ([], [])
    wrote = build(site, "--codings", "br,gzip", "--levels", "br=9,gzip=9")[-1]
    assert wrote.startswith(f"whitemedia: wrote {SIBLINGS - len(there)} files in ")
    assert len(site.siblings()) == SIBLINGS


@posix
def test_interrupted_twice_it_ends_at_once(tmp_path: Path) -> None:
    """The largest is begun first: when a small one is there, it is in hand, and takes seconds."""
    site = Site(tmp_path / "site", {**FILES, "large.css": LARGE})
    with building(site, "--codings", "br", "--levels", "br=11", "--threads", "2") as process:
        wait_for(process, site.siblings)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.readline() == "whitemedia build: finishing the files in hand (again: at once)\n"
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate()
    assert (process.returncode, out, errors) == (130, "", "")
    assert "large.css.br" not in site.siblings()
    assert finished_are_right(site)
    assert answers_are_right(site, {**FILES, "large.css": LARGE})


def test_two_at_once_do_not_share_a_directory(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", {"large.css": LARGE})
    with building(site, "--codings", "br") as first:
        wait_for(first, (site.path / FOLDER / "lock").exists)
        with building(site) as second:
            out, errors = second.communicate()
    assert (second.returncode, out) == (1, "")
    assert errors == f"whitemedia build: another build of {str(site.path)!r} is running\n"
    build(site)
    assert site.wrong() == []
