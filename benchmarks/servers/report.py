"""Draw what run.py has written with --json: a panel a server.

python benchmarks/servers/plot.py RESULTS.json [RESULTS.json …] docs/servers.svg
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

COLORS: Final = {"whitemedia": "#0b6e4f", "whitenoise": "#c8553d"}
COLUMNS: Final = 4
HIGHEST: Final = 3.0
"""Ratios beyond it are cut off, and written."""


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Write an SVG: bars of requests per second, as ratio to the application that only answers."""
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "whitemedia", "font.size": 9})
    servers = list(dict.fromkeys(row["server"] for row in rows if row["kind"] == "constant"))
    figure = Figure(figsize=(13, 2.7 * -(-len(servers) // COLUMNS)), layout="constrained")
    panels = figure.subplots(-(-len(servers) // COLUMNS), COLUMNS, squeeze=False, sharey=True).flat
    for server, panel in zip(servers, panels, strict=False):
        _draw_server(panel, server, [row for row in rows if row["server"] == server])
    for panel in list(panels):
        panel.axis("off")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower right", frameon=False, fontsize=12)
    figure.supylabel("requests per second / those of an application that only answers")
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def _draw_server(panel: Any, server: str, rows: list[dict[str, Any]]) -> None:
    operations = list(dict.fromkeys(row["operation"] for row in rows))
    for number, (kind, color) in enumerate(COLORS.items()):
        ratios = {row["operation"]: row["ratio"] for row in rows if row["kind"] == kind}
        places = [place + 0.4 * (number - 0.5) for place in range(len(operations))]
        heights = [min(ratios.get(operation, 0), HIGHEST) for operation in operations]
        panel.bar(places, heights, 0.4, color=color, label=kind)
        for place, operation in zip(places, operations, strict=True):
            if ratios.get(operation, 0) > HIGHEST:
                panel.text(place, HIGHEST, f"{ratios[operation]:.1f}", ha="center", va="bottom", fontsize=7)
    panel.axhline(1, color="black", linewidth=0.6)
    panel.set_title(server)
    panel.set_xticks(range(len(operations)), operations, rotation=60, ha="right", fontsize=7)
    panel.set_ylim(0, HIGHEST * 1.08)
    panel.spines[["top", "right"]].set_visible(False)


def main() -> None:
    """Draw what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument("plot", type=Path)
    arguments = parser.parse_args()
    draw([row for results in arguments.results for row in json.loads(results.read_text())], arguments.plot)


if __name__ == "__main__":
    main()
