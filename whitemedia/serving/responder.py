"""One resource, one request, one response: method, selection, preconditions, range, in this order (RFC 9110).

Validators belong to the selected representation, and so do a range's offsets: bytes of two codings never meet.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from whitemedia.assets.representation import Representation
from whitemedia.assets.resource import UNAVAILABLE, Entry, Redirect, Refused, Resource, Shared
from whitemedia.http.cors import AllowList, preflight_fields
from whitemedia.http.fields import vary_on
from whitemedia.http.preconditions import Conditions, Outcome, evaluate_preconditions, if_range_holds
from whitemedia.http.ranges import Unsatisfiable, parse_range
from whitemedia.http.response import Header, Response
from whitemedia.serving import answers
from whitemedia.serving.body import hold
from whitemedia.serving.live import Found, find
from whitemedia.serving.response import FileResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from whitemedia.assets.files import Opened

SAFE: Final = ("GET", "HEAD")
ATTEMPTS: Final = 3
"""Times that a file is opened which changes before it is read."""

_varying = functools.lru_cache(maxsize=1024)(vary_on)
_log = logging.getLogger("whitemedia")


class Target(Protocol):
    """What a method is meant for: `passes_unsafe` says that unsafe ones are the application's."""

    @property
    def headers(self) -> tuple[Header, ...]: ...

    @property
    def passes_unsafe(self) -> bool: ...


def respond(entry: Entry, environ: WSGIEnvironment) -> Response | None:
    """Answer a request for an entry of the table; None if the application is to answer."""
    if type(entry) is not Resource and not isinstance(entry, Resource):
        return _respond_without_resource(entry, environ)
    method = environ["REQUEST_METHOD"]
    if method not in SAFE:
        return respond_to_method(entry, environ)
    try:
        representation = entry.rendered[entry.selection[environ.get("HTTP_ACCEPT_ENCODING", "")]]
    except KeyError:  # not asked for yet
        representation = entry.select(environ.get("HTTP_ACCEPT_ENCODING", ""))
    if not representation.in_memory:
        look = functools.partial(find, entry, representation, read=method == "GET")
        return respond_from_file(look, entry.source.path, method, environ)
    if (  # what browsers send when they revalidate: nothing later in the order can matter
        "HTTP_IF_NONE_MATCH" in environ
        and environ["HTTP_IF_NONE_MATCH"] == representation.etag
        and "HTTP_IF_MATCH" not in environ
        and "HTTP_IF_UNMODIFIED_SINCE" not in environ
    ):
        return representation.not_modified
    return respond_selected(representation, entry.last_modified, None, method, environ)


def respond_selected(
    representation: Representation,
    last_modified: int | None,
    opened: Opened | None,
    method: str,
    environ: WSGIEnvironment,
) -> Response:
    """Preconditions, then range (RFC 9110, section 13.2.2); `opened` stays the caller's unless a body is of it."""
    if (
        "HTTP_IF_NONE_MATCH" in environ
        or "HTTP_IF_MODIFIED_SINCE" in environ
        or "HTTP_IF_MATCH" in environ
        or "HTTP_IF_UNMODIFIED_SINCE" in environ
    ):
        outcome = _evaluate(representation.etag, last_modified, method, environ)
        if outcome is Outcome.NOT_MODIFIED:
            return representation.not_modified
        if outcome is Outcome.PRECONDITION_FAILED:
            return answers.precondition_failed(representation.head.headers)
    if method == "HEAD":
        return representation.head
    if "HTTP_RANGE" in environ:
        return _respond_to_range(representation, last_modified, opened, environ)
    return representation.ok if opened is None else answers.whole(representation, opened)


def _evaluate(etag: str, last_modified: int | None, method: str, environ: WSGIEnvironment) -> Outcome:
    if_match, if_unmodified_since = environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_UNMODIFIED_SINCE")
    if_none_match, if_modified_since = environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_IF_MODIFIED_SINCE")
    fields = Conditions(if_match, if_unmodified_since, if_none_match, if_modified_since)
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


def respond_from_file(
    look: Callable[[], Found | None], path: str, method: str, environ: WSGIEnvironment
) -> Response:
    """The body is not in memory: `look` opens it before anything is decided, and it is read, closed or handed over.

    A file that changes before it is read is looked for again. None from `look` is a 404, an OSError a 503; `path` is
    for messages.
    """
    try:
        for _ in range(ATTEMPTS):
            found = look()
            if found is None:
                return answers.not_found(method)
            response = _respond_to_found(found, method, environ)
            if response is not None:
                return response
    except OSError as error:
        _log.error("cannot open %r: %s", path, error.strerror)
    return answers.unavailable(method)


def _respond_to_found(found: Found, method: str, environ: WSGIEnvironment) -> Response | None:
    """None if the file changed before it was read."""
    opened, response = found.opened, None
    try:
        response = respond_selected(found.representation, found.last_modified, opened, method, environ)
    finally:
        if opened is not None and type(response) is not FileResponse:
            opened.close()
    return hold(response, environ) if type(response) is FileResponse else response


def _respond_without_resource(entry: Redirect | Refused | Shared, environ: WSGIEnvironment) -> Response | None:
    method = environ["REQUEST_METHOD"]
    if isinstance(entry, Shared):
        return _respond_to_origin(entry, environ)
    if isinstance(entry, Refused):
        return answers.unavailable(method) if entry is UNAVAILABLE else answers.not_found(method)
    if method not in SAFE:
        return respond_to_method(entry, environ)
    return answers.redirect(entry, environ.get("SCRIPT_NAME", ""), environ.get("QUERY_STRING", ""))


def _respond_to_origin(shared: Shared, environ: WSGIEnvironment) -> Response | None:
    """Every answer says that it depends on who asks."""
    response = respond(shared.entry, environ)
    return None if response is None else share(response, shared.allow_list, environ)


def share(response: Response, allow_list: AllowList, environ: WSGIEnvironment) -> Response:
    """An answer with what tells the browser whether the asking origin may read it."""
    fields = allow_list.fields_for(environ.get("HTTP_ORIGIN"))
    if fields and _is_preflight(environ):
        fields += preflight_fields(environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", ""))
    return response.with_headers((*_varying("Origin", response.headers), *fields))


def respond_to_method(entry: Target, environ: WSGIEnvironment) -> Response | None:
    """Any method but GET and HEAD. An unsafe one may be the application's (None), and so may the question whether it
    may be sent."""
    if environ["REQUEST_METHOD"] != "OPTIONS":
        return None if entry.passes_unsafe else answers.method_not_allowed(entry.headers)
    if not _is_preflight(environ):
        return answers.options(entry.headers)
    if entry.passes_unsafe and environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"] not in SAFE:
        return None
    return answers.preflight(entry.headers, environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", ""))


def _is_preflight(environ: WSGIEnvironment) -> bool:
    """Whether a browser asks if a script may send what it is about to (Fetch, section 3.2.2)."""
    return (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and "HTTP_ORIGIN" in environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )
