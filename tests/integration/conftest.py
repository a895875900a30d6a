"""Sites to serve, and servers that serve them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.browser import chromium
from tests.integration.server import Kind, Server, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "11")])
    return [b"application"]
"""
"""The application behind whitemedia: what is passed on ends here."""


class Serve:
    """Starts servers, and stops them when its tests are through."""

    def __init__(self, make_folder: Callable[[str], Path]) -> None:
        self.running: list[Server] = []
        self._make_folder = make_folder
        self._stack = ExitStack()

    def __call__(self, kind: Kind, write: Callable[[Path], None], app: str, *, faults: bool = False) -> Server:
        """Start one over a tree that `write` fills; `app` says what `app` is in its `wsgi.py`."""
        folder = self._make_folder("site")
        self._stack.callback(shutil.rmtree, folder)  # some are large, and pytest would keep those of three runs
        write(folder / "tree")
        (folder / "wsgi.py").write_text(f"from whitemedia import WhiteMedia\n{APPLICATION}\n{app}\n")
        self.running.append(self._stack.enter_context(running(kind, folder, faults=faults)))
        return self.running[-1]

    def close(self) -> None:
        self._stack.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the servers of a failed test have printed."""
    report = yield
    if report.failed:
        serves = [value for value in item.funcargs.values() if isinstance(value, Serve)]
        servers = [server for serve in serves for server in serve.running]
        report.sections += [(f"{server.kind} printed", server.output) for server in servers]
    return report


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start servers that all tests of a module share."""
    with closing(Serve(tmp_path_factory.mktemp)) as serve:
        yield serve


@pytest.fixture
def serve_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start servers for one test."""
    with closing(Serve(tmp_path_factory.mktemp)) as serve:
        yield serve


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that all tests of a module share."""
    with chromium() as browser:
        yield browser
