"""What is measured: applications on servers, and servers that need none."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

SERVER_CORE: Final = "0"
START_SECONDS: Final = 30
MODULE: Final = "benchmarks.servers.application"
ROOT: Final = Path(__file__).resolve().parent.parent.parent

NGINX: Final = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
events {{ worker_connections 256; }}
http {{
    types {{ text/css css; application/octet-stream bin; }}
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max=1000 inactive=60s;
    open_file_cache_valid 60s;
    client_body_temp_path {folder}/client;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location /static/ {{ alias {tree}/; expires 60; }}
    }}
}}
"""


class Target(NamedTuple):
    """A server, and the kind of application on it ("" where it serves the tree itself)."""

    server: str
    kind: str

    def __str__(self) -> str:
        return f"{self.server} + {self.kind}" if self.kind else self.server


class Running:
    """A target that answers on `port`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.port = port
        self._process = process

    def cpu_seconds(self) -> float:
        """What its processes have used so far."""
        return sum(int(one[11]) + int(one[12]) for one in self._stats()) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """What its processes hold in memory, in MB."""
        return sum(int(one[21]) for one in self._stats()) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def _stats(self) -> Iterator[list[str]]:
        """Of each process, what follows its name in /proc/PID/stat."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it ended
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[2]) == self._process.pid:
                    yield fields

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _python(*arguments: str) -> Callable[[int, Path], list[str]]:
    return lambda port, folder: [sys.executable, *(argument.format(port=port) for argument in arguments)]


def _gunicorn(*flags: str) -> Callable[[int, Path], list[str]]:
    common = ("-m", "gunicorn", "--no-control-socket", "--log-level", "critical", "--bind", "127.0.0.1:{port}")
    return _python(*common, *flags, f"{MODULE}:application")


def _granian(*flags: str) -> Callable[[int, Path], list[str]]:
    common = ("-m", "granian", "--interface", "wsgi", "--no-access-log", "--log-level", "error")
    return _python(*common, "--port", "{port}", *flags, f"{MODULE}:application")


def _granian_static(port: int, folder: Path) -> list[str]:
    return _granian("--static-path-mount", str(folder / "tree"))(port, folder)


def _uwsgi(port: int, folder: Path) -> list[str]:
    flags = ("--disable-logging", "--threads", "4", "--so-keepalive", "--need-app", "--die-on-term")
    program = Path(sys.executable).parent / "uwsgi"
    return [str(program), "--http11-socket", f"127.0.0.1:{port}", *flags, "--module", f"{MODULE}:application"]


def _nginx(port: int, folder: Path) -> list[str]:
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, tree=folder / "tree", port=port))
    return [shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx", "-c", str(configuration), "-e", "stderr"]


SERVERS: Final[dict[str, tuple[str, Callable[[int, Path], list[str]]]]] = {
    "gunicorn gthread": ("gunicorn", _gunicorn("--threads", "4")),
    "gunicorn sync": ("gunicorn", _gunicorn()),
    "gunicorn gevent": ("gevent", _gunicorn("-k", "gevent")),
    "waitress": ("waitress", _python("-m", "waitress", "--listen=127.0.0.1:{port}", f"{MODULE}:application")),
    "cheroot": ("cheroot", _python("-m", "cheroot", "--bind", "127.0.0.1:{port}", f"{MODULE}:application")),
    "granian": ("granian", _granian()),
    "uwsgi": ("", _uwsgi),
    "granian static": ("granian", _granian_static),
    "nginx": ("", _nginx),
}
"""By name: the package that must be installed, and the command that serves on a port what is in a folder."""


def is_installed(server: str) -> bool:
    """Whether it can be measured here."""
    package = SERVERS[server][0]
    if package:
        return importlib.util.find_spec(package) is not None
    program = SERVERS[server][1](0, Path(os.devnull).parent)[0] if server == "uwsgi" else "nginx"
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is not None


@contextmanager
def serving(targets: list[Target], folder: Path, ready: str) -> Iterator[dict[Target, Running]]:
    """Start all targets over the tree in a folder, on one core, until they answer `ready`; all are killed in the end."""
    started: dict[Target, Running] = {}
    try:
        for target in targets:
            started[target] = _start(target, folder)
        for target, running in started.items():
            if not _answers(running.port, ready):
                raise SystemExit(f"{target} did not start:\n{_log(folder, target).read_text()}")
        yield started
    finally:
        for running in started.values():
            running.stop()


def _start(target: Target, folder: Path) -> Running:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    environment = {**os.environ, "TREE": str(folder / "tree"), "KIND": target.kind}
    command = ["taskset", "-c", SERVER_CORE, *SERVERS[target.server][1](port, folder)]
    output = _log(folder, target).open("wb")
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stdout=output, stderr=subprocess.STDOUT
    )
    output.close()
    return Running(process, port)


def _log(folder: Path, target: Target) -> Path:
    return folder / f"{target}.log"


def _answers(port: int, path: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), START_SECONDS) as client:
                client.sendall(f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                if client.recv(1):
                    return True
        except OSError:
            pass
        time.sleep(0.05)
    return False
