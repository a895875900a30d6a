"""What takes a file's place after the index is never sent, and never makes a request wait."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.client import Connection, ask
from tests.integration.server import GUNICORN_GTHREAD, WAITRESS, Kind, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

REQUESTS = 500
CLIENTS = 4
LENGTHS = {"sub/large.bin": 1_200_000, "sub/style.css": 20_000}  # the first is more than is held in memory

APP = """
held = WhiteMedia(application, root="tree/root", prefix="/held/")
app = WhiteMedia(held, root="tree/root", prefix="/files/", memory_limit=0)
"""

LARGE, STYLE = "sub/large.bin", "sub/style.css"
ABSENT = {404: b"404 Not Found\n", 503: b"503 Service Unavailable\n"}

Swap = Callable[[Path, str], None]


def directory(tree: Path, name: str) -> None:
    (tree / "root" / name).mkdir()


def fifo(tree: Path, name: str) -> None:
    os.mkfifo(tree / "root" / name)


def link_out_of_the_root(tree: Path, name: str) -> None:
    (tree / "root" / name).symlink_to(tree / "outside" / name)


def link_to_itself(tree: Path, name: str) -> None:
    (tree / "root" / name).symlink_to(tree / "root" / name)


def link_to_a_device(tree: Path, name: str) -> None:
    (tree / "root" / name).symlink_to("/dev/zero")


def nothing(tree: Path, name: str) -> None:
    assert not (tree / "root" / name).exists()


SWAPS: tuple[Swap, ...] = (directory, fifo, link_out_of_the_root, link_to_itself, link_to_a_device, nothing)
REQUEST_FIELDS: tuple[dict[str, str], ...] = (
    {},
    {"Range": "bytes=0-99"},
    {"If-None-Match": "*"},
    {"Accept-Encoding": "br"},
)


@pytest.fixture(scope="module", params=[GUNICORN_GTHREAD, WAITRESS], ids=str)
def server(request: pytest.FixtureRequest, serve: Serve) -> Server:
    """The same root, from memory and from files."""
    kind: Kind = request.param
    return serve(kind, _write_tree, APP)


@pytest.mark.parametrize("swap", SWAPS)
@pytest.mark.parametrize("name", [LARGE, "sub"])
def test_what_became_something_else_is_missing_until_it_is_back(server: Server, swap: Swap, name: str) -> None:
    requests = [(method, fields) for method in ("GET", "HEAD") for fields in REQUEST_FIELDS]
    with _swapped(server.tree, name, swap):
        swapped = [ask(server.port, f"/files/{LARGE}", method, fields) for method, fields in requests]
    back = ask(server.port, f"/files/{LARGE}")
    answers = [(answer.status, answer.fields["cache-control"], answer.body) for answer in swapped]
    assert answers == [(404, "no-store", b"404 Not Found\n")] * 4 + [(404, "no-store", b"")] * 4
    assert (back.status, back.body) == (200, (server.tree / "root" / LARGE).read_bytes())


@pytest.mark.parametrize("swap", SWAPS)
def test_what_is_in_memory_is_answered_as_indexed(server: Server, swap: Swap) -> None:
    before = ask(server.port, f"/held/{STYLE}")
    with _swapped(server.tree, STYLE, swap):
        swapped = ask(server.port, f"/held/{STYLE}")
    assert swapped.status == 200
    assert (swapped.fields["etag"], swapped.body) == (before.fields["etag"], before.body)


@pytest.mark.parametrize("name", [LARGE, "sub"])
def test_swapping_under_load_yields_the_old_bytes_or_none(server: Server, name: str) -> None:
    statuses: Counter[int] = Counter()
    done = threading.Event()
    with ThreadPoolExecutor(CLIENTS + 1) as threads:
        swapping = threads.submit(_keep_swapping, server.tree, name, done)
        try:
            for visit in [threads.submit(_visit, server, number) for number in range(CLIENTS)]:
                statuses.update(visit.result())
        finally:
            done.set()
        swapping.result()
    assert statuses.keys() == {200, 404}
    assert statuses.total() == REQUESTS


def _visit(server: Server, number: int) -> Counter[int]:
    """Ask for files in turn; what comes is the file's or nothing."""
    contents = {name: _content(name) for name in (LARGE, STYLE)}
    statuses: Counter[int] = Counter()
    chance = random.Random(number)
    with Connection(server.port) as connection:
        for _ in range(REQUESTS // CLIENTS):
            name, mount = chance.choice((LARGE, LARGE, STYLE)), chance.choice(("files", "held"))
            answer = connection.ask(f"/{mount}/{name}")
            assert answer.body == {200: contents[name]}.get(answer.status, ABSENT.get(answer.status))
            statuses[answer.status] += 1
    return statuses


def _keep_swapping(tree: Path, name: str, done: threading.Event) -> None:
    chance = random.Random(name)
    while not done.is_set():
        with _swapped(tree, name, chance.choice(SWAPS)):
            pass


@contextmanager
def _swapped(tree: Path, name: str, swap: Swap) -> Iterator[None]:
    """Put something else in the place of `name`, and then itself again."""
    path = tree / "root" / name
    path.rename(tree / "aside")
    try:
        swap(tree, name)
        yield
    finally:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        (tree / "aside").rename(path)


def _content(name: str) -> bytes:
    return random.Random(name).randbytes(LENGTHS[name])


def _write_tree(tree: Path) -> None:
    for place in ("root", "outside"):
        (tree / place / "sub").mkdir(parents=True)
        for name, length in LENGTHS.items():
            (tree / place / name).write_bytes(_content(name) if place == "root" else b"s" * length)
