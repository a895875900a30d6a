"""While a root is deployed over, every whole answer is one version of one file: length, tag and coding agree.

A body names its version and is made from it, so that a mixture shows. All versions are equally long. The same root
is served from memory and from files with siblings.
"""

from __future__ import annotations

import functools
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest

from tests.integration.client import Answer, Connection, Cut
from tests.integration.server import GUNICORN_GTHREAD, WAITRESS, Kind, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

SECONDS = 2.0  # of deployments under load
INTERVAL = 0.02
CLIENTS = 8
VERSIONS = 4
LENGTHS = {"style.css": 40_000, "large.bin": 1_500_000}  # the second is more than is held in memory

APP = """
held = WhiteMedia(application, root="tree/root", prefix="/held/")
app = WhiteMedia(held, root="tree/root", prefix="/files/", memory_limit=0)
"""

Deploy = Callable[[Path, int], None]


def rename_root(tree: Path, version: int) -> None:
    """Between the two renames there is no root."""
    shutil.copytree(tree / f"version{version}", tree / "new")
    (tree / "root").rename(tree / "old")
    (tree / "new").rename(tree / "root")
    shutil.rmtree(tree / "old")


def flip_link(tree: Path, version: int) -> None:
    (tree / "link").symlink_to(f"version{version}")
    (tree / "link").replace(tree / "root")


def copy_over(tree: Path, version: int) -> None:
    """As `cp` does: each file is emptied, then written."""
    for name in os.listdir(tree / "root"):
        shutil.copyfile(tree / f"version{version}" / name, tree / "root" / name)


class Observer:
    """Judges what clients get."""

    def __init__(self) -> None:
        self.versions: Counter[tuple[str, int]] = Counter()
        self.missing = 0
        self._bodies: dict[str, bytes] = {}

    def judge(self, name: str, answer: Answer) -> None:
        """Fail unless the answer is one version of the file, under a tag that no other bytes have."""
        if answer.status == 404:
            self.missing += 1
            return
        assert answer.status == 200
        body = brotli.decompress(answer.body) if "content-encoding" in answer.fields else answer.body
        etag, version = answer.fields["etag"], int(body[:1] or b"0")
        if etag.startswith("W/"):  # the file is being written: what there is of it, as the weak tag says
            assert content(name, version).startswith(body)
        else:
            assert body == content(name, version)
            assert self._bodies.setdefault(etag, answer.body) == answer.body
        if len(body) == LENGTHS[name]:
            self.versions[name, version] += 1

    def judge_range(self, whole: Answer, part: Answer) -> None:
        """Fail unless If-Range has kept the two of one version."""
        assert part.status in (200, 206, 404)
        if part.status == 206:
            assert part.body == whole.body[1000:2000]


@functools.cache
def content(name: str, version: int) -> bytes:
    """A file's bytes in one version."""
    digits = random.Random(f"{name} {version}").randbytes(LENGTHS[name] // 2).hex()
    return f"{version}{digits[1:]}".encode()


@pytest.mark.parametrize("kind", [GUNICORN_GTHREAD, WAITRESS], ids=str)
@pytest.mark.parametrize("deploy", [rename_root, flip_link, copy_over])
def test_every_whole_answer_is_one_version(serve_here: Serve, kind: Kind, deploy: Deploy) -> None:
    def write(tree: Path) -> None:
        _write_versions(tree)
        (_link_root if deploy is flip_link else _copy_root)(tree)

    server = serve_here(kind, write, APP, faults=deploy is copy_over)
    observer = _observe(server, deploy)
    assert len({version for name, version in observer.versions if name == "large.bin"}) > 1
    assert observer.missing == 0 or deploy is rename_root
    assert observer.versions["style.css", 0] > 0  # from memory, as indexed


def _observe(server: Server, deploy: Deploy) -> Observer:
    observer = Observer()
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CLIENTS) as clients:
        visits = [clients.submit(_visit, server, observer, end, number) for number in range(CLIENTS)]
        deployed = 0
        while time.monotonic() < end:
            deployed += 1
            deploy(server.tree, deployed % VERSIONS)
            time.sleep(INTERVAL)
    for visit in visits:
        visit.result()
    return observer


def _visit(server: Server, observer: Observer, end: float, number: int) -> None:
    chance = random.Random(number)
    while time.monotonic() < end:
        name, mount = chance.choice(sorted(LENGTHS)), chance.choice(("held", "files"))
        fields = {"Accept-Encoding": chance.choice(("br", "identity"))}
        try:
            with Connection(server.port) as connection:
                whole = _ask(connection, f"/{mount}/{name}", fields)
                observer.judge(name, whole)
                if "etag" in whole.fields:
                    fields = {**fields, "Range": "bytes=1000-1999", "If-Range": whole.fields["etag"]}
                    observer.judge_range(whole, _ask(connection, f"/{mount}/{name}", fields))
        except Cut:
            pass  # the client knows that it has not got all


def _ask(connection: Connection, target: str, fields: dict[str, str]) -> Answer:
    answer = connection.ask(target, fields=fields)
    if answer.status == 503:  # each time that the file was opened, it changed before it was read
        raise Cut(answer.body)
    return answer


def _write_versions(tree: Path) -> None:
    for version in range(VERSIONS):
        folder = tree / f"version{version}"
        folder.mkdir(parents=True)
        for name in LENGTHS:
            (folder / name).write_bytes(content(name, version))
        (folder / "style.css.br").write_bytes(brotli.compress(content("style.css", version)))
        for path in folder.iterdir():
            os.utime(path, (1_600_000_000 + version, 1_600_000_000 + version))


def _copy_root(tree: Path) -> None:
    shutil.copytree(tree / "version0", tree / "root")


def _link_root(tree: Path) -> None:
    (tree / "root").symlink_to("version0")
