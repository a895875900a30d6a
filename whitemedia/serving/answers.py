"""Every answer but a plain 200 and 304, from what the responder decided: status, fields, body."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from whitemedia.assets.representation import NOSNIFF, Representation
from whitemedia.assets.resource import Redirect
from whitemedia.http.cors import ALLOW_ORIGIN, SHARING, preflight_fields
from whitemedia.http.multipart import format_closing, format_media_type, format_part_head
from whitemedia.http.paths import format_directory_location, with_query
from whitemedia.http.ranges import ByteRange, format_content_range, format_unsatisfied_range
from whitemedia.http.response import Header, Response
from whitemedia.serving.response import FileResponse, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whitemedia.assets.files import Opened

Headers = tuple[Header, ...]

RETRY_SECONDS: Final = 2
"""What Retry-After says when a file cannot be opened now: too many are open, or a disk is failing."""

_ALLOW: Final = ("Allow", "GET, HEAD, OPTIONS")
_NO_STORE: Final = ("Cache-Control", "no-store")
_PRIVATE_NO_STORE: Final = ("Cache-Control", "private, no-store")

# What an error about a resource repeats of its 200: scripts of other origins may read it, and caches tell it apart
_SHARED: Final = SHARING | {"vary"}


def whole(representation: Representation, opened: Opened) -> Response:
    """A 200 from an open file."""
    span = Span(opened, 0, representation.length)
    return FileResponse(HTTPStatus.OK, representation.ok.headers, opened, (span,))


def partial(representation: Representation, part: ByteRange, opened: Opened | None) -> Response:
    """A 206 with one range (section 15.3.7.1)."""
    content_range = ("Content-Range", format_content_range(part, representation.length))
    headers = (*representation.headers_of_part(part.length), content_range)
    return _from_parts(headers, [_cut(representation, part, opened)], opened)


def multipart(representation: Representation, ranges: tuple[ByteRange, ...], opened: Opened | None) -> Response:
    """A 206 with several ranges, in the order asked for (section 15.3.7.2)."""
    boundary = secrets.token_hex(16)
    media_type = next((value for name, value in representation.ok.headers if name.lower() == "content-type"), None)
    parts: list[bytes | Span] = []
    for part in ranges:
        head = format_part_head(boundary, media_type, part, representation.length, first=not parts)
        parts += [head, _cut(representation, part, opened)]
    parts.append(format_closing(boundary))
    fields = representation.headers_of_part(sum(_length(part) for part in parts))
    headers = (*_without(fields, "content-type"), ("Content-Type", format_media_type(boundary)))
    return _from_parts(headers, parts, opened)


def range_not_satisfiable(representation: Representation) -> Response:
    """A 416 (section 15.5.17)."""
    content_range = ("Content-Range", format_unsatisfied_range(representation.length))
    fields = (*_shared(representation.ok.headers), content_range)
    return _text(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "GET", fields)


def precondition_failed(headers: Headers) -> Response:
    """A 412, without a body (section 15.5.13). `headers` are those of the 200."""
    return _empty(HTTPStatus.PRECONDITION_FAILED, _shared(headers))


def options(headers: Headers) -> Response:
    """A 204 to OPTIONS. `headers` are the resource's."""
    return Response(HTTPStatus.NO_CONTENT, (_ALLOW, NOSNIFF, *_without(_shared(headers), "vary")))


def preflight(headers: Headers, requested_headers: str) -> Response:
    """A 204 to a preflight: what may be asked for, where any origin may read the answer. `headers` are the resource's."""
    response = options(headers)
    if not any(name.lower() == ALLOW_ORIGIN.lower() for name, _ in headers):
        return response
    return response.with_headers((*response.headers, *preflight_fields(requested_headers)))


def method_not_allowed(headers: Headers) -> Response:
    """A 405 (section 15.5.6). `headers` are the resource's."""
    return _text(HTTPStatus.METHOD_NOT_ALLOWED, "", (_ALLOW, *_without(_shared(headers), "vary")))


def not_found(method: str) -> Response:
    """A 404 that no cache keeps: the next deployment may bring the file."""
    return _text(HTTPStatus.NOT_FOUND, method, (_NO_STORE,))


def forbidden(method: str) -> Response:
    """A 403, the same whether there is such a file or not."""
    return _text(HTTPStatus.FORBIDDEN, method, (_PRIVATE_NO_STORE,))


def unavailable(method: str) -> Response:
    """A 503: the file cannot be opened now."""
    retry = ("Retry-After", str(RETRY_SECONDS))
    return _text(HTTPStatus.SERVICE_UNAVAILABLE, method, (retry, _NO_STORE))


def redirect(entry: Redirect, script_name: str, query: str) -> Response:
    """A 302 to a relative reference, for one does not know under which origin and mount one is reached."""
    location = format_directory_location(script_name) if entry.location is None else entry.location
    return _empty(HTTPStatus.FOUND, (("Location", with_query(location, query)), *entry.headers))


def _text(status: HTTPStatus, method: str, fields: Headers) -> Response:
    body = f"{status.value} {status.phrase}\n".encode("ascii")
    headers = (*_text_fields(len(body)), *fields)
    return Response(status, headers, None if method == "HEAD" else body)


def _empty(status: HTTPStatus, fields: Headers) -> Response:
    return Response(status, (*_text_fields(0), *fields))


def _text_fields(length: int) -> Headers:
    return (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(length)), NOSNIFF)


def _shared(headers: Headers) -> Headers:
    return tuple(pair for pair in headers if pair[0].lower() in _SHARED)


def _without(headers: Headers, *names: str) -> Headers:
    return tuple(pair for pair in headers if pair[0].lower() not in names)


def _cut(representation: Representation, part: ByteRange, opened: Opened | None) -> bytes | Span:
    if opened is not None:
        return Span(opened, part.start, part.stop)
    return representation.cut(part.start, part.stop)


def _length(part: bytes | Span) -> int:
    return part.stop - part.start if isinstance(part, Span) else len(part)


def _from_parts(headers: Headers, parts: Iterable[bytes | Span], opened: Opened | None) -> Response:
    if opened is not None:
        return FileResponse(HTTPStatus.PARTIAL_CONTENT, headers, opened, tuple(parts))
    body = b"".join(part for part in parts if isinstance(part, bytes))
    return Response(HTTPStatus.PARTIAL_CONTENT, headers, body)
