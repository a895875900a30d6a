"""WSGI servers as processes of their own, on free ports of this machine, their output kept."""

from __future__ import annotations

import importlib
import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

import whitemedia

START_SECONDS = 30.0
STOP_SECONDS = 10.0

_LOG = "server.log"

_FAULTS = ("Traceback (most recent call last)", "unclosed file")
"""What no log may contain: an error nobody caught, and a file that nobody closed."""


class Kind(NamedTuple):
    """A server: its package, the command that serves `wsgi:app` on a port, and what it makes of connections."""

    name: str
    package: str
    command: Callable[[int], list[str]]
    closes_always: bool = False
    closes_after: tuple[int, ...] = ()
    closes_after_content: bool = False  # without saying so
    pipelines: bool = True

    def __str__(self) -> str:
        return self.name


class Server:
    """A running server; `tree` is the directory of files beside its `wsgi.py`."""

    def __init__(self, kind: Kind, port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.kind = kind
        self.port = port
        self.process = process
        self.tree = folder / "tree"
        self._log = folder / _LOG
        self._printed = ""

    @property
    def output(self) -> str:
        """What it has printed so far; it can still be asked when the folder is gone."""
        if self._log.exists():
            self._printed = self._log.read_text("utf-8", "replace")
        return self._printed

    def answers(self) -> bool:
        """Whether it does, after a while. Some listen long before their application is there."""
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), START_SECONDS) as client:
                    client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    client.recv(1)  # closing is an answer too
                    return True
            except (ConnectionRefusedError, ConnectionResetError):
                time.sleep(0.02)  # nothing tells of a port that begins to listen
        return False

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._printed = self.output


@contextmanager
def running(kind: Kind, folder: Path, *, faults: bool = False) -> Iterator[Server]:
    """Serve `app` of `wsgi.py` in `folder`.

    Fails if the output then tells of an error, unless `faults` says that errors are what is tested.
    """
    require(kind.package)
    server = _start(kind, folder)
    try:
        yield server
    finally:
        server.stop()
    if not faults:
        found = [fault for fault in _FAULTS if fault in server.output]
        assert not found, f"{kind} logged {found}:\n{server.output}"


def require(package: str) -> None:
    """Skip what needs a package that is not installed; where all must be, in CI, fail."""
    if importlib.util.find_spec(package) is not None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{package} is not installed")
    pytest.skip(f"{package} is not installed")


def _start(kind: Kind, folder: Path) -> Server:
    port = free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(whitemedia.__file__).parents[1]),
        "PYTHONWARNINGS": "default",  # a file that nobody closed is told of
    }
    with (folder / _LOG).open("wb") as log:
        process = subprocess.Popen(
            kind.command(port), cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    server = Server(kind, port, process, folder)
    if not server.answers():
        server.stop()
        pytest.fail(f"{kind} did not start:\n{server.output}")
    return server


def free_port() -> int:
    """One that nothing listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def python(module: str, *arguments: str) -> list[str]:
    """A command that runs a module in this environment."""
    return [sys.executable, "-m", module, *arguments]


def gunicorn(*arguments: str, app: str = "wsgi:app") -> Callable[[int], list[str]]:
    """Commands of gunicorn with these arguments."""

    def command(port: int) -> list[str]:
        known = importlib.import_module("gunicorn.config").KNOWN_SETTINGS
        common = ["--bind", f"127.0.0.1:{port}", "--graceful-timeout", "2", "--keep-alive", "30"]
        if any(setting.name == "control_socket_disable" for setting in known):
            common.append("--no-control-socket")  # of newer versions, which put it into the home directory
        return python("gunicorn", *common, *arguments, app)

    return command


def _waitress(port: int) -> list[str]:
    return python("waitress", f"--listen=127.0.0.1:{port}", "wsgi:app")


def _cheroot(port: int) -> list[str]:
    return python("cheroot", "--bind", f"127.0.0.1:{port}", "wsgi:app")


def _granian(port: int) -> list[str]:
    return python("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "wsgi:app")


def _uwsgi(port: int) -> list[str]:
    flags = (
        "--http11-socket",
        f"127.0.0.1:{port}",
        "--threads",
        "4",
        "--so-keepalive",
        "--die-on-term",
        "--need-app",
    )
    program = str(Path(sys.executable).parent / "uwsgi")
    return [program, *flags, "--post-buffering", "65536", "--module", "wsgi:app"]


GUNICORN_SYNC = Kind("gunicorn sync", "gunicorn", gunicorn(), closes_always=True)
GUNICORN_GTHREAD = Kind("gunicorn gthread", "gunicorn", gunicorn("--threads", "4"))
GUNICORN_PRELOAD = Kind(
    "gunicorn preload", "gunicorn", gunicorn("--preload", "--workers", "4"), closes_always=True
)
HOOKS_WORKERS = 3
_HOOKS = ("--workers", str(HOOKS_WORKERS))
GUNICORN_HOOKS = Kind("gunicorn hooks", "gunicorn", gunicorn(*_HOOKS), closes_always=True)
GUNICORN_HOOKS_PRELOAD = Kind(
    "gunicorn hooks preload", "gunicorn", gunicorn(*_HOOKS, "--preload"), closes_always=True
)
GUNICORN_FLASK = Kind("gunicorn", "flask", gunicorn("--threads", "4", "--chdir", "tree", app="app:app"))
GUNICORN_GEVENT = Kind("gunicorn gevent", "gevent", gunicorn("--worker-class", "gevent"))
UWSGI = Kind("uwsgi", "pyuwsgi", _uwsgi, closes_after_content=True, pipelines=False)
WAITRESS = Kind("waitress", "waitress", _waitress, closes_after=(204, 304))
CHEROOT = Kind("cheroot", "cheroot", _cheroot)
GRANIAN = Kind("granian", "granian", _granian)
KINDS = (GUNICORN_SYNC, GUNICORN_GTHREAD, GUNICORN_GEVENT, WAITRESS, CHEROOT, GRANIAN, UWSGI)
