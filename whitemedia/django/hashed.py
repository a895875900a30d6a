"""Names with a hash that Django's storage has given: what bears one never changes, and may be cached for ever."""

from __future__ import annotations

import os
import posixpath
from typing import Any
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles.storage import ManifestFilesMixin, StaticFilesStorage

from whitemedia.options import ImmutableTest


def hashed_by(storage: Any, prefix: str, *, debug: bool) -> ImmutableTest | None:
    """A test for `immutable_file_test`; None where the storage gives no names of its own.

    A manifest lists them; of another storage it is asked which name it would give the file without its hash. With
    DEBUG Django gives plain names.
    """
    if storage.__class__.url is StaticFilesStorage.url or (debug and isinstance(storage, ManifestFilesMixin)):
        return None
    if isinstance(storage, ManifestFilesMixin):
        urls = frozenset(prefix + name for name in storage.hashed_files.values())
        return lambda path, url: url in urls  # noqa: ARG005 - whitenoise's signature
    return lambda path, url: url.startswith(prefix) and _is_given(storage, url.removeprefix(prefix))  # noqa: ARG005


def name_without_hash(name: str) -> str:
    """Of "css/app.f3ea4bcc2.css", "css/app.css"; what has no hash may lose another part."""
    stem, extension = os.path.splitext(name)
    return os.path.splitext(stem)[0] + extension


def _is_given(storage: Any, name: str) -> bool:
    plain = name_without_hash(name)
    if plain == name:
        return False
    try:
        url = storage.url(plain)
    except ValueError:  # it knows no such file
        return False
    given = (url or "", unquote(urlsplit(url or "").path))  # Django gives some names encoded, and hashed ones not
    return posixpath.basename(name) in map(posixpath.basename, given)
