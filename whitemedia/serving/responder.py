"""One resource, one request, one response: method, selection, preconditions, range, in this order (RFC 9110).

Validators belong to the selected representation, and so do a range's offsets: bytes of two codings never meet.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from whitemedia.assets.representation import Entry, Redirect, Refused, Representation, Resource
from whitemedia.http.negotiation import select_coding
from whitemedia.http.preconditions import Conditions, Outcome, evaluate_preconditions, if_range_holds
from whitemedia.http.ranges import Unsatisfiable, parse_range
from whitemedia.http.response import Response
from whitemedia.serving import answers
from whitemedia.serving.live import find
from whitemedia.serving.response import FileResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from whitemedia.assets.files import Opened

_SAFE: Final = ("GET", "HEAD")
_log = logging.getLogger("whitemedia")


def respond(entry: Entry, environ: WSGIEnvironment) -> Response | None:
    """Answer a request for an entry of the table; None if the application is to answer."""
    if not isinstance(entry, Resource):
        return _respond_without_resource(entry, environ)
    method = environ["REQUEST_METHOD"]
    if method not in _SAFE:
        return _respond_to_method(method, entry)
    coding = select_coding(environ.get("HTTP_ACCEPT_ENCODING", ""), entry.codings)
    representation = entry.representation(coding)
    if not isinstance(representation.body, bytes):
        return _respond_from_file(entry, representation, method, environ)
    return _respond_selected(representation, entry.last_modified, None, method, environ)


def _respond_selected(
    representation: Representation,
    last_modified: int | None,
    opened: Opened | None,
    method: str,
    environ: WSGIEnvironment,
) -> Response:
    """Preconditions, then range (RFC 9110, section 13.2.2); `opened` stays the caller's unless a body is of it."""
    if_none_match = environ.get("HTTP_IF_NONE_MATCH")
    if (
        if_none_match is not None
        or "HTTP_IF_MODIFIED_SINCE" in environ
        or "HTTP_IF_MATCH" in environ
        or "HTTP_IF_UNMODIFIED_SINCE" in environ
    ):
        outcome = _evaluate(representation.etag, if_none_match, last_modified, method, environ)
        if outcome is Outcome.NOT_MODIFIED:
            return representation.not_modified
        if outcome is Outcome.PRECONDITION_FAILED:
            return answers.precondition_failed(representation.head.headers)
    if method == "HEAD":
        return representation.head
    if "HTTP_RANGE" in environ:
        return _respond_to_range(representation, last_modified, opened, environ)
    return representation.ok if opened is None else answers.whole(representation, opened)


def _evaluate(
    etag: str, if_none_match: str | None, last_modified: int | None, method: str, environ: WSGIEnvironment
) -> Outcome:
    if_match, if_unmodified_since = environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_UNMODIFIED_SINCE")
    if if_none_match == etag and if_match is None and if_unmodified_since is None:
        return Outcome.NOT_MODIFIED  # what browsers send; the rest of the order cannot matter
    fields = Conditions(if_match, if_unmodified_since, if_none_match, environ.get("HTTP_IF_MODIFIED_SINCE"))
    return evaluate_preconditions(method, fields, etag, last_modified, time.time())


def _respond_to_range(
    representation: Representation, last_modified: int | None, opened: Opened | None, environ: WSGIEnvironment
) -> Response:
    """A Range counts only if If-Range, where present, holds (section 13.1.5)."""
    if_range = environ.get("HTTP_IF_RANGE")
    ranges = None
    if if_range is None or if_range_holds(if_range, representation.etag, last_modified, time.time()):
        ranges = parse_range(environ["HTTP_RANGE"], representation.length)
    if ranges is None:
        return representation.ok if opened is None else answers.whole(representation, opened)
    if isinstance(ranges, Unsatisfiable):
        return answers.range_not_satisfiable(representation)
    if len(ranges) == 1:
        return answers.partial(representation, ranges[0], opened)
    return answers.multipart(representation, ranges, opened)


def _respond_from_file(
    resource: Resource, representation: Representation, method: str, environ: WSGIEnvironment
) -> Response:
    """The body is not in memory: open it before anything is decided, then close it or hand it over."""
    try:
        found = find(resource, representation, read=method == "GET")
    except OSError as error:
        _log.error("cannot open %r: %s", resource.source.path, error.strerror)
        return answers.unavailable(method)
    if found is None:
        return answers.not_found(method)
    opened = found.opened
    response = None
    try:
        response = _respond_selected(found.representation, found.last_modified, opened, method, environ)
    finally:
        if opened is not None and type(response) is not FileResponse:
            opened.close()
    return response


def _respond_without_resource(entry: Redirect | Refused, environ: WSGIEnvironment) -> Response | None:
    method = environ["REQUEST_METHOD"]
    if isinstance(entry, Refused):
        return answers.not_found(method)
    if method not in _SAFE:
        return _respond_to_method(method, entry)
    return answers.redirect(entry, environ.get("SCRIPT_NAME", ""), environ.get("QUERY_STRING", ""))


def _respond_to_method(method: str, entry: Resource | Redirect) -> Response | None:
    if method == "OPTIONS":
        return answers.options(entry.headers)
    return None if entry.passes_unsafe else answers.method_not_allowed(entry.headers)
