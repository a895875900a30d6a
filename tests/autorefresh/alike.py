"""Two constructions over the same roots: one looks files up at each request, the other is a table built now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.answers import Answer
from tests.autorefresh.asked import REQUESTS, Fields, make, some_requests
from tests.autorefresh.trees import paths_in
from tests.conftest import PREFIX, call
from whitemedia import WhiteMedia
from whitemedia.http.paths import spell

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

    from whitemedia.options import OptionFields

Told = tuple[int, list[tuple[str, str]], bytes]


class Difference(NamedTuple):
    """A request, and its two answers."""

    environ: dict[str, Any]
    live: Told
    table: Told


def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The application: it finds nothing, and says what it was asked for."""
    start_response(
        "404 Not Found", [("Content-Type", "text/plain"), ("X-Application", ascii(environ["PATH_INFO"]))]
    )
    return [b"nothing"]


def tell(application: WSGIApplication, environ: dict[str, Any]) -> Told:
    status, headers, body = call(application, dict(environ))
    return status, headers.items(), body


def compare(
    live: WSGIApplication, table: WSGIApplication, requests: Iterable[tuple[str, str, Fields]]
) -> Iterable[Difference]:
    """The requests (method, path and fields) that the two answer in different ways."""
    for method, path, fields in requests:
        environ = make(method, path, fields)
        difference = Difference(environ, tell(live, environ), tell(table, environ))
        if difference.live != difference.table:
            yield difference


def some_of_each(paths: Iterable[str]) -> Iterable[tuple[str, str, Fields]]:
    """Of each path, some of the requests."""
    for number, path in enumerate(paths):
        for method, fields in some_requests(number):
            yield method, path, fields


class Alike:
    """A root with options, served live; what it is asked, a table that is built for the question is asked too."""

    def __init__(self, root: Path, **options: Unpack[OptionFields]) -> None:
        self.root = root
        self._options: OptionFields = {**options, "compress": "off"}
        live: OptionFields = {**options, "autorefresh": True}
        self.live = WhiteMedia(behind, root, PREFIX, **live)

    def ask(self, name: str, method: str = "GET", **fields: str) -> Answer:
        """The live answer for a name, which is that of a table built now."""
        environ = make(method, spell(PREFIX + name), fields)
        requests = ((method, fields), *REQUESTS)
        self._compare((method, environ["PATH_INFO"], fields) for method, fields in requests)
        return call(self.live, environ)

    def ask_all(self) -> None:
        """Compare some answers for all that is there."""
        names = list(paths_in(self.root)) if self.root.is_dir() else []
        self._compare(some_of_each(spell(PREFIX + name + slash) for name in names for slash in ("", "/")))

    def _compare(self, requests: Iterable[tuple[str, str, Fields]]) -> None:
        table = WhiteMedia(behind, self.root, PREFIX, **self._options)
        assert list(compare(self.live, table, requests)) == []
