"""Arguments that are no options: each check returns what is meant, or raises OptionError that names it."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from whitemedia.http.paths import normalize_prefix
from whitemedia.http.syntax import is_field_value, is_media_type
from whitemedia.options import OptionError, Options

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def checked_application(application: WSGIApplication) -> WSGIApplication:
    if hasattr(application, "wsgi_app"):
        raise OptionError(
            "application", application, "wrap app.wsgi_app: app.wsgi_app = WhiteMedia(app.wsgi_app, …)"
        )
    if not callable(application):
        raise OptionError("application", application, "expected a WSGI application, which is callable")
    return application


def checked_prefix(prefix: object, options: Options) -> str:
    if prefix is None:  # whitenoise's default
        prefix = "/"
    if not isinstance(prefix, str):
        raise OptionError("prefix", prefix, 'expected a URL path such as "/static/"')
    try:
        normal = normalize_prefix(prefix)
    except ValueError as error:
        raise OptionError("prefix", prefix, str(error)) from None
    if normal == "/" and options.not_found == "answer":
        raise OptionError("not_found", "answer", 'beneath prefix "/" the application would never be asked')
    return normal


def checked_live_prefix(prefix: object) -> str:
    """The prefix of files that are looked for at each request: beneath it, nothing is the application's."""
    if not isinstance(prefix, str):
        raise OptionError("prefix", prefix, 'expected a URL path such as "/media/"')
    try:
        normal = normalize_prefix(prefix)
    except ValueError as error:
        raise OptionError("prefix", prefix, str(error)) from None
    if normal == "/":
        raise OptionError("prefix", prefix, "the application would never be asked")
    return normal


def checked_root(root: object) -> str:
    path = os.fspath(root) if isinstance(root, (str, os.PathLike)) else None
    if not isinstance(path, str):
        raise OptionError("root", root, "expected the path of a directory, str or PathLike")
    if not path or "\0" in path:
        raise OptionError("root", root, "expected the path of a directory; empty would mean the working directory")
    if os.path.exists(path) and not os.path.isdir(path):
        raise OptionError("root", root, "is a file, not a directory")
    try:
        # abspath would take "link/.." for the link's own directory, where the system takes its target's
        return os.path.realpath(path) if os.pardir in Path(path).parts else os.path.abspath(path)
    except OSError as error:
        raise OptionError(
            "root", root, f"relative to a working directory that is gone: {error.strerror}"
        ) from None


def problem_with(path: str, *, listed: bool = True) -> str | None:
    """Why a directory cannot be read; where names are only looked up in it, it need not be `listed`."""
    try:
        os.listdir(path) if listed else os.stat(os.path.join(path, os.curdir))
    except FileNotFoundError:
        return "does not exist"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None


def working_directory() -> str:
    try:
        return repr(os.getcwd())
    except OSError as error:  # it was removed
        return str(error.strerror)


def checked_url_path(path: object) -> str:
    """A whole URL path, decoded."""
    if not isinstance(path, str) or not path.startswith("/"):
        raise OptionError("path", path, 'expected a whole URL path, such as "/robots.txt"')
    if "" in path[1:].split("/")[:-1]:
        raise OptionError("path", path, "a path has no empty segment")
    try:
        normalize_prefix(path, "path")
    except ValueError as error:
        raise OptionError("path", path, str(error)) from None
    return path


def checked_data(data: object) -> bytes:
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise OptionError("data", data, "expected bytes")
    return bytes(data)


def checked_media_type(media_type: object) -> str | None:
    if media_type is None:
        return None
    if not isinstance(media_type, str) or not is_media_type(media_type) or not is_field_value(media_type):
        raise OptionError("media_type", media_type, 'expected a media type, such as "text/plain"')
    return media_type


def checked_modified(modified: object) -> float | None:
    if modified is None:
        return None
    if isinstance(modified, bool) or not isinstance(modified, (int, float)) or not _is_finite(modified):
        raise OptionError("modified", modified, "expected seconds since 1970, as time.time() gives them")
    return modified


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # a whole number that no float holds
        return False
