"""Types of files without a known extension: inert ones as libmagic finds them, text as plain text, else a safe default."""

from __future__ import annotations

import importlib
import logging
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import pytest

from whitemedia.assets.sniffing import HEAD_LENGTH, sniff_media_type
from whitemedia.http.media_types import OCTET_STREAM, PLAIN_TEXT

pytestmark = pytest.mark.usefixtures("no_libmagic_open_yet")

PNG = b"\x89PNG\r\n\x1a\n"
HEAD = b"the first bytes of a file"


class FakeMagic(types.ModuleType):
    """In the place of python-magic: it knows a PNG, and makes of all else what it is told."""

    def __init__(self) -> None:
        super().__init__("magic")
        self.opened: list[int] = []
        self.of_png: Callable[[], str] = lambda: "image/png"
        self.of_rest: Callable[[], str] = lambda: "image/gif"
        self.on_open: Callable[[], None] = lambda: None

    def Magic(self, *, mime: bool) -> FakeMagic:  # noqa: N802 - its name
        assert mime
        self.opened.append(threading.get_ident())
        self.on_open()
        return self

    def from_buffer(self, head: bytes) -> str:
        return self.of_png() if head.startswith(PNG) else self.of_rest()


@pytest.fixture
def magic(monkeypatch: pytest.MonkeyPatch) -> FakeMagic:
    """A libmagic to be told what it finds."""
    fake = FakeMagic()
    monkeypatch.setitem(sys.modules, "magic", fake)
    return fake


def fail(error: Exception) -> Callable[[], str]:
    def call() -> str:
        raise error

    return call


@pytest.mark.parametrize(
    ("found", "media_type"),
    [
        ("image/gif", "image/gif"),
        ("audio/mpeg", "audio/mpeg"),
        ("video/mp4", "video/mp4"),
        ("font/woff2", "font/woff2"),
        ("application/pdf", "application/pdf"),
        ("application/zip", "application/zip"),
        ("application/wasm", "application/wasm"),
        ("application/gzip", "application/gzip"),
        ("application/x-tar", "application/x-tar"),
        ("text/plain", PLAIN_TEXT),
        ("text/html", PLAIN_TEXT),
        ("text/x-c++", PLAIN_TEXT),
        ("image/svg+xml", PLAIN_TEXT),
        ("application/json", PLAIN_TEXT),
        ("application/javascript", PLAIN_TEXT),
        ("application/xhtml+xml", OCTET_STREAM),
        ("application/x-msdownload", OCTET_STREAM),
        ("message/rfc822", OCTET_STREAM),
        ("image", OCTET_STREAM),
        ("image/", OCTET_STREAM),
        ("image/gif\r\nSet-Cookie: a", OCTET_STREAM),
        ("cannot open `x' (No such file or directory)", OCTET_STREAM),
        ("", OCTET_STREAM),
    ],
)
def test_what_libmagic_finds_is_sent_only_if_no_browser_runs_it(
    magic: FakeMagic, found: str, media_type: str
) -> None:
    magic.of_rest = lambda: found
    assert sniff_media_type(HEAD) == media_type


def test_an_empty_file_is_not_asked_about(magic: FakeMagic) -> None:
    assert sniff_media_type(b"") == OCTET_STREAM
    assert magic.opened == []


def test_bytes_that_libmagic_fails_on_are_octets_and_the_next_are_asked_about(magic: FakeMagic) -> None:
    magic.of_rest = fail(RuntimeError("could not find any magic files!"))
    assert sniff_media_type(HEAD) == OCTET_STREAM
    magic.of_rest = lambda: "image/gif"
    assert sniff_media_type(HEAD) == "image/gif"


def test_each_thread_has_a_handle_of_its_own_and_opens_it_once(magic: FakeMagic) -> None:
    """Its handles are not safe to share."""
    meeting = threading.Barrier(3)

    def sniff_twice() -> None:
        for _ in range(2):
            sniff_media_type(HEAD)
            meeting.wait(5)

    threads = [threading.Thread(target=sniff_twice) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(magic.opened) == len(set(magic.opened)) == 3


def break_import(magic: FakeMagic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "magic", None)
    # Else that is loaded, which tells any libmagic of this process to use its data
    monkeypatch.setitem(sys.modules, "pylibmagic", None)


def break_opening(magic: FakeMagic, monkeypatch: pytest.MonkeyPatch) -> None:
    magic.on_open = fail(OSError("no\nlibrary"))  # type: ignore[assignment]


def break_data(magic: FakeMagic, monkeypatch: pytest.MonkeyPatch) -> None:
    magic.of_png = lambda: "text/plain"


def break_first_look(magic: FakeMagic, monkeypatch: pytest.MonkeyPatch) -> None:
    magic.of_png = fail(RuntimeError("could not find any valid magic files!"))


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (break_import, "magic"),
        (break_opening, "no library"),
        (break_data, "its data file is missing or foreign"),
        (break_first_look, "could not find any valid magic files!"),
    ],
    ids=["not installed", "does not open", "without its data", "raises"],
)
def test_a_libmagic_that_is_not_usable_is_said_once_and_its_answers_are_not_taken(
    magic: FakeMagic,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    break_it: Callable[[FakeMagic, pytest.MonkeyPatch], None],
    reason: str,
) -> None:
    break_it(magic, monkeypatch)
    caplog.set_level(logging.INFO, logger="whitemedia")
    assert [sniff_media_type(head) for head in (HEAD, HEAD, PNG)] == [OCTET_STREAM] * 3
    [message] = caplog.messages
    assert message.startswith("libmagic is not usable (")
    assert reason in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG + b"\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x06\x00\x00\x00", "image/png"),
        (b"GIF89a\x01\x00\x01\x00\x00\xff\x00,", "image/gif"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
        (b"<!doctype html><script>alert(1)</script>", PLAIN_TEXT),
        (b"just some words", PLAIN_TEXT),
        (b"\x00\x01\x02\x03" * 8, OCTET_STREAM),
    ],
    ids=["png", "gif", "pdf", "html", "text", "octets"],
)
def test_libmagic_itself_where_it_is_installed(head: bytes, media_type: str) -> None:
    pytest.importorskip("magic", exc_type=ImportError)
    assert sniff_media_type(head[:HEAD_LENGTH]) == media_type


def test_without_the_system_s_libmagic_the_extra_s_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    real = importlib.import_module

    def import_module(name: str) -> Any:
        imported.append(name)
        if name == "magic" and "pylibmagic" not in imported:
            raise ImportError("failed to find libmagic")
        return real(name)

    monkeypatch.setitem(sys.modules, "magic", FakeMagic())
    monkeypatch.setitem(sys.modules, "pylibmagic", types.ModuleType("pylibmagic"))
    monkeypatch.setattr(importlib, "import_module", import_module)
    assert sniff_media_type(PNG) == "image/png"
    assert imported == ["magic", "pylibmagic", "magic"]
