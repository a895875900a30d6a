"""What real servers send: requests per second and latency, beside an application that does nothing but answer.

python benchmarks/servers/run.py [--servers "gunicorn gthread" waitress] [--operations "1 KB" 304] [--peers flask]
                                 [--ceilings] [--rounds 5] [--seconds 1] [--connections 8] [--json FILE]

Needs Linux, two cores, wrk (and nginx, for --ceilings), and the servers that are asked for: README.md tells how.
Servers are pinned to one core and wrk to the other. In each round every application is started anew, and each
operation is asked of one after the other; told are medians of the rounds' ratios to the first application.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from benchmarks.servers.load import Told, load
from benchmarks.servers.operations import OPERATIONS, Operation, build_tree
from benchmarks.servers.targets import SERVERS, Target, is_installed, serving

KINDS: Final = ("constant", "whitemedia", "whitenoise", "file")
PEERS: Final = ("servestatic", "werkzeug", "flask")
CEILINGS: Final = ("nginx", "granian static")


class Row(NamedTuple):
    """Medians of the rounds: requests a second and their ratio (least and most beside it), CPU as ratio, p99 (ms, and as ratio)."""

    operation: str
    server: str
    kind: str
    rate: float
    ratio: float
    least: float
    most: float
    cpu: float
    p99: float
    p99_ratio: float


Results = dict[tuple[Operation, Target], list[Told]]


def measure(
    targets: list[Target], operations: list[Operation], rounds: int, seconds: int, connections: int
) -> Results:
    """What each target told of each operation, by round; who goes first alternates."""
    results: Results = {}
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)  # nginx's worker is another user
        build_tree(Path(place, "tree"), tuple(operations))
        for number in range(rounds):
            with serving(targets, Path(place), operations[0].path) as started:
                for operation in operations:
                    for target in targets if number % 2 else reversed(targets):
                        if target.kind == "file" and not operation.sends_file:
                            continue
                        told = load(started[target], operation, seconds, connections)
                        results.setdefault((operation, target), []).append(told)
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return results


def summarize(results: Results, base: Target) -> list[Row]:
    """A row an operation and target; ratios are to `base` in the same round."""
    rows = []
    for (operation, target), told in results.items():
        pairs = list(zip(told, results[operation, base], strict=True))
        ratios = sorted(one.rate / of.rate for one, of in pairs)
        rows.append(
            Row(
                operation.name,
                target.server,
                target.kind,
                statistics.median(one.rate for one in told),
                statistics.median(ratios),
                ratios[0],
                ratios[-1],
                statistics.median(one.cpu / of.cpu for one, of in pairs),
                statistics.median(one.p99 for one in told),
                statistics.median(one.p99 / of.p99 for one, of in pairs),
            )
        )
    order = [one.name for one in OPERATIONS]
    return sorted(rows, key=lambda row: order.index(row.operation))


def show(rows: list[Row]) -> None:
    """Print them as a table."""
    for row in rows:
        print(
            f"{row.operation:10}{row.server + ' ' + row.kind:30}{row.rate:10,.0f}/s{row.ratio:7.2f}"
            f"  {row.least:.2f}–{row.most:.2f}  CPU{row.cpu:6.2f}  p99{row.p99:9.2f} ms{row.p99_ratio:7.2f}",
            flush=True,
        )


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [one.name for one in OPERATIONS]
    servers = [name for name in SERVERS if name not in CEILINGS]
    parser.add_argument("--servers", nargs="+", choices=servers, default=servers)
    parser.add_argument("--operations", nargs="+", choices=names, default=names)
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=[])
    parser.add_argument("--ceilings", action="store_true", help="ask nginx and granian's own static files too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    operations = [one for one in OPERATIONS if one.name in arguments.operations]
    rows: list[Row] = []
    for server in arguments.servers:
        if not is_installed(server):
            print(f"{server} is not installed")
            continue
        targets = [Target(server, kind) for kind in (*KINDS, *arguments.peers)]
        if arguments.ceilings:
            targets += [Target(name, "") for name in CEILINGS if is_installed(name)]
        found = summarize(
            measure(targets, operations, arguments.rounds, arguments.seconds, arguments.connections), targets[0]
        )
        show(found)
        rows += found
        if arguments.json:
            arguments.json.write_text(json.dumps([row._asdict() for row in rows], indent=1))


if __name__ == "__main__":
    main()
