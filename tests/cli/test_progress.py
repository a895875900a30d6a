"""How far a command is: a line now and then, or a bar where there is a terminal, and rich to draw it."""

from __future__ import annotations

import io
import sys
from contextlib import suppress

import pytest

from tests.cli.conftest import Run
from whitemedia.cli import progress
from whitemedia.cli.progress import LINE_SECONDS, progress_on


class Clock:
    """The time, which passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.fixture
def no_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.progress", None)


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal as most are, whatever the tests run in."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def tell(stream: io.StringIO, clock: Clock, *seconds: float) -> list[str]:
    """The lines of a work of 10 MB, 1 MB of which is done after each of these seconds."""
    with progress_on(stream) as told:
        told(0, 10_000_000)
        for number, pause in enumerate(seconds, 1):
            clock.now += pause
            told(number * 1_000_000, 10_000_000)
    return stream.getvalue().splitlines()


def line(done: str) -> str:
    return f"whitemedia: compressed {done} of 10.0 MB"


SHORT = LINE_SECONDS - 0.001


@pytest.mark.parametrize(
    ("seconds", "lines"),
    [
        ([0, 0, 0], []),
        ([SHORT], []),
        ([LINE_SECONDS], [line("1.0")]),
        ([SHORT, 0.001], [line("2.0")]),
        ([LINE_SECONDS, SHORT], [line("1.0")]),
        ([LINE_SECONDS, LINE_SECONDS], [line("1.0"), line("2.0")]),
        ([600, 1, 1, 1], [line("1.0")]),
    ],
    ids=["at once", "nearly", "just", "in two", "one and nearly", "two", "long, then short"],
)
def test_where_there_is_no_terminal_there_is_a_line_now_and_then(
    clock: Clock, seconds: list[float], lines: list[str]
) -> None:
    assert tell(io.StringIO(), clock, *seconds) == lines


@pytest.mark.usefixtures("no_rich")
def test_without_rich_a_terminal_has_lines(clock: Clock) -> None:
    assert tell(Terminal(), clock, LINE_SECONDS) == [line("1.0")]


@pytest.mark.usefixtures("colours")
def test_on_a_terminal_there_is_a_bar_and_it_goes(clock: Clock) -> None:
    pytest.importorskip("rich.progress")
    stream = Terminal()
    with progress_on(stream) as told:
        told(0, 10_000_000)
        told(2_500_000, 10_000_000)
    shown = stream.getvalue()
    assert "compressing" in shown
    assert "2.5/10.0 MB" in shown
    assert "whitemedia: compressed" not in shown
    assert shown.endswith("\x1b[2K")  # the line is cleared for what follows


@pytest.mark.usefixtures("colours")
def test_a_bar_ends_also_where_the_work_fails(clock: Clock) -> None:
    pytest.importorskip("rich.progress")
    stream = Terminal()
    with suppress(KeyboardInterrupt), progress_on(stream) as told:
        told(1, 2)
        raise KeyboardInterrupt
    assert stream.getvalue().count("\x1b[?25l") == stream.getvalue().count("\x1b[?25h") == 1  # hidden, and shown


def test_a_stream_that_nobody_reads_does_not_stop_the_work(clock: Clock) -> None:
    class Closed(io.StringIO):
        def write(self, text: str, /) -> int:
            raise BrokenPipeError

    assert tell(Closed(), clock, LINE_SECONDS, LINE_SECONDS) == []


@pytest.mark.usefixtures("clock")
def test_nothing_of_rich_is_needed_where_it_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: object
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    assert run("build", str(tmp_path)).code == 0
