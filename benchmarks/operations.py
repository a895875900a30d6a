"""What is measured in process: requests, and the applications that answer them. How it is measured: run.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from wsgiref.util import FileWrapper, setup_testing_defaults

import brotli
from whitenoise import WhiteNoise

from whitemedia import WhiteMedia

Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]

BROWSER = {
    "HTTP_HOST": "localhost:8000",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "HTTP_ACCEPT": "text/css,*/*;q=0.1",
    "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.5",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
    "HTTP_CONNECTION": "keep-alive",
    "HTTP_REFERER": "http://localhost:8000/",
    "HTTP_SEC_FETCH_DEST": "style",
    "HTTP_SEC_FETCH_MODE": "no-cors",
    "HTTP_SEC_FETCH_SITE": "same-origin",
    "HTTP_PRIORITY": "u=2",
}


class Operation(NamedTuple):
    """A request, and the largest part of whitenoise's time that whitemedia may take for it; where it `names`, a versioned
    URL was handed out before; where it is `stored`, whitemedia has no siblings but what an earlier start compressed."""

    name: str
    prefix: str
    path: str
    revalidates: bool
    limit: float
    autorefresh: bool = False
    names: bool = False
    stored: bool = False


OPERATIONS = (
    Operation("hit, 10 KB, br", "/static/", "/static/css/site.css", revalidates=False, limit=0.10),
    Operation(
        "the same, from the store", "/static/", "/static/css/site.css", revalidates=False, limit=0.10, stored=True
    ),
    Operation("304 by If-None-Match", "/static/", "/static/css/site.css", revalidates=True, limit=0.62),
    Operation("miss outside the prefix", "/static/", "/api/items", revalidates=False, limit=0.75),
    Operation("miss beneath the prefix", "/static/", "/static/css/none.css", revalidates=False, limit=0.75),
    Operation('miss, prefix "/"', "/", "/api/items", revalidates=False, limit=0.75),
    Operation('miss like a file, prefix "/"', "/", "/css/none.css", revalidates=False, limit=0.75),
    Operation("miss, URLs are named", "/static/", "/api/items", revalidates=False, limit=0.85, names=True),
    Operation('miss, URLs are named, "/"', "/", "/api/items", revalidates=False, limit=0.85, names=True),
    Operation(
        "autorefresh hit, br", "/static/", "/static/css/site.css", revalidates=False, limit=0.8, autorefresh=True
    ),
    Operation(
        "autorefresh 304", "/static/", "/static/css/site.css", revalidates=True, limit=0.9, autorefresh=True
    ),
)


def build_tree(root: Path) -> None:
    """A 10 KB stylesheet among a hundred others, "built" with the sibling that whitenoise needs, and "plain"."""
    rules = "".join(f".rule-{n} {{ color: #{n * 4973 % 0xFFFFFF:06x}; margin: {n % 17}px }}\n" for n in range(230))
    data = rules.encode()[:10_240]
    for folder in (root / "built" / "css", root / "plain" / "css"):
        folder.mkdir(parents=True)
        for number in range(100):
            (folder / f"part{number}.css").write_text(f".part-{number} {{ order: {number} }}\n")
        (folder / "site.css").write_bytes(data)
    (root / "built" / "css" / "site.css.br").write_bytes(brotli.compress(data))


def constant(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
    """The application behind: the least that one can do."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def build_applications(root: Path, operation: Operation) -> dict[str, Application]:
    """What is compared, by name."""
    prefix, autorefresh = operation.prefix, operation.autorefresh
    tree = root / ("plain" if operation.stored else "built")
    store = (
        root / "store" if operation.stored else None
    )  # what other sites of this user have handed out has no say here
    whitemedia = WhiteMedia(constant, tree, prefix, autorefresh=autorefresh, cache_dir=store)
    if operation.names:
        whitemedia.url_for("css/site.css")
    return {
        "whitenoise": WhiteNoise(constant, str(root / "built"), prefix, autorefresh=autorefresh),
        "whitemedia": whitemedia,
    }


def build_environ(operation: Operation, application: Application) -> dict[str, Any]:
    """The request as a server would give it; with the application's own entity tag where it revalidates."""
    environ: dict[str, Any] = {**BROWSER, "PATH_INFO": operation.path, "wsgi.file_wrapper": FileWrapper}
    setup_testing_defaults(environ)
    if operation.revalidates:
        answer: dict[str, str] = {}
        perform(application, environ, lambda status, headers, exc_info=None: answer.update(headers))
        environ["HTTP_IF_NONE_MATCH"] = answer["ETag"]
    return environ


def perform(application: Application, environ: dict[str, Any], start_response: Callable[..., object]) -> None:
    """One request: call, drain, close, as a server does."""
    body = application(environ, start_response)
    for _ in body:
        pass
    close = getattr(body, "close", None)
    if close is not None:
        close()
