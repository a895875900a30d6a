"""The page in development for a static file that is not there: where it was looked for, and what may be meant.

It is a 404 like any other, and there is none of it without DEBUG: it tells of the file system.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.utils.html import format_html, format_html_join

from whitemedia.explaining import Explanation, explain, format_explanation
from whitemedia.http.negotiation import names_html
from whitemedia.http.paths import quote_path, spell
from whitemedia.http.response import Response
from whitemedia.middleware import WhiteMedia

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>No static file: {path}</title>
<style>body {{ font: 1rem/1.5 sans-serif; margin: 2rem auto; max-width: 50rem }} code {{ font-size: 1.1em }}</style>
<h1>No static file at <code>{path}</code></h1>
<p>{why}</p>
{lists}<p>You see this page because <code>DEBUG</code> is on. <code>manage.py whitemedia explain {path}</code> says the same;
<code>manage.py whitemedia check</code> looks at the settings.</p>
</html>
"""


def respond_with_explanation(site: WhiteMedia, path_info: str, environ: WSGIEnvironment) -> Response:
    """A 404: a page for a browser that asks for one, else its text."""
    explanation, searched = explain(site, quote_path(path_info)), _searched(site, path_info)
    if names_html(environ.get("HTTP_ACCEPT", "")):
        media_type, text = "text/html", format_page(explanation, searched)
    else:
        media_type, text = "text/plain", "".join(f"{line}\n" for line in format_explanation(explanation))
    body = text.encode("utf-8", "replace")
    headers = (
        ("Content-Type", f"{media_type}; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
        ("Cache-Control", "no-store"),
    )
    return Response(HTTPStatus.NOT_FOUND, headers, None if environ["REQUEST_METHOD"] == "HEAD" else body)


def format_page(explanation: Explanation, searched: Iterable[str]) -> str:
    """The explanation as a page. Whatever came from a request or from a file's name is escaped."""
    lists = (("Searched, the first that has a file", tuple(searched)), ("Is it one of these?", explanation.near))
    shown = format_html_join(
        "", "<h2>{}</h2>\n<ul>\n{}</ul>\n", ((title, _items(items)) for title, items in lists if items)
    )
    page: str = format_html(_PAGE, path=explanation.path, why=explanation.why, lists=shown)
    return page


def _searched(site: WhiteMedia, path_info: str) -> Iterator[str]:
    """The directories that are served where the path lies."""
    for root in reversed(site.roots):
        if path_info.startswith(spell(root.prefix)):
            yield f"{root.root.path} (at {root.prefix})"


def _items(items: Iterable[str]) -> str:
    joined: str = format_html_join("", "<li><code>{}</code></li>\n", ((item,) for item in items))
    return joined
