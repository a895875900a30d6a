"""Storages of static files that compress what `collectstatic` collects: whitenoise's, by the same names.

STORAGES = {"staticfiles": {"BACKEND": "whitemedia.django.storage.CompressedManifestStaticFilesStorage"}, …}
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.exceptions import SuspiciousFileOperation

from whitemedia.assets.codings import SUFFIXES
from whitemedia.assets.report import first_of
from whitemedia.django.compressing import CompressingStorage, Processed
from whitemedia.django.references import MissingFileError, describe_missing, resolve

__all__ = ["CompressedManifestStaticFilesStorage", "CompressedStaticFilesStorage", "MissingFileError"]

_SOURCE_MAP: Final = "sourceMappingURL="

_log = logging.getLogger("whitemedia")


class CompressedStaticFilesStorage(CompressingStorage):
    """Django's `StaticFilesStorage`, with compressed siblings."""

    def post_process(self, paths: Any, dry_run: bool = False, **options: Any) -> Iterator[Processed]:  # noqa: ARG002, FBT001, FBT002
        """Compress what was collected (`collectstatic` asks for it)."""
        if not dry_run:
            yield from self.compress(paths)


class CompressedManifestStaticFilesStorage(CompressingStorage, ManifestStaticFilesStorage):
    """Django's `ManifestStaticFilesStorage`, with compressed siblings, also of hashed files, or of these alone.

    A source map that is missing is a note in the log; any other file that is missing is a `MissingFileError`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        strict = getattr(settings, "WHITEMEDIA_MANIFEST_STRICT", None)
        if strict is not None:
            self.manifest_strict = strict
        self._collected: Iterable[str] = ()
        self._named: set[str] | None = None
        self._missing_maps: dict[str, str] = {}
        self.uncompressed = frozenset({self.manifest_name})
        super().__init__(*args, **kwargs)

    @property
    def keep_only_hashed_files(self) -> bool:
        """Whether files are removed that have no hash in their name."""
        return bool(getattr(settings, "WHITEMEDIA_KEEP_ONLY_HASHED_FILES", False))

    def post_process(self, paths: Any, dry_run: bool = False, **options: Any) -> Iterator[Processed]:  # noqa: FBT001, FBT002
        """Name files by their content, and compress them (`collectstatic` asks for it)."""
        if dry_run:
            return
        self._collected, self._named, self._missing_maps = tuple(paths), set(), {}
        hashed: dict[str, str] = {}
        for name, hashed_name, processed in super().post_process(paths, dry_run=False, **options):
            if hashed_name and not isinstance(processed, Exception):
                hashed[self.clean_name(name)] = hashed_name
            yield name, hashed_name, _told_of(name, processed)
        named, self._named = self._named, None
        self._tell_of_missing_maps()
        if self.keep_only_hashed_files:
            self._remove((hashed.keys() | named) - set(hashed.values()))
        yield from self.compress(paths)

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """Django's; a file may be named several times until all that it refers to has its name."""
        hashed: str = super().hashed_name(name, content, filename)
        if self._named is not None:
            self._named.add(self.clean_name(hashed))
        return hashed

    def url_converter(
        self, name: str, hashed_files: Any, template: str | None = None, *args: Any, **kwargs: Any
    ) -> Callable[[re.Match[str]], str]:
        """Django's, which says where a file is referred to that is missing."""
        convert = super().url_converter(name, hashed_files, template, *args, **kwargs)

        def convert_or_tell(match: re.Match[str]) -> str:
            try:
                converted: str = convert(match)
            except (ValueError, SuspiciousFileOperation) as error:
                missing = resolve(name, match["url"].strip(), settings.STATIC_URL)
                if template is not None and _SOURCE_MAP in template:
                    self._missing_maps[name] = missing
                    return match[0]
                raise MissingFileError(describe_missing(name, match, missing, self._collected)) from error
            return converted

        return convert_or_tell

    def stored_name(self, name: str) -> str:
        """Django's; a name that is not in the manifest is told with what to do."""
        try:
            stored: str = super().stored_name(name)
        except ValueError as error:
            why = "run collectstatic if it is new, or correct the name where it is asked for"
            raise MissingFileError(f"{error}: {why}.") from error
        return stored

    def _tell_of_missing_maps(self) -> None:
        if self._missing_maps:
            told = [f"{name} → {missing}" for name, missing in sorted(self._missing_maps.items())]
            _log.warning("source maps that are missing, and left as they are referred to: %s", first_of(told))

    def _remove(self, names: Iterable[str]) -> None:
        """Remove files, and first their siblings."""
        for name in names:
            for suffix in (*SUFFIXES, ""):
                with suppress(FileNotFoundError):
                    os.unlink(self.path(name + suffix))


def _told_of(name: str, processed: Any) -> Any:
    """What went wrong with a file, if anything, in words."""
    if isinstance(processed, UnicodeDecodeError):
        return ValueError(f"{name} is not UTF-8: {processed.reason} at byte {processed.start:,}.")
    return processed
