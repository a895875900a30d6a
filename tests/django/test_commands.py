"""A project in a process of its own: applications load in its order, and `runserver` leaves static files alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import plant

SETTINGS = """
ALLOWED_HOSTS = ["*"]
DEBUG = True
INSTALLED_APPS = {apps}
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "whitemedia.django.WhiteMediaMiddleware"]
SECRET_KEY = "for tests"
USE_TZ = True
STATIC_URL = "static/"
"""
NO_STATIC = "whitemedia.django.runserver_nostatic"
STATICFILES = "django.contrib.staticfiles"
OWN = "class Command:\n    def __init__(self, *_, **__): pass\n    def create_parser(self, *_): raise SystemExit('own')\n"
SHOW = """
from django.core.management import load_command_class, get_commands
command = load_command_class(get_commands()["runserver"], "runserver")
parser = command.create_parser("manage.py", "runserver")
print(type(command).__module__, parser.get_default("use_static_handler"), "--nostatic is always on" in parser.description)
"""


def run(folder: Path, apps: list[str], code: str) -> str:
    plant(folder, {"project_settings.py": SETTINGS.format(apps=apps).encode()})
    setup = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'project_settings'; django.setup()\n"
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        f"import sys; sys.path.insert(0, {str(folder)!r})\n{setup}{code}",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.stdout or ended.stderr


@pytest.mark.parametrize(
    ("apps", "shown"),
    [
        ([NO_STATIC, STATICFILES], f"{NO_STATIC}.management.commands.runserver False True\n"),
        (["whitemedia.django", NO_STATIC, STATICFILES], f"{NO_STATIC}.management.commands.runserver False True\n"),
        ([STATICFILES, NO_STATIC], f"{STATICFILES}.management.commands.runserver True False\n"),
        ([NO_STATIC], f"{NO_STATIC}.management.commands.runserver None False\n"),
    ],
)
def test_runserver_leaves_static_files_to_the_middleware(tmp_path: Path, apps: list[str], shown: str) -> None:
    assert run(tmp_path, apps, SHOW) == shown


def test_another_applications_runserver_is_kept(tmp_path: Path) -> None:
    package = "channels_like/management/commands/"
    plant(tmp_path, {f"{package}runserver.py": OWN.encode(), f"{package}__init__.py": b""})
    plant(tmp_path, {"channels_like/management/__init__.py": b"", "channels_like/__init__.py": b""})
    shown = run(tmp_path, [NO_STATIC, "channels_like", STATICFILES], SHOW)
    assert shown == "own\n"


def test_the_application_is_called_whitemedia(tmp_path: Path) -> None:
    code = "from django.apps import apps; print(apps.get_app_config('whitemedia').name)"
    assert run(tmp_path, ["whitemedia.django", STATICFILES], code) == "whitemedia.django\n"


def test_its_checks_run_with_the_others(tmp_path: Path) -> None:
    code = "from django.core.management import call_command; call_command('check')"
    assert "no issues" in run(tmp_path, ["whitemedia.django", STATICFILES], code)


def test_the_package_loads_without_settings() -> None:
    command = [sys.executable, "-W", "error", "-c", "import whitemedia.django, whitemedia.django.middleware"]
    assert subprocess.run(command, check=False, capture_output=True).stderr == b""


def test_what_the_package_does_not_have_is_an_attribute_error() -> None:
    import whitemedia.django

    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = whitemedia.django.nothing
