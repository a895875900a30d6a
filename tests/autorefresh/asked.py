"""What is asked of a tree: every path in it, what is near to one, and requests of every kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from whitemedia.http.paths import spell

Fields = dict[str, str]

ORIGIN: Final = "https://a.example"

ANYWHERE: Final = (
    *("", "/", "//", "/.", "/..", "/../outside/a.css", "/%2e%2e/outside/a.css", "/\0", "/\\", "*"),
    *("/missing", "/missing/", "/missing~", "/missing~/x", "/.git", "/.git/x", "/\xed\xa0\x80"),
    *("/" + "a" * 300, "/" + "a/" * 2000),
)
"""Paths that mean something wherever they are asked for, or nothing anywhere."""

REQUESTS: Final[tuple[tuple[str, Fields], ...]] = (
    ("HEAD", {}),
    ("OPTIONS", {}),
    ("POST", {}),
    ("GET", {"HTTP_ACCEPT_ENCODING": "gzip, br, zstd"}),
    ("HEAD", {"HTTP_ACCEPT_ENCODING": "*;q=0.1, identity;q=0"}),
    ("GET", {"HTTP_ACCEPT_ENCODING": "zstd"}),
    ("GET", {"HTTP_RANGE": "bytes=2-5"}),
    ("GET", {"HTTP_RANGE": "bytes=0-1,4-5", "HTTP_ACCEPT_ENCODING": "gzip"}),
    ("GET", {"HTTP_RANGE": "bytes=5000000-"}),
    ("GET", {"HTTP_IF_NONE_MATCH": "*"}),
    ("GET", {"HTTP_IF_MATCH": '"none"'}),
    ("GET", {"HTTP_IF_MODIFIED_SINCE": "Fri, 31 Dec 9999 23:59:59 GMT"}),
    ("GET", {"HTTP_ORIGIN": ORIGIN}),
    ("OPTIONS", {"HTTP_ORIGIN": ORIGIN, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET"}),
    ("OPTIONS", {"HTTP_ORIGIN": ORIGIN, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"}),
    ("GET", {"HTTP_ACCEPT": "text/html"}),
    ("HEAD", {"HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_ENCODING": "gzip"}),
    ("GET", {"QUERY_STRING": "a=b", "SCRIPT_NAME": "/app"}),
)


def near(path: str) -> Iterator[str]:
    """Spellings of PATH_INFO that might be taken for the path, or for something beneath or beside it."""
    yield from (path, path + "/", path + "//", path + "/.", path + "/..", path + "/x", path + "/index.html")
    yield from (path + "\0", path + ".gz", path + ".html", path + "/a.css", path + "/x/", path + "\\", path + " ")
    yield from (path.swapcase(), path.replace("/", "//"), path.replace("/", "\\"), path.replace("/", "/./"))
    yield from (path.rpartition("/")[0], path.removesuffix(".html"), path.removesuffix(".gz"), path.rstrip("."))
    yield from (path.encode("latin-1").decode("utf-8", "ignore"), path.replace("a", "%61"), "/" + path)


def asked(prefixes: Iterable[str], paths: Iterable[str]) -> list[str]:
    """Every PATH_INFO to ask for, each once."""
    names = ["", *map(spell, paths)]
    found = list(ANYWHERE)
    for prefix in map(spell, prefixes):
        found += [spelling for name in names for spelling in near(prefix + name)]
        found += [prefix[:-1] + path for path in ANYWHERE]
    return list(dict.fromkeys(found))


def some_requests(number: int) -> Iterator[tuple[str, Fields]]:
    """GET, and some of the others in their turn, for there are many paths."""
    yield "GET", {}
    for offset in (0, 7, 11):
        yield REQUESTS[(number + offset) % len(REQUESTS)]


def make(method: str, path: str, fields: Fields) -> dict[str, Any]:
    return {"REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", **fields}
