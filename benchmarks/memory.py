"""What workers keep in memory: four of gunicorn, with 100 MB of compressed bodies, each of which every worker has sent.

python benchmarks/memory.py [--workers 4] [--megabytes 100]

Told is the proportional set size of all processes, in which what they share counts once. Linux only.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CODINGS = ("br", "zstd", "gzip")
LENGTH = 256 << 10
BARE = """
import os

def bare(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "0"), ("X-Worker", str(os.getpid()))])
    return []

app = bare
"""
SERVING = f"""{BARE}
from whitemedia import WhiteMedia

files = WhiteMedia(bare, {{tree!r}}, "/static/", cache_dir={{store!r}}, compress_seconds=3600)

def app(environ, start_response):
    def start(status, headers, exc_info=None):
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], exc_info)
    return files(environ, start)
"""


def write_tree(tree: Path, megabytes: int) -> list[str]:
    """Texts that become a quarter smaller, so many that their bodies are so large together; their paths."""
    tree.mkdir()
    chance = random.Random(1)
    for number in range(megabytes * 1_000_000 // (LENGTH * len(CODINGS))):
        (tree / f"{number}.txt").write_bytes(base64.b64encode(chance.randbytes(LENGTH)))
    return [f"/static/{path.name}" for path in sorted(tree.iterdir())]


@contextmanager
def gunicorn(folder: Path, source: str, *flags: str) -> Iterator[tuple[int, int]]:
    """A running server: its port and its process."""
    (folder / "application.py").write_text(source)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--bind", f"127.0.0.1:{port}", "--chdir", str(folder), "--no-control-socket", *flags]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, "application:app"], stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            time.sleep(0.2)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        _ask(port, "/", "identity")
    except OSError:
        return False
    return True


def _ask(port: int, path: str, coding: str) -> tuple[str, str]:
    """Who answered, and in which coding."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Accept-Encoding": coding})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.getheader("X-Worker", ""), answer.getheader("Content-Encoding", "")


def ask_all(port: int, paths: list[str], workers: int) -> None:
    """See to it that every worker has sent every body."""
    for path in paths:
        for coding in CODINGS:
            seen: set[str] = set()
            while len(seen) < workers:
                worker, sent = _ask(port, path, coding)
                if sent != coding:
                    raise SystemExit(f"{path} was sent as {sent or 'identity'}, not {coding}")
                seen.add(worker)


def proportional_set_size(master: int) -> int:
    """Bytes of a process and its children."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    texts = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in (master, *children))
    return sum(int(text.split("Pss:")[1].split()[0]) * 1024 for text in texts)


def main() -> None:
    """Print a row with and without preload, and the application alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--megabytes", type=int, default=100)
    arguments = parser.parse_args()
    workers = ["--workers", str(arguments.workers)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        paths = write_tree(folder / "tree", arguments.megabytes)
        serving = SERVING.format(tree=str(folder / "tree"), store=str(folder / "store"))
        with gunicorn(folder, BARE, *workers) as (_, master):
            print(f"application alone  {proportional_set_size(master) / 1e6:7.1f} MB")
        for label, flags in {"cold store": [], "warm store": [], "warm, --preload": ["--preload"]}.items():
            with gunicorn(folder, serving, *workers, "--timeout", "600", *flags) as (port, master):
                before = proportional_set_size(master)
                ask_all(port, paths, arguments.workers)
                after = proportional_set_size(master)
            print(f"{label:18} {before / 1e6:7.1f} MB, all served {after / 1e6:7.1f} MB")


if __name__ == "__main__":
    main()
