"""The header fields of a resource: what options and the user's function make of a path and a URL, once, at start."""

from __future__ import annotations

import time
from typing import Final, NamedTuple
from wsgiref.headers import Headers

from whitemedia.assets.representation import NOSNIFF
from whitemedia.http.dates import format_date, parse_date
from whitemedia.http.media_types import with_charset
from whitemedia.http.response import Header
from whitemedia.http.syntax import is_field_value, is_media_type, is_token, split_members
from whitemedia.options import OptionError, Options

FOREVER: Final = 365 * 24 * 60 * 60
"""Seconds; the longest that caches honour in practice."""

ANY_ORIGIN: Final = ("Access-Control-Allow-Origin", "*")

# What follows from the bytes sent, and what belongs to a connection (RFC 9110, section 7.6.1)
_OURS: Final = frozenset(
    {"etag", "content-length", "content-encoding", "content-range", "accept-ranges", "transfer-encoding"}
    | {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"}
    | {"status", "te", "trailer", "trailers", "upgrade"}
)


class ResourceHeaders(NamedTuple):
    """Fields that all representations share, without Vary on Accept-Encoding and without Last-Modified."""

    fields: tuple[Header, ...]
    last_modified: int | None


def build_headers(
    media_type: str, path: str, url: str, last_modified: int | None, options: Options
) -> ResourceHeaders:
    """Fields by precedence: max_age, then immutable_file_test, then add_headers_function.

    Raises OptionError where the function sets what only whitemedia can know, or what is no header.
    """
    fields = [("Content-Type", with_charset(media_type, options.charset))]
    fields += cache_control(path, url, options)
    fields += [ANY_ORIGIN] if options.allow_all_origins else []
    fields.append(NOSNIFF)
    if options.add_headers_function is None:
        return ResourceHeaders(tuple(fields), last_modified)
    return _ask_function(fields, path, url, last_modified, options)


def cache_control(path: str, url: str, options: Options) -> list[Header]:
    """Cache-Control, whitenoise's spelling; none where max_age is None."""
    test = options.immutable_file_test
    if test is not None and test(path, url):
        return [("Cache-Control", f"max-age={FOREVER}, public, immutable")]
    if options.max_age is None:
        return []
    return [("Cache-Control", f"max-age={options.max_age}, public")]


def vary_on_accept_encoding(fields: tuple[Header, ...]) -> tuple[Header, ...]:
    """`fields` with Accept-Encoding in one merged Vary."""
    varies = [member for name, value in fields if name.lower() == "vary" for member in split_members(value)]
    if "*" in varies or "accept-encoding" in (member.lower() for member in varies):
        return fields
    others = tuple(pair for pair in fields if pair[0].lower() != "vary")
    return (*others, ("Vary", ", ".join([*varies, "Accept-Encoding"])))


def _ask_function(
    fields: list[Header], path: str, url: str, last_modified: int | None, options: Options
) -> ResourceHeaders:
    if last_modified is not None:
        fields.append(("Last-Modified", format_date(last_modified)))
    headers = Headers(fields)
    assert options.add_headers_function is not None
    options.add_headers_function(headers, path, url)
    headers[NOSNIFF[0]] = NOSNIFF[1]  # always: a browser must not guess
    for name, value in headers.items():
        _check_header(name, value, url)
    modified = _last_modified(headers, url)
    del headers["Last-Modified"]
    return ResourceHeaders(tuple(headers.items()), modified)


def _check_header(name: object, value: object, url: str) -> None:
    if not isinstance(name, str) or not is_token(name) or name.endswith(("-", "_")):
        raise _wrong(name, url, "is no field name")
    if name.lower() in _OURS:
        raise _wrong(name, url, "is whitemedia's own to set")
    if not isinstance(value, str) or not is_field_value(value):
        raise _wrong(name, url, f"has {value!r}, which is no field value")
    if name.lower() == "content-type" and not is_media_type(value):
        raise _wrong(name, url, f"has {value!r}, which is no media type")


def _last_modified(headers: Headers, url: str) -> int | None:
    field = headers["Last-Modified"]
    if field is None:
        return None
    now = time.time()
    seconds = parse_date(field, now)
    if seconds is None:
        raise _wrong("Last-Modified", url, f"has {field!r}, which is no HTTP date")
    return seconds if seconds <= now else None  # never later than Date (RFC 9110, section 8.8.2.1)


def _wrong(name: object, url: str, why: str) -> OptionError:
    return OptionError("add_headers_function", name, f"for {url!r} the field {why}")
