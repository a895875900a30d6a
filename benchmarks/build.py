"""What building siblings costs: `whitemedia build` against `python -m whitenoise.compress`, each over its own copy.

python benchmarks/build.py TREE [--again 3]

Both write brotli 11 and gzip 9. Of the smaller of both sets of files, bytes are compared file by file too.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUFFIXES = {"br": ".br", "gzip": ".gz"}
WHITENOISE = ("-m", "whitenoise.compress", "--quiet")
WHITEMEDIA = ("-m", "whitemedia", "build", "--codings", "br,gzip", "--json")


def seconds(command: tuple[str, ...], tree: Path) -> float:
    """How long a command takes over a tree."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *command, str(tree)], check=True, capture_output=True)
    return time.perf_counter() - started


def siblings(tree: Path, suffix: str) -> dict[str, int]:
    """Lengths of siblings, by the path of their original below the tree."""
    found = (path for path in tree.rglob(f"*{suffix}") if path.with_suffix("").is_file())
    return {str(path.relative_to(tree))[: -len(suffix)]: path.stat().st_size for path in found}


def main() -> None:
    """Print seconds of both, and bytes by coding."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--again", type=int, default=3, help="second builds, of which the median is told")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "whitemedia"), Path(folder, "whitenoise")
        for copy in (ours, theirs):
            shutil.copytree(arguments.tree, copy)
        first, peer = seconds(WHITEMEDIA, ours), seconds(WHITENOISE, theirs)
        again = statistics.median(seconds(WHITEMEDIA, ours) for _ in range(arguments.again))
        print(f"whitenoise.compress {peer:8.2f} s")
        print(f"whitemedia build    {first:8.2f} s, ratio {first / peer:.2f}")
        print(f"the second build    {again:8.2f} s, {first / again:.0f} times faster")
        for coding, suffix in SUFFIXES.items():
            mine, other = siblings(ours, suffix), siblings(theirs, suffix)
            common = mine.keys() & other.keys()
            print(
                f"{coding:5} whitenoise {len(other):,} files, {sum(other.values()):,} bytes; whitemedia {len(mine):,}, "
                f"{sum(mine.values()):,}; of the {len(common):,} that both have {sum(other[name] for name in common):,} "
                f"and {sum(mine[name] for name in common):,}; larger: {sum(mine[name] > other[name] for name in common)}"
            )
        print(json.dumps(json.loads(_with_zstd(ours))["totals"]))


def _with_zstd(tree: Path) -> str:
    """The build with zstd as well, which whitenoise does not have."""
    command = [sys.executable, "-m", "whitemedia", "build", "--json", str(tree)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
