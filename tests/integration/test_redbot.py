"""Others judge the answers: redbot what it is told when it asks, httplint every answer by itself. None is bad."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from httplint import HttpRequestLinter, HttpResponseLinter, Note, levels

from tests.conftest import MODIFIED
from tests.integration.client import Answer, ask
from tests.integration.server import GUNICORN_GTHREAD, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

APP = """
app = WhiteMedia(
    application, root="tree", prefix="/static/", index_file=True, immutable_file_test="hashed", not_found="answer"
)
app.add_media("uploads", "/media/", max_age=60, cors=["https://example.com"])
app.add_media("members", "/members/", authorize=lambda environ, name: name != "secret.txt")
"""
SHARED_TAG = """
import gzip

def app(environ, start_response):
    body = b"one tag for two codings " * 100
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("ETag", '"one"'), ("Vary", "Accept-Encoding")]
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = gzip.compress(body)
        headers.append(("Content-Encoding", "gzip"))
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]
"""

VALIDATED = {"CL_CORRECT", "INM_304", "IMS_304", "RANGE_CORRECT"}
REDBOT = {
    "a style sheet": ("/static/style.css", VALIDATED | {"CONNEG_GZIP_GOOD"}),
    "plain text": ("/static/note.txt", VALIDATED | {"CONNEG_GZIP_GOOD"}),
    "an index": ("/static/guide/", VALIDATED | {"CONNEG_GZIP_GOOD"}),
    "an image": ("/static/mark.png", VALIDATED),
    "a large file": ("/static/large.bin", VALIDATED),
    "a large text": ("/static/large.txt", VALIDATED | {"CONNEG_GZIP_GOOD"}),
    "an immutable file": ("/static/hashed.js", VALIDATED | {"CONNEG_GZIP_GOOD"}),
    "a redirect": ("/static/guide", {"CL_CORRECT"}),
    "a hidden file": ("/static/.env", {"CL_CORRECT", "STATUS_NOT_FOUND"}),
    "no file": ("/static/none", {"CL_CORRECT", "STATUS_NOT_FOUND"}),
    "an upload that is shown": ("/media/mark.png", VALIDATED),
    "an upload that is saved": ("/media/page.html", VALIDATED),
    "a large upload": ("/media/large.bin", VALIDATED),
    "an upload for some": ("/members/note.txt", VALIDATED),
    "an upload for others": ("/members/secret.txt", {"CL_CORRECT", "STATUS_FORBIDDEN"}),
    "no upload": ("/media/none", {"CL_CORRECT", "STATUS_NOT_FOUND"}),
}

STYLE, LARGE, UPLOAD = "/static/style.css", "/static/large.bin", "/media/mark.png"
HTTPLINT = {  # but of ranges, of which it knows neither multipart/byteranges nor that a part cannot be decoded
    "br": ("GET", STYLE, {"Accept-Encoding": "br"}, 200),
    "gzip": ("GET", STYLE, {"Accept-Encoding": "gzip"}, 200),
    "identity": ("GET", STYLE, {}, 200),
    "HEAD": ("HEAD", STYLE, {}, 200),
    "a range": ("GET", LARGE, {"Range": "bytes=10-99"}, 206),
    "not modified": ("GET", STYLE, {"If-None-Match": "*"}, 304),
    "not modified, br": ("GET", STYLE, {"If-None-Match": "*", "Accept-Encoding": "br"}, 304),
    "not modified, large": ("GET", LARGE, {"If-None-Match": "*"}, 304),
    "a failed precondition": ("GET", STYLE, {"If-Match": '"other"'}, 412),
    "an unsatisfiable range": ("GET", STYLE, {"Range": "bytes=100000-"}, 416),
    "another method": ("DELETE", STYLE, {}, 405),
    "OPTIONS": ("OPTIONS", STYLE, {}, 204),
    "a redirect": ("GET", "/static/guide", {}, 302),
    "a hidden file": ("GET", "/static/.env", {}, 404),
    "an upload": ("GET", UPLOAD, {}, 200),
    "an upload, from afar": ("GET", UPLOAD, {"Origin": "https://example.com"}, 200),
    "a range of an upload": ("GET", UPLOAD, {"Range": "bytes=0-0"}, 206),
    "an upload, not modified": ("GET", UPLOAD, {"If-None-Match": "*"}, 304),
    "an upload that is saved": ("GET", "/media/page.html", {}, 200),
    "an upload for some": ("GET", "/members/note.txt", {}, 200),
    "an upload for others": ("GET", "/members/secret.txt", {}, 403),
    "no upload": ("GET", "/media/none", {}, 404),
}


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    return serve(GUNICORN_GTHREAD, _write_tree, APP)


@pytest.mark.parametrize(("target", "expected"), REDBOT.values(), ids=REDBOT)
def test_redbot_finds_nothing_bad(server: Server, target: str, expected: set[str]) -> None:
    levels_by_note = dict(_redbot_notes(server, target))
    assert [note for note, level in levels_by_note.items() if level == "BAD"] == []
    assert expected <= levels_by_note.keys()


def test_redbot_finds_a_shared_tag_bad(serve_here: Serve) -> None:
    """Its verdict is worth asking for: one tag for two codings is what others send."""
    server = serve_here(GUNICORN_GTHREAD, _write_tree, SHARED_TAG)
    assert ("VARY_ETAG_DOESNT_CHANGE", "BAD") in _redbot_notes(server, "/")


@pytest.mark.parametrize(("method", "target", "fields", "status"), HTTPLINT.values(), ids=HTTPLINT)
def test_httplint_finds_nothing_bad(
    server: Server, method: str, target: str, fields: dict[str, str], status: int
) -> None:
    answer = ask(server.port, target, method, fields)
    assert answer.status == status
    assert [
        str(note) for note in _httplint_notes(answer, method, target, fields) if note.level is levels.BAD
    ] == []


def test_httplint_finds_a_wrong_length_bad(server: Server) -> None:
    answer = ask(server.port, STYLE)
    notes = _httplint_notes(answer._replace(body=answer.body[1:]), "GET", STYLE, {})
    assert "CL_INCORRECT" in [type(note).__name__ for note in notes if note.level is levels.BAD]


def _redbot_notes(server: Server, target: str) -> list[tuple[str, str]]:
    """Name and level of every note that redbot has after asking for the target in its many ways."""
    url = f"http://127.0.0.1:{server.port}{target}"
    redbot = subprocess.run(
        [sys.executable, "-m", "redbot.cli", "--output-format", "har", url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert redbot.returncode == 0, redbot.stderr
    (entry,) = json.loads(redbot.stdout)["log"]["entries"]
    return list(_flatten(entry["_red_messages"]))


def _flatten(notes: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for note in notes:
        yield note["note_id"], note["level"]
        yield from _flatten(note.get("subnotes", ()))


def _httplint_notes(answer: Answer, method: str, target: str, fields: dict[str, str]) -> list[Note]:
    request = HttpRequestLinter()
    request.process_request_topline(method.encode(), target.encode(), b"1.1")
    request.process_headers([(name.encode(), value.encode()) for name, value in fields.items()])
    response = HttpResponseLinter(start_time=time.time())
    response.request = request
    response.is_head_response = method == "HEAD"
    response.process_response_topline(b"1.1", str(answer.status).encode())
    response.process_headers([(name.encode(), value.encode()) for name, value in answer.fields.items()])
    response.feed_content(answer.body)
    response.finish_content(complete=True)
    return list(response.notes)


def _write_tree(tree: Path) -> None:
    chance = random.Random(1)
    (tree / "guide").mkdir(parents=True)
    text = "\n".join(chance.randbytes(20).hex() for _ in range(500))
    for name in ("style.css", "note.txt", "hashed.js", "guide/index.html"):
        (tree / name).write_text(text)
    (tree / "mark.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chance.randbytes(3_000))
    (tree / "large.bin").write_bytes(chance.randbytes(3_000_000))
    (tree / "large.txt").write_bytes(chance.randbytes(1_500_000).hex().encode())
    (tree / ".env").write_text("SECRET=1")
    uploads, members = tree.parent / "uploads", tree.parent / "members"
    shutil.copytree(tree, uploads)
    (uploads / "page.html").write_text("<!doctype html><title>A page</title>")
    members.mkdir()
    for name in ("note.txt", "secret.txt"):
        (members / name).write_text(text)
    for path in (*uploads.rglob("*.*"), *members.iterdir()):
        os.utime(path, (MODIFIED, MODIFIED))  # a tag is strong once a file has not changed for two seconds
