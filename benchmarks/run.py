"""How the operations are measured: in interleaved rounds, as the ratio of whitemedia's time to whitenoise's.

python benchmarks/run.py [--rounds 21] [--calls 5000] [--check]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.operations import (
    OPERATIONS,
    Application,
    Operation,
    build_applications,
    build_environ,
    build_tree,
    perform,
)
from whitemedia.assets.validators import SETTLED_NS


def measure(application: Application, environ: dict[str, Any], calls: int) -> float:
    """Seconds for one request, over `calls`."""
    start_response: Callable[..., object] = lambda status, headers, exc_info=None: None  # noqa: E731
    started = time.perf_counter()
    for _ in range(calls):
        perform(application, environ, start_response)
    return (time.perf_counter() - started) / calls


def compare(operation: Operation, root: Path, rounds: int, calls: int) -> list[tuple[float, float]]:
    """Pairs of seconds, whitenoise's and whitemedia's; who goes first alternates."""
    applications = build_applications(root, operation)
    environs = {name: build_environ(operation, app) for name, app in applications.items()}
    pairs = []
    for number in range(rounds):
        order = list(applications) if number % 2 else list(reversed(applications))
        seconds = {name: measure(applications[name], environs[name], calls) for name in order}
        pairs.append((seconds["whitenoise"], seconds["whitemedia"]))
    return pairs


def main() -> int:
    """Print a row an operation; with --check, 1 if a median ratio is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--check", action="store_true", help="exit with 1 if a median ratio is over its limit")
    arguments = parser.parse_args()
    missed = False
    print(f"{'operation':32}{'whitenoise':>12}{'whitemedia':>12}{'ratio':>8}{'spread':>14}{'limit':>8}")
    with tempfile.TemporaryDirectory() as folder:
        build_tree(Path(folder))
        time.sleep(SETTLED_NS / 1e9)  # files that were just written are read at each request
        for operation in OPERATIONS:
            pairs = compare(operation, Path(folder), arguments.rounds, arguments.calls)
            ratios = sorted(ours / theirs for theirs, ours in pairs)
            ratio = statistics.median(ratios)
            theirs, ours = (statistics.median(column) * 1e6 for column in zip(*pairs, strict=True))
            spread = f"{ratios[len(ratios) // 10]:.2f}–{ratios[-1 - len(ratios) // 10]:.2f}"
            print(
                f"{operation.name:32}{theirs:9.2f} µs{ours:9.2f} µs{ratio:8.3f}{spread:>14}{operation.limit:8.2f}"
            )
            missed = missed or ratio > operation.limit
    return int(missed and arguments.check)


if __name__ == "__main__":
    raise SystemExit(main())
