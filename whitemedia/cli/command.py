"""What a command is, and how it fails."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Final, NamedTuple

REFUSED: Final = 1
"""The exit code where the system refused: a port in use, a package that is not installed."""

MISUSED: Final = 2
"""The exit code where what the user gave is wrong, as argparse's own."""


class Command(NamedTuple):
    """A command: `run` returns the exit code."""

    name: str
    summary: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


class CommandError(Exception):
    """Ends a command with one line and an exit code. A cause (`raise … from`) is shown with its traceback."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
