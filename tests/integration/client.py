"""A client that reads answers by HTTP's rules and not a byte further, so that a byte too many or too few shows."""

from __future__ import annotations

import socket
import struct
from types import TracebackType
from typing import NamedTuple

PATIENCE = 30.0
"""Seconds after which a server that neither sends nor closes is taken to hang."""

_BLOCK = 1 << 18
_WITHOUT_BODY = (204, 304)


class Head(NamedTuple):
    """Status and fields, names in lower case, repeated ones joined."""

    status: int
    fields: dict[str, str]

    @property
    def closes(self) -> bool:
        """Whether the server says that this is the connection's last answer."""
        return self.fields.get("connection", "").lower() == "close"


class Answer(NamedTuple):
    """One whole answer."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def closes(self) -> bool:
        return Head(self.status, self.fields).closes


class Cut(Exception):  # noqa: N818 - an event, not an error of ours
    """The connection ended before the answer did; `received` is what came of what was awaited."""

    def __init__(self, received: bytes) -> None:
        super().__init__(f"the connection ended after {len(received)} bytes")
        self.received = received


def format_request(
    target: str, method: str = "GET", fields: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """A request as it goes over the wire."""
    length = {"Content-Length": str(len(body))} if body else {}
    lines = [f"{name}: {value}" for name, value in {"Host": "localhost", **length, **(fields or {})}.items()]
    return "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode("latin-1") + body


class Connection:
    """One connection to a port of this machine. A context manager."""

    def __init__(self, port: int, *, receive_buffer: int | None = None) -> None:
        self._buffer = bytearray()
        self._socket = socket.socket()
        self._socket.settimeout(PATIENCE)
        if receive_buffer is not None:  # before connecting: it decides on the window that is offered
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.connect(("127.0.0.1", port))

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, target: str, method: str = "GET", fields: dict[str, str] | None = None) -> Answer:
        """Send a request and read its answer."""
        self.send(format_request(target, method, fields))
        return self.read_answer(method)

    def send(self, *requests: bytes) -> None:
        """Send requests at once, which pipelines them."""
        self._socket.sendall(b"".join(requests))

    def read_answer(self, method: str = "GET") -> Answer:
        """Read the whole answer to a request of this method."""
        head = self.read_head()
        if method == "HEAD" or head.status in _WITHOUT_BODY:
            return Answer(*head, b"")
        return Answer(*head, self.read(int(head.fields["content-length"])))

    def read_head(self) -> Head:
        """Read status line and fields."""
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        self._buffer = bytearray(rest)
        status_line, *lines = head.decode("latin-1").split("\r\n")
        assert status_line.startswith("HTTP/1.1 "), f"no answer begins here: {bytes(head[:80])!r}"
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name = name.lower()
            fields[name] = f"{fields[name]}, {value.strip()}" if name in fields else value.strip()
        return Head(int(status_line.split(" ")[1]), fields)

    def read(self, length: int) -> bytes:
        """Read exactly so many bytes."""
        while len(self._buffer) < length:
            self._receive()
        data = bytes(self._buffer[:length])
        del self._buffer[:length]
        return data

    def read_to_end(self) -> bytes:
        """Read until the server closes; fails if it does not."""
        try:
            while True:
                self._receive()
        except Cut as cut:
            return cut.received

    def reset(self) -> None:
        """Close at once, with RST instead of FIN: what a lost client looks like."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> None:
        try:
            block = self._socket.recv(_BLOCK)
        except ConnectionResetError:
            block = b""
        if not block:
            raise Cut(bytes(self._buffer))
        self._buffer += block


def ask(port: int, target: str, method: str = "GET", fields: dict[str, str] | None = None) -> Answer:
    """One request on a connection of its own."""
    with Connection(port) as connection:
        return connection.ask(target, method, fields)
