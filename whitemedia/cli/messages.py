"""What a command says: whole lines, in which nothing that came from outside forges another or drives the terminal."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, TextIO

from whitemedia.serving import body

_LOGGERS: Final = ("whitemedia", "waitress")


def printable(text: str) -> str:
    """`text` with whatever a terminal would not show as itself escaped: newlines, controls, marks of direction."""
    return text if text.isprintable() else "".join(map(_printable_character, text))


def _printable_character(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def counted(number: int, noun: str, plural: str = "") -> str:
    """Such as: 1 file, or 2,000 files."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or f'{noun}s'}"


class Lines:
    """Whole lines on a stream, from any thread. Nobody need read them: `whitemedia serve DIR | head` goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def __call__(self, line: str) -> None:
        """Write a line, with backslashes for what the stream's encoding lacks, and flush it."""
        encoding = self._stream.encoding or "ascii"
        text = line.encode(encoding, "backslashreplace").decode(encoding)
        with self._lock:
            try:
                self._stream.write(f"{text}\n")
                self._stream.flush()
            except OSError:
                self._discard()

    def _discard(self) -> None:
        """Let the stream lead nowhere, for the interpreter flushes it once more at its end."""
        with suppress(OSError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), self._stream.fileno())


@contextmanager
def warnings_on(stream: TextIO) -> Iterator[None]:
    """Write what is logged by whitemedia and its server to `stream`, whatever the application does with logging."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter("whitemedia: %(message)s"))
    handler.setLevel(logging.WARNING)
    handler.addFilter(_is_news)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    propagating = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagates in zip(loggers, propagating, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagates


def _is_news(record: logging.LogRecord) -> bool:
    """Not so of the traceback where a file changed while it was sent: who read it has said so in one line."""
    error = record.exc_info[1] if record.exc_info else None
    trace = error.__traceback__ if isinstance(error, ConnectionResetError) else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is None or trace.tb_frame.f_globals.get("__name__") != body.__name__


class _Formatter(logging.Formatter):
    """A message is one line, and the lines of a traceback are indented: paths, as waitress names them decoded, and
    exceptions may have newlines in them."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return printable(super().formatMessage(record))

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802 - logging's names
        return "\n".join(f"  {printable(line)}" for line in super().formatException(ei).split("\n"))
