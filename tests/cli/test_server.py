"""Where it is served, and what stops it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from whitemedia.cli.server import format_start, until_stopped

STARTS = {
    "IPv4": ("127.0.0.1", "/", "http://127.0.0.1:80/ (Ctrl-C stops)"),
    "IPv6": ("::1", "/", "http://[::1]:80/ (Ctrl-C stops)"),
    "a name": ("localhost", "/", "http://localhost:80/ (Ctrl-C stops)"),
    "a prefix": ("localhost", "/static/", "http://localhost:80/static/ (Ctrl-C stops)"),
    "every IPv4 address": (
        "0.0.0.0",
        "/",
        "http://127.0.0.1:80/ (on every address of this machine; Ctrl-C stops)",
    ),
    "every IPv6 address": ("::", "/", "http://[::1]:80/ (on every address of this machine; Ctrl-C stops)"),
}


@pytest.mark.parametrize(("host", "prefix", "line"), STARTS.values(), ids=STARTS)
def test_the_line_has_an_address_to_go_to(host: str, prefix: str, line: str) -> None:
    assert format_start(host, 80, prefix) == line


@pytest.fixture
def _signals() -> Iterator[None]:
    """Signals are handled afterwards as they were before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_first_signal_stops_and_the_next_disturb_neither_what_closes_nor_the_end(name: str) -> None:
    closed = False
    with until_stopped():
        try:
            signal.raise_signal(getattr(signal, name))
        finally:
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            closed = True
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGINT)
    assert closed


def test_what_ends_without_a_signal_leaves_them_as_they_were() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with until_stopped():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_error_is_no_stop() -> None:
    with pytest.raises(ValueError, match="of the server"), until_stopped():
        raise ValueError("of the server")
