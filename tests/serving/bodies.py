"""Files, and responses of their bytes."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from whitemedia.assets.files import Opened, open_regular
from whitemedia.serving.response import FileResponse, Span

OLD, NEW = (bytes(first + number % 97 for number in range(1000)) for first in (0, 100))
HEADERS = (("Content-Type", "text/plain"), ("Content-Length", "1000"))

Pieces = list[bytes | tuple[int, int]]


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def open_file(path: Path) -> Opened:
    opened = open_regular(str(path))
    assert opened is not None
    return opened


def respond_with(path: Path, pieces: Pieces) -> FileResponse:
    """A response of bytes, and of spans given as (start, stop)."""
    opened = open_file(path)
    parts = tuple(piece if isinstance(piece, bytes) else Span(opened, *piece) for piece in pieces)
    return FileResponse(HTTPStatus.OK, HEADERS, opened, parts)


def ignore(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
    return lambda data: None
