"""The example of uploads without a framework, under gunicorn, as a client speaks to it."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

import pytest

from tests.integration.client import Answer, Connection, ask, format_request
from tests.integration.server import GUNICORN_FLASK, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

EXAMPLE: Final = Path(__file__).parents[2] / "docs" / "examples" / "uploads_wsgi"
TEXT: Final = "Ein Bericht, 报告, تقرير\n".encode() * 20_000
MB: Final = 1 << 20
NAMES: Final = ("report.txt", "报告 2026.txt", "تقرير.txt", "🎉👩‍👩‍👧.txt", "Tom & Jerry's (1).txt")


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    return serve(GUNICORN_FLASK, _copy_example, "")


def post(server: Server, path: str, media_type: str, body: bytes, cookie: str = "") -> Answer:
    with Connection(server.port) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may answer and close before it has read all
            connection.send(format_request(path, "POST", {"Content-Type": media_type, "Cookie": cookie}, body))
        return connection.read_answer("POST")


def upload(server: Server, name: str, data: bytes, path: str = "/", cookie: str = "") -> Answer:
    """Send a form as a browser does."""
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'.encode()
    body = b"\r\n".join([b"--limit", head, b"Content-Type: text/plain", b"", data, b"--limit--", b""])
    return post(server, path, "multipart/form-data; boundary=limit", body, cookie)


def listed(server: Server) -> dict[str, str]:
    """The links of the page: names by path, as they stand in it."""
    page = ask(server.port, "/").body.decode()
    return dict(re.findall('<li><a href="([^"]*)">([^<]*)</a>', page))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_listed_fetched_and_deleted_by_its_name(server: Server, name: str) -> None:
    sent = upload(server, name, TEXT)
    assert (sent.status, sent.fields["location"]) == (303, "/")
    shown = name.replace("&", "&amp;").replace("'", "&#x27;")
    assert listed(server) == {f"/files/{quote(name)}": shown}
    fetched = ask(server.port, f"/files/{quote(name)}")
    assert (fetched.status, fetched.body) == (200, TEXT)
    assert fetched.fields["content-type"] == "text/plain; charset=utf-8"
    form = urlencode({"name": name}).encode()
    assert post(server, "/delete", "application/x-www-form-urlencoded", form).status == 303
    assert listed(server) == {}
    assert ask(server.port, f"/files/{quote(name)}").status == 404


@pytest.mark.parametrize(
    ("name", "data", "status", "told"),
    [
        ("large.txt", TEXT * 12, 413, "“large.txt” is larger than 5 MB."),
        ("huge.txt", bytes(21 * MB), 413, "exceeds the capacity limit"),
        ("page.html", b"<!doctype html>", 415, "“page.html” is no file of an accepted type."),
        ("page.png", b"<!doctype html>", 415, "“page.png” does not contain what its name says."),
    ],
    ids=["too large", "over the form's limit", "another type", "false extension"],
)
def test_what_is_refused_says_why_and_leaves_nothing(
    server: Server, name: str, data: bytes, status: int, told: str
) -> None:
    answer = upload(server, name, data)
    assert answer.status == status
    assert told in answer.body.decode()
    assert list((server.tree / "data" / "files").iterdir()) == []


def test_a_form_without_a_file_is_a_bad_request(server: Server) -> None:
    assert post(server, "/", "application/x-www-form-urlencoded", b"file=text").status == 400


@pytest.mark.parametrize("name", ["../app.py", "/etc/passwd", ".whitemedia-quota", "app.py", ""])
def test_what_is_outside_is_neither_fetched_nor_deleted(server: Server, name: str) -> None:
    form = urlencode({"name": name}).encode()
    assert post(server, "/delete", "application/x-www-form-urlencoded", form).status == 303
    assert ask(server.port, f"/files/{quote(name)}").status == 404
    assert (server.tree / "app.py").exists()


def _copy_example(tree: Path) -> None:
    shutil.copytree(EXAMPLE, tree)


def test_documents_are_for_who_has_the_key(server: Server) -> None:
    form = urlencode({"key": "only for trying it out"}).encode()
    sent = post(server, "/login", "application/x-www-form-urlencoded", form)
    cookie = sent.fields["set-cookie"].partition(";")[0]
    for wrong in ("", "key=other"):
        assert upload(server, "a.txt", TEXT, "/documents/", wrong).status == 403
        assert ask(server.port, "/documents/a.txt", fields={"Cookie": wrong}).status == 403
        assert "a.txt" not in ask(server.port, "/", fields={"Cookie": wrong}).body.decode()
    assert upload(server, "a b.txt", TEXT, "/documents/", cookie).status == 303
    assert (
        '<a href="/documents/a%20b.txt">a b.txt</a>'
        in ask(server.port, "/", fields={"Cookie": cookie}).body.decode()
    )
    got = ask(server.port, "/documents/a%20b.txt", fields={"Cookie": cookie, "Range": "bytes=4-9"})
    assert (got.status, got.body, got.fields["cache-control"]) == (206, TEXT[4:10], "private, no-cache")
    assert ask(server.port, "/protected/a%20b.txt", fields={"Cookie": cookie}).status == 404
    assert ask(server.port, "/documents/none.txt", fields={"Cookie": cookie}).status == 404
