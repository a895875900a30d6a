"""`whitemedia store`: what is remembered of compressed files, and forgetting what nobody uses."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterable
from typing import Final

from whitemedia.assets.disk_store import KEPT_DAYS
from whitemedia.cli.command import MISUSED, REFUSED, Command, CommandError
from whitemedia.cli.messages import Lines, counted, printable
from whitemedia.options import OptionError
from whitemedia.store import StoreError, StoreSummary, describe_store, prune_store


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache-dir", metavar="DIR", default="auto", help="the store (default: this user's)")
    parser.add_argument("--prune", action="store_true", help="forget what was not used for --days")
    parser.add_argument(
        "--days", metavar="N", type=int, default=KEPT_DAYS, help="0 forgets everything (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="tell what it holds as JSON")


def _run(arguments: argparse.Namespace) -> int:
    lines = Lines(sys.stdout)
    try:
        freed = prune_store(arguments.cache_dir, days=arguments.days) if arguments.prune else None
        summary = describe_store(arguments.cache_dir)
    except OptionError as error:
        raise CommandError(str(error), MISUSED) from None
    except StoreError as error:
        raise CommandError(str(error), REFUSED) from None
    if arguments.json:
        lines(json.dumps(dataclasses.asdict(summary) | ({} if freed is None else {"freed": freed}), indent=2))
        return 0
    for line in describe(summary):
        lines(line)
    if freed is not None:
        lines(f"whitemedia: freed {freed / 1e6:,.1f} MB")
    return 0


def describe(summary: StoreSummary) -> Iterable[str]:
    """A summary as lines for people."""
    size = f"{summary.bytes / 1e6:,.1f} MB"
    yield f"whitemedia: {printable(summary.directory)} holds {size} and knows {counted(summary.files, 'file')}"
    yield f"{'coding':8}{'bodies':>10}{'compressed':>14}{'not worth it':>14}"
    for stored in summary.codings:
        yield f"{stored.coding:8}{stored.bodies:10,}{stored.bytes / 1e6:11,.1f} MB{stored.not_worth:14,}"


COMMAND: Final = Command("store", "Show or prune what is remembered of compressed files.", _add_arguments, _run)
