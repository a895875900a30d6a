"""Uploads that change all the time while many read them: an answer that looks whole is one state of one file.

Every version begins with its number, from which all its bytes follow.
"""

from __future__ import annotations

import itertools
import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.client import Connection, Cut, Head, ask, format_request
from tests.integration.process import count_descriptors, open_files, wait_until
from tests.integration.server import CHEROOT, GUNICORN_GTHREAD, WAITRESS, Kind, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")

CLIENTS: Final = 12
"""50 by hand find the same."""

REQUESTS: Final = 30  # of each client
LENGTHS: Final = {"small.bin": 200_000, "large.bin": 3_000_000}  # one is read at once, the other in blocks
ERRORS: Final = {404: b"404 Not Found\n", 503: b"503 Service Unavailable\n"}
FIELDS: Final[tuple[dict[str, str], ...]] = ({}, {}, {"Range": "bytes=0-149999"})

SECRET: Final = b"what no client may have"
GROWN: Final = b"and more" * 9
NUMBER: Final = 8
"""Digits of a version's number, with which its bytes begin."""

POOL: Final = random.Random(1).randbytes(LENGTHS["large.bin"] + 200_000)

APP: Final = """
import os

def application(environ, start_response):
    body = b"%d" % os.getpid()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

app = WhiteMedia(application)
app.add_media("tree/uploads")
"""

Change = Callable[[Path, bytes], None]


def version(name: str, number: int) -> bytes:
    """The bytes of a version: others than of any other at nearly every offset."""
    start = number * 7919 % 200_000
    return b"%0*d" % (NUMBER, number) + POOL[start : start + LENGTHS[name] - number % 1000]


def states(name: str, body: bytes) -> tuple[bytes, ...]:
    """What the version that a body begins with may have become: whole, grown, truncated."""
    whole = version(name, int(body[:NUMBER]))
    return whole, whole + GROWN, whole[: len(whole) // 2]


def replace(path: Path, content: bytes) -> None:
    new = path.with_name(f"{path.name}.part")
    new.write_bytes(content)
    new.replace(path)


def truncate(path: Path, content: bytes) -> None:
    os.truncate(path, len(content) // 2)


def grow(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(GROWN)


def delete(path: Path, content: bytes) -> None:
    path.unlink()


def link(path: Path, content: bytes) -> None:
    path.unlink()
    path.symlink_to(path.parents[1] / "outside" / "secret.bin")


def fifo(path: Path, content: bytes) -> None:
    path.unlink()
    os.link(path.parents[1] / "outside" / "fifo", path)


CHANGES: Final[tuple[Change, ...]] = (replace, truncate, grow, delete, link, fifo)


@pytest.fixture(scope="module", params=[GUNICORN_GTHREAD, WAITRESS, CHEROOT], ids=str)
def server(request: pytest.FixtureRequest, serve: Serve) -> Server:
    kind: Kind = request.param
    return serve(kind, write, APP, faults=kind == WAITRESS)  # which logs why it closes


def test_whoever_reads_while_uploads_change_gets_one_state_of_one_version_or_no_whole_answer(
    server: Server,
) -> None:
    worker = int(ask(server.port, "/pid").body)
    assert_served(server)
    before = count_descriptors(worker)
    with changing(server.tree), ThreadPoolExecutor(CLIENTS) as threads:
        seen = sum(threads.map(visit, [server] * CLIENTS, range(CLIENTS)), Counter[str]())
    assert {"200", "206", "404"} <= seen.keys() <= {"200", "206", "404", "503", "cut", "closed"}
    assert_served(server)
    wait_until(
        lambda: count_descriptors(worker) <= before and not open_files(worker, server.tree),
        "descriptors stay open",
    )


def assert_served(server: Server) -> None:
    """It serves what is there, without any of what was there before."""
    for name in LENGTHS:
        replace(server.tree / "uploads" / name, version(name, 1))
        assert ask(server.port, f"/media/{name}").body == version(name, 1)


def visit(server: Server, number: int) -> Counter[str]:
    """Ask again and again. What comes is counted, and has to be right; a server that neither sends nor closes fails."""
    chance = random.Random(number)
    seen: Counter[str] = Counter()
    with ExitStack() as stack:
        connection = stack.enter_context(Connection(server.port))
        for _ in range(REQUESTS):
            outcome, closes = ask_and_judge(connection, chance.choice(list(LENGTHS)), chance.choice(FIELDS))
            seen[outcome] += 1
            if closes:
                connection.close()
                connection = stack.enter_context(Connection(server.port))
    return seen


def ask_and_judge(connection: Connection, name: str, fields: dict[str, str]) -> tuple[str, bool]:
    """What the answer was, and whether it was the connection's last; fails if it looks whole and is not."""
    try:
        connection.send(format_request(f"/media/{name}", fields=fields))
        head = connection.read_head()
    except (Cut, ConnectionError):  # closed after the answer before
        return "closed", True
    length = int(head.fields["content-length"])
    try:
        body, is_cut = connection.read(length), False
    except Cut as cut:
        body, is_cut = cut.received, True
    assert is_possible(name, head, body, is_cut=is_cut), f"{head}, {len(body)} bytes: {body[:50]!r}"
    return "cut" if is_cut else str(head.status), is_cut or head.closes


def is_possible(name: str, head: Head, body: bytes, *, is_cut: bool) -> bool:
    """Whether there has been a file that this is the answer with; of one that was cut, its beginning is."""
    if head.status in ERRORS:
        return body == ERRORS[head.status]
    if is_cut and len(body) < NUMBER:
        return SECRET[:1] != body[:1]
    length = int(head.fields["content-length"])
    wholes = [state[:length] if head.status == 206 else state for state in states(name, body)]
    return any(whole.startswith(body) if is_cut else whole == body for whole in wholes)


@contextmanager
def changing(tree: Path) -> Iterator[None]:
    """Change the uploads all the time, in every way at least once."""
    done = threading.Event()
    writer = os.open(tree / "outside" / "fifo", os.O_RDWR | os.O_NONBLOCK)
    os.write(writer, SECRET)  # somebody writes, who does not wait for a reader
    with ThreadPoolExecutor(1) as thread:
        changes = thread.submit(keep_changing, tree / "uploads", done)
        try:
            yield
        finally:
            done.set()
            os.close(writer)
    changes.result()


def keep_changing(uploads: Path, done: threading.Event) -> None:
    chance = random.Random(1)
    for number, change in enumerate(itertools.cycle(CHANGES)):
        if number >= len(CHANGES) * len(LENGTHS) and done.is_set():
            return
        name = chance.choice(list(LENGTHS))
        content = version(name, number)
        for step in (replace, change):
            step(uploads / name, content)
            done.wait(chance.choice((0.0, 0.001, 0.02)))  # now and then as long as an answer takes


def write(tree: Path) -> None:
    for folder in ("uploads", "outside"):
        (tree / folder).mkdir(parents=True)
    (tree / "outside" / "secret.bin").write_bytes(SECRET)
    os.mkfifo(tree / "outside" / "fifo")
