"""nginx as a caching proxy before servers of this machine, Debian's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.integration.process import wait_until
from tests.integration.programs import program
from tests.integration.server import free_port

_CONFIGURATION: Final = """
{user}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log notice;
events {{ worker_connections 256; }}
http {{
    access_log off;
    {temporary}
    proxy_cache_path cached keys_zone=all:4m;
    include upstream.conf;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://releases;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_cache all;
            proxy_cache_key $request_uri;
            proxy_cache_valid any 10m;
            add_header X-Cache $upstream_cache_status always;
        }}
    }}
}}
"""
_TEMPORARY: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Nginx:
    """A running proxy, which asks its servers in turn, and keeps whatever does not say that it must not be kept."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        self.port = port
        self._process = process
        self._folder = folder

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self._folder / "error.log").read_text("utf-8", "replace")

    def ask_instead(self, ports: Sequence[int]) -> None:
        """From now on ask these servers; only connections that are open already are still answered by those of before."""
        _write_upstream(self._folder, ports)
        processes = self.log.count("start worker process ")
        self._process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.log.count("start worker process ") > processes, "nginx goes on as before")


@contextmanager
def nginx(folder: Path, ports: Sequence[int]) -> Iterator[Nginx]:
    """One before the servers at these ports; skips where there is none, but in CI, where it is installed."""
    path, port = program("nginx-light", "nginx"), free_port()
    _write_upstream(folder, ports)
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers could not enter this folder
    temporary = "".join(f"{name}_temp_path {name};" for name in _TEMPORARY)
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(user=user, temporary=temporary, port=port))
    command = [path, "-p", str(folder), "-e", "error.log", "-c", str(configuration)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        proxy = Nginx(process, port, folder)
        wait_until(lambda: _listens(port), "nginx did not start")
        yield proxy
    finally:
        process.terminate()
        process.wait()
    assert "[error]" not in proxy.log, proxy.log


def _write_upstream(folder: Path, ports: Sequence[int]) -> None:
    servers = " ".join(f"server 127.0.0.1:{port};" for port in ports)
    (folder / "upstream.conf").write_text(f"upstream releases {{ {servers} keepalive 8; }}")


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
