"""What options may be: each check returns the value as it is kept, or raises ValueError that says what was expected."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping

from whitemedia.http.cors import is_origin
from whitemedia.http.syntax import is_field_value, is_media_type, is_token


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected True or False")
    return value


def one_of(*words: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"expected {' or '.join(map(repr, words))}")
        return value

    return check


def whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("expected a whole number, 0 or more")
    return value


def seconds(value: object) -> int | None:
    return None if value is None else whole_number(value)


def charset(value: object) -> str:
    if not isinstance(value, str) or not is_token(value):
        raise ValueError('expected the name of a charset, such as "utf-8"')
    return value


def media_types(value: object) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError('expected a mapping such as {".foo": "application/foo"}')
    for name, media_type in value.items():
        if not isinstance(name, str) or not name or "/" in name:
            raise ValueError(f'{name!r} is neither an extension (".foo") nor the name of a file')
        if not isinstance(media_type, str) or not is_media_type(media_type) or not is_field_value(media_type):
            raise ValueError(f"{media_type!r} for {name!r} is no media type")
    return {name.lower(): media_type for name, media_type in value.items()}


def headers_function(value: object) -> object:
    if value is not None and not callable(value):
        raise ValueError("expected a callable taking headers, path and url")
    return value


def index_file(value: object) -> str | None:
    if value is True:
        return "index.html"
    if value is None or value is False:
        return None
    if not isinstance(value, str) or not value or "/" in value or value in (".", ".."):
        raise ValueError("expected True, None or the name of a file, without a slash")
    return value


def immutable_test(value: object) -> object:
    if isinstance(value, (str, re.Pattern)):
        try:
            pattern = re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"no regular expression: {error}") from error
        return lambda path, url: pattern.search(url) is not None  # noqa: ARG005 - whitenoise's signature
    if value is not None and not callable(value):
        raise ValueError("expected a regular expression or a callable taking path and url")
    return value


def compress_test(value: object) -> object:
    if value is not None and not callable(value):
        raise ValueError("expected a callable taking path, media_type and length")
    return value


def patterns(value: object) -> tuple[str, ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise ValueError('expected a sequence of patterns such as (".*", "!.well-known")')
    patterns = tuple(value)
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern.lstrip("!") or "/" in pattern:
            raise ValueError(f"{pattern!r} is no pattern for one segment of a path")
    return patterns


def optional(check: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: None if value is None else check(value)


def file_below(value: object) -> str:
    if not isinstance(value, str) or "\0" in value or any(part in ("", ".", "..") for part in value.split("/")):
        raise ValueError('expected the path of a file below the root, such as "index.html"')
    return value


def file_path(value: object) -> str:
    """The absolute path of a file, which need not be there."""
    path = os.fspath(value) if isinstance(value, (str, os.PathLike)) else value
    if not isinstance(path, str) or not path or "\0" in path:
        raise ValueError("expected the path of a file, str or PathLike")
    try:
        return os.path.abspath(path)
    except OSError as error:
        raise ValueError(f"relative to a working directory that is gone: {error.strerror}") from None


def origins(value: object) -> str | tuple[str, ...]:
    if value == "*":
        return "*"
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise ValueError('expected "*" or a sequence of origins such as ("https://example.com",)')
    listed = tuple(value)
    for origin in listed:
        if not isinstance(origin, str) or not is_origin(origin):
            raise ValueError(
                f"{origin!r} is no origin as browsers send it, such as https://example.com or http://localhost:5173: "
                "lower case, no path, no final slash, no port that is the scheme's own"
            )
    return listed


def seconds_to_wait(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 86_400:
        raise ValueError("expected a number of seconds, from 0 to 86,400")
    return value


def cache_dir(value: object) -> str | None:
    """A directory, "auto" or None."""
    path = os.fspath(value) if isinstance(value, (str, os.PathLike)) else value
    if path is not None and (not isinstance(path, str) or not path or "\0" in path):
        raise ValueError('expected "auto", None or the path of a directory')
    return path
