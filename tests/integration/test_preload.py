"""Workers forked after the index (gunicorn --preload) share what was built, and nothing that moves."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.client import Connection, ask, format_request
from tests.integration.server import GUNICORN_PRELOAD, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

WORKERS = 4
IN_PARALLEL = 32
ROUNDS = 4
LENGTH = 12 << 20  # more than a socket takes: a worker is busy until its client reads on

APP = """
import os

files = WhiteMedia(application, root="tree", prefix="/static/")

def app(environ, start_response):
    def start(status, headers, *rest):
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *rest)
    return files(environ, start)
"""


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    return serve(GUNICORN_PRELOAD, _write_tree, APP)


def test_all_workers_send_the_same_bytes_under_the_same_tags(server: Server) -> None:
    """A download that is not read keeps its worker busy, so that each goes to another."""
    with ExitStack() as stack:
        downloads = [stack.enter_context(Connection(server.port, receive_buffer=1 << 17)) for _ in range(WORKERS)]
        heads = []
        for download in downloads:
            download.send(format_request("/static/large.bin"))
            heads.append(download.read_head())
        bodies = [download.read(LENGTH) for download in downloads]
    assert len({head.fields["x-worker"] for head in heads}) == WORKERS
    assert len({head.fields["etag"] for head in heads}) == 1
    assert set(bodies) == {(server.tree / "large.bin").read_bytes()}


def test_parallel_ranges_have_the_right_bytes(server: Server) -> None:
    content = (server.tree / "large.bin").read_bytes()
    chance = random.Random(1)
    starts = [chance.randrange(LENGTH - 300_000) for _ in range(IN_PARALLEL * ROUNDS)]
    spans = [(start, start + chance.randrange(1, 300_000)) for start in starts]
    with ThreadPoolExecutor(IN_PARALLEL) as clients:
        fields = [{"Range": f"bytes={start}-{stop - 1}"} for start, stop in spans]
        answers = list(clients.map(lambda field: ask(server.port, "/static/large.bin", "GET", field), fields))
    assert {answer.status for answer in answers} == {206}
    assert [answer.body for answer in answers] == [content[start:stop] for start, stop in spans]
    assert len({answer.fields["etag"] for answer in answers}) == 1


def _write_tree(tree: Path) -> None:
    tree.mkdir()
    (tree / "large.bin").write_bytes(random.Random(1).randbytes(LENGTH))
