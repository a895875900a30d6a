"""waitress on one address, from the first request to a clean stop."""

from __future__ import annotations

import importlib
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from whitemedia.cli.command import REFUSED, CommandError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS: Final = 8
"""Requests at a time: a browser asks for six, and waitress warns of each that waits."""

STOP_SECONDS: Final = 2
"""How long a stop waits for an application that is still at work."""

_BACKLOG: Final = 1024
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - named, to tell what they mean
STOP_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)


def import_waitress() -> Any:
    """waitress, which only this command needs; CommandError if it is not installed."""
    try:
        return importlib.import_module("waitress")
    except ModuleNotFoundError as error:
        if error.name != "waitress":
            raise
        raise CommandError('needs waitress: pip install "whitemedia[serve]"', REFUSED) from None


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; CommandError if it cannot. Port 0 is any that is free."""
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )[0]
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except UnicodeError:
        raise CommandError(f"--host {host!r} is no host", REFUSED) from None
    except OSError as error:
        raise CommandError(f"cannot listen on {format_authority(host, port)}: {_reason(error)}", REFUSED) from None


def format_authority(host: str, port: int) -> str:
    """A host and a port as a URL has them, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def format_start(host: str, port: int, prefix: str) -> str:
    """The line that tells where it is served: one can go there, also if it is on every address."""
    url = f"http://{format_authority(_EVERYWHERE.get(host, host), port)}{prefix}"
    everywhere = "on every address of this machine; " if host in _EVERYWHERE else ""
    return f"{url} ({everywhere}Ctrl-C stops)"


@contextmanager
def until_stopped() -> Iterator[None]:
    """Until SIGINT or SIGTERM. Only the first counts: what it makes close is closed, and the process ends, in peace."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if stopping else handler)


def serve(waitress: Any, application: WSGIApplication, listener: socket.socket) -> None:
    """Serve until something is raised, such as KeyboardInterrupt; then every connection is closed."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait is no news
    dispatchers: dict[int, Any] = {}
    server = waitress.create_server(
        application,
        map=dispatchers,
        sockets=[listener],
        threads=THREADS,
        log_socket_errors=False,  # of a file that changes while it is sent, whitemedia tells in one line
        server_name=listener.getsockname()[0],
    )
    try:
        importlib.import_module("waitress.wasyncore").loop(timeout=1, map=dispatchers)
    finally:
        # server.run() would wait for its threads first, and these for clients that read slowly or not at all
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        server.task_dispatcher.shutdown(timeout=STOP_SECONDS)
        server.close()


def _reason(error: OSError) -> str:
    """Without what `socket.create_server` adds, for the line has the address already."""
    return (error.strerror or str(error)).partition(" (while ")[0]
