"""The name decides the media type, or the caller; and what cannot be sent is said where it is given."""

# ruff: noqa: SIM115 - send() closes what it is given

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Client, open_descriptors
from tests.serving.bodies import OLD
from whitemedia import OptionError
from whitemedia.serving.sending import send

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({"name": "report.pdf"}, "application/pdf", id="the name"),
        pytest.param({"name": "REPORT.PDF"}, "application/pdf", id="in capitals"),
        pytest.param({"name": "a.pdf/table.csv"}, "text/csv; charset=utf-8", id="its last segment"),
        pytest.param({"name": "a.pdf\\page.html"}, "text/html; charset=utf-8", id="its last segment, on Windows"),
        pytest.param({"name": "page.html. "}, "text/html; charset=utf-8", id="the name it is saved as"),
        pytest.param({"name": "ü.csv", "charset": "latin-1"}, "text/csv; charset=latin-1", id="a charset"),
        pytest.param({"name": "a.foo", "mimetypes": {".foo": "x/foo"}}, "x/foo", id="a type of one's own"),
        pytest.param({"name": "a.pdf", "media_type": "text/x-foo"}, "text/x-foo; charset=utf-8", id="as told"),
        pytest.param({"name": "a", "media_type": "text/x; charset=a"}, "text/x; charset=a", id="told its charset"),
        pytest.param({"name": ""}, "image/png", id="no name"),
        pytest.param({"name": "pdf"}, "image/png", id="no extension"),
        pytest.param({"name": "a.unknown"}, "image/png", id="an unknown extension"),
    ],
)
@pytest.mark.parametrize("stream", [False, True], ids=["bytes", "stream"])
def test_the_media_type_is(arguments: dict[str, Any], expected: str, *, stream: bool) -> None:
    body = io.BytesIO(PNG * 50_000) if stream else PNG
    answer = Client(send(body, **arguments)).get("/")
    assert answer.headers["Content-Type"] == expected


def test_a_file_is_sniffed_from_its_start() -> None:
    file = tempfile.TemporaryFile()
    file.write(PNG)
    assert Client(send(file, name="picture")).get("/").headers["Content-Type"] == "image/png"


def test_what_looks_like_a_page_is_no_page_without_the_name_of_one() -> None:
    answer = Client(send(b"<!doctype html><script>alert()</script>", name="upload")).get("/")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("attachment", [False, True])
def test_a_hostile_name_is_sent_as_a_safe_one(*, attachment: bool) -> None:
    answer = Client(send(b"", name='../a"\r\nX: y.txt', attachment=attachment)).get("/")
    expected = "filename=\"a___X_ y.txt\"; filename*=UTF-8''a%22__X%3A%20y.txt"
    assert answer.headers["Content-Disposition"] == f"{'attachment' if attachment else 'inline'}; {expected}"


WRONG: Mapping[str, tuple[str, object, str]] = {
    "bytes as a name": ("name", b"a.txt", "expected the name of a file"),
    "no name": ("name", None, "expected the name of a file"),
    "a path as a name": ("name", Path("a.txt"), "expected the name of a file"),
    "half a media type": ("media_type", "text", "expected a media type"),
    "an empty media type": ("media_type", "", "expected a media type"),
    "a media type with a line": ("media_type", "text/plain; a=b\r\nX: y", "expected a media type"),
    "a media type in bytes": ("media_type", b"text/plain", "expected a media type"),
    "a word for a flag": ("attachment", "no", "expected True or False"),
}


@pytest.mark.parametrize(("option", "value", "why"), WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_named_and_the_file_stays_the_callers(option: str, value: Any, why: str) -> None:
    body = io.BytesIO(OLD)
    with pytest.raises(OptionError, match=why) as raised:
        send(body, **{"name": "a.txt", option: value})
    assert (raised.value.option, raised.value.value) == (option, value)
    assert not body.closed


def closed_file() -> Any:
    with tempfile.TemporaryFile() as file:
        return file


class Unclosable:
    """A file that cannot be taken over."""

    def __init__(self) -> None:
        file = io.BytesIO(OLD)
        self.read, self.seek = file.read, file.seek


class Flowing(io.BytesIO):
    """What can only be read once."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise io.UnsupportedOperation("seek")


UNSENDABLE = {
    "text": lambda: "text",
    "a number": lambda: 7,
    "None": lambda: None,
    "a path": lambda: Path(__file__),
    "a list": lambda: [b"a", b"b"],
    "a generator": lambda: (part for part in (b"a", b"b")),
    "a text file": lambda: open(__file__, encoding="utf-8"),
    "text in memory": lambda: io.StringIO("text"),
    "a spooled text": lambda: tempfile.SpooledTemporaryFile(mode="w+"),
    "a file to write to": lambda: open(os.devnull, "wb"),
    "a device": lambda: open(os.devnull, "rb"),
    "a closed file": closed_file,
    "what cannot be closed": Unclosable,
    "what cannot be sought": Flowing,
}


@pytest.mark.parametrize("make", UNSENDABLE.values(), ids=UNSENDABLE)
def test_what_is_neither_bytes_nor_a_binary_file_is_refused(make: Any) -> None:
    body = make()
    with pytest.raises(OptionError, match="expected bytes or a seekable binary file") as raised:
        send(body, name="a.txt")
    assert (raised.value.option, raised.value.value) == ("body", body)
    if hasattr(body, "close"):
        body.close()


def test_a_pipe_is_refused() -> None:
    before = open_descriptors()
    reading, writing = os.pipe()
    with open(reading, "rb") as body, open(writing, "wb"), pytest.raises(OptionError, match="seekable"):
        send(body, name="a.txt")
    assert open_descriptors() == before
