"""The application that a server serves: of the kind KIND, over the tree TREE (both from the environment;
where KIND is empty, the server sends the tree itself)."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper, setup_testing_defaults

from benchmarks.servers.operations import OPERATIONS, Operation
from whitemedia import WhiteMedia

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Answer = tuple[str, list[tuple[str, str]], bytes]
TREE = os.environ["TREE"]


def nothing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What is behind: it finds nothing."""
    start_response("404 Not Found", [("Content-Length", "0")])
    return []


def _load(module: str, name: str) -> Any:
    """A peer, which is imported where it is measured only."""
    return getattr(importlib.import_module(module), name)


def whitemedia() -> Application:
    return WhiteMedia(nothing, TREE, "/static/", cache_dir=None)


def whitenoise() -> Application:
    application: Application = _load("whitenoise", "WhiteNoise")(nothing, TREE, "/static/")
    return application


def servestatic() -> Application:
    application: Application = _load("servestatic", "ServeStatic")(nothing, TREE, "/static/")
    return application


def werkzeug() -> Application:
    application: Application = _load("werkzeug.middleware.shared_data", "SharedDataMiddleware")(
        nothing, {"/static": TREE}
    )
    return application


def flask() -> Application:
    application: Application = _load("flask", "Flask")(
        "benchmark", static_folder=TREE, static_url_path="/static"
    ).wsgi_app
    return application


def constant() -> Application:
    """Whitemedia's answers, found by the path alone: what a server needs to send them."""
    prepared = _prepare()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, headers, body = prepared[environ["PATH_INFO"]]
        start_response(status, list(headers))
        return [body] if body else []

    return answer


def file() -> Application:
    """The same, but each body is the open file in the server's own wrapper."""
    prepared = _prepare()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        status, headers, _ = prepared[path]
        start_response(status, list(headers))
        wrap = environ.get("wsgi.file_wrapper", FileWrapper)
        opened = Path(TREE, path[len("/static/") :]).open("rb")  # noqa: SIM115 - the server closes it
        wrapped: Iterable[bytes] = wrap(opened, 64 * 1024)
        return wrapped

    return answer


def _prepare() -> dict[str, Answer]:
    application = whitemedia()
    there = [one for one in OPERATIONS if Path(TREE, one.file).exists()]
    etags = {one: dict(_ask(application, one, None)[1])["ETag"] for one in there}
    return {one.path: _ask(application, one, etags[one]) for one in there}


def _ask(application: Application, operation: Operation, etag: str | None) -> Answer:
    fields = operation.fields(etag).items()
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields}
    environ["PATH_INFO"] = operation.path
    setup_testing_defaults(environ)
    told: list[Any] = []
    body = b"".join(application(environ, lambda *arguments: told.extend(arguments)))
    return told[0], told[1], body


KINDS = {made.__name__: made for made in (constant, file, whitemedia, whitenoise, servestatic, werkzeug, flask)}
application = KINDS[os.environ["KIND"]]() if os.environ["KIND"] else nothing
