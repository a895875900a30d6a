"""A long body in memory goes to waitress inside its file_wrapper, which it does not copy; to all others as bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from waitress.buffers import ReadOnlyFileBasedBuffer

from tests.conftest import application, make_environ, plant
from whitemedia import WhiteMedia
from whitemedia.assets.representation import LARGE

TEXT = b"".join(b"%d: a line of a text\n" % number for number in range(200_000))
SHORT, LONG = b"x" * (LARGE - 1), b"x" * LARGE


@pytest.fixture(params=["memory", "store"])
def whitemedia(request: pytest.FixtureRequest, tmp_path: Path) -> WhiteMedia:
    root = plant(tmp_path / "root", {"short.bin": SHORT, "long.bin": LONG, "long.txt": TEXT})
    cache = None if request.param == "memory" else str(tmp_path / "cache")
    return WhiteMedia(application, root, "/static/", cache_dir=cache, cors=["https://a.example"])


def send(whitemedia: WhiteMedia, path: str, wrapper: Callable[..., Any] | None, **fields: str) -> Any:
    """What a server gets, the second time: then all is in memory that will be."""
    for _ in range(2):
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
    ],
    ids=["identity", "coded", "for a listed origin"],
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
