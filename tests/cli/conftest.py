"""The command run in this process: no socket is opened, and what would be served is asked directly."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.answers import Answer
from tests.conftest import Client
from whitemedia.cli import main, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PORT = 8123


class Ran(NamedTuple):
    """A command that has ended: its exit code, what it wrote, and what it was asked meanwhile."""

    code: int
    lines: list[str]
    errors: str
    answers: list[Answer]


class FakeListener:
    """As much of a listening socket as is asked of it."""

    def getsockname(self) -> tuple[str, int]:
        return ("127.0.0.1", PORT)


Run = Callable[..., Ran]
"""`run("serve", …, asks=("/",))`: while it serves, `first` is called and the paths are asked for."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(
        *argv: str | os.PathLike[str], asks: tuple[str, ...] = (), first: Callable[[], object] = lambda: None
    ) -> Ran:
        answers: list[Answer] = []

        def listen(host: str, port: int) -> AbstractContextManager[FakeListener]:
            return nullcontext(FakeListener())

        def serve_until_stopped(waitress: Any, application: WSGIApplication, listener: FakeListener) -> None:
            first()
            client = Client(application)
            answers.extend(client.get(path) for path in asks)
            raise KeyboardInterrupt

        monkeypatch.setattr(serve, "listen", listen)
        monkeypatch.setattr(serve, "serve", serve_until_stopped)
        monkeypatch.setattr(serve, "import_waitress", lambda: None)
        monkeypatch.setattr(sys, "path", list(sys.path))
        code = main([os.fspath(argument) for argument in argv])
        out, errors = capsys.readouterr()
        return Ran(code, out.splitlines(), errors, answers)

    return run
