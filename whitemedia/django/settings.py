"""What a project's settings say of static and media files: `WHITEMEDIA_…`, and Django's own.

Every option is a setting, with `WHITEMEDIA_` in front; those of `ProjectOptions` are there for Django alone. What is
neither is an error. They are read where a middleware is made, and nothing reads them later.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings as project_settings

from whitemedia.assets.compression import leaving_out
from whitemedia.django.options import ProjectOptions, directory
from whitemedia.options import CompressTest, OptionError, Options, build_options

PREFIX: Final = "WHITEMEDIA_"
"""How the names of settings begin."""

GONE: Final = {
    "COMPRESSOR_CLASS": "there is no class to replace: WHITEMEDIA_COMPRESS_TEST decides on what is compressed"
}
"""Suffixes of whitenoise's that have no meaning here."""

SUFFIXES: Final = frozenset(
    field.name.upper() for options in (Options, ProjectOptions) for field in dataclasses.fields(options)
)
"""What may follow PREFIX."""


class ProjectSettings(NamedTuple):
    """What a project's settings come to; `static_root` and `media_root` are None where there is none. `given` are the
    options that differ from their defaults."""

    given: Mapping[str, Any]
    options: Options
    project: ProjectOptions
    debug: bool
    script_name: str
    static_root: str | None
    static_prefix: str
    media_root: str | None
    media_prefix: str

    @property
    def use_finders(self) -> bool:
        return self.debug if self.project.use_finders is None else self.project.use_finders


def read_settings(settings: Any = project_settings) -> ProjectSettings:
    """A project's settings, checked. Raises `OptionError`, which names the setting."""
    given = given_settings(settings)
    for suffix in given:
        if suffix not in SUFFIXES:
            raise OptionError(PREFIX + suffix, given[suffix], _why_unknown(suffix))
    ours = {field.name for field in dataclasses.fields(ProjectOptions)}
    debug = bool(settings.DEBUG)
    options: dict[str, Any] = {"autorefresh": debug, "max_age": 0 if debug else 60}
    options |= {suffix.lower(): value for suffix, value in given.items() if suffix.lower() not in ours}
    with naming():
        project = ProjectOptions(
            **{suffix.lower(): value for suffix, value in given.items() if suffix.lower() in ours}
        )
        if project.skip_compress_extensions:
            options["compress_test"] = skipping(project.skip_compress_extensions, options.get("compress_test"))
        built = build_options(options)
    return ProjectSettings(
        options,
        built,
        project,
        debug,
        (settings.FORCE_SCRIPT_NAME or "").rstrip("/"),
        _path(settings.STATIC_ROOT, "STATIC_ROOT"),
        project.static_prefix or prefix_of(settings.STATIC_URL, settings.FORCE_SCRIPT_NAME),
        _path(settings.MEDIA_ROOT, "MEDIA_ROOT"),
        prefix_of(settings.MEDIA_URL, settings.FORCE_SCRIPT_NAME),
    )


def given_settings(settings: Any = project_settings) -> dict[str, Any]:
    """What the project sets of ours, by what follows PREFIX."""
    names = [name for name in dir(settings) if name.startswith(PREFIX) and name.isupper()]
    return {name.removeprefix(PREFIX): getattr(settings, name) for name in names}


def prefix_of(url: str | None, script_name: str | None) -> str:
    """The path that requests have which are sent to `url`: without its host, and without where the project is mounted."""
    path = urlsplit(url or "").path
    mount = (script_name or "").rstrip("/")
    return path.removeprefix(mount) if path.startswith(f"{mount}/") else path


def skipping(extensions: Iterable[str], test: CompressTest | None = None) -> CompressTest:
    """A `compress_test` that leaves out what has one of `extensions`, and asks `test`, or the usual one, of the rest."""
    skipped = frozenset(extensions)
    return leaving_out(lambda path: path.rpartition(".")[2].lower() in skipped, test)


@contextlib.contextmanager
def naming(before: str = PREFIX, **settings: str) -> Iterator[None]:
    """Have an OptionError name the setting: the one given for its option, or `before` and the option's name."""
    try:
        yield
    except OptionError as error:
        setting = settings.get(error.option) or before + error.option.upper()
        raise OptionError(setting, error.value, error.why) from None


def _path(value: object, setting: str) -> str | None:
    if not value:
        return None
    try:
        return directory(value)
    except ValueError as error:
        raise OptionError(setting, value, str(error)) from None


def _why_unknown(suffix: str) -> str:
    if suffix in GONE:
        return GONE[suffix]
    near = difflib.get_close_matches(suffix, sorted(SUFFIXES), n=3)
    return "no such setting" + (f"; did you mean {' or '.join(PREFIX + name for name in near)}?" if near else "")
