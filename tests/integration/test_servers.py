"""Every server sends what whitemedia answers, byte for byte, and its connection goes on to the next answer."""

from __future__ import annotations

import gzip
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import brotli
import pytest

from tests.integration.client import Answer, Connection, ask, format_request
from tests.integration.server import KINDS, Kind, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

LARGE = 3_000_000  # more than is held in memory
DECODERS = {"identity": bytes, "br": brotli.decompress, "gzip": gzip.decompress}

NEXT = "/static/small.txt"
APP = 'app = WhiteMedia(application, root="tree", prefix="/static/", index_file=True)'


class Case(NamedTuple):
    """A request and its answer: status, then the spans of the selected representation, or a body of its own."""

    target: str
    status: int = 200
    method: str = "GET"
    accept_encoding: str = ""
    range: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    if_none_match: bool = False
    body: bytes | None = None
    sends: bytes = b""


HELD, FILE, TEXT = "/static/style.css", "/static/large.bin", "/static/large.txt"

CASES = {
    "held": Case(HELD),
    "held, br": Case(HELD, accept_encoding="br"),
    "held, gzip": Case(HELD, accept_encoding="gzip"),
    "held, range": Case(HELD, 206, range="bytes=100-199", spans=((100, 200),)),
    "held, br, range": Case(HELD, 206, accept_encoding="br", range="bytes=10-29", spans=((10, 30),)),
    "held, ranges": Case(HELD, 206, range="bytes=0-0,100-299,-5", spans=((0, 1), (100, 300), (9995, 10000))),
    "held, HEAD": Case(HELD, method="HEAD", body=b""),
    "held, not modified": Case(HELD, 304, if_none_match=True, body=b""),
    "held, br, not modified": Case(HELD, 304, accept_encoding="br", if_none_match=True, body=b""),
    "held, unsatisfiable": Case(HELD, 416, range="bytes=10000-", body=b"416 Requested Range Not Satisfiable\n"),
    "empty": Case("/static/empty.txt"),
    "index": Case("/static/guide/"),
    "file": Case(FILE),
    "file, range from the middle": Case(FILE, 206, range="bytes=1000000-2999998", spans=((1_000_000, 2_999_999),)),
    "file, first byte": Case(FILE, 206, range="bytes=0-0", spans=((0, 1),)),
    "file, last bytes": Case(FILE, 206, range="bytes=-70000", spans=((LARGE - 70_000, LARGE),)),
    "file, ranges": Case(
        FILE,
        206,
        range="bytes=2000000-2999999,0-9,500000-1499999",
        spans=((2_000_000, LARGE), (0, 10), (500_000, 1_500_000)),
    ),
    "file, HEAD": Case(FILE, method="HEAD", body=b""),
    "file, HEAD with a range": Case(FILE, method="HEAD", range="bytes=0-9", body=b""),
    "file, not modified": Case(FILE, 304, if_none_match=True, body=b""),
    "file, unsatisfiable": Case(FILE, 416, range="bytes=3000000-", body=b"416 Requested Range Not Satisfiable\n"),
    "text from a file": Case(TEXT),
    "text from memory, br": Case(TEXT, accept_encoding="br"),
    "text from memory, br, range": Case(TEXT, 206, accept_encoding="br", range="bytes=-9", spans=((-9, 0),)),
    "redirect to the directory": Case("/static/guide", 302, body=b""),
    "OPTIONS": Case(HELD, 204, method="OPTIONS", body=b""),
    "POST": Case(HELD, 405, method="POST", body=b"405 Method Not Allowed\n", sends=b"name=value"),
    "PUT on a file": Case(FILE, 405, method="PUT", body=b"405 Method Not Allowed\n", sends=b"x" * 10_000),
    "hidden": Case("/static/.env", 404, body=b"404 Not Found\n"),
    "hidden, HEAD": Case("/static/.env", 404, method="HEAD", body=b""),
    "the application's": Case("/static/none", body=b"application"),
}


@pytest.fixture(scope="module", params=KINDS, ids=str)
def server(request: pytest.FixtureRequest, serve: Serve) -> Server:
    """Each server, over the same files."""
    kind: Kind = request.param
    return serve(kind, _write_tree, APP)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_answer_is_right_and_so_is_the_next_on_its_connection(server: Server, case: Case) -> None:
    request = _format(server, case)
    with Connection(server.port) as connection:
        connection.send(request)
        answer = connection.read_answer(case.method)
        closes = answer.closes or _closes(server, case)
        following = [] if closes else [connection.ask(NEXT).body]
        end = connection.read_to_end() if closes else b""
    _check(server, case, answer)
    assert end == b""
    assert following == ([] if _closes(server, case) else [_bytes_of(server, NEXT)])


@pytest.mark.parametrize("server", [kind for kind in KINDS if kind.pipelines], ids=str, indirect=True)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_pipelined_answers_are_whole_and_in_order(server: Server, case: Case) -> None:
    request = _format(server, case)
    with Connection(server.port) as connection:
        connection.send(request, format_request(NEXT), format_request(FILE))
        answer = connection.read_answer(case.method)
        following = [] if answer.closes else [connection.read_answer().body, connection.read_answer().body]
        end = connection.read_to_end() if answer.closes else b""
    _check(server, case, answer)
    assert end == b""
    assert following == ([] if _closes(server, case) else [_bytes_of(server, NEXT), _bytes_of(server, FILE)])


def test_a_client_that_asks_to_close_gets_the_whole_body_and_the_end(server: Server) -> None:
    with Connection(server.port) as connection:
        connection.send(format_request(FILE, fields={"Connection": "close"}))
        body, end = connection.read_answer().body, connection.read_to_end()
    assert body == _bytes_of(server, FILE)
    assert end == b""


def _closes(server: Server, case: Case) -> bool:
    kind = server.kind
    return kind.closes_always or case.status in kind.closes_after or bool(case.sends and kind.closes_after_content)


def _format(server: Server, case: Case) -> bytes:
    fields = {"Accept-Encoding": case.accept_encoding, "Range": case.range}
    if case.if_none_match:
        head = ask(server.port, case.target, "HEAD", {"Accept-Encoding": case.accept_encoding})
        fields["If-None-Match"] = head.fields["etag"]
    present = {name: value for name, value in fields.items() if value}
    return format_request(case.target, case.method, present, case.sends)


def _check(server: Server, case: Case, answer: Answer) -> None:
    assert answer.status == case.status
    if case.body is not None:
        assert answer.body == case.body
        return
    representation = _selected(server, case)
    assert answer.fields["etag"] == representation.fields["etag"]
    if not case.spans:
        assert answer.body == representation.body
        return
    whole = representation.body
    spans = [(start % len(whole), stop or len(whole)) for start, stop in case.spans]
    expected = [(f"bytes {start}-{stop - 1}/{len(whole)}", whole[start:stop]) for start, stop in spans]
    parts = [(answer.fields.get("content-range", ""), answer.body)] if len(spans) == 1 else list(_parts(answer))
    assert parts == expected


def _selected(server: Server, case: Case) -> Answer:
    """The whole representation that the case selects, its bytes compared with the file."""
    answer = ask(server.port, case.target, fields={"Accept-Encoding": case.accept_encoding})
    coding = answer.fields.get("content-encoding", "identity")
    assert coding == (case.accept_encoding or "identity")
    assert DECODERS[coding](answer.body) == _bytes_of(server, case.target)
    return answer


def _parts(answer: Answer) -> Iterator[tuple[str, bytes]]:
    """Content-Range and bytes of each part."""
    boundary = answer.fields["content-type"].removeprefix("multipart/byteranges; boundary=").encode()
    first, between, last = b"--%b\r\n" % boundary, b"\r\n--%b\r\n" % boundary, b"\r\n--%b--\r\n" % boundary
    assert answer.body.startswith(first)
    assert answer.body.endswith(last)
    for part in answer.body[len(first) : -len(last)].split(between):
        head, _, data = part.partition(b"\r\n\r\n")
        yield head.decode().rpartition("Content-Range: ")[2], data


def _bytes_of(server: Server, target: str) -> bytes:
    name = target.removeprefix("/static/")
    return (server.tree / (name + "index.html" if name.endswith("/") else name)).read_bytes()


def _write_tree(tree: Path) -> None:
    words = random.Random(1)
    (tree / "guide").mkdir(parents=True)
    (tree / "style.css").write_bytes(words.randbytes(5_000).hex().encode())
    (tree / "small.txt").write_bytes(b"a small file\n")
    (tree / "empty.txt").write_bytes(b"")
    (tree / "large.bin").write_bytes(words.randbytes(LARGE))
    (tree / "large.txt").write_bytes(words.randbytes(LARGE // 2).hex().encode())
    (tree / "guide" / "index.html").write_bytes(b"<!doctype html><title>Guide</title>\n")
    (tree / ".env").write_bytes(b"SECRET=1\n")
    shutil.copy(tree / "style.css", tree / "other.css")
