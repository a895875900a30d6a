"""A file that changes while it is sent never becomes an answer that looks whole and is not.

The client reads a part, the file changes, the client reads on. A second request waits on the same connection: its
answer must not begin inside the first body.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.client import Connection, ask, format_request
from tests.integration.server import GRANIAN, GUNICORN_GTHREAD, KINDS, UWSGI, WAITRESS, Kind, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

LENGTH = 24 << 20  # beyond what servers and the kernel read ahead: waitress 16 MiB, a socket 4 MiB
READ_FIRST = 64 << 10
WINDOW = 128 << 10  # of a slow client

APP = 'app = WhiteMedia(application, root="tree", prefix="/static/")'
NAIVE = """
import os

def app(environ, start_response):
    file = open("tree" + environ["PATH_INFO"].removeprefix("/static"), "rb")
    length = str(os.fstat(file.fileno()).st_size)
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", length)])
    return environ["wsgi.file_wrapper"](file)
"""

_LAST = format_request("/static/next.txt", fields={"Connection": "close"})

Change = Callable[[Path], None]


def truncate(path: Path) -> None:
    os.truncate(path, LENGTH // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def overwrite(path: Path) -> None:
    """As `cp` does: another content of the same length, in the same file."""
    shutil.copyfile(path.with_name("another.bin"), path)


def replace(path: Path) -> None:
    """As careful deployments do: another file takes the name."""
    new = path.with_suffix(".new")
    shutil.copyfile(path.with_name("another.bin"), new)
    new.replace(path)


IN_PLACE: tuple[Change, ...] = (truncate, empty, grow, overwrite)


@pytest.fixture(scope="module", params=KINDS, ids=str)
def server(request: pytest.FixtureRequest, serve: Serve) -> Server:
    """A server that reads no more of a file than its client takes, but for some megabytes."""
    kind: Kind = request.param
    return serve(kind, _write_tree, APP, faults=kind in (WAITRESS, GRANIAN, UWSGI))  # they log why they close


@pytest.mark.parametrize("change", IN_PLACE)
def test_a_body_whose_file_changes_in_place_is_cut_and_its_connection_closed(
    server: Server, change: Change
) -> None:
    path = server.tree / f"{change.__name__}.bin"
    _assert_cut(server, path, change, "")


def test_a_range_whose_file_changes_in_place_is_cut_and_its_connection_closed(server: Server) -> None:
    _assert_cut(server, server.tree / "range.bin", truncate, "bytes=1000-")


def test_ranges_whose_file_changes_in_place_are_cut_and_their_connection_closed(server: Server) -> None:
    path = server.tree / "ranges.bin"
    original = path.read_bytes()
    with _slow_client(server, path, "bytes=1000-,0-9") as connection:
        head = connection.read_head()
        body = connection.read(READ_FIRST)
        truncate(path)
        body += connection.read_to_end()
    assert len(body) < int(head.fields["content-length"]), "the answer looks complete"
    assert original.startswith(body.partition(b"\r\n\r\n")[2], 1000), "the body holds what was not in the file"


def test_the_naive_way_is_not_cut(serve_here: Serve) -> None:
    """What these tests are for: the next answer begins inside the body that is short."""
    server = serve_here(GUNICORN_GTHREAD, _write_tree, NAIVE, faults=True)
    with pytest.raises(AssertionError, match="was not in the file"):
        _assert_cut(server, server.tree / "overwrite.bin", truncate, "")


def test_a_body_whose_file_is_replaced_or_deleted_is_whole(server: Server) -> None:
    path = server.tree / "replace.bin"
    original = path.read_bytes()
    with _slow_client(server, path, "") as connection:
        head = connection.read_head()
        body = connection.read(READ_FIRST)
        replace(path)
        path.unlink()
        body += connection.read(LENGTH - READ_FIRST)
        following = b"" if head.closes or not server.kind.pipelines else connection.read_answer().body
    assert body == original
    assert following == (b"" if server.kind.closes_always or not server.kind.pipelines else b"next")


@pytest.mark.parametrize("change", [*IN_PLACE, replace])
def test_after_a_change_a_file_is_answered_as_it_is_now(server: Server, change: Change) -> None:
    path = server.tree / f"{change.__name__}-small.bin"
    before = ask(server.port, f"/static/{path.name}")
    change(path)
    after = ask(server.port, f"/static/{path.name}")
    assert after.body == path.read_bytes() != before.body
    assert after.fields["etag"] != before.fields["etag"]
    assert after.fields["cache-control"] == "no-cache"


def _assert_cut(server: Server, path: Path, change: Change, span: str) -> None:
    """Fails unless the body is of the file as it was, shorter than declared, and the last of its connection."""
    original = path.read_bytes()[1000 if span else 0 :]
    with _slow_client(server, path, span) as connection:
        head = connection.read_head()
        assert (head.status, head.fields["content-length"]) == (206 if span else 200, str(len(original)))
        body = connection.read(READ_FIRST)
        if not server.kind.pipelines:
            connection.send(_LAST)
        change(path)
        body += connection.read_to_end()
    assert original.startswith(body), "the body holds what was not in the file"
    assert len(body) < len(original), "the answer looks complete"


def _slow_client(server: Server, path: Path, span: str) -> Connection:
    """A client that has asked for the file and then, as its last, for another, and reads when it is told to."""
    connection = Connection(server.port, receive_buffer=WINDOW)
    first = format_request(f"/static/{path.name}", fields={"Range": span} if span else {})
    connection.send(first, *([_LAST] if server.kind.pipelines else []))
    return connection


def _write_tree(tree: Path) -> None:
    tree.mkdir()
    content = random.Random(1).randbytes(LENGTH)
    for name in ("range", "ranges", "replace", *(change.__name__ for change in IN_PLACE)):
        (tree / f"{name}.bin").write_bytes(content)
    for change in (*IN_PLACE, replace):
        (tree / f"{change.__name__}-small.bin").write_bytes(content[: LENGTH // 8])
    (tree / "another.bin").write_bytes(content[::-1])
    (tree / "next.txt").write_bytes(b"next")
