"""What a start over a tree of files costs: seconds of the constructor and of a first GET of every file, peak memory.

python benchmarks/construction.py TREE [--built TREE] [--rounds 5]

TREE: for example the one that benchmarks/tree/fetch.py makes. --built: a copy of it after
`whitemedia build COPY --codings br,gzip`. Each start is in a process of its own, so that none profits from another.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from wsgiref.util import FileWrapper, setup_testing_defaults

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from whitenoise import WhiteNoise

from benchmarks.operations import BROWSER, constant
from whitemedia import WhiteMedia


class Start(NamedTuple):
    """A start: with which options, over the tree or the built one, with which store ("cold" is emptied before)."""

    options: dict[str, Any]
    peer: str = "whitenoise"
    is_built: bool = False
    store: str | None = None


STARTS: dict[str, Start] = {
    "whitenoise": Start({}),
    "whitemedia, cold store": Start({"compress_seconds": 60}, store="cold"),
    "whitemedia, warm store": Start({"compress_seconds": 60}, store="warm"),
    "whitemedia, rewrite=True, cold": Start({"compress_seconds": 60, "rewrite": True}, store="cold"),
    "whitemedia, rewrite=True, warm": Start({"compress_seconds": 60, "rewrite": True}, store="warm"),
    "whitemedia, no store": Start({"compress_seconds": 60}, store="none"),
    'whitemedia, compress="off", cold': Start({"compress": "off"}, store="cold"),
    'whitemedia, compress="off", warm': Start({"compress": "off"}, store="warm"),
    "whitenoise, built": Start({}, "whitenoise, built", is_built=True),
    "whitemedia, built, cold": Start({}, "whitenoise, built", is_built=True, store="cold"),
    "whitemedia, built, warm": Start({}, "whitenoise, built", is_built=True, store="warm"),
    "whitenoise, autorefresh": Start({"autorefresh": True}, "whitenoise, autorefresh"),
    "whitemedia, autorefresh": Start({"autorefresh": True}, "whitenoise, autorefresh", store="none"),
}


class Cost(NamedTuple):
    """Seconds of the constructor, seconds of a GET of every file, bytes of memory at its most and in the end."""

    start: float
    requests: float
    peak: int
    resident: int


def measure(name: str, tree: str, store: str) -> Cost:
    """Start once, in this process."""
    given = STARTS[name]
    options = given.options if given.store is None else {**given.options, "cache_dir": store or None}
    middleware: Any = WhiteMedia if name.startswith("whitemedia") else WhiteNoise
    paths = [f"/static/{path.relative_to(tree).as_posix()}" for path in Path(tree).rglob("*") if path.is_file()]
    before, started = _resident(), time.perf_counter()
    application = middleware(constant, tree, "/static/", **options)
    constructed, after = time.perf_counter() - started, _resident()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Cost(constructed, _ask_for_all(application, paths), peak - before, after - before)


def _ask_for_all(application: Any, paths: Iterable[str]) -> float:
    asked = [_environ(path) for path in paths if not path.endswith((".br", ".gz"))]
    started = time.perf_counter()
    for environ in asked:
        body = application(environ, lambda status, headers, exc_info=None: None)
        for _ in body:
            pass
        if hasattr(body, "close"):
            body.close()
    return time.perf_counter() - started


def _environ(path: str) -> dict[str, Any]:
    environ: dict[str, Any] = {**BROWSER, "HTTP_ACCEPT_ENCODING": "br, gzip", "PATH_INFO": path}
    setup_testing_defaults(environ)
    return {**environ, "wsgi.file_wrapper": FileWrapper}


def _resident() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def _run(name: str, tree: str, stores: Path) -> Cost:
    start = STARTS[name]
    directory = stores / ("built" if start.is_built else "bare") / start.options.get("compress", "on")
    if start.store == "cold":
        shutil.rmtree(directory, ignore_errors=True)
    store = "" if start.store == "none" else str(directory)
    command = [sys.executable, __file__, tree, "--only", name, "--store", store]
    return Cost(*json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _median(rounds: list[dict[str, Cost]], name: str, of: Callable[[Cost, Cost], float]) -> float:
    return statistics.median(of(costs[name], costs[STARTS[name].peer]) for costs in rounds)


def main() -> None:
    """Print a row a start: medians, and ratios to whitenoise's of the same round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("--built", help="a copy of the tree, with siblings")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=STARTS, help="start so, here, and print what it cost")
    parser.add_argument("--store", default="", help="the store of --only")
    arguments = parser.parse_args()
    if arguments.only is not None:
        print(json.dumps(measure(arguments.only, arguments.tree, arguments.store)))
        return
    trees = {False: arguments.tree, True: arguments.built}
    names = [name for name, start in STARTS.items() if trees[start.is_built] is not None]
    with tempfile.TemporaryDirectory() as folder:
        rounds = [
            {name: _run(name, trees[STARTS[name].is_built], Path(folder)) for name in names}
            for _ in range(arguments.rounds)
        ]
    print(f"{'start':34}{'start':>9}{'ratio':>7}{'with GETs':>11}{'ratio':>7}{'peak':>11}{'in the end':>12}")
    for name in names:
        start = _median(rounds, name, lambda cost, _: cost.start)
        ratio = _median(rounds, name, lambda cost, peer: cost.start / peer.start)
        both = _median(rounds, name, lambda cost, _: cost.start + cost.requests)
        ratio_of_both = _median(
            rounds, name, lambda cost, peer: (cost.start + cost.requests) / (peer.start + peer.requests)
        )
        peak = _median(rounds, name, lambda cost, _: cost.peak) / 1e6
        resident = _median(rounds, name, lambda cost, _: cost.resident) / 1e6
        print(
            f"{name:34}{start:7.3f} s{ratio:7.2f}{both:9.2f} s{ratio_of_both:7.2f}{peak:8.1f} MB{resident:9.1f} MB"
        )


if __name__ == "__main__":
    main()
