"""What real servers send: requests per second and latency, beside an application that does nothing but answer.

python benchmarks/servers.py [--servers "gunicorn gthread" waitress] [--sizes 1024 262144] [--rounds 5] [--seconds 2]

Needs Linux, two cores, wrk (apt install wrk) and the servers that are asked for. The server is pinned to one core and
wrk to the other. In each round every application is started anew, one after the other; told are medians of the
rounds' ratios to the constant application, which sends the same bytes with the same headers.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
CONNECTIONS: Final = 8
APPLICATIONS: Final = ("constant", "whitemedia", "whitenoise")

WSGI = """
import os, sys
sys.path.insert(0, {root!r})
KIND, PATH = {kind!r}, "/static/body.bin"

def nothing(environ, start_response):
    start_response("404 Not Found", [("Content-Length", "0")])
    return []

def whitemedia():
    from whitemedia import WhiteMedia
    return WhiteMedia(nothing, {tree!r}, "/static/", cache_dir=None, compress="off", memory_limit=1 << 30)

def whitenoise():
    from whitenoise import WhiteNoise
    return WhiteNoise(nothing, {tree!r}, "/static/")

def constant():
    told = []
    from wsgiref.util import setup_testing_defaults
    environ = {{"PATH_INFO": PATH, "REQUEST_METHOD": "GET"}}
    setup_testing_defaults(environ)
    body = b"".join(whitemedia()(environ, lambda status, headers, exc_info=None: told.extend(headers)))
    def answer(environ, start_response):
        start_response("200 OK", list(told))
        return [body]
    return answer

application = {{"constant": constant, "whitemedia": whitemedia, "whitenoise": whitenoise}}[KIND]()
"""


class Told(NamedTuple):
    """What wrk says: requests per second, and the 99th percentile of latency in milliseconds."""

    rate: float
    p99: float


def _gunicorn(*flags: str) -> Callable[[int], list[str]]:
    common = ["-m", "gunicorn", "--no-control-socket", "--log-level", "error"]
    return lambda port: [*common, "--bind", f"127.0.0.1:{port}", *flags, "application:application"]


SERVERS: dict[str, tuple[str, Callable[[int], list[str]]]] = {
    "gunicorn gthread": ("gunicorn", _gunicorn("--threads", "4")),
    "gunicorn sync": ("gunicorn", _gunicorn()),
    "gunicorn gevent": ("gevent", _gunicorn("-k", "gevent")),
    "waitress": (
        "waitress",
        lambda port: ["-m", "waitress", f"--listen=127.0.0.1:{port}", "application:application"],
    ),
    "cheroot": (
        "cheroot",
        lambda port: ["-m", "cheroot", "--bind", f"127.0.0.1:{port}", "application:application"],
    ),
    "granian": (
        "granian",
        lambda port: [
            *("-m", "granian", "--interface", "wsgi", "--no-access-log", "--log-level", "error"),
            *("--port", str(port), "application:application"),
        ],
    ),
}
"""By name: the package that must be there, and the arguments of Python."""


@contextmanager
def serving(folder: Path, server: str) -> Iterator[int]:
    """The application in a folder on a server, on core 0: its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = ["taskset", "-c", "0", sys.executable, *SERVERS[server][1](port)]
    process = subprocess.Popen(
        command, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as client:
                client.sendall(b"GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if client.recv(1):
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("a server did not start")


def load(port: int, seconds: int) -> Told:
    """Ask with wrk, on core 1."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    text = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/static/body.bin"], check=True, capture_output=True, text=True
    ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    assert rate is not None
    assert p99 is not None
    if "Non-2xx" in text:
        raise SystemExit(text)
    return Told(float(rate[1]), float(p99[1]) * {"us": 1e-3, "ms": 1, "s": 1e3}[p99[2]])


def measure(folder: Path, server: str, kind: str, seconds: int) -> Told:
    """Serve the folder's tree by an application of this kind, and ask."""
    source = WSGI.format(root=str(ROOT), kind=kind, tree=str(folder / "tree"))
    (folder / "application.py").write_text(source)
    with serving(folder, server) as port:
        load(port, 1)
        return load(port, seconds)


def compare(server: str, size: int, rounds: int, seconds: int) -> dict[str, list[Told]]:
    """What each application does, by round."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "tree").mkdir()
        (folder / "tree" / "body.bin").write_bytes(os.urandom(size))
        told: dict[str, list[Told]] = {kind: [] for kind in APPLICATIONS}
        for _ in range(rounds):
            for kind in APPLICATIONS:
                told[kind].append(measure(folder, server, kind, seconds))
    return told


def main() -> None:
    """Print a row a server and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--sizes", nargs="+", type=int, default=[1 << 10, 10 << 10, 100 << 10, 256 << 10, 1 << 20])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    arguments = parser.parse_args()
    print(
        f"{'server':18}{'bytes':>10}{'constant':>12}{'whitemedia':>12}{'whitenoise':>12}{'p99':>8}{'p99 const':>11}"
    )
    for server in arguments.servers:
        if importlib.util.find_spec(SERVERS[server][0]) is None:
            print(f"{server:18} is not installed")
            continue
        for size in arguments.sizes:
            told = compare(server, size, arguments.rounds, arguments.seconds)
            ratio = {
                kind: statistics.median(
                    one.rate / base.rate for one, base in zip(told[kind], told["constant"], strict=True)
                )
                for kind in APPLICATIONS
            }
            p99 = {kind: statistics.median(one.p99 for one in told[kind]) for kind in APPLICATIONS}
            rate = statistics.median(one.rate for one in told["constant"])
            print(
                f"{server:18}{size:10,}{rate:10,.0f}/s{ratio['whitemedia']:12.2f}{ratio['whitenoise']:12.2f}"
                f"{p99['whitemedia']:6.1f} ms{p99['constant']:8.1f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
