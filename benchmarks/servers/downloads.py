"""Large downloads: many clients at once, what they get compared with the file; throughput, and memory of the server.

python benchmarks/servers/downloads.py [--servers waitress] [--size 10485760] [--clients 50] [--each 4] [--rounds 3]

Needs Linux and two cores: the servers are pinned to one, the clients share the other.
"""

from __future__ import annotations

import argparse
import os
import selectors
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from benchmarks.servers.load import LOAD_CORE
from benchmarks.servers.operations import MiB, Operation
from benchmarks.servers.targets import SERVERS, Running, Target, serving
from whitemedia.assets.validators import SETTLED_NS

KINDS: Final = ("whitemedia", "whitenoise")
OPERATION: Final = Operation("download", 0)
REQUEST: Final = f"GET {OPERATION.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
SAMPLE_SECONDS: Final = 0.1


class Told(NamedTuple):
    """MB per second over all clients; memory of the server (MB) before and at most; downloads that were not whole."""

    rate: float
    before: float
    most: float
    torn: int


class Client:
    """One download after the other, compared with `whole` as it comes."""

    def __init__(self, port: int, whole: bytes, times: int) -> None:
        self._port, self._whole, self._left = port, whole, times
        self.torn = 0
        self.connection = self._connect()

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port))
        connection.sendall(REQUEST)
        self._head, self._position, self._left = b"", -1, self._left - 1
        return connection

    def take(self) -> bool:
        """Take what has come; False at the end of the download, or of the connection."""
        data = self.connection.recv(MiB)
        if not data:
            self.torn += 1
            return False
        if self._position < 0:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return True
            assert head.startswith(b"HTTP/1.1 200"), head
            self._position = 0
        if not self._whole.startswith(data, self._position):
            raise SystemExit("a body holds what was not in the file")
        self._position += len(data)
        return self._position < len(self._whole)

    def again(self) -> bool:
        """Begin the next download, if there is one."""
        self.connection.close()
        if not self._left:
            return False
        self.connection = self._connect()
        return True


def download(running: Running, whole: bytes, clients: int, each: int) -> Told:
    """Let all clients download at once."""
    before = most = running.memory()
    started = sampled = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        everyone = [Client(running.port, whole, each) for _ in range(clients)]
        for client in everyone:
            selector.register(client.connection, selectors.EVENT_READ, client)
        while selector.get_map():
            for key, _ in selector.select():
                if not key.data.take():
                    selector.unregister(key.fileobj)
                    if key.data.again():
                        selector.register(key.data.connection, selectors.EVENT_READ, key.data)
            if time.perf_counter() - sampled > SAMPLE_SECONDS:
                most, sampled = max(most, running.memory()), time.perf_counter()
    seconds = time.perf_counter() - started
    return Told(clients * each * len(whole) / seconds / 1e6, before, most, sum(client.torn for client in everyone))


def main() -> None:
    """Print a row a server and application."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--servers", nargs="+", choices=SERVERS, default=["gunicorn gthread", "waitress", "granian"]
    )
    parser.add_argument("--size", type=int, default=10 * MiB)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--each", type=int, default=4, help="downloads of each client")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {int(LOAD_CORE)})
    with tempfile.TemporaryDirectory() as place:
        whole = os.urandom(MiB) * (arguments.size // MiB)
        Path(place, "tree").mkdir()
        Path(place, "tree", OPERATION.file).write_bytes(whole)
        time.sleep(SETTLED_NS / 1e9)
        for server in arguments.servers:
            told: dict[str, list[Told]] = {kind: [] for kind in KINDS}
            for _ in range(arguments.rounds):
                for kind in KINDS:
                    target = Target(server, kind)
                    with serving([target], Path(place), OPERATION.path) as started:
                        told[kind].append(download(started[target], whole, arguments.clients, arguments.each))
            for kind in KINDS:
                ratio = statistics.median(
                    one.rate / of.rate for one, of in zip(told[kind], told["whitenoise"], strict=True)
                )
                print(
                    f"{server:18}{kind:12}{statistics.median(one.rate for one in told[kind]):8.0f} MB/s{ratio:7.2f}"
                    f"  memory {statistics.median(one.before for one in told[kind]):5.0f} MB,"
                    f" at most {max(one.most for one in told[kind]):5.0f}  torn {sum(one.torn for one in told[kind])}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
