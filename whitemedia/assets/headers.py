"""The header fields of a resource: what options and the user's function make of a path and a URL, once, at start."""

from __future__ import annotations

import time
from typing import Final, NamedTuple
from wsgiref.headers import Headers

from whitemedia.assets.hashed_names import PRESETS
from whitemedia.assets.representation import NOSNIFF
from whitemedia.http.cors import ALLOW_CREDENTIALS, ALLOW_ORIGIN, AllowList
from whitemedia.http.dates import format_date, parse_date
from whitemedia.http.fields import vary_on, why_no_name, why_no_value
from whitemedia.http.media_types import with_charset
from whitemedia.http.response import Header
from whitemedia.options import OptionError, Options
from whitemedia.rules import Rule, first_match

FOREVER: Final = 365 * 24 * 60 * 60
"""Seconds; the longest that caches honour in practice."""


IMMUTABLE: Final = ("Cache-Control", f"max-age={FOREVER}, public, immutable")


class Place(NamedTuple):
    """Where a file is: on disk, below the prefix, and as a URL (for an index file, its directory's); whether a build
    put a version in its name."""

    path: str
    url_path: str
    url: str
    is_named: bool = False


class ResourceHeaders(NamedTuple):
    """Fields that all representations share, without Vary on Accept-Encoding and without Last-Modified.

    With `allow_list` the asking origin decides on one field more.
    """

    fields: tuple[Header, ...]
    last_modified: int | None
    allow_list: AllowList | None = None


def build_headers(media_type: str, place: Place, last_modified: int | None, options: Options) -> ResourceHeaders:
    """Fields by precedence: max_age, then what is immutable, then rules, then add_headers_function.

    Raises OptionError where the function sets what only whitemedia can know, or what is no header.
    """
    fields = [("Content-Type", with_charset(media_type, options.charset))]
    fields += cache_control(place, options)
    fields += _cross_origin(options)
    fields.append(NOSNIFF)
    rule = first_match(options.rules, place.url_path)
    if options.add_headers_function is not None or rule is not None:
        fields, last_modified = _customize(fields, place, last_modified, options, rule)
    return _share(tuple(fields), last_modified, options)


def cache_control(place: Place, options: Options) -> list[Header]:
    """Cache-Control, whitenoise's spelling; none where max_age is None."""
    return [IMMUTABLE] if is_immutable(place, options) else _plain_cache_control(options)


def versioned_headers(options: Options, headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """Those of a resource for its versioned name: cached for ever, unless a rule or a function said how long."""
    given = [pair for pair in headers if pair[0].lower() == "cache-control"]
    if given != _plain_cache_control(options):
        return headers
    return (*(pair for pair in headers if pair not in given), IMMUTABLE)


def _plain_cache_control(options: Options) -> list[Header]:
    return [] if options.max_age is None else [("Cache-Control", f"max-age={options.max_age}, public")]


def is_immutable(place: Place, options: Options) -> bool:
    """Whether it may be cached for ever."""
    if place.is_named:
        return True
    if options.immutable is not None and PRESETS[options.immutable](place.url):
        return True
    test = options.immutable_file_test
    return test is not None and bool(test(place.path, place.url))


def _cross_origin(options: Options) -> list[Header]:
    """What other origins may do. A list of origins stands here as its text, for the function to see and to change."""
    fields = []
    if options.allowed_origins:
        fields.append((ALLOW_ORIGIN, _joined(options.allowed_origins, " ")))
    if options.timing_allow_origin:
        fields.append(("Timing-Allow-Origin", _joined(options.timing_allow_origin, ", ")))
    if options.cross_origin_resource_policy is not None:
        fields.append(("Cross-Origin-Resource-Policy", options.cross_origin_resource_policy))
    return fields


def _joined(origins: str | tuple[str, ...], separator: str) -> str:
    return origins if isinstance(origins, str) else separator.join(origins)


def _share(fields: tuple[Header, ...], last_modified: int | None, options: Options) -> ResourceHeaders:
    """Where the list of origins still stands as it was, it is for the responder to choose from."""
    origins = options.allowed_origins
    if isinstance(origins, str):
        return ResourceHeaders(fields, last_modified)
    listed = (ALLOW_ORIGIN, " ".join(origins))
    if listed not in fields:
        return ResourceHeaders(fields, last_modified)
    chosen = (
        {ALLOW_ORIGIN.lower(), ALLOW_CREDENTIALS.lower()} if options.cors_credentials else {ALLOW_ORIGIN.lower()}
    )
    others = tuple(pair for pair in fields if pair[0].lower() not in chosen)
    return ResourceHeaders(vary_on("Origin", others), last_modified, AllowList(origins, options.cors_credentials))


def _customize(
    fields: list[Header], place: Place, last_modified: int | None, options: Options, rule: Rule | None
) -> tuple[list[Header], int | None]:
    """What rules and then the function make of the fields."""
    if last_modified is not None:
        fields.append(("Last-Modified", format_date(last_modified)))
    headers = Headers(fields)
    for name, value in () if rule is None else rule.fields:
        if value is None:
            del headers[name]
        else:
            headers[name] = value
    if options.add_headers_function is not None:
        options.add_headers_function(headers, place.path, place.url)
    headers[NOSNIFF[0]] = NOSNIFF[1]  # always: a browser must not guess
    for name, value in headers.items():
        _check_header(name, value, place.url)
    modified = _last_modified(headers, place.url)
    del headers["Last-Modified"]
    return headers.items(), modified


def _check_header(name: str, value: object, url: str) -> None:
    why = why_no_name(name) or why_no_value(name, value)
    if why is not None:
        raise _wrong(name, url, why)


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
