"""A long body in memory goes to waitress inside its file_wrapper, which it does not copy; to all others as bytes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from waitress.buffers import ReadOnlyFileBasedBuffer

from tests.conftest import application, make_environ, plant
from whitemedia import WhiteMedia
from whitemedia.assets.representation import LARGE
from whitemedia.serving.body import BLOCK

TEXT = b"".join(b"%d: a line of a text\n" % number for number in range(200_000))
SHORT, LONG = b"x" * (LARGE - 1), b"x" * LARGE


@pytest.fixture(params=["memory", "store"])
def whitemedia(request: pytest.FixtureRequest, tmp_path: Path) -> WhiteMedia:
    root = plant(tmp_path / "root", {"short.bin": SHORT, "long.bin": LONG, "long.txt": TEXT})
    cache = None if request.param == "memory" else str(tmp_path / "cache")
    return WhiteMedia(application, root, "/static/", cache_dir=cache, cors=["https://a.example"])


def send(whitemedia: WhiteMedia, path: str, wrapper: Callable[..., Any] | None, **fields: str) -> Any:
    """What a server gets, the second time: then all is in memory that will be."""
    body: Any = ()
    for _ in range(2):
        getattr(body, "close", int)()
        environ = make_environ("GET", path, {name.replace("_", "-"): value for name, value in fields.items()})
        if wrapper is not None:
            environ["wsgi.file_wrapper"] = wrapper
        body = whitemedia(environ, lambda status, headers, exc_info=None: lambda data: None)
    return body


@pytest.mark.parametrize(
    ("path", "fields", "length"),
    [
        ("/static/long.bin", {}, LARGE),
        ("/static/long.txt", {"Accept_Encoding": "br"}, None),
        ("/static/long.bin", {"Origin": "https://a.example"}, LARGE),
        ("/static/long.txt", {"Accept_Encoding": "br", "Origin": "https://a.example"}, None),
    ],
    ids=["identity", "coded", "for a listed origin", "coded, for a listed origin"],
)
def test_waitress_gets_a_long_body_in_its_file_wrapper(
    whitemedia: WhiteMedia, path: str, fields: dict[str, str], length: int | None
) -> None:
    body = send(whitemedia, path, ReadOnlyFileBasedBuffer, **fields)
    assert type(body) is ReadOnlyFileBasedBuffer
    [plain] = send(whitemedia, path, None, **fields)
    assert body.prepare(None) == len(plain) == (length or len(plain))
    assert b"".join(body) == plain


def test_waitress_gets_a_short_body_as_bytes(whitemedia: WhiteMedia) -> None:
    assert send(whitemedia, "/static/short.bin", ReadOnlyFileBasedBuffer) == [SHORT]


@pytest.mark.parametrize("wrapper", [None, FileWrapper], ids=["no file_wrapper", "another's"])
def test_others_get_a_long_body_as_bytes(whitemedia: WhiteMedia, wrapper: Callable[..., Any] | None) -> None:
    assert send(whitemedia, "/static/long.bin", wrapper) == [LONG]


def test_waitress_reads_a_large_file_as_its_client_takes_it(tmp_path: Path) -> None:
    """It reads what can seek from its main thread, and goes back to what did not fit into the socket."""
    data = bytes(range(256)) * 8192
    root = plant(tmp_path / "root", {"large.bin": data})
    media = WhiteMedia(application, root, "/static/", cache_dir=None, memory_limit=0)
    body = send(media, "/static/large.bin", ReadOnlyFileBasedBuffer, Range="bytes=10-")
    assert body.prepare(len(data) - 10) == len(data) - 10
    for skipped in (1, 300, 100_000):
        assert body.get(200_000) == data[10:][:200_000]
        body.skip(skipped)
        data = data[skipped:]
    body.close()


def test_waitress_copies_a_stream_that_goes_back_at_a_price(tmp_path: Path) -> None:
    media = WhiteMedia(application)
    coded = tmp_path / "large.gz"
    coded.write_bytes(gzip.compress(bytes(2 * BLOCK), 1))
    environ = make_environ("GET", "/") | {"wsgi.file_wrapper": ReadOnlyFileBasedBuffer}
    stream = gzip.open(coded)  # noqa: SIM115 - send() closes it
    body: Any = media.send(stream, name="large.bin")(environ, lambda *arguments: lambda data: None)
    assert body.prepare(2 * BLOCK) == 0
    assert sum(map(len, body)) == 2 * BLOCK
    body.close()
