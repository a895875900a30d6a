"""The command line: `whitemedia COMMAND`, one file a command. It may know everything but frameworks, whose own commands
alone know it."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from typing import Final

import whitemedia
from whitemedia.cli import build, serve, store
from whitemedia.cli.command import CommandError
from whitemedia.cli.messages import printable

COMMANDS: Final = (serve.COMMAND, build.COMMAND, store.COMMAND)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Wrong arguments raise SystemExit, as argparse has it."""
    arguments = build_parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
    except CommandError as error:
        if error.__cause__ is not None:
            traceback.print_exception(error.__cause__)
        sys.stderr.write(f"whitemedia {arguments.command}: {printable(str(error))}\n")
        return error.code
    return code


def build_parser() -> argparse.ArgumentParser:
    """A parser of every command's arguments."""
    parser = argparse.ArgumentParser(
        "whitemedia", description="Serve static files, right and fast.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {whitemedia.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        subparser = commands.add_parser(
            command.name, help=command.summary, description=command.summary, allow_abbrev=False
        )
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser
