"""The page in development for a static file that is not there: where it was looked for, and what may be meant.

It is a 404 like any other, and there is none of it without DEBUG: it tells of the file system.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.utils.html import format_html, format_html_join

from whitemedia.django.explaining import Explanation, explain
from whitemedia.http.negotiation import names_html
from whitemedia.http.paths import unspell
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
<p>{verdict}</p>
{lists}<p>You see this page because <code>DEBUG</code> is on. <code>manage.py whitemedia explain {path}</code> says the same;
<code>manage.py whitemedia check</code> looks at the settings.</p>
</html>
"""


def respond_with_explanation(site: WhiteMedia, path_info: str, environ: WSGIEnvironment) -> Response:
    """A 404: a page for a browser that asks for one, else its text."""
    path, explanation = unspell(path_info), explain(site, path_info)
    if names_html(environ.get("HTTP_ACCEPT", "")):
        media_type, text = "text/html", format_page(path, explanation)
    else:
        media_type, text = "text/plain", format_text(path, explanation)
    body = text.encode("utf-8", "replace")
    headers = (
        ("Content-Type", f"{media_type}; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
        ("Cache-Control", "no-store"),
    )
    return Response(HTTPStatus.NOT_FOUND, headers, None if environ["REQUEST_METHOD"] == "HEAD" else body)


def format_text(path: str, explanation: Explanation) -> str:
    """The explanation in lines."""
    lines = [f"{path}: {explanation.verdict}"]
    lines += [f"  {name}: {value}" for name, value in explanation.facts]
    for title, items in _lists(explanation):
        lines += [f"{title}:", *(f"  {item}" for item in items)]
    return "\n".join(lines) + "\n"


def format_page(path: str, explanation: Explanation) -> str:
    """The explanation as a page. Whatever came from a request or from a file's name is escaped."""
    facts = [f"{name}: {value}" for name, value in explanation.facts]
    lists = (("What there is", facts), *_lists(explanation))
    shown = format_html_join(
        "", "<h2>{}</h2>\n<ul>\n{}</ul>\n", ((title, _items(items)) for title, items in lists if items)
    )
    page: str = format_html(_PAGE, path=path, verdict=explanation.verdict, lists=shown)
    return page


def _items(items: Iterable[str]) -> str:
    joined: str = format_html_join("", "<li><code>{}</code></li>\n", ((item,) for item in items))
    return joined


def _lists(explanation: Explanation) -> tuple[tuple[str, tuple[str, ...]], ...]:
    lists = (
        ("Searched, the first that has a file", explanation.searched),
        ("Is it one of these?", explanation.near),
    )
    return tuple((title, items) for title, items in lists if items)
