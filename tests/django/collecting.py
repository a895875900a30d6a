"""Projects whose static files are collected: a source, a root, and `collectstatic` between them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings
from django.utils.functional import empty

from tests.conftest import plant
from whitemedia.assets.codings import CODINGS, available_codings

MANIFEST: Final = "whitemedia.django.storage.CompressedManifestStaticFilesStorage"
PLAIN: Final = "whitemedia.django.storage.CompressedStaticFilesStorage"
SUFFIXES: Final = {coding.suffixes[0] for coding in available_codings()}


class Site(NamedTuple):
    """A directory of STATICFILES_DIRS, and STATIC_ROOT."""

    source: Path
    root: Path

    def plant(self, files: Mapping[str, bytes]) -> None:
        plant(self.source, files)

    def collect(self, *words: str, verbosity: int = 2) -> str:
        """What `collectstatic` prints."""
        out = io.StringIO()
        call_command("collectstatic", *words, verbosity=verbosity, interactive=False, stdout=out, stderr=out)
        return out.getvalue()

    def names(self) -> set[str]:
        """Of files in STATIC_ROOT, but for the records."""
        found = {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}
        return {name for name in found if not name.startswith(".whitemedia")}

    def manifest(self) -> dict[str, str]:
        """Hashed names."""
        paths: dict[str, str] = json.loads((self.root / "staticfiles.json").read_text())["paths"]
        return paths

    def decoded(self, name: str) -> dict[str, bytes | None]:
        """What the siblings of a file decode to, by suffix."""
        return {
            coding.suffixes[0]: coding.decode(path.read_bytes(), 1 << 20)
            for coding in CODINGS
            if (path := self.root / f"{name}{coding.suffixes[0]}").exists()
        }


@contextmanager
def site(tmp_path: Path, backend: str = MANIFEST, options: Any = None, **given: Any) -> Iterator[Site]:
    """A project with this storage."""
    (tmp_path / "source").mkdir(exist_ok=True)
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": backend, "OPTIONS": options or {}},
    }
    settings = {"STATICFILES_DIRS": [tmp_path / "source"], "STATIC_ROOT": tmp_path / "root", **given}
    with override_settings(STORAGES=storages, **settings):
        staticfiles_storage._wrapped = empty  # Django keeps the first
        try:
            yield Site(tmp_path / "source", tmp_path / "root")
        finally:
            staticfiles_storage._wrapped = empty
