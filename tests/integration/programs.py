"""Programs of Debian's that tests need: in CI they are installed, elsewhere what needs them is skipped."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def program(package: str, *names: str) -> str:
    """The path of the first of these programs, which `package` brings."""
    path = _find(names)
    if path is None and os.environ.get("CI") == "true":
        _install(package)
        path = _find(names)
        assert path is not None, f"apt installed {package}, and {names[0]} is not found"
    if path is None:
        pytest.skip(f"{names[0]} is not installed")
    return path


def _find(names: tuple[str, ...]) -> str | None:
    """Also where only root looks."""
    places = (None, "/usr/sbin")
    return next((path for name in names for place in places if (path := shutil.which(name, path=place))), None)


def _install(package: str) -> None:
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", package]):
        subprocess.run([*as_root, *command], check=True, stdout=subprocess.DEVNULL)
