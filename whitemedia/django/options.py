"""Options that only a Django project has: as settings they have `WHITEMEDIA_` in front, like all others."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from typing import Any

from whitemedia import checks
from whitemedia.options import CheckedOptions, option_field


def directory(value: object) -> str:
    path = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(path, str):
        raise ValueError("expected the path of a directory, str or PathLike")
    return path


def _url_path(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError('expected a URL path such as "/static/"')
    return value


def _extensions(value: object) -> tuple[str, ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise ValueError('expected a sequence of extensions such as ("map", "pdf")')
    extensions = tuple(value)
    if not all(isinstance(extension, str) for extension in extensions):
        raise ValueError("an extension is a str")
    return tuple(extension.lstrip(".").lower() for extension in extensions)


def _fields(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise ValueError('expected a mapping of options such as {"max_age": 300}')
    return value


def _private_roots(value: object) -> Mapping[str | None, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError('expected a mapping of prefixes to directories such as {"/protected/": "/srv/reports"}')
    return value


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProjectOptions(CheckedOptions):
    """What only a Django project has. A wrong one raises `OptionError`."""

    use_finders: bool | None = option_field(
        None,
        checks.optional(checks.flag),
        "Serve what Django's finders find, beside what is collected; None is the value of `DEBUG`.",
    )
    root: str | None = option_field(
        None, checks.optional(directory), "A directory of files to serve at `/`, such as `robots.txt`."
    )
    static_prefix: str | None = option_field(
        None,
        checks.optional(_url_path),
        "Where static files are served; None is the path of `STATIC_URL`, without `FORCE_SCRIPT_NAME`.",
    )
    skip_compress_extensions: tuple[str, ...] = option_field(
        (),
        _extensions,
        "Extensions of files that are not compressed, beside those that compression does not make smaller.",
    )
    keep_only_hashed_files: bool = option_field(
        False, checks.flag, "Whether `collectstatic` keeps files under their hashed names alone (of our storage)."
    )
    manifest_strict: bool = option_field(
        True, checks.flag, "Whether a name that is not in the manifest is an error (of our storage)."
    )
    serve_media: bool = option_field(False, checks.flag, "Serve the files in `MEDIA_ROOT` at `MEDIA_URL`.")
    media_options: Mapping[str, Any] = option_field(
        None, _fields, "Options of `add_media`, for `MEDIA_ROOT`, by their names."
    )
    private_roots: Mapping[str | None, Any] = option_field(
        None,
        _private_roots,
        "Directories of files that views hand off, by the prefix they are named with in `X-Accel-Redirect`.",
    )
