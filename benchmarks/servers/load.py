"""Asking: wrk on a core of its own."""

from __future__ import annotations

import re
import subprocess
import urllib.request
from typing import Final, NamedTuple

from benchmarks.servers.operations import Operation
from benchmarks.servers.targets import Running

LOAD_CORE: Final = "1"
_MILLISECONDS: Final = {"us": 1e-3, "ms": 1, "s": 1e3}


class Told(NamedTuple):
    """What one burst of requests told: requests per second, the 99th percentile of latency (ms), CPU a request (µs)."""

    rate: float
    p99: float
    cpu: float


def load(running: Running, operation: Operation, seconds: int, connections: int) -> Told:
    """Repeat an operation on all connections, one after the other on each. Raises SystemExit where it is not answered as it should be."""
    url = f"http://127.0.0.1:{running.port}{operation.path}"
    fields = operation.fields(_etag(url, operation))
    flags = [f"-H{name}: {value}" for name, value in fields.items()]
    command = [
        "taskset",
        "-c",
        LOAD_CORE,
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--latency",
        *flags,
        url,
    ]
    before = running.cpu_seconds()
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = running.cpu_seconds() - before
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"{url}\n{text}")
    p99, unit = _found(r"99%\s+([\d.]+)(us|ms|s)", text)
    rate, requests = (
        float(_found(r"Requests/sec:\s+([\d.]+)", text)[0]),
        int(_found(r"(\d+) requests in", text)[0]),
    )
    return Told(rate, float(p99) * _MILLISECONDS[unit], used * 1e6 / requests)


def _found(pattern: str, text: str) -> tuple[str, ...]:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(text)
    return match.groups()


def _etag(url: str, operation: Operation) -> str | None:
    if not operation.revalidates:
        return None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(operation.fields()))) as answer:
            return str(answer.headers["ETag"])
    except urllib.error.HTTPError as answer:  # the constant application says 304 to everybody
        return str(answer.headers["ETag"])
