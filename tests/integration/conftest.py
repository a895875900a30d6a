"""Sites to serve, and servers that serve them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.server import Kind, Server, running

APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "11")])
    return [b"application"]
"""
"""The application behind whitemedia: what is passed on ends here."""

Serve = Callable[..., Server]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the servers of a failed test have printed."""
    report = yield
    if report.failed:
        servers = (value for value in item.funcargs.values() if isinstance(value, Server))
        report.sections += [(f"{server.kind} printed", server.output) for server in servers]
    return report


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start a server of a kind over a tree that `write` fills; `app` says what `app` is in its `wsgi.py`."""
    with ExitStack() as stack:

        def start(kind: Kind, write: Callable[[Path], None], app: str, *, faults: bool = False) -> Server:
            folder = tmp_path_factory.mktemp("site")
            stack.callback(shutil.rmtree, folder)  # some are large, and pytest would keep three runs' worth
            write(folder / "tree")
            (folder / "wsgi.py").write_text(f"from whitemedia import WhiteMedia\n{APPLICATION}\n{app}\n")
            return stack.enter_context(running(kind, folder, faults=faults))

        yield start
