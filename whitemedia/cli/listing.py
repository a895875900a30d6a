"""Listings of directories without an index: a WSGI application that stands behind WhiteMedia.

A name is data wherever it stands: in the page it is escaped, in a link it is percent-encoded and begins with "./", so
that no name is taken for a scheme (`javascript:x`), for another host (`//host`) or for a parent.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote

from whitemedia.assets.representation import NOSNIFF
from whitemedia.assets.resource import Entry, Redirect, Refused
from whitemedia.cli.messages import counted, printable
from whitemedia.http.paths import format_directory_location, spell, unspell
from whitemedia.http.response import Header, Response
from whitemedia.serving import answers
from whitemedia.serving.body import send_wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from whitemedia.assets.roots import Listed

_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
h1 { font-size: 1.25rem; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
caption { padding: .25rem 0; text-align: start }
th, td { border-bottom: 1px solid #8886; padding: .25rem 1rem .25rem 0; text-align: start; vertical-align: top }
th:first-child { width: 100% }
th[scope=row] { font-weight: normal; overflow-wrap: anywhere }
td { font-variant-numeric: tabular-nums; white-space: nowrap }
th:nth-child(2), td:nth-child(2) { text-align: end }
th:nth-child(3), td:nth-child(3) { padding-inline-end: 0 }
@media (max-width: 40rem) { td:nth-child(3) { min-width: 6rem; white-space: normal } }
"""
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode("ascii")).digest()).decode("ascii")

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Index of {path}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<h1>Index of {path}</h1>
{parent}<table>
<caption>{summary}</caption>
<thead>
<tr><th scope="col">Name</th><th scope="col">Bytes</th><th scope="col">Modified (UTC)</th></tr>
</thead>
<tbody>
{rows}</tbody>
</table>
</main>
</body>
</html>
"""
_PARENT: Final = '<p><a href="../">Parent directory</a></p>\n'

_NOTHING_ELSE: Final = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NO_STORE: Final = ("Cache-Control", "no-store")
_PAGE_HEADERS: Final = (
    ("Content-Type", "text/html; charset=utf-8"),
    _NO_STORE,
    ("Content-Security-Policy", f"style-src 'sha256-{_STYLE_HASH}'; {_NOTHING_ELSE}"),
    NOSNIFF,
)
_EPOCH: Final = datetime(1970, 1, 1)


class Directory(Protocol):
    """What is listed: a root."""

    def list(self, url_path: str) -> Sequence[Listed] | None:
        """What is in the directory at `url_path`, "" or ending in a slash; None if there is none."""


class Listing:
    """Answers for directories beneath `prefix`; everything else is passed to `application`.

    `served` holds what may be shown, as PATH_INFO spells it, directories with their final slash; None shows all.
    """

    def __init__(
        self, application: WSGIApplication, directory: Directory, prefix: str, served: Container[str] | None = None
    ) -> None:
        self.application = application
        self._directory = directory
        self._prefix = spell(prefix)
        self._served = served

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or let the application answer (PEP 3333)."""
        path = environ.get("PATH_INFO", "")
        listed = self._list(path if path.endswith("/") else f"{path}/")
        if listed is None:
            return self.application(environ, start_response)
        return send_wsgi(self._respond(path, listed, environ), environ, start_response)

    def _list(self, path: str) -> Sequence[Listed] | None:
        """What is shown of the directory at this PATH_INFO, in the page's order; None if there is none."""
        below = path[len(self._prefix) :]
        url_path = unspell(below)
        if not (path.startswith(self._prefix) and self._shows(path) and spell(url_path) == below):
            return None
        found = self._directory.list(url_path)
        if found is None:
            return None
        return sorted((item for item in found if self._shows(path + _spell_item(item))), key=_order)

    def _shows(self, path: str) -> bool:
        return self._served is None or path in self._served

    def _respond(self, path: str, listed: Sequence[Listed], environ: WSGIEnvironment) -> Response:
        method, mount = environ["REQUEST_METHOD"], environ.get("SCRIPT_NAME", "")
        if method == "OPTIONS":
            return answers.options(())
        if method not in ("GET", "HEAD"):
            return answers.method_not_allowed(())
        if not path.endswith("/"):
            location = format_directory_location(path or mount)
            return answers.redirect(
                Redirect(location, (_NO_STORE,), passes_unsafe=False), mount, environ.get("QUERY_STRING", "")
            )
        page = format_page(unspell(mount + path), listed, top=path == self._prefix).encode("utf-8")
        headers: tuple[Header, ...] = (*_PAGE_HEADERS, ("Content-Length", str(len(page))))
        return Response(HTTPStatus.OK, headers, None if method == "HEAD" else page)


def served_paths(entries: Mapping[str, Entry], prefix: str) -> frozenset[str]:
    """All that a table serves and the directories on the way there; the prefix is one even if nothing is there."""
    paths = {spell(prefix)}
    for path, entry in entries.items():
        if not isinstance(entry, Refused):
            paths.add(path)
            above = path.rpartition("/")[0]
            while f"{above}/" not in paths:
                paths.add(f"{above}/")
                above = above.rpartition("/")[0]
    return frozenset(paths)


def format_page(path: str, listed: Sequence[Listed], *, top: bool) -> str:
    """The page for a directory; `top` has no parent."""
    return _PAGE.format(
        path=_text(path),
        style=_STYLE,
        parent="" if top else _PARENT,
        summary=_summarize(listed),
        rows="".join(map(_format_row, listed)),
    )


def _order(item: Listed) -> tuple[bool, str, str]:
    return not item.is_directory, item.name.casefold(), item.name


def _spell_item(item: Listed) -> str:
    return spell(item.name) + "/" * item.is_directory


def _format_row(item: Listed) -> str:
    slash = "/" * item.is_directory
    link = f'<a href="./{quote(spell(item.name).encode("latin-1"), safe="")}{slash}">{_text(item.name)}{slash}</a>'
    size = "" if item.is_directory else f"{item.size:,}"
    return f'<tr><th scope="row">{link}</th><td>{size}</td><td>{_format_time(item.mtime_ns)}</td></tr>\n'


def _text(name: str) -> str:
    """Text of the page. What is not printable is no valid HTML, or shows a name as another one."""
    return escape(printable(name))


def _format_time(mtime_ns: int) -> str:
    try:
        time = _EPOCH + timedelta(seconds=mtime_ns // 1_000_000_000)
    except OverflowError:
        return ""
    return f'<time datetime="{time.isoformat()}Z">{time.isoformat(" ")}</time>'


def _summarize(listed: Sequence[Listed]) -> str:
    """Such as: 1 directory, 12 files, 3,456 bytes."""
    directories = sum(item.is_directory for item in listed)
    size = sum(item.size for item in listed if not item.is_directory)
    files = len(listed) - directories
    counts = ((directories, "directory", "directories"), (files, "file"), (size, "byte"))
    return ", ".join(counted(*count) for count in counts)
