"""A real browser: Debian's Chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.server import require

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; skips where there is none, but in CI, where it is installed."""
    require("playwright")
    from playwright.sync_api import sync_playwright

    path = _find()
    if path is None and os.environ.get("CI") == "true":
        install("chromium")
        path = _find()
        assert path is not None, "apt installed chromium, which is not found"
    if path is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def _find() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def install(package: str) -> None:
    """Install a package of Debian's."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", package]):
        subprocess.run([*as_root, *command], check=True, stdout=subprocess.DEVNULL)
