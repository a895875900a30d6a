"""A Django project under a WSGI and an ASGI server, in a real browser: the admin, hashed names, uploads, a private file."""

from __future__ import annotations

import re
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.django_site import PASSWORD, REPORT, USER, manage, write_project
from tests.integration.server import GUNICORN_GTHREAD, Kind, Server, require, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HASHED: Final = re.compile(r"/static/.+\.[0-9a-f]{12}\.[a-z0-9]+$")
FETCHED: Final = """() => performance.getEntriesByType("resource").map(
    entry => [new URL(entry.name).pathname, entry.transferSize])"""


def _uvicorn(port: int) -> list[str]:
    options = ["--port", str(port), "--lifespan", "off", "--log-level", "warning"]
    return [sys.executable, "-m", "uvicorn", "wsgi:asgi", *options]


UVICORN: Final = Kind("uvicorn", "uvicorn", _uvicorn)


def picture() -> bytes:
    """A PNG of two pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" + bytes(6))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("django")
    folder = tmp_path_factory.mktemp("project")
    write_project(folder)
    return folder


@pytest.fixture(scope="module", params=[GUNICORN_GTHREAD, UVICORN], ids=str)
def server(request: pytest.FixtureRequest, project: Path) -> Iterator[Server]:
    with running(request.param, project) as server:
        yield server
    assert "StreamingHttpResponse" not in server.output


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A page of somebody who comes for the first time; none of its scripts may fail."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}")
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def log_in(page: Page) -> None:
    page.goto("/admin/", wait_until="networkidle")
    page.fill("#id_username", USER)
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_selector("#user-tools")
    page.wait_for_load_state("networkidle")


def fetched(page: Page) -> dict[str, int]:
    """Static files of a page, with the bytes that came over the wire for each; 0 where it was kept."""
    return {path: size for path, size in page.evaluate(FETCHED) if path.startswith("/static/")}


def test_the_admin_loads_from_hashed_names_and_asks_for_none_twice(page: Page) -> None:
    log_in(page)
    page.goto("/admin/", wait_until="networkidle")
    assert (
        page.evaluate("getComputedStyle(document.getElementById('header')).backgroundColor") != "rgba(0, 0, 0, 0)"
    )
    files = fetched(page)
    assert len(files) >= 4
    assert [path for path in files if not HASHED.search(path)] == []
    page.goto("/admin/", wait_until="networkidle")
    again = fetched(page)
    assert again.keys() == files.keys()
    assert set(again.values()) == {0}


def test_a_stylesheet_and_what_it_refers_to_are_found_by_their_hashed_names(page: Page) -> None:
    page.goto("/", wait_until="networkidle")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(1, 2, 3)"
    assert sorted(re.sub(r"\.[0-9a-f]{12}\.", ".", path) for path in fetched(page)) == [
        "/static/images/mark.svg",
        "/static/site.css",
    ]


def upload(page: Page, name: str, media_type: str, data: bytes) -> str:
    """Upload through the form; the URL that it has."""
    page.goto("/", wait_until="networkidle")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": media_type, "buffer": data})
    page.click("button")
    page.wait_for_selector(f"a[href$='{name}']")
    href = page.get_attribute(f"a[href$='{name}']", "href")
    assert href is not None
    return href


def test_a_picture_that_is_uploaded_is_shown(page: Page, server: Server) -> None:
    name = f"picture-{server.kind.name.partition(' ')[0]}.png"
    upload(page, name, "image/png", picture())
    page.wait_for_load_state("networkidle")
    assert page.evaluate(f"document.querySelector(\"img[src$='{name}']\").naturalWidth") == 2


def test_a_page_that_is_uploaded_is_only_saved(page: Page, server: Server) -> None:
    name = f"page-{server.kind.name.partition(' ')[0]}.html"
    url = upload(page, name, "text/html", b"<script>alert(1)</script>")
    answer = page.request.get(url)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_report_is_for_who_is_logged_in_and_has_ranges(page: Page) -> None:
    assert "/admin/login/" in page.request.get("/report").url
    log_in(page)
    assert page.request.get("/report").body() == REPORT
    answer = page.request.get("/report", headers={"Range": "bytes=1000-1999"})
    assert (answer.status, answer.body()) == (206, REPORT[1000:2000])
    assert page.request.get("/protected/report.pdf").status == 404


def test_the_projects_own_commands_find_nothing_wrong(server: Server) -> None:
    folder: Path = server.tree.parent
    assert "no issues" in manage(folder, "check")
    assert manage(folder, "whitemedia", "explain", "/favicon.ico").startswith("/favicon.ico: a static file")
