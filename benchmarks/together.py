"""What processes that start together spend: the CPU inside their constructors, over one empty store.

python benchmarks/together.py TREE [--processes 8]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

SECONDS = 60
START = f"""
import sys, time
from whitemedia import WhiteMedia
cpu, clock = time.process_time(), time.perf_counter()
WhiteMedia(lambda environ, start_response: [], sys.argv[1], "/static/", cache_dir=sys.argv[2], compress_seconds={SECONDS})
print(time.process_time() - cpu, time.perf_counter() - clock)
"""


class Spent(NamedTuple):
    """Seconds of CPU, of all; and until the last was ready."""

    cpu: float
    clock: float


def start(tree: str, processes: int) -> Spent:
    """Start so many at once."""
    with tempfile.TemporaryDirectory() as store:
        command = [sys.executable, "-c", START, tree, str(Path(store, "store"))]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
        told = [tuple(map(float, one.communicate()[0].split())) for one in running]
    return Spent(sum(cpu for cpu, _ in told), max(clock for _, clock in told))


def main() -> None:
    """Print what one spends, and what all do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("--processes", type=int, default=8)
    arguments = parser.parse_args()
    one, all_ = start(arguments.tree, 1), start(arguments.tree, arguments.processes)
    print(f"1: {one.cpu:.2f} s of CPU, ready after {one.clock:.2f} s")
    print(
        f"{arguments.processes}: {all_.cpu:.2f} s of CPU, ready after {all_.clock:.2f} s; {all_.cpu / one.cpu:.2f}"
    )


if __name__ == "__main__":
    main()
