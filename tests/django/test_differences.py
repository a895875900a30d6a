"""Deliberate differences from whitenoise in Django: each test's first line is the name that docs/django.md gives it."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings
from whitenoise.middleware import WhiteNoiseMiddleware

from tests.conftest import call, make_environ, plant
from tests.django.project import MIDDLEWARE, Project, viewing
from tests.django.test_missing import not_found
from whitemedia import OptionError
from whitemedia.django import WhiteMediaMiddleware
from whitemedia.django.checks import TAG
from whitemedia.django.options import ProjectOptions
from whitemedia.django.settings import PREFIX

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "django.md").read_text("utf-8")
TITLES = re.findall(r"^- \*\*(.+?)\*\*", PAGE, re.MULTILINE)


class WhiteNoise:
    """A project with whitenoise, to the end of the test."""

    def __init__(self, stack: Any, **given: Any) -> None:
        stack.enter_context(override_settings(MIDDLEWARE=["whitenoise.middleware.WhiteNoiseMiddleware"], **given))
        self.handler = WSGIHandler()

    def get(self, path: str) -> Any:
        return call(self.handler, make_environ("GET", path))


def ours(**given: Any) -> Project:
    """A project with our middleware, whatever other is set."""
    return Project(validated=True, MIDDLEWARE=[MIDDLEWARE], **given)


@pytest.fixture
def stack() -> Iterator[Any]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", {"a.css": b"a{}"})


def test_unknown(stack: Any, root: Path) -> None:
    """A setting that is none is an error."""
    assert WhiteNoise(stack, STATIC_ROOT=str(root), WHITENOISE_MAX_AEG=5).get("/static/a.css").status == 200
    with pytest.raises(OptionError, match="WHITEMEDIA_MAX_AEG"):
        ours(STATIC_ROOT=str(root), WHITEMEDIA_MAX_AEG=5)


class Theirs(WhiteNoiseMiddleware):
    def immutable_file_test(self, path: str, url: str) -> bool:
        return True


class Ours(WhiteMediaMiddleware):
    def immutable_file_test(self, path: str, url: str) -> bool:
        return True


def test_subclass(root: Path) -> None:
    """A subclass changes nothing by its methods."""
    fields = []
    for kind in (Theirs, Ours):
        with override_settings(STATIC_ROOT=str(root), MIDDLEWARE=[f"{__name__}.{kind.__name__}"]):
            fields.append(call(WSGIHandler(), make_environ("GET", "/static/a.css")).fields["cache-control"])
    assert ["immutable" in field for field in fields] == [True, False]


@pytest.mark.parametrize("debug", [True, False])
def test_links(stack: Any, tmp_path: Path, debug: bool) -> None:
    """Links out of a static directory are not followed."""
    plant(tmp_path / "elsewhere", {"a.js": b"a"})
    source = plant(tmp_path / "source", {"b.js": b"b"})
    (source / "node_modules").symlink_to(tmp_path / "elsewhere")
    given: dict[str, Any] = {"DEBUG": debug, "STATICFILES_DIRS": [str(source)], "STATIC_ROOT": None}
    path = "/static/node_modules/a.js"
    assert WhiteNoise(stack, WHITENOISE_USE_FINDERS=True, **given).get(path).body == b"a"
    assert ours(WHITEMEDIA_USE_FINDERS=True, **given).get(path).status == 404
    assert ours(WHITEMEDIA_USE_FINDERS=True, WHITEMEDIA_FOLLOW_SYMLINKS=True, **given).get(path).body == b"a"


def test_once(root: Path) -> None:
    """What is served is built once for the same settings."""
    with override_settings(STATIC_ROOT=str(root)):
        sites = [WhiteMediaMiddleware(lambda request: HttpResponse()).whitemedia for _ in range(2)]
        noises = [WhiteNoiseMiddleware(lambda request: HttpResponse()).files for _ in range(2)]
    assert sites[0] is sites[1]
    assert noises[0] is not noises[1]


def test_missing_root(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """A missing directory of collected files is told to the log."""
    missing = str(tmp_path / "none")
    with override_settings(STATIC_ROOT=missing), pytest.warns(UserWarning, match="No directory at"):
        WhiteNoiseMiddleware(lambda request: HttpResponse())
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING, "whitemedia"):
        warnings.simplefilter("error")
        ours(STATIC_ROOT=missing, WHITEMEDIA_USE_FINDERS=True, STATICFILES_DIRS=[])
        assert caplog.records == []
        ours(STATIC_ROOT=missing)
    assert "does not exist" in caplog.text


def test_missing_file(stack: Any, root: Path) -> None:
    """A missing static file has a page of its own with DEBUG."""
    with viewing("/static/none.css", not_found):
        assert (
            WhiteNoise(stack, STATIC_ROOT=str(root), DEBUG=True).get("/static/none.css").body == b"the project's"
        )
        assert b"no file is called so" in ours(STATIC_ROOT=str(root), DEBUG=True).get("/static/none.css").body


def test_media(tmp_path: Path) -> None:
    """Media can be served."""
    plant(tmp_path, {"a.txt": b"up"})
    project = ours(WHITEMEDIA_SERVE_MEDIA=True, MEDIA_ROOT=str(tmp_path), MEDIA_URL="/media/")
    assert project.get("/media/a.txt").body == b"up"


def test_threads() -> None:
    """Nothing is handed to a thread under ASGI but files."""
    assert not getattr(WhiteNoiseMiddleware, "async_capable", False)
    assert WhiteMediaMiddleware.async_capable


class Wandering(FileSystemFinder):
    """Finds in a directory of which it lists nothing."""

    def list(self, ignore_patterns: Any) -> list[Any]:
        return []


def test_finders(stack: Any, root: Path) -> None:
    """A finder of your own is asked for what it lists."""
    given: dict[str, Any] = {
        "STATICFILES_FINDERS": [f"{__name__}.Wandering"],
        "STATICFILES_DIRS": [str(root)],
        "STATIC_ROOT": None,
        "DEBUG": True,
    }
    assert WhiteNoise(stack, **given).get("/static/a.css").body == b"a{}"
    assert ours(**given).get("/static/a.css").is_the_applications


@pytest.mark.parametrize("title", TITLES)
def test_every_difference_on_the_page_is_shown_by_a_test(title: str) -> None:
    shown = {value.__doc__ for name, value in globals().items() if name.startswith("test_")}
    assert f"{title}" in shown


@pytest.mark.parametrize("option", [field.name for field in fields(ProjectOptions)])
def test_every_setting_of_django_is_on_the_page(option: str) -> None:
    assert f"`{PREFIX}{option.upper()}`" in PAGE


def test_every_check_is_on_the_page_and_no_other() -> None:
    source = (Path(__file__).resolve().parents[2] / "whitemedia" / "django" / "checks.py").read_text("utf-8")
    ids = {f"{TAG}.W{int(number):03}" for number in re.findall(r"_warning\(\s*(\d+),", source)} | {f"{TAG}.E001"}
    assert set(re.findall(rf"{TAG}\.[EW]\d{{3}}", PAGE)) == ids
