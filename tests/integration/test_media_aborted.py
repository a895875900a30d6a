"""Clients that vanish in the middle of a large upload leave nothing behind: no descriptor, and no memory."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.client import Connection, ask, format_request
from tests.integration.process import count_descriptors, open_files, resident, wait_until
from tests.integration.server import GUNICORN_GTHREAD, WAITRESS, Kind, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")

RESETS: Final = 500
"""On each server; 10,000 by hand show the same."""

LENGTH: Final = 5_000_000
GROWTH: Final = 16 << 20
"""Bytes by which a process may be larger in the end: what allocators keep, and three of the files."""

APP: Final = """
import os

def application(environ, start_response):
    body = b"%d" % os.getpid()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

app = WhiteMedia(application)
app.add_media("tree")
"""

FIELDS: Final[tuple[dict[str, str], ...]] = (
    {},
    {},
    {"Range": "bytes=100000-"},
    {"Range": "bytes=0-9,1000-"},
)


@pytest.fixture(scope="module", params=[GUNICORN_GTHREAD, WAITRESS], ids=str)
def server(request: pytest.FixtureRequest, serve: Serve) -> Server:
    kind: Kind = request.param
    return serve(kind, write, APP)


def test_aborted_downloads_leave_no_descriptor_and_no_memory(server: Server) -> None:
    worker = int(ask(server.port, "/pid").body)
    chance = random.Random(1)
    abort(server, RESETS // 5, chance)
    wait_until(lambda: not open_files(worker, server.tree), "files stay open")
    before = count_descriptors(worker), resident(worker)
    abort(server, RESETS, chance)
    wait_until(
        lambda: count_descriptors(worker) <= before[0] and not open_files(worker, server.tree),
        "descriptors stay open",
    )
    assert resident(worker) - before[1] < GROWTH
    assert ask(server.port, "/media/upload.mp4").body == (server.tree / "upload.mp4").read_bytes()


def abort(server: Server, count: int, chance: random.Random) -> None:
    """Ask for the file, and vanish anywhere in the answer, or before it."""
    for _ in range(count):
        with Connection(server.port, receive_buffer=1 << 16) as connection:
            connection.send(format_request("/media/upload.mp4", fields=chance.choice(FIELDS)))
            connection.read(chance.choice([0, 1, chance.randrange(LENGTH - 200_000)]))
            connection.reset()


def write(tree: Path) -> None:
    tree.mkdir()
    (tree / "upload.mp4").write_bytes(random.Random(1).randbytes(LENGTH))
