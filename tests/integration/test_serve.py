"""`whitemedia serve` as a process: what it prints, what it sends, and how it ends."""

from __future__ import annotations

import errno
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

import whitemedia
from tests.cli.page import Page
from tests.conftest import plant
from tests.integration.client import Connection, Cut, ask, format_request
from tests.integration.server import START_SECONDS, STOP_SECONDS, require
from whitemedia.cli.server import THREADS

LARGE = random.Random(1).randbytes(40_000_000)  # more than waitress takes in before the client reads
FILES = {"index.html": b"<!doctype html>", "a.css": b"a" * 1000, "docs/b c.css": b"b" * 2000, "large.bin": LARGE}
APPLICATION = """
import os, time

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/work":
        print("at work", flush=True)
        time.sleep(600)
    if path.startswith("/fail"):
        raise ValueError(f"of {path}")
    if path == "/file":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "40000000")])
        return environ["wsgi.file_wrapper"](open("site/large.bin", "rb"))
    if path == "/rest":
        time.sleep(0.01)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"application"]
"""
PATH = str(Path(whitemedia.__file__).parents[1])
ENVIRONMENT = {**os.environ, "PYTHONPATH": PATH, "PYTHONWARNINGS": "default"}  # a socket left open is told of


class Command:
    """A running command; what it prints is read line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self._out = process.stdout
        self.start = [self.line(), self.line()]
        self.errors = ""
        match = re.fullmatch(r"http://(.*):([0-9]+)(/.*) \(Ctrl-C stops\)", self.start[1])
        assert match is not None, self.start
        self.host, self.path = match[1], match[3]
        self.port = int(match[2])

    def line(self) -> str:
        """The next line."""
        line = self._out.readline()
        if not line.endswith("\n"):
            pytest.fail(f"it ended: {line}{self.process.communicate()}")
        return line[:-1]

    def request(self) -> str:
        """The next line, of a request, without the time."""
        return self.line().rpartition(" bytes ")[0]

    def close(self) -> None:
        """Read no more."""
        self._out.close()

    def stop(self, *names: str) -> list[str]:
        """Send signals; the lines that followed. It ends well."""
        for name in names or ("SIGTERM",):
            self.process.send_signal(getattr(signal, name))
        out, self.errors = self.process.communicate(timeout=STOP_SECONDS)
        assert self.process.returncode == 0
        return out.splitlines()


def popen(*argv: str, cwd: Path) -> subprocess.Popen[str]:
    require("waitress")
    command = [sys.executable, "-m", "whitemedia", "serve", *argv]
    return subprocess.Popen(
        command, cwd=cwd, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def serving(cwd: Path, *argv: str) -> Iterator[Command]:
    """A command that serves `site` in `cwd`."""
    with popen("site", "--port", "0", "--compress", "off", *argv, cwd=cwd) as process:
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.start()
        try:
            yield Command(process)
        finally:
            watchdog.cancel()
            process.kill()


def fail(*argv: str, cwd: Path) -> tuple[int, str]:
    """The exit code, and the only line it wrote."""
    with popen(*argv, cwd=cwd) as process:
        out, errors = process.communicate(timeout=START_SECONDS)
    assert out == ""
    [line] = errors.splitlines()
    return process.returncode, line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve")
    plant(folder / "site", FILES)
    (folder / "behind.py").write_text(APPLICATION)
    return folder


@pytest.mark.parametrize("names", [["SIGTERM"], ["SIGINT"], ["SIGINT", "SIGTERM", "SIGINT"]], ids=" and ".join)
def test_it_tells_what_it_serves_each_request_and_its_end(folder: Path, names: list[str]) -> None:
    with serving(folder) as command:
        assert command.start[0] == "whitemedia: 4 files, 40.0 MB from site"
        assert (command.host, command.path) == ("127.0.0.1", "/")
        client = HTTPConnection("127.0.0.1", command.port)
        for path, body in (("/", FILES["index.html"]), ("/a.css?v=1", FILES["a.css"]), ("/large.bin", LARGE)):
            client.request("GET", path)
            assert client.getresponse().read() == body
            assert command.request() == f"127.0.0.1 GET {path} 200 {len(body)}"
        client.request("HEAD", "/none")
        assert client.getresponse().status == 404
        assert command.request() == "127.0.0.1 HEAD /none 404 0"
        assert command.stop(*names) == ["whitemedia: stopped after 4 requests"]
        assert command.errors == ""
        assert client.sock.recv(1) == b""
        client.close()


def test_a_client_that_goes_away_leaves_a_line_and_no_trace(folder: Path) -> None:
    with serving(folder, "--app", "behind:application") as command:
        for path in ("/large.bin", "/file"):
            with Connection(command.port) as connection:
                connection.send(format_request(path))
                connection.read_head()
                connection.reset()
            told, _, sent = command.request().rpartition(" ")
            assert told == f"127.0.0.1 GET {path} 200"
            assert int(sent) < len(LARGE)
        assert ask(command.port, "/a.css").body == FILES["a.css"]
        command.stop()
        assert command.errors == ""


def test_it_stops_while_clients_do_not_read_and_the_application_works(folder: Path) -> None:
    with serving(folder, "--app", "behind:application") as command, ExitStack() as stack:
        file, its_file, work = (stack.enter_context(Connection(command.port)) for _ in range(3))
        for connection, path in ((file, "/large.bin"), (its_file, "/file")):
            connection.send(format_request(path))
            connection.read_head()
        work.send(format_request("/work"))
        assert command.line() == "at work"
        *lines, last = command.stop()
        assert {line.split(" ")[2] for line in lines} == {"/large.bin", "/file"}
        assert last == "whitemedia: stopped after 2 requests"
        assert command.errors == "whitemedia: 1 thread(s) still running\n"
        with pytest.raises(Cut):
            file.read(len(LARGE))


def test_it_stops_before_it_serves(folder: Path) -> None:
    (folder / "slow.py").write_text("import time; print('importing', flush=True); time.sleep(600)")
    with popen("site", "--port", "0", "--app", "slow:application", cwd=folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        process.terminate()
        out, errors = process.communicate(timeout=STOP_SECONDS)
    assert (process.returncode, errors) == (0, "")
    assert out == "whitemedia: stopped after 0 requests\n"


def test_the_application_answers_for_the_rest_and_its_files_are_whole(folder: Path) -> None:
    with serving(folder, "--app", "behind:application") as command:
        with Connection(command.port) as connection:
            assert connection.ask("/none").body == b"application"
            assert connection.ask("/file").body == LARGE
            assert connection.ask("/a.css").body == FILES["a.css"]
        assert command.request() == "127.0.0.1 GET /none 200 11"
        assert command.request() == "127.0.0.1 GET /file 200 40000000"
        command.stop()
        assert command.errors == ""


def test_that_requests_wait_for_others_is_no_warning(folder: Path) -> None:
    with serving(folder, "--app", "behind:application") as command, ExitStack() as stack:
        connections = [stack.enter_context(Connection(command.port)) for _ in range(4 * THREADS)]
        for connection in connections:
            connection.send(format_request("/rest"))
        assert {connection.read_answer().body for connection in connections} == {b"application"}
        command.stop()
        assert command.errors == ""


def test_no_request_forges_a_line_or_drives_the_terminal(folder: Path) -> None:
    with serving(folder, "--app", "behind:application") as command:
        assert ask(command.port, "/fail%0Awhitemedia:%20forged%1B[31m?\x1b[2J").status == 500
        assert command.request() == "127.0.0.1 GET /fail%0Awhitemedia:%20forged%1B%5B31m?%1B[2J 500 0"
        command.stop()
    lines = command.errors.splitlines()
    assert lines[0] == r"whitemedia: Exception while serving /fail\nwhitemedia: forged\x1b[31m"
    assert not [line for line in lines[1:] if not line.startswith("  ")]
    assert "\x1b" not in command.errors


def test_a_file_that_changes_while_it_is_sent_is_one_line(tmp_path: Path) -> None:
    plant(tmp_path / "site", {"large.bin": LARGE})
    with serving(tmp_path) as command:
        with Connection(command.port) as connection:
            connection.send(format_request("/large.bin"))
            connection.read_head()
            os.truncate(tmp_path / "site" / "large.bin", 10)
            with pytest.raises(Cut):
                connection.read(len(LARGE))
        assert command.request().startswith("127.0.0.1 GET /large.bin 200 ")
        command.stop()
        [line] = command.errors.splitlines()
        assert line.endswith("large.bin' changed while it was sent: its connection is closed")


def test_listings_lead_to_files(folder: Path) -> None:
    with serving(folder, "--list", "--no-index", "--prefix", "/größe/") as command:
        assert command.path == "/gr%C3%B6%C3%9Fe/"
        bare = ask(command.port, command.path[:-1])
        assert (bare.status, bare.fields["location"]) == (302, "gr%C3%B6%C3%9Fe/")
        top = Page(ask(command.port, command.path).body.decode("utf-8"))
        assert [row.cells[0] for row in top.rows] == ["docs/", "a.css", "index.html", "large.bin"]
        below = Page(ask(command.port, f"{command.path}docs/").body.decode("utf-8"))
        [row] = below.rows
        assert (
            ask(command.port, f"{command.path}docs/{row.href}".replace("/./", "/")).body == FILES["docs/b c.css"]
        )


def test_an_ipv6_address_is_in_brackets(folder: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with serving(folder, "--host", "::1") as command:
        assert command.host == "[::1]"
        client = HTTPConnection("::1", command.port)
        client.request("GET", "/a.css")
        assert client.getresponse().read() == FILES["a.css"]
        client.close()
        assert command.request() == "::1 GET /a.css 200 1000"


def test_it_goes_on_when_nobody_reads_what_it_prints(folder: Path) -> None:
    with serving(folder) as command:
        command.close()
        assert [ask(command.port, "/a.css").status for _ in range(3)] == [200, 200, 200]
        command.process.terminate()
        assert command.process.wait(STOP_SECONDS) == 0


def test_a_port_in_use_is_one_line_and_1(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = fail("site", "--port", str(port), cwd=folder)
    assert code == 1
    assert line == f"whitemedia serve: cannot listen on 127.0.0.1:{port}: {os.strerror(errno.EADDRINUSE)}"


FAILURES = {
    "another machine's address": (1, ["site", "--host", "192.0.2.1"], "cannot listen on 192.0.2.1:0: "),
    "no host": (1, ["site", "--host", "a..b"], "--host 'a..b' is no host"),
    "a wrong option": (2, ["site", "--index", "a/b"], "index_file='a/b': "),
}


@pytest.mark.parametrize(("code", "argv", "why"), FAILURES.values(), ids=FAILURES)
def test_a_start_that_fails_is_one_line_and_a_code(folder: Path, code: int, argv: list[str], why: str) -> None:
    failed, line = fail(*argv, "--port", "0", cwd=folder)
    assert failed == code
    assert line.startswith(f"whitemedia serve: {why}")


def test_without_waitress_it_says_what_to_install(folder: Path) -> None:
    script = "import sys; sys.modules['waitress'] = None; from whitemedia.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", script, "serve", "site"]
    ended = subprocess.run(command, check=False, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr == 'whitemedia serve: needs waitress: pip install "whitemedia[serve]"\n'
