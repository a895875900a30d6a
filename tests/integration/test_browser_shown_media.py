"""What users wrote and a browser shows is shown from a media prefix; what is to be saved is saved under its name."""

from __future__ import annotations

import struct
import wave
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.browser import chromium
from tests.integration.client import PATIENCE
from tests.integration.mp4 import silent_mp4
from tests.integration.server import WAITRESS

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Response

    from tests.integration.conftest import Serve
    from tests.integration.server import Server

APP: Final = """
app = WhiteMedia(application, "tree/pages")
app.add_media("tree/media")
"""

PAGES: Final = {
    "image": "<img src=/media/image.png>",
    "audio": "<audio src=/media/sound.wav preload=metadata></audio>",
    "video": "<video src=/media/film.mp4 preload=metadata></video>",
}
TEXT: Final = "Füße, <b>no</b> markup\n"
WIDTH: Final = 7
SECONDS: Final = 3

NAMES: Final = ("report.html", "Übersicht 2.svg", "archive.tar.gz", "日本.js", "100%.html", "data.wasm")
"""Of files that are saved."""


@pytest.fixture(scope="module")
def profile() -> Iterator[BrowserContext]:
    with chromium() as browser:
        context = browser.new_context(accept_downloads=True)
        context.set_default_timeout(2 * PATIENCE * 1000)
        yield context


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    return serve(WAITRESS, write, APP)


@pytest.fixture
def page(profile: BrowserContext) -> Iterator[Page]:
    page = profile.new_page()
    yield page
    page.close()


def test_an_image_is_shown_in_a_page_and_opened(server: Server, page: Page) -> None:
    for url in ("image.html", "media/image.png"):
        page.goto(f"http://localhost:{server.port}/{url}")
        assert page.evaluate("document.images[0].naturalWidth") == WIDTH


@pytest.mark.parametrize(("element", "name"), [("audio", "sound.wav"), ("video", "film.mp4")])
def test_audio_and_video_play_from_ranges(server: Server, page: Page, element: str, name: str) -> None:
    with page.expect_response(f"**/media/{name}") as answered:
        page.goto(f"http://localhost:{server.port}/{element}.html")
    response: Response = answered.value
    page.wait_for_function(f"document.querySelector('{element}').readyState >= HTMLMediaElement.HAVE_METADATA")
    assert response.request.all_headers()["range"].startswith("bytes=")
    assert response.status == 206
    assert page.evaluate(f"document.querySelector('{element}').duration") == pytest.approx(SECONDS, abs=0.1)


def test_text_is_shown_as_text(server: Server, page: Page) -> None:
    page.goto(f"http://localhost:{server.port}/media/notes.txt")
    assert page.inner_text("body").strip() == TEXT.strip()


def test_a_pdf_is_shown_by_the_viewer(server: Server, page: Page) -> None:
    """A download would raise."""
    page.goto(f"http://localhost:{server.port}/media/paper.pdf")
    assert page.url.endswith("/media/paper.pdf")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_shown_is_saved_under_its_name(server: Server, page: Page, name: str) -> None:
    page.goto(f"http://localhost:{server.port}/image.html")
    with page.expect_download() as saving:
        page.evaluate("name => { location = `/media/${encodeURIComponent(name)}`; }", name)
    assert saving.value.suggested_filename == name
    assert saving.value.path().read_bytes() == content(name)
    assert page.url.endswith("/image.html")


def content(name: str) -> bytes:
    return f"<!doctype html><p>{name}".encode()


def png() -> bytes:
    """A grey rectangle."""
    rows = (b"\0" + b"\x80" * WIDTH) * WIDTH
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", WIDTH, WIDTH, 8, 0, 0, 0, 0),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks.items()
    )


def pdf() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


def write(tree: Path) -> None:
    for folder in ("pages", "media"):
        (tree / folder).mkdir(parents=True)
    for name, element in PAGES.items():
        page = f"<!doctype html><html lang=en><title>A page</title><link rel=icon href=data:,>{element}"
        (tree / "pages" / f"{name}.html").write_text(page)
    files = {"image.png": png(), "film.mp4": silent_mp4(SECONDS), "notes.txt": TEXT.encode(), "paper.pdf": pdf()}
    for name, data in {**files, **{name: content(name) for name in NAMES}}.items():
        (tree / "media" / name).write_bytes(data)
    with wave.open(str(tree / "media" / "sound.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 8000 * SECONDS))
