"""How a start grows with the number of files: of 1 KB each, cold and warm, whitenoise's beside it.

python benchmarks/growth.py [--counts 1000 10000 100000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

START = """
import resource, sys, time
from whitenoise import WhiteNoise
from whitemedia import WhiteMedia
name, tree, store = sys.argv[1:]
started = time.perf_counter()
if name == "whitenoise":
    kept = WhiteNoise(lambda environ, start_response: [], tree, "/static/")
else:
    kept = WhiteMedia(lambda environ, start_response: [], tree, "/static/", cache_dir=store, compress_seconds=3600)
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def write_tree(folder: Path, count: int) -> None:
    """So many different texts of 1 KB, a hundred to a directory."""
    for number in range(count):
        path = folder / f"{number // 100:04}" / f"file{number}.css"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            "".join(f".rule-{number}-{line} {{ order: {line * number} }}\n" for line in range(30))[:1024]
        )


def start(name: str, tree: str, store: str) -> tuple[float, float]:
    """Seconds, and megabytes at the most."""
    command = [sys.executable, "-c", START, name, tree, store]
    seconds, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(peak)


def main() -> None:
    """Print a row a count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    print(f"{'files':>8}{'whitenoise':>22}{'cold':>22}{'warm':>22}   microseconds a file, MB")
    for count in parser.parse_args().counts:
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder, "tree")
            tree.mkdir()
            write_tree(tree, count)
            row = [start(name, str(tree), str(Path(folder, "store"))) for name in ("whitenoise", "cold", "warm")]
        cells = (f"{seconds / count * 1e6:14.1f}{peak:8.1f}" for seconds, peak in row)
        print(f"{count:8,}{''.join(cells)}")


if __name__ == "__main__":
    main()
