"""How far a command is: a bar on a terminal (extra `build`), else a line now and then."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

from whitemedia.cli.messages import Lines

LINE_SECONDS: Final = 10
"""Seconds from one line to the next."""

Progress = Callable[[int, int], object]


@contextmanager
def progress_on(stream: TextIO) -> Iterator[Progress]:
    """What to call with the bytes that are done and all there are."""
    rich_progress = _import_rich() if stream.isatty() else None
    if rich_progress is None:
        yield _PlainLines(Lines(stream))
        return
    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.DownloadColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    console = importlib.import_module("rich.console").Console(file=stream)
    with rich_progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("compressing", total=None)
        yield lambda done, length: bar.update(task, completed=done, total=length)


def _import_rich() -> Any:
    """Rich's module for progress; None where it is not installed, for lines do as well."""
    try:
        return importlib.import_module("rich.progress")
    except ImportError:
        return None


class _PlainLines:
    """A line each LINE_SECONDS; none for what is done before."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._said = time.monotonic()

    def __call__(self, done: int, length: int) -> None:
        if time.monotonic() - self._said >= LINE_SECONDS:
            self._said = time.monotonic()
            self._lines(f"whitemedia: compressed {done / 1e6:,.1f} of {length / 1e6:,.1f} MB")
