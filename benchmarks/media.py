"""Uploads: a media root beside Flask's `send_from_directory`, and what memory very many of them take.

python benchmarks/media.py [--rounds 21] [--calls 500] [--check] [--wrk] [--files 100000]

In process a request is called, drained and closed, as a server does; --wrk asks through gunicorn's threads. Memory is
that of a process that is asked for each of so many files once, and then again. Linux only.
"""

from __future__ import annotations

import argparse
import functools
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from wsgiref.util import FileWrapper, setup_testing_defaults

from flask import Flask, send_from_directory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.memory import gunicorn
from benchmarks.operations import BROWSER, Application, constant, perform
from whitemedia import WhiteMedia
from whitemedia.assets.validators import SETTLED_NS


class Download(NamedTuple):
    """A request for a file: its name, a field, how much fewer calls make a round, and how many times Flask's rate it
    has to be answered at."""

    label: str
    name: str
    fields: dict[str, str]
    fewer: int
    limit: float


LENGTHS: Final = {"small.png": 20_000, "large.png": 5_000_000}
DOWNLOADS: Final = (
    Download("20 KB", "small.png", {}, 1, 3.0),
    Download("20 KB, a range", "small.png", {"HTTP_RANGE": "bytes=1000-4999"}, 1, 3.0),
    Download("20 KB, 304", "small.png", {"HTTP_IF_NONE_MATCH": ""}, 1, 3.0),
    Download("5 MB", "large.png", {}, 25, 1.0),
    Download("5 MB, a range", "large.png", {"HTTP_RANGE": "bytes=1000-4999"}, 1, 1.0),
)

SOURCES: Final = {
    "flask": """
from flask import Flask, send_from_directory

app = application = Flask(__name__)
app.add_url_rule("/media/<path:name>", view_func=lambda name: send_from_directory({root!r}, name), endpoint="media")
""",
    "whitemedia": """
from benchmarks.operations import constant
from whitemedia import WhiteMedia

app = WhiteMedia(constant)
app.add_media({root!r})
""",
}

MEMORY: Final = """
import gc, os, sys
from wsgiref.util import FileWrapper, setup_testing_defaults
from benchmarks.operations import BROWSER, constant, perform
from whitemedia import WhiteMedia

app = WhiteMedia(constant)
app.add_media(sys.argv[1])

def told():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

def ask(number):
    environ = {**BROWSER, "PATH_INFO": f"/media/{number}.png", "wsgi.file_wrapper": FileWrapper}
    setup_testing_defaults(environ)
    perform(app, environ, lambda status, headers, exc_info=None: statuses.add(status))

statuses = set()
ask(0)
found = [told()]
for _ in range(2):
    for number in range(int(sys.argv[2])):
        ask(number)
    found.append(told())
assert statuses == {"200 OK"}, statuses
print(*found)
"""


def build_applications(root: Path) -> dict[str, Application]:
    """Both over the same directory."""
    ours: Any = WhiteMedia(constant)
    ours.add_media(root)
    theirs: Any = Flask(__name__)
    theirs.add_url_rule("/media/<path:name>", "media", lambda name: send_from_directory(root, name))
    return {"flask": theirs, "whitemedia": ours}


def build_environ(download: Download, application: Application) -> dict[str, Any]:
    """The request as a server would give it; with the application's own entity tag where one is asked for."""
    path = f"/media/{download.name}"
    environ: dict[str, Any] = {**BROWSER, "PATH_INFO": path, "wsgi.file_wrapper": FileWrapper}
    setup_testing_defaults(environ)
    if "HTTP_IF_NONE_MATCH" in download.fields:
        answer: dict[str, str] = {}
        perform(application, environ, lambda status, headers, exc_info=None: answer.update(headers))
        return {**environ, "HTTP_IF_NONE_MATCH": answer["ETag"]}
    return {**environ, **download.fields}


def ask(application: Application, environ: dict[str, Any], calls: int) -> float:
    """Seconds for one request. Each has an environ of its own: Flask leaves things there."""
    environs = [environ.copy() for _ in range(calls)]
    start_response: Callable[..., object] = lambda status, headers, exc_info=None: None  # noqa: E731
    started = time.perf_counter()
    for own in environs:
        perform(application, own, start_response)
    return (time.perf_counter() - started) / calls


def compare(measures: Mapping[str, Callable[[], float]], rounds: int) -> list[tuple[float, float]]:
    """Pairs of seconds, Flask's and whitemedia's; who goes first alternates."""
    pairs = []
    for number in range(rounds):
        order = list(measures) if number % 2 else list(measures)[::-1]
        seconds = {name: measures[name]() for name in order}
        pairs.append((seconds["flask"], seconds["whitemedia"]))
    return pairs


def show(label: str, pairs: list[tuple[float, float]]) -> float:
    """Print a row; the median of the rounds' ratios."""
    ratios = sorted(theirs / ours for theirs, ours in pairs)
    theirs, ours = (1 / statistics.median(column) for column in zip(*pairs, strict=True))
    spread = f"{ratios[len(ratios) // 10]:.1f}–{ratios[-1 - len(ratios) // 10]:.1f}"
    ratio = statistics.median(ratios)
    print(f"{label:24}{theirs:10,.0f}/s{ours:10,.0f}/s{ratio:8.2f}{spread:>12}", flush=True)
    return ratio


def measure_in_process(root: Path, rounds: int, calls: int) -> bool:
    """Print a row a download; whether all are as fast as they must be."""
    applications = build_applications(root)
    ratios = []
    for download in DOWNLOADS:
        measures = {
            name: functools.partial(ask, app, build_environ(download, app), calls // download.fewer)
            for name, app in applications.items()
        }
        ratios.append((show(download.label, compare(measures, rounds)), download.limit))
    return all(ratio >= limit for ratio, limit in ratios)


def measure_server(folder: Path, root: Path, rounds: int) -> None:
    """Print a row a file, asked for by wrk on 8 connections, a second a round, from gunicorn's threads."""
    (folder / "flask").mkdir()
    (folder / "whitemedia").mkdir()
    theirs, ours = (
        gunicorn(folder / name, SOURCES[name].format(root=str(root)), "--threads", "4", "--pythonpath", ".")
        for name in ("flask", "whitemedia")
    )
    with theirs as (their_port, _), ours as (our_port, _):
        ports = {"flask": their_port, "whitemedia": our_port}
        for name, length in LENGTHS.items():
            measures = {kind: functools.partial(_wrk, port, name) for kind, port in ports.items()}
            show(f"gunicorn, {length:,}", compare(measures, rounds))


def _wrk(port: int, name: str) -> float:
    command = ["wrk", "-t1", "-c8", "-d1s", f"http://127.0.0.1:{port}/media/{name}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if rate is None or "Non-2xx" in text:
        raise SystemExit(text)
    return 1 / float(rate[1])


def measure_memory(root: Path, files: int) -> None:
    """Print megabytes: after one request, after one for each file, and after another for each."""
    for number in range(files):
        (root / f"{number}.png").write_bytes(png(200, number))
    time.sleep(SETTLED_NS / 1e9)
    command = [sys.executable, "-c", MEMORY, str(root), str(files)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    before, once, twice = map(float, told)
    print(f"{files:,} files: {before:.1f} MB, asked for once {once:.1f} MB, again {twice:.1f} MB")


def png(length: int, seed: int = 0) -> bytes:
    """As much of an image as tells its type."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + seed.to_bytes(8, "big") * ((length - 16) // 8)


def main() -> int:
    """Print what was measured; with --check, 1 if a ratio is under its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--files", type=int, default=100_000, help="0: no memory is measured")
    parser.add_argument("--wrk", action="store_true", help="ask through gunicorn too")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a median ratio is under its limit")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root, many = Path(place, "uploads"), Path(place, "many")
        root.mkdir()
        many.mkdir()
        for name, length in LENGTHS.items():
            (root / name).write_bytes(png(length))
        time.sleep(SETTLED_NS / 1e9)  # files that were just written are looked into at each request
        print(f"{'':24}{'flask':>12}{'whitemedia':>12}{'ratio':>8}{'spread':>12}")
        is_fast = measure_in_process(root, arguments.rounds, arguments.calls)
        if arguments.wrk:
            measure_server(Path(place), root, arguments.rounds)
        if arguments.files:
            measure_memory(many, arguments.files)
    return int(arguments.check and not is_fast)


if __name__ == "__main__":
    raise SystemExit(main())
