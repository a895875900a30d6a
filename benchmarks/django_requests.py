"""What a request costs in Django's own handlers, against whitenoise and servestatic: in interleaved rounds, medians.

python benchmarks/django_requests.py [--rounds 31] [--calls 200] [--check]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from wsgiref.util import FileWrapper, setup_testing_defaults

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings
from django.urls import re_path

from benchmarks.operations import BROWSER, build_tree, perform

MIDDLEWARE = {
    "whitenoise": "whitenoise.middleware.WhiteNoiseMiddleware",
    "servestatic": "servestatic.middleware.ServeStaticMiddleware",
    "whitemedia": "whitemedia.django.WhiteMediaMiddleware",
}
FILE, PAGE, BIG = "/static/css/site.css", "/api/items", "/static/big.bin"
TAGGED = "HTTP_IF_NONE_MATCH"


class Operation(NamedTuple):
    """A request, and the largest part of whitenoise's time that whitemedia may take for it; None is not judged."""

    name: str
    path: str
    is_async: bool
    limit: float | None
    revalidates: bool = False


OPERATIONS = (
    Operation("WSGI hit, 10 KB, br", FILE, is_async=False, limit=0.7),
    Operation("WSGI 304", FILE, is_async=False, limit=1.0, revalidates=True),
    Operation("WSGI passed on", PAGE, is_async=False, limit=1.0),
    Operation("WSGI file of 2 MB", BIG, is_async=False, limit=None),
    Operation("ASGI hit, 10 KB, br", FILE, is_async=True, limit=0.7),
    Operation("ASGI 304", FILE, is_async=True, limit=1.0, revalidates=True),
    Operation("ASGI passed on", PAGE, is_async=True, limit=1.0),
    Operation("ASGI file of 2 MB", BIG, is_async=True, limit=None),
)


async def page(request: Any) -> HttpResponse:
    """The project behind, where it is asked as an async one."""
    return HttpResponse(b"ok", content_type="text/plain")


def sync_page(request: Any) -> HttpResponse:
    """The project behind."""
    return HttpResponse(b"ok", content_type="text/plain")


urlpatterns = [re_path("^api/", sync_page)]


class AsyncProject:
    """Its routes, with views that are async."""

    urlpatterns = [re_path("^api/", page)]  # noqa: RUF012 - as Django reads it


def build_handler(name: str, root: Path, *, is_async: bool) -> Any:
    """Django with one of the three in it."""
    with override_settings(MIDDLEWARE=[MIDDLEWARE[name]], STATIC_ROOT=str(root)):
        return ASGIHandler() if is_async else WSGIHandler()


def build_call(handler: Any, operation: Operation) -> Callable[[int], float]:
    """What takes the seconds for one request, over so many."""
    fields = {**BROWSER}
    if operation.revalidates:
        environ = _environ(FILE, fields)
        answer: dict[str, str] = {}
        if operation.is_async:
            answer = asyncio.run(_fields_of(handler, operation.path, fields))
        else:
            perform(handler, environ, lambda status, headers, exc_info=None: answer.update(headers))
        fields[TAGGED] = {name.lower(): value for name, value in answer.items()}["etag"]
    return (
        _async_call(handler, operation, fields) if operation.is_async else _sync_call(handler, operation, fields)
    )


def _environ(path: str, fields: dict[str, str]) -> dict[str, Any]:
    environ: dict[str, Any] = {**fields, "PATH_INFO": path, "wsgi.file_wrapper": FileWrapper}
    setup_testing_defaults(environ)
    return environ


def _sync_call(handler: Any, operation: Operation, fields: dict[str, str]) -> Callable[[int], float]:
    made = _environ(operation.path, fields)

    def call(calls: int) -> float:
        started = time.perf_counter()
        for _ in range(calls):
            perform(handler, dict(made), lambda status, headers, exc_info=None: None)
        return (time.perf_counter() - started) / calls

    return call


async def _exchange(handler: Any, scope: dict[str, Any], sent: Callable[[dict[str, Any]], None]) -> None:
    is_asked = False
    stays = asyncio.Event()

    async def receive() -> dict[str, Any]:
        nonlocal is_asked
        if is_asked:
            await stays.wait()
        is_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent(message)

    await handler(scope, receive, send)


def _scope(path: str, fields: dict[str, str]) -> dict[str, Any]:
    headers = [
        (name.removeprefix("HTTP_").replace("_", "-").lower().encode(), value.encode())
        for name, value in fields.items()
    ]
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": headers,
        "scheme": "http",
    }


async def _fields_of(handler: Any, path: str, fields: dict[str, str]) -> dict[str, str]:
    messages: list[dict[str, Any]] = []
    await _exchange(handler, _scope(path, fields), messages.append)
    return {name.decode(): value.decode() for name, value in messages[0]["headers"]}


def _async_call(handler: Any, operation: Operation, fields: dict[str, str]) -> Callable[[int], float]:
    scope = _scope(operation.path, fields)

    async def run(calls: int) -> float:
        started = time.perf_counter()
        for _ in range(calls):
            await _exchange(handler, dict(scope), lambda message: None)
        return (time.perf_counter() - started) / calls

    return lambda calls: asyncio.run(run(calls))


def compare(operation: Operation, root: Path, rounds: int, calls: int) -> dict[str, list[float]]:
    """Seconds of each, a round each; who goes first rotates."""
    calls = max(1, calls // 10) if operation.path == BIG else calls
    with override_settings(ROOT_URLCONF=AsyncProject if operation.is_async else __name__):
        handlers = {name: build_handler(name, root, is_async=operation.is_async) for name in MIDDLEWARE}
        timed = {name: build_call(handler, operation) for name, handler in handlers.items()}
        seconds: dict[str, list[float]] = {name: [] for name in timed}
        names = list(timed)
        for call in timed.values():
            call(calls // 10 + 1)
        for number in range(rounds):
            for name in names[number % 3 :] + names[: number % 3]:
                seconds[name].append(timed[name](calls))
    return seconds


def main() -> int:
    """Print a table; with --check fail where a limit is not held."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    settings.configure(
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["django.contrib.staticfiles"],
        LOGGING_CONFIG=None,
        MIDDLEWARE=[],
        ROOT_URLCONF=__name__,
        STATIC_URL="/static/",
        SECRET_KEY="for a benchmark",
        SERVESTATIC_USE_STATIC_ROOT=True,
    )
    django.setup()
    failed = False
    print(f"{'':24} {'whitenoise':>12} {'/ whitenoise':>14} {'/ servestatic':>14}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        build_tree(root)
        (root / "big.bin").write_bytes(bytes(2_000_000))
        for operation in OPERATIONS:
            seconds = compare(operation, root, arguments.rounds, arguments.calls)
            ratios = [
                statistics.median(
                    ours / theirs for ours, theirs in zip(seconds["whitemedia"], seconds[name], strict=True)
                )
                for name in ("whitenoise", "servestatic")
            ]
            theirs = statistics.median(seconds["whitenoise"]) * 1e6
            missed = operation.limit is not None and ratios[0] > operation.limit + 0.02
            failed = failed or missed
            limit = "" if operation.limit is None else f"  (limit {operation.limit}{', MISSED' if missed else ''})"
            print(f"{operation.name:24} {theirs:9.1f} µs {ratios[0]:14.2f} {ratios[1]:14.2f}{limit}", flush=True)
    return int(failed and arguments.check)


if __name__ == "__main__":
    sys.exit(main())
