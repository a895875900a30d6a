"""Clients that vanish in the middle of an answer leave nothing behind: no descriptor, and no memory."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.client import PATIENCE, Connection, ask, format_request
from tests.integration.server import GUNICORN_GTHREAD, WAITRESS, Kind, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")

RESETS: Final = 1_250
"""Of each construction on each server: 5,000 in all."""

LARGE: Final = 3_000_000  # more than is held in memory
SMALL: Final = 200_000
GROWTH: Final = 16 << 20
"""Bytes by which a process may be larger in the end: what allocators keep, and a hundredth of the small files."""

APP = """
import os

def application(environ, start_response):
    body = b"%d" % os.getpid()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

table = WhiteMedia(application, root="tree", prefix="/table/")
app = WhiteMedia(table, root="tree", prefix="/live/", autorefresh=True)
"""


@pytest.fixture(scope="module", params=[GUNICORN_GTHREAD, WAITRESS], ids=str)
def server(request: pytest.FixtureRequest, serve: Serve) -> Server:
    """The same files from a table and looked up at each request."""
    kind: Kind = request.param
    return serve(kind, _write_tree, APP)


@pytest.mark.parametrize("mount", ["live", "table"])
def test_aborted_downloads_leave_no_descriptor_and_no_memory(server: Server, mount: str) -> None:
    worker = int(ask(server.port, "/pid").body)
    chance = random.Random(1)
    abort(server, mount, RESETS // 10, chance)
    before = settled_descriptors(server, worker), resident(worker)
    abort(server, mount, RESETS, chance)
    _wait_until(lambda: descriptors(worker) <= before[0] and not open_files(server, worker))
    assert resident(worker) - before[1] < GROWTH
    for name in ("large.bin", "small.css"):
        assert ask(server.port, f"/{mount}/{name}").body == (server.tree / name).read_bytes()


def abort(server: Server, mount: str, count: int, chance: random.Random) -> None:
    """Ask for the large and the small file in turn, and vanish somewhere in the answer, or before it."""
    for number in range(count):
        name, length = (("large.bin", LARGE), ("small.css", SMALL))[number % 2]
        fields = chance.choice([{}, {}, {"Range": "bytes=100-"}, {"Range": "bytes=0-9,1000-"}])
        with Connection(server.port, receive_buffer=1 << 14) as connection:
            connection.send(format_request(f"/{mount}/{name}", fields=fields))
            connection.read(chance.choice([0, 0, 1, chance.randrange(length // 100)]))
            connection.reset()


def resident(process: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/fd"))


def open_files(server: Server, process: int) -> list[str]:
    """The files of the tree that a process has open."""
    folder, found = Path(f"/proc/{process}/fd"), []
    for name in os.listdir(folder):
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(os.readlink(folder / name))
    return [path for path in found if path.startswith(str(server.tree))]


def settled_descriptors(server: Server, process: int) -> int:
    _wait_until(lambda: not open_files(server, process))
    return descriptors(process)


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "descriptors stay open"
        time.sleep(0.02)  # no event tells of another process's descriptors


def _write_tree(tree: Path) -> None:
    tree.mkdir()
    (tree / "large.bin").write_bytes(random.Random(1).randbytes(LARGE))
    (tree / "small.css").write_bytes(random.Random(2).randbytes(SMALL))
