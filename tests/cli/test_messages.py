"""What is written: whole lines, in which nothing forges another."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest

from whitemedia.assets.files import open_regular
from whitemedia.cli.messages import Lines, counted, printable, warnings_on
from whitemedia.serving.body import BodyReader
from whitemedia.serving.response import FileResponse, Span

PRINTABLE = {
    "letters": ("größe אב 大.css", "größe אב 大.css"),
    "a new line": ("a\nb\r\u2028\x85", r"a\nb\r\u2028\x85"),
    "an escape sequence": ("\x1b[31m\x9b", r"\x1b[31m\x9b"),
    "a change of direction": ("\u202egnp.exe", r"\u202egnp.exe"),
    "a name that is not UTF-8": ("\udcff", r"\udcff"),
    "beyond the first plane": ("\U0001f600\U000e0001", "\U0001f600" + r"\U000e0001"),
}


@pytest.mark.parametrize(("text", "shown"), PRINTABLE.values(), ids=PRINTABLE)
def test_what_is_not_shown_as_itself_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(text).isprintable()


@pytest.mark.parametrize(
    ("count", "text"),
    [((0, "file"), "0 files"), ((1, "file"), "1 file"), ((1234, "directory", "directories"), "1,234 directories")],
)
def test_numbers_are_counted(count: tuple[int, str], text: str) -> None:
    assert counted(*count) == text


@pytest.mark.parametrize(
    ("encoding", "written"), [("utf-8", "größe\n"), ("ascii", r"gr\xf6\xdfe" + "\n")], ids=["utf-8", "ascii"]
)
def test_a_line_is_written_in_every_encoding(encoding: str, written: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding, newline="")
    Lines(stream)("größe")
    assert stream.buffer.getvalue().decode(encoding) == written


def test_a_stream_that_nobody_reads_stops_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stream:
        lines = Lines(stream)
        lines("lost")
        lines("lost too")


def test_warnings_are_lines_on_the_stream_and_messages_are_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "whitemedia")
    stream = io.StringIO()
    with warnings_on(stream):
        logging.getLogger("whitemedia").warning("skipped %r", "a\n")
        logging.getLogger("waitress").error("Exception while serving /a\nb\x1b")
        logging.getLogger("whitemedia").info("serving")
    assert stream.getvalue() == "whitemedia: skipped 'a\\n'\nwhitemedia: Exception while serving /a\\nb\\x1b\n"


def test_warnings_go_nowhere_else_and_afterwards_as_before(caplog: pytest.LogCaptureFixture) -> None:
    stream = io.StringIO()
    with warnings_on(stream):
        logging.getLogger("whitemedia").warning("within")
    logging.getLogger("whitemedia").warning("after")
    assert caplog.messages == ["after"]
    assert "after" not in stream.getvalue()


def test_no_line_of_a_traceback_looks_like_a_message() -> None:
    stream = io.StringIO()
    with warnings_on(stream):
        error = ValueError("a\nwhitemedia: forged\x1b[31m")
        logging.getLogger("waitress").error("Exception while serving /", exc_info=error)
    first, *trace = stream.getvalue().splitlines()
    assert first == "whitemedia: Exception while serving /"
    assert all(line.startswith("  ") for line in trace)
    assert trace[-1] == r"  whitemedia: forged\x1b[31m"


def reset(path: Path) -> None:
    raise ConnectionResetError("of a database")


def read_what_changed(path: Path) -> None:
    path.write_bytes(b"as it was")
    opened = open_regular(str(path))
    assert opened is not None
    path.write_bytes(b"")
    BodyReader(FileResponse(HTTPStatus.OK, (), opened, (Span(opened, 0, 9),))).read(9)


@pytest.mark.parametrize(
    ("fail", "shown"), [(reset, True), (read_what_changed, False)], ids=["the application's", "of our own reader"]
)
def test_a_traceback_is_shown_unless_a_line_has_told_all(
    tmp_path: Path, fail: Callable[[Path], None], *, shown: bool
) -> None:
    stream = io.StringIO()
    with warnings_on(stream):
        try:
            fail(tmp_path / "file")
        except ConnectionResetError:
            logging.getLogger("waitress").exception("Exception while serving /")
    assert ("Traceback" in stream.getvalue()) is shown
    assert stream.getvalue()
