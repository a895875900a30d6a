"""A page in place of a 404, for applications whose routes are the browser's (history API).

Only a browser that asks for a page gets it: a script or a picture that is missing stays a 404.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whitemedia.http.fields import vary_on
from whitemedia.http.negotiation import names_html
from whitemedia.http.response import Header, Response
from whitemedia.serving.responder import respond

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from whitemedia.assets.resource import Entry


class StandIn(NamedTuple):
    """The page that takes the place of the application's answer, should that be a 404."""

    page: Entry


def wants_page(environ: WSGIEnvironment) -> bool:
    """Whether a browser navigates: GET or HEAD, with text/html named in Accept."""
    return environ["REQUEST_METHOD"] in ("GET", "HEAD") and names_html(environ.get("HTTP_ACCEPT", ""))


def respond_with_page(page: Entry, environ: WSGIEnvironment) -> Response | None:
    """The page's answer at another path, where others get another one; None if the page is gone."""
    response = respond(page, environ)
    if response is None or response.status.startswith("404"):
        return None
    return response.with_headers(vary_on("Accept", response.headers))


def replace_not_found(
    page: Entry,
    environ: WSGIEnvironment,
    status: str,
    headers: list[Header],  # noqa: ARG001 - `intercept` gives them
) -> Response | None:
    """The page for an application's 404; None leaves every other answer as it is."""
    return respond_with_page(page, environ) if status.startswith("404") else None
