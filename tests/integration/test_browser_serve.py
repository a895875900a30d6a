"""`whitemedia serve` over a site that Vite built, in a real browser. The site is a part of playwright's own package."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import pytest

from tests.integration.browser import chromium
from tests.integration.server import require
from tests.packages import VITE_SITE, folder_of

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page

HASHED: Final = re.compile(r"[.-][0-9A-Za-z_-]{8}\.(?:js|css|ttf)$")
REQUEST: Final = re.compile(r"\S+ GET (\S+) ([0-9]{3}) ")


class Site:
    """A site that is served: its URL, and what was asked of it since one last looked."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._output = process.stdout
        self.first = self._output.readline()
        match = re.match(r"http://\S+", self._output.readline())
        assert match is not None, self.first
        self.url = match[0]

    def requests(self, page: Page) -> list[tuple[str, int]]:
        """Path and status of each request, up to one that is made here to find the end."""
        page.request.get(f"{self.url}no-such-file")
        found = iter(lambda: REQUEST.match(self._output.readline()), None)
        asked = ((match[1], int(match[2])) for match in found)
        return list(iter(lambda: next(asked), ("/no-such-file", 404)))


@contextmanager
def serving(directory: Path, *options: str) -> Iterator[Site]:
    command = [sys.executable, "-m", "whitemedia", "serve", str(directory), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            yield Site(process)
        finally:
            process.terminate()
            assert process.wait(10) == 0


@pytest.fixture(scope="module")
def built() -> Path:
    require("playwright")
    return folder_of("playwright", VITE_SITE)


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium() as browser:
        yield browser.new_context()


def load(context: BrowserContext, url: str) -> tuple[Page, list[str]]:
    """Load a page; with it, the errors on its console."""
    page, errors = context.new_page(), []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url, wait_until="networkidle")
    return page, errors


def test_a_built_site_loads_without_an_error_and_its_hashed_files_are_asked_for_once(
    built: Path, context: BrowserContext
) -> None:
    with serving(built, "--immutable", "vite", "--max-age", "0") as site:
        assert re.match(r"whitemedia: [0-9]+ files, [0-9.]+ MB from ", site.first)
        page, errors = load(context, site.url)
        assert errors == []
        assert page.title() == "Playwright Trace Viewer"
        first = site.requests(page)
        assert len([path for path, status in first if HASHED.search(path) and status == 200]) >= 5
        page, errors = load(context, site.url)
        assert errors == []
        second = site.requests(page)
        assert ("/", 304) in second
        assert [path for path, _ in second if HASHED.search(path)] == []


def test_a_listing_loads_without_an_error_and_leads_to_files_and_folders(
    built: Path, context: BrowserContext
) -> None:
    with serving(built, "--list", "--no-index") as site:
        page, errors = load(context, site.url)
        page.get_by_role("link", name="assets/").click()
        href = page.get_by_role("link", name=re.compile(r"^urlMatch-")).get_attribute("href")
        assert page.request.get(urljoin(page.url, href)).ok
        page.get_by_role("link", name="Parent directory").click()
        assert page.url == site.url
        assert errors == []
