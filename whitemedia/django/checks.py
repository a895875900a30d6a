"""System checks: what goes wrong in projects, with what to do about it. Each has an id, to be silenced by."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from whitemedia.assets.files import is_beneath
from whitemedia.django.settings import PREFIX, SUFFIXES, ProjectSettings, read_settings
from whitemedia.options import OptionError

TAG: Final = "whitemedia"

OURS: Final = "whitemedia.django.WhiteMediaMiddleware"
SECURITY: Final = "django.middleware.security.SecurityMiddleware"
GZIP: Final = "django.middleware.gzip.GZipMiddleware"
OTHERS: Final = ("whitenoise.middleware.WhiteNoiseMiddleware", "servestatic.middleware.ServeStaticMiddleware")
COSTLY: Final = (
    *("django.middleware.cache.UpdateCacheMiddleware", "django.middleware.cache.FetchFromCacheMiddleware"),
    *("django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"),
    *("django.middleware.http.ConditionalGetMiddleware", "django.middleware.locale.LocaleMiddleware"),
    *(
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ),
    *(
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "debug_toolbar.middleware.DebugToolbarMiddleware",
    ),
)
"""Middleware that has nothing to do with static files."""

NO_STATIC: Final = "whitemedia.django.runserver_nostatic"
STATICFILES: Final = "django.contrib.staticfiles"
OLD_PREFIXES: Final = ("WHITENOISE_", "SERVESTATIC_")

RENAMED: Final = {"ALLOW_UNSAFE_SYMLINKS": "FOLLOW_SYMLINKS"}
"""Suffixes that are other words here."""

Messages = Iterator[checks.CheckMessage]


@checks.register(TAG)
def check_middleware(**_: Any) -> Messages:
    """Whether the middleware is there, and where."""
    names = list(settings.MIDDLEWARE)
    ours = next((name for name in names if _is_ours(name)), None)
    for other in OTHERS:
        if other in names:
            yield _warning(1, f"{other} is in MIDDLEWARE.", f"Remove it: {OURS} takes its place.")
    if ours is None:
        yield _warning(2, f"{OURS} is not in MIDDLEWARE.", f"Add it directly after {SECURITY}.")
        return
    before = names[: names.index(ours)]
    if SECURITY in names and SECURITY not in before:
        yield _warning(
            3,
            f"{OURS} stands before {SECURITY} in MIDDLEWARE.",
            "Move it directly after: static files get its redirects to HTTPS and its headers then.",
        )
    if GZIP in before:
        yield _warning(
            4,
            f"{OURS} stands after {GZIP} in MIDDLEWARE.",
            "Move it before: files are compressed already, and to compress them again takes their ranges and tags away.",
        )
    costly = [name for name in COSTLY if name in before]
    if costly:
        yield _warning(
            5,
            f"{OURS} stands after {', '.join(costly)} in MIDDLEWARE.",
            f"Move it directly after {SECURITY}: each static file passes through what stands before it.",
        )


@checks.register(TAG)
def check_settings(**_: Any) -> Messages:
    """Whether settings are right, and none of another package's is left."""
    for name in sorted(dir(settings)):
        for old in OLD_PREFIXES:
            if name.startswith(old) and name.isupper():
                yield _warning(6, f"{name} is set, and read by nobody.", _renaming(name.removeprefix(old)))
    try:
        read_settings()
    except OptionError as error:
        yield checks.Error(
            str(error), hint="See the page on Django in whitemedia's documentation.", id="whitemedia.E001"
        )


@checks.register(TAG)
def check_files(**_: Any) -> Messages:
    """Whether there are files to serve, where they are expected."""
    project = _settings()
    if project is None:
        return
    if not project.debug and (project.options.autorefresh or project.use_finders):
        names = [PREFIX + name for name in ("AUTOREFRESH", "USE_FINDERS") if _is_on(project, name)]
        yield _warning(
            7,
            f"{' and '.join(names)} without DEBUG.",
            "These are for development: collect static files for production, and leave the settings out.",
        )
    if project.static_root is None:
        if not project.use_finders:
            yield _warning(
                8, "STATIC_ROOT is not set: no static file is served.", "Set it, and run manage.py collectstatic."
            )
    elif not project.use_finders and not _has_files(project.static_root):
        yield _warning(
            9, f"There are no files in STATIC_ROOT ({project.static_root}).", "Run manage.py collectstatic."
        )
    yield from _check_urls(project)
    yield from _check_media(project)


@checks.register(TAG)
def check_storage(**_: Any) -> Messages:
    """Whether the storage of static files is one that goes with what is served."""
    backend = settings.STORAGES.get("staticfiles", {}).get("BACKEND", "")
    if backend.startswith(("whitenoise.", "servestatic.")):
        kind = backend.rpartition(".")[2]
        yield _warning(
            10, f"The storage of static files is {backend}.", f"Use whitemedia.django.storage.{kind} in STORAGES."
        )
    project = _settings()
    try:
        storage = import_string(backend) if backend else None
    except ImportError:
        return
    if project is None or project.debug or not isinstance(storage, type) or project.static_root is None:
        return
    if issubclass(storage, ManifestFilesMixin):
        manifest = _when_configured(lambda: staticfiles_storage.hashed_files)
        if not manifest and _has_files(project.static_root):
            yield _warning(
                11,
                f"{backend} finds no manifest in STATIC_ROOT: {{% static %}} will fail.",
                "Run manage.py collectstatic with the settings of production.",
            )


@checks.register(TAG)
def check_applications(**_: Any) -> Messages:
    """Whether applications are there, in an order that works."""
    names = [name.partition(".apps.")[0] for name in settings.INSTALLED_APPS]
    if STATICFILES not in names:
        yield _warning(
            12, f"{STATICFILES} is not in INSTALLED_APPS.", "Add it: it collects and finds static files."
        )
    elif NO_STATIC in names and names.index(NO_STATIC) > names.index(STATICFILES):
        yield _warning(
            13,
            f"{NO_STATIC} stands after {STATICFILES} in INSTALLED_APPS.",
            "Move it before: else it does nothing.",
        )
    for old in ("whitenoise.runserver_nostatic", "servestatic.runserver_nostatic", "servestatic"):
        if old in names:
            yield _warning(14, f"{old} is in INSTALLED_APPS.", f"Put {NO_STATIC} in its place.")


def _check_urls(project: ProjectSettings) -> Messages:
    if not project.static_prefix.strip("/"):
        yield _warning(
            15,
            f"STATIC_URL ({settings.STATIC_URL!r}) has no path of its own.",
            'Give it one, such as "static/": static files and pages share all URLs else.',
        )
    mount = project.script_name
    if mount and project.project.static_prefix is None and not settings.STATIC_URL.startswith("http"):
        path = settings.STATIC_URL
        if not path.startswith(f"{mount}/"):
            yield _warning(
                16,
                f"STATIC_URL ({path!r}) is not beneath FORCE_SCRIPT_NAME ({mount!r}).",
                'Requests for it never come to the project: use a relative one, such as "static/".',
            )


def _check_media(project: ProjectSettings) -> Messages:
    media = project.media_root
    if media is None:
        return
    directories = [one[1] if isinstance(one, (tuple, list)) else one for one in settings.STATICFILES_DIRS]
    for directory in filter(None, (project.static_root, project.project.root, *directories)):
        if _is_within(media, os.fspath(directory)):
            yield _warning(
                17,
                f"MEDIA_ROOT ({media}) lies in {directory}, which is served to everybody.",
                "Move it out: what users upload would be shown as pages of the site.",
            )
    if project.media_prefix.strip("/") and project.media_prefix.startswith(project.static_prefix):
        yield _warning(
            18,
            f"MEDIA_URL ({settings.MEDIA_URL!r}) is beneath STATIC_URL ({settings.STATIC_URL!r}).",
            "Give each a path of its own.",
        )


def _warning(number: int, message: str, hint: str) -> checks.CheckMessage:
    return checks.Warning(message, hint=hint, id=f"whitemedia.W{number:03}")


def _is_ours(name: str) -> bool:
    """Whether it is ours, or made of it."""
    try:
        found = import_string(name)
    except ImportError:
        return False
    return isinstance(found, type) and any(kind.__name__ == "WhiteMediaMiddleware" for kind in found.__mro__)


def _renaming(suffix: str) -> str:
    suffix = RENAMED.get(suffix, suffix)
    if suffix in SUFFIXES:
        return f"Rename it to {PREFIX}{suffix}."
    return "Remove it: there is no such setting, as the page on Django in whitemedia's documentation tells."


def _settings() -> ProjectSettings | None:
    """The settings, if they are right: what is wrong with them is another check's."""
    try:
        return read_settings()
    except OptionError:
        return None


def _is_on(project: ProjectSettings, name: str) -> bool:
    return project.options.autorefresh if name == "AUTOREFRESH" else project.use_finders


def _has_files(directory: str) -> bool:
    try:
        with os.scandir(directory) as found:
            return any(found)
    except OSError:
        return False


def _is_within(path: str, directory: str) -> bool:
    inner, outer = os.path.realpath(path), os.path.realpath(directory)
    return inner == outer or is_beneath(inner, outer)


def _when_configured(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (ImproperlyConfigured, ValueError, AttributeError):
        return None
