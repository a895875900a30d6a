"""System checks: each fires for its misconfiguration, with a hint, and none for a project that is right."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings
from django.urls import get_script_prefix, set_script_prefix

from tests.conftest import plant
from tests.django.project import MIDDLEWARE
from whitemedia.django.checks import TAG

SECURITY = "django.middleware.security.SecurityMiddleware"
GZIP = "django.middleware.gzip.GZipMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
WHITENOISE = "whitenoise.middleware.WhiteNoiseMiddleware"
STATICFILES = "django.contrib.staticfiles"
NO_STATIC = "whitemedia.django.runserver_nostatic"


def storage(backend: str) -> dict[str, Any]:
    return {"staticfiles": {"BACKEND": backend}}


@contextlib.contextmanager
def mounted_at(prefix: str) -> Iterator[None]:
    before = get_script_prefix()
    set_script_prefix(prefix)
    yield
    set_script_prefix(before)


def check(root: Path, **given: Any) -> dict[str, str]:
    """What the checks say, by id: message and hint."""
    right = {"MIDDLEWARE": [SECURITY, MIDDLEWARE], "STATIC_ROOT": str(root), "INSTALLED_APPS": [STATICFILES]}
    prefix = given.get("FORCE_SCRIPT_NAME", "/")  # as `django.setup()` sets it
    with mounted_at(prefix), override_settings(**{**right, **given}):
        return {message.id: f"{message.msg} {message.hint}" for message in run_checks(tags=[TAG])}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", {"a.css": b"a{}"})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"MIDDLEWARE": [MIDDLEWARE]},
        {"MIDDLEWARE": [SECURITY, "whitemedia.django.middleware.WhiteMediaMiddleware"]},
        {"MIDDLEWARE": [SECURITY, "tests.django.test_middleware.Own", GZIP, SESSIONS]},
        {"MIDDLEWARE": [SECURITY, "tests.django.test_middleware.Counting", MIDDLEWARE]},
        {"DEBUG": True, "STATIC_ROOT": None},
        {"INSTALLED_APPS": [NO_STATIC, STATICFILES]},
        {"FORCE_SCRIPT_NAME": "/app", "STATIC_URL": "/app/static/"},
        {"FORCE_SCRIPT_NAME": "/app", "STATIC_URL": "static/"},
        {"FORCE_SCRIPT_NAME": "/app", "STATIC_URL": "https://cdn.example.com/static/"},
        {"MEDIA_ROOT": "/srv/uploads", "MEDIA_URL": "/media/"},
        {"STATIC_URL": "https://cdn.example.com/static/"},
        {"WHITEMEDIA_MAX_AGE": 300},
    ],
    ids=str,
)
def test_nothing_is_said_of_what_is_right(root: Path, given: dict[str, Any]) -> None:
    assert check(root, **given) == {}


@pytest.mark.parametrize(
    ("number", "given", "told"),
    [
        (1, {"MIDDLEWARE": [SECURITY, MIDDLEWARE, WHITENOISE]}, "Remove it"),
        (2, {"MIDDLEWARE": [SECURITY]}, "Add it directly after"),
        (3, {"MIDDLEWARE": [MIDDLEWARE, SECURITY]}, "Move it directly after"),
        (4, {"MIDDLEWARE": [SECURITY, GZIP, MIDDLEWARE]}, "Move it before"),
        (5, {"MIDDLEWARE": [SECURITY, SESSIONS, MIDDLEWARE]}, "each static file passes through"),
        (6, {"WHITENOISE_MAX_AGE": 5}, "Rename it to WHITEMEDIA_MAX_AGE."),
        (6, {"WHITENOISE_COMPRESSOR_CLASS": "x.Y"}, "Remove it"),
        (6, {"SERVESTATIC_ALLOW_UNSAFE_SYMLINKS": True}, "Rename it to WHITEMEDIA_FOLLOW_SYMLINKS."),
        (7, {"WHITEMEDIA_AUTOREFRESH": True}, "WHITEMEDIA_AUTOREFRESH without DEBUG"),
        (7, {"WHITEMEDIA_USE_FINDERS": True}, "WHITEMEDIA_USE_FINDERS without DEBUG"),
        (8, {"STATIC_ROOT": None}, "Set it"),
        (9, {"STATIC_ROOT": "/does/not/exist"}, "Run manage.py collectstatic"),
        (
            10,
            {"STORAGES": storage("whitenoise.storage.CompressedStaticFilesStorage")},
            "Use whitemedia.django.storage.CompressedStaticFilesStorage",
        ),
        (
            11,
            {"STORAGES": storage("django.contrib.staticfiles.storage.ManifestStaticFilesStorage")},
            "finds no manifest",
        ),
        (12, {"INSTALLED_APPS": []}, "Add it"),
        (13, {"INSTALLED_APPS": [STATICFILES, NO_STATIC]}, "Move it before"),
        (14, {"INSTALLED_APPS": ["whitenoise.runserver_nostatic", STATICFILES]}, f"Put {NO_STATIC}"),
        (15, {"STATIC_URL": "/"}, "Give it one"),
        (16, {"FORCE_SCRIPT_NAME": "/app", "STATIC_URL": "/static/"}, "is not beneath FORCE_SCRIPT_NAME"),
        (18, {"MEDIA_ROOT": "/srv/uploads", "MEDIA_URL": "/static/media/"}, "is beneath STATIC_URL"),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_what_is_wrong_is_told_with_what_to_do(root: Path, number: int, given: dict[str, Any], told: str) -> None:
    found = check(root, **given)
    assert set(found) == {f"whitemedia.W{number:03}"}
    assert told in found[f"whitemedia.W{number:03}"]


@pytest.mark.parametrize("where", ["STATIC_ROOT", "STATICFILES_DIRS", "WHITEMEDIA_ROOT"])
def test_media_in_what_is_served_to_everybody_is_told(root: Path, where: str) -> None:
    given = {"STATICFILES_DIRS": [("sub", str(root))]} if where == "STATICFILES_DIRS" else {where: str(root)}
    assert (
        "lies in" in check(root, MEDIA_ROOT=str(root / "uploads"), MEDIA_URL="/media/", **given)["whitemedia.W017"]
    )


def test_a_wrong_setting_is_an_error(root: Path) -> None:
    found = check(root, WHITEMEDIA_MAX_AGE="5")
    assert set(found) == {"whitemedia.E001"}
    assert found["whitemedia.E001"].startswith("WHITEMEDIA_MAX_AGE='5': expected a whole number")
