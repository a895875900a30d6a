"""Gunicorn's hooks: files are coded once and not by the workers, and HUP brings new ones without a request lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.client import ask
from tests.integration.server import GUNICORN_HOOKS, GUNICORN_HOOKS_PRELOAD, HOOKS_WORKERS, Kind, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

TEXT = b".rule { margin: 0 }\n" * 500
SECONDS = 20.0

APP = """
import os
from whitemedia.assets.compression import Compressor

encode = Compressor._encode

def note(compressor, coding, data):
    with open("coded", "a") as file:
        file.write(f"{os.getpid()} {coding.name}\\n")
    return encode(compressor, coding, data)

Compressor._encode = note
app = WhiteMedia(application, "tree", "/static/", cache_dir="store", immutable_file_test=r"\\.v[0-9]\\.")
with open("loaded", "a") as file:
    file.write(f"{os.getpid()}\\n")
"""


def _write_tree(tree: Path) -> None:
    tree.mkdir()
    (tree.parent / "gunicorn.conf.py").write_text(
        "from whitemedia.gunicorn import on_reload, on_starting, when_ready\n"
    )
    (tree / "app.css").write_bytes(TEXT)
    (tree / "app.v1.css").write_bytes(TEXT + b"1")


@pytest.fixture(params=[GUNICORN_HOOKS, GUNICORN_HOOKS_PRELOAD], ids=str)
def server(request: pytest.FixtureRequest, serve_here: Serve) -> Server:
    kind: Kind = request.param
    started = serve_here(kind, _write_tree, APP)
    _wait_for_workers(started)
    return started


def _wait_for_workers(server: Server) -> None:
    """Until all have loaded the application: one that still does would see, and code, what a test changes next."""
    deadline = time.monotonic() + SECONDS
    while not _have_all_loaded(server):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _have_all_loaded(server: Server) -> bool:
    """The master has, which forks then, or the child of its own and each worker."""
    loaded = {int(process) for process in (server.tree.parent / "loaded").read_text().split()}
    return server.process.pid in loaded or len(loaded) == 1 + HOOKS_WORKERS


def _coded(server: Server) -> list[tuple[int, str]]:
    lines = (server.tree.parent / "coded").read_text().splitlines()
    return [(int(process), coding) for process, coding in map(str.split, lines)]


def _is_answered(server: Server, path: str, body: bytes) -> bool:
    answer = ask(server.port, path)
    return answer.status == 200 and answer.body == body


def _wait_for(server: Server, path: str, body: bytes) -> None:
    """Until each of many answers in a row is this, so from every worker."""
    deadline = time.monotonic() + SECONDS
    while not all(_is_answered(server, path, body) for _ in range(20)):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _children(server: Server) -> set[int]:
    told = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return {int(child) for child in told.read_text().split()} if told.exists() else set()


def test_all_is_coded_once_and_by_no_worker(server: Server) -> None:
    _wait_for(server, "/static/app.css", TEXT)
    coded = _coded(server)
    assert sorted(coding for _, coding in coded) == ["br", "br", "gzip", "gzip", "zstd", "zstd"]
    assert len({process for process, _ in coded}) == 1
    assert {process for process, _ in coded}.isdisjoint(_children(server))


def test_hup_brings_new_files_and_no_request_fails(server: Server) -> None:
    failed: list[object] = []
    asked = 0
    done = threading.Event()

    def ask_on() -> None:
        nonlocal asked
        while not done.is_set():
            asked += 1
            try:
                answer = ask(server.port, "/static/app.css")
            except Exception as error:  # noqa: BLE001 - whatever it is, a request failed
                failed.append(error)
            else:
                if answer.status != 200 or answer.body not in (TEXT, TEXT * 2):
                    failed.append(answer)

    asking = [threading.Thread(target=ask_on) for _ in range(3)]
    for thread in asking:
        thread.start()
    (server.tree / "replacement").write_bytes(TEXT * 2)
    (server.tree / "replacement").rename(server.tree / "app.css")
    (server.tree / "new.css").write_bytes(TEXT + b"new")
    os.kill(server.process.pid, signal.SIGHUP)
    _wait_for(server, "/static/new.css", TEXT + b"new")
    _wait_for(server, "/static/app.css", TEXT * 2)
    done.set()
    for thread in asking:
        thread.join()
    assert failed == []
    assert asked > 20
    assert {process for process, _ in _coded(server)}.isdisjoint(_children(server))
