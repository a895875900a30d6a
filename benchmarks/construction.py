"""What construction costs over a tree of files: seconds, and bytes of memory, each measured in a process of its own.

python benchmarks/construction.py TREE [--rounds 5]

TREE: for example the one that benchmarks/tree/fetch.py makes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from whitenoise import WhiteNoise

from benchmarks.operations import constant
from whitemedia import WhiteMedia

CONSTRUCTIONS: dict[str, dict[str, Any]] = {
    "whitenoise": {},
    "whitemedia": {},
    'whitemedia, compress="off"': {"compress": "off"},
    "whitenoise, autorefresh": {"autorefresh": True},
    "whitemedia, autorefresh": {"autorefresh": True},
}


class Cost(NamedTuple):
    """Seconds, and bytes of resident memory more than before."""

    seconds: float
    resident: int


def construct(name: str, tree: str) -> Cost:
    """Construct once, in this process."""
    middleware: Any = WhiteNoise if name.startswith("whitenoise") else WhiteMedia
    before, started = _resident(), time.perf_counter()
    kept = middleware(constant, tree, "/static/", **CONSTRUCTIONS[name])
    seconds = time.perf_counter() - started
    cost = Cost(seconds, _resident() - before)
    del kept
    return cost


def _resident() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def _measure(name: str, tree: str) -> Cost:
    command = [sys.executable, __file__, tree, "--only", name]
    return Cost(*json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main() -> None:
    """Print a row a construction: medians, and ratios to whitenoise's of the same kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=CONSTRUCTIONS, help="construct this, here, and print what it cost")
    arguments = parser.parse_args()
    if arguments.only is not None:
        print(json.dumps(construct(arguments.only, arguments.tree)))
        return
    rounds = [{name: _measure(name, arguments.tree) for name in CONSTRUCTIONS} for _ in range(arguments.rounds)]
    print(f"{'construction':32}{'seconds':>10}{'ratio':>8}{'memory':>12}")
    for name in CONSTRUCTIONS:
        base = "whitenoise, autorefresh" if "autorefresh" in name else "whitenoise"
        seconds = statistics.median(costs[name].seconds for costs in rounds)
        ratio = statistics.median(costs[name].seconds / costs[base].seconds for costs in rounds)
        memory = statistics.median(costs[name].resident for costs in rounds) / 1e6
        print(f"{name:32}{seconds:9.3f} s{ratio:8.2f}{memory:9.1f} MB")


if __name__ == "__main__":
    main()
