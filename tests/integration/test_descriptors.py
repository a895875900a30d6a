"""Descriptors: none is left behind by clients that vanish, and when there are none left, answers say to come back."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest

from tests.integration.client import PATIENCE, Connection, ask, format_request
from tests.integration.server import GUNICORN_GTHREAD, WAITRESS, Kind, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

RESETS = 200
LARGE = 3_000_000  # more than is held in memory

APP = """
import os, resource

limits = resource.getrlimit(resource.RLIMIT_NOFILE)

def application(environ, start_response):
    body = b"%d" % os.getpid()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

files = WhiteMedia(application, root="tree", prefix="/static/")

def app(environ, start_response):
    if "HTTP_X_NO_DESCRIPTORS" in environ:  # EMFILE for whatever is opened, as when too many are
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        return files(environ, start_response)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
"""

EXHAUSTED = {"X-No-Descriptors": "1"}
RANGES = {"Range": "bytes=0-9,100000-2999999"}


@pytest.fixture(scope="module", params=[GUNICORN_GTHREAD, WAITRESS], ids=str)
def server(request: pytest.FixtureRequest, serve: Serve) -> Server:
    """A server that can be asked to answer as if it could open nothing more."""
    kind: Kind = request.param
    return serve(kind, _write_tree, APP)


@pytest.mark.parametrize("fields", [{}, RANGES], ids=["whole", "ranges"])
def test_clients_that_vanish_leave_no_descriptor_behind(server: Server, fields: dict[str, str]) -> None:
    worker = int(ask(server.port, "/pid").body)
    before = len(_descriptors(worker))
    chance = random.Random(1)
    for _ in range(RESETS):
        with Connection(server.port, receive_buffer=1 << 16) as connection:
            connection.send(format_request("/static/large.bin", fields=fields))
            connection.read(chance.randrange(LARGE // 10))
            connection.reset()
    _wait_until(lambda: len(_descriptors(worker)) <= before and not _files(server, worker))
    assert ask(server.port, "/static/large.bin").body == (server.tree / "large.bin").read_bytes()


@pytest.mark.parametrize("fields", [{}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_that_cannot_be_opened_is_answered_with_503_until_it_can(
    server: Server, method: str, fields: dict[str, str]
) -> None:
    without = ask(server.port, "/static/large.bin", method, {**fields, **EXHAUSTED})
    after = ask(server.port, "/static/large.bin")
    assert (without.status, without.body) == (503, b"503 Service Unavailable\n" if method == "GET" else b"")
    assert int(without.fields["retry-after"]) > 0
    assert without.fields["cache-control"] == "no-store"
    assert (after.status, after.body) == (200, (server.tree / "large.bin").read_bytes())


def test_what_is_in_memory_needs_no_descriptor(server: Server) -> None:
    expected = ask(server.port, "/static/style.css").body
    without = ask(server.port, "/static/style.css", fields=EXHAUSTED)
    unread = ask(server.port, "/static/unread.css", fields=EXHAUSTED)
    coded = ask(server.port, "/static/unread.css", fields={**EXHAUSTED, "Accept-Encoding": "br"})
    read = ask(server.port, "/static/unread.css")
    assert (without.status, without.body) == (200, expected)
    assert (unread.status, coded.status, read.status) == (503, 200, 200)
    assert brotli.decompress(coded.body) == read.body == (server.tree / "unread.css").read_bytes()


def _descriptors(process: int) -> list[str]:
    """What each open descriptor of a process is."""
    folder = Path(f"/proc/{process}/fd")
    found = []
    for name in os.listdir(folder):
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(os.readlink(folder / name))
    return found


def _files(server: Server, process: int) -> list[str]:
    """The files of the tree that it has open."""
    return [path for path in _descriptors(process) if path.startswith(str(server.tree))]


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "descriptors stay open"
        time.sleep(0.02)  # no event tells of another process's descriptors


def _write_tree(tree: Path) -> None:
    tree.mkdir()
    (tree / "large.bin").write_bytes(random.Random(1).randbytes(LARGE))
    for name in ("style.css", "unread.css"):
        (tree / name).write_bytes(random.Random(name).randbytes(5_000).hex().encode())
