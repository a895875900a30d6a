"""Clients that go in the middle of an upload to gunicorn: nothing of it is ever served, and nothing of it stays."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.client import Connection, ask, format_request
from tests.integration.server import GUNICORN_SYNC, START_SECONDS, Server
from whitemedia.media.drafts import DRAFT
from whitemedia.media.quota import COUNT, LOCK

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

APPLICATION: Final = """
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import LimitedStream
from whitemedia.media.uploads import MediaStore

store = MediaStore("uploads", quota=10**9)

@Request.application
def saving(request):
    if request.path == "/form":
        store.save(request.files["file"])
    elif request.path == "/body":  # gunicorn's own stream ends without an error when its client goes
        store.save(LimitedStream(request.environ["wsgi.input"], request.content_length), filename="report.txt")
    elif request.path == "/chunks":
        store.save(request.stream, filename="report.txt")
    return Response("saved", status=201)

app = WhiteMedia(saving)
app.add_media(store.root, store.prefix)
"""
TEXT: Final = b"a line of text\n" * 100_000
FORM: Final = b"\r\n".join(
    [
        b"--limit",
        b'Content-Disposition: form-data; name="file"; filename="report.txt"',
        b"",
        TEXT,
        b"--limit--",
        b"",
    ]
)
CHUNKED: Final = b"%x\r\n%b\r\n0\r\n\r\n" % (len(TEXT), TEXT)

UPLOADS: Final = {
    "form": format_request("/form", "POST", {"Content-Type": "multipart/form-data; boundary=limit"}, FORM),
    "body": format_request("/body", "POST", {}, TEXT),
    "chunks": format_request("/chunks", "POST", {"Transfer-Encoding": "chunked"}) + CHUNKED,
}


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    """It answers one request after the other. That reading fails is an error in its log."""
    return serve(GUNICORN_SYNC, Path.mkdir, APPLICATION, faults=True)


def stored(server: Server) -> list[str]:
    return [name for name in os.listdir(server.tree.parent / "uploads") if name not in (COUNT, LOCK)]


@pytest.mark.parametrize("leave", [Connection.close, Connection.reset], ids=["closed", "reset"])
@pytest.mark.parametrize("upload", UPLOADS)
def test_a_client_that_goes_in_the_middle_leaves_nothing(
    server: Server, upload: str, leave: Callable[[Connection], None]
) -> None:
    connection = Connection(server.port)
    connection.send(UPLOADS[upload][: len(TEXT) // 2])
    if upload != "form":  # which is read whole before there is a file to be saved
        wait_for(lambda: stored(server))
        assert stored(server)[0].startswith(DRAFT)
    leave(connection)
    assert ask(server.port, "/media/report.txt").status == 404  # when it is through with that upload
    assert stored(server) == []


@pytest.mark.parametrize("upload", UPLOADS)
def test_one_that_stays_finds_its_file_at_once(server: Server, upload: str) -> None:
    with Connection(server.port) as connection:
        connection.send(UPLOADS[upload])
        assert connection.read_answer("POST").status == 201
    answer = ask(server.port, "/media/report.txt")
    assert (answer.status, answer.body) == (200, TEXT)
    (server.tree.parent / "uploads" / "report.txt").unlink()


def wait_for(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)
