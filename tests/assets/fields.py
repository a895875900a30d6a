"""The header fields of one file, as its options make them."""

from __future__ import annotations

from collections.abc import Callable
from wsgiref.headers import Headers

from whitemedia.assets.headers import Place, ResourceHeaders, build_headers
from whitemedia.http.response import Header
from whitemedia.options import Options

NOW = 1_800_000_000.5
MODIFIED = 784_111_777  # Sun, 06 Nov 1994 08:49:37 GMT
PATH, URL = "/srv/static/app.css", "/static/app.css"
PLACE = Place(PATH, "app.css", URL)

DEFAULT: tuple[Header, ...] = (
    ("Content-Type", "text/css; charset=utf-8"),
    ("Cache-Control", "max-age=60, public"),
    ("Access-Control-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
)


def build(options: Options, media_type: str = "text/css", modified: int | None = MODIFIED) -> ResourceHeaders:
    return build_headers(media_type, PLACE, modified, options)


def build_with(change: Callable[[Headers], object], modified: int | None = MODIFIED) -> ResourceHeaders:
    """With an `add_headers_function` that does one thing."""

    def function(headers: Headers, path: str, url: str) -> None:
        change(headers)

    return build(Options(add_headers_function=function), "text/css", modified)
