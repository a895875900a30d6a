"""Finders: those of a project's own show what they list, and no more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from tests.conftest import plant
from tests.django.project import Project
from whitemedia.django import serving


class Chosen(BaseFinder):
    """Shows two files of a directory."""

    directory: ClassVar[str]

    def __init__(self, *arguments: Any, **given: Any) -> None:
        super().__init__(*arguments, **given)
        self._storage = FileSystemStorage(self.directory)
        self._storage.prefix = "vendor"

    def check(self, **given: Any) -> list[Any]:
        return []

    def find(self, path: str, *arguments: Any, **given: Any) -> Any:
        name = path.removeprefix("vendor/")
        found = name in ("a.js", "lib/b.js") and path.startswith("vendor/")
        return os.path.join(self.directory, name) if found else []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        yield "a.js", self._storage
        yield os.path.join("lib", "b.js"), self._storage


class Remote(BaseFinder):
    """Finds what is not here."""

    def find(self, path: str, *arguments: Any, **given: Any) -> Any:
        return []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        yield "remote.js", object()


@pytest.fixture(params=[False, True], ids=["indexed", "autorefresh"])
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """With the two, over a directory with one file too many."""
    files = {"a.js": b"a", "lib/b.js": b"b", "secret.js": b"s", ".env": b"no"}
    monkeypatch.setattr(Chosen, "directory", str(plant(tmp_path, files)), raising=False)
    finders.get_finder.cache_clear()
    monkeypatch.setattr(serving, "_built", ())  # of another directory, though the settings are the same
    return Project(
        STATICFILES_FINDERS=[f"{__name__}.{kind.__name__}" for kind in (Chosen, Remote)],
        STATIC_ROOT=None,
        WHITEMEDIA_USE_FINDERS=True,
        WHITEMEDIA_AUTOREFRESH=request.param,
    )


@pytest.mark.parametrize(("name", "body"), [("a.js", b"a"), ("lib/b.js", b"b")])
def test_what_a_finder_lists_is_served(project: Project, name: str, body: bytes) -> None:
    assert project.get(f"/static/vendor/{name}").body == body


@pytest.mark.parametrize("name", ["vendor/secret.js", "a.js", "remote.js"])
def test_what_it_does_not_list_is_not(project: Project, name: str) -> None:
    assert project.get(f"/static/{name}").is_the_applications


def test_what_is_hidden_is_refused_there_too(project: Project) -> None:
    assert project.get("/static/vendor/.env").status == 404
