"""The WhiteMedia that a project's settings describe: built once for the same settings, whoever asks.

Handlers come and go, as in tests, where each client has one; what they serve is not scanned again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings as project_settings
from django.contrib.staticfiles.storage import staticfiles_storage

from whitemedia.arguments import checked_prefix
from whitemedia.django.finders import find_places
from whitemedia.django.hashed import hashed_by
from whitemedia.django.settings import ProjectSettings, given_settings, naming, read_settings
from whitemedia.middleware import WhiteMedia
from whitemedia.options import OptionError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_KEPT: Final = 8
"""Sites that are kept, each for other settings."""

DECIDING: Final = (
    *("DEBUG", "STATIC_ROOT", "STATIC_URL", "FORCE_SCRIPT_NAME", "MEDIA_ROOT", "MEDIA_URL"),
    *("STATICFILES_DIRS", "STATICFILES_FINDERS", "INSTALLED_APPS", "STORAGES"),
)
"""Django's settings that decide on what is served."""

MANIFEST: Final = "staticfiles.json"

_built: tuple[
    tuple[object, WhiteMedia], ...
] = ()  # replaced whole: two threads may build alike, and no lock is forked


def served(settings: Any = project_settings) -> WhiteMedia:
    """What the settings have served, to ask it for URLs, or to have it `refresh()`. Raises `OptionError`."""
    global _built  # noqa: PLW0603 - one of a process, as the settings are
    said = _what_is_said(settings)
    for known, site in _built:
        if known == said:
            return site
    site = build(read_settings(settings))
    _built = ((said, site), *_built[: MAX_KEPT - 1])
    return site


def build(settings: ProjectSettings) -> WhiteMedia:
    """A WhiteMedia that serves what the settings say. Raises `OptionError`, which names the setting."""
    given = dict(settings.given)
    if given.get("immutable_file_test") is None and project_settings.STATIC_URL:
        given["immutable_file_test"] = hashed_by(staticfiles_storage, settings.static_prefix, debug=settings.debug)
    site = WhiteMedia(_nothing, None, **given)
    # A directory that is yet to be collected is no fault where the finders have its files
    if settings.static_root and not (settings.use_finders and not os.path.isdir(settings.static_root)):
        with naming(root="STATIC_ROOT", prefix="STATIC_URL"):
            site.add_files(settings.static_root, settings.static_prefix)
    if settings.project.root:
        with naming(root="WHITEMEDIA_ROOT", prefix="WHITEMEDIA_ROOT"):
            site.add_files(settings.project.root)
    if settings.use_finders:
        _add_found(site, settings.static_prefix)
    _add_media(site, settings)
    for prefix, directory in settings.project.private_roots.items():
        with naming(root="WHITEMEDIA_PRIVATE_ROOTS", prefix="WHITEMEDIA_PRIVATE_ROOTS"):
            site.add_private(directory, prefix)
    return site


def _add_found(site: WhiteMedia, static_prefix: str) -> None:
    with naming(prefix="STATIC_URL"):
        prefix = checked_prefix(static_prefix, site.options)
    for place in find_places(site.options):
        with naming(root="STATICFILES_DIRS"):
            site.add_directory(place.directory, prefix + place.prefix, site.options)


def _add_media(site: WhiteMedia, settings: ProjectSettings) -> None:
    if not settings.project.serve_media:
        return
    if settings.media_root is None or not settings.media_prefix.strip("/"):
        missing = "MEDIA_URL" if settings.media_root else "MEDIA_ROOT"
        raise OptionError("WHITEMEDIA_SERVE_MEDIA", value=True, why=f"there is nothing to serve without {missing}")
    with naming("WHITEMEDIA_MEDIA_OPTIONS ", root="MEDIA_ROOT", prefix="MEDIA_URL"):
        site.add_media(settings.media_root, settings.media_prefix, **settings.project.media_options)


def _what_is_said(settings: Any) -> tuple[object, ...]:
    """All that decides on what is served, to be compared: settings, and whether static files were collected again."""
    ours = sorted(given_settings(settings).items())
    root = settings.STATIC_ROOT
    paths = (root, os.path.join(root, MANIFEST)) if root and isinstance(root, (str, os.PathLike)) else ()
    return (*ours, *(getattr(settings, name, None) for name in DECIDING), *_times(paths))


def _times(paths: Iterable[Any]) -> Iterable[int]:
    for path in paths:
        try:
            yield os.stat(path).st_mtime_ns
        except OSError:
            yield 0


def _nothing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:  # noqa: ARG001
    """The application behind: Django's is asked by the middleware instead."""
    start_response("404 Not Found", [("Content-Length", "0")])
    return []
