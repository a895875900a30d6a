"""Compressing what was collected: what all of our storages of static files do, whatever else they do."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.management.base import CommandError

from whitemedia.assets.codings import SUFFIXES
from whitemedia.assets.compression import leaving_out
from whitemedia.assets.records import Records, read_records
from whitemedia.assets.report import first_of
from whitemedia.build import BuildError, build
from whitemedia.build.staleness import remove_stale_siblings
from whitemedia.build.targets import parse_targets
from whitemedia.django.settings import read_settings

Processed = tuple[str, str | None, bool | Exception]
"""What `collectstatic` is told of a file: its name, what was made of it, and whether that is new, or what is wrong."""

_log = logging.getLogger("whitemedia")


class CompressingStorage(StaticFilesStorage):
    """Static files with their compressed siblings, as `whitemedia build` writes them.

    `codings` and `levels` are those of `whitemedia.build.build`, to be given as OPTIONS in STORAGES. Raises
    `OptionError`.
    """

    uncompressed: frozenset[str] = frozenset()
    """Names of files that nobody asks for."""

    def __init__(
        self,
        *args: Any,
        codings: Iterable[str] | None = None,
        levels: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        self._codings = None if codings is None else tuple(codings)
        self._levels = levels
        parse_targets(self._codings, levels)
        self._records: Records | None = None
        super().__init__(*args, **kwargs)

    def _save(self, name: str, content: Any) -> str:
        """A changed file loses its compressed siblings at once: until it has new ones, it is sent as it is."""
        saved: str = super()._save(name, content)
        self._remove_stale_siblings(saved)
        return saved

    def _remove_stale_siblings(self, name: str) -> None:
        if self._records is None:
            self._records = read_records(self.path(""))
        remove_stale_siblings(self.path(name), self._records)

    def compress(self, names: Iterable[str]) -> Iterator[Processed]:
        """Write the siblings that files in STATIC_ROOT lack, and tell of them; `names` are what was collected."""
        root = self.path("")
        if not os.path.isdir(root):  # there was nothing to collect
            return
        options = read_settings().options
        try:
            result = build(
                root,
                codings=self._codings,
                levels=self._levels,
                compress_test=leaving_out(self.uncompressed.__contains__, options.compress_test),
                mimetypes=options.mimetypes,
                hidden=options.hidden,
                follow_symlinks=options.follow_symlinks,
            )
        except BuildError as error:
            raise CommandError(str(error)) from error
        self._records = None
        for name in names:
            if name.endswith(tuple(SUFFIXES)) and self.exists(os.path.splitext(name)[0]):
                self._remove_stale_siblings(os.path.splitext(name)[0])  # a sibling that came as a file of its own
        _tell_of_failures([f"{failure.path}: {failure.reason}" for failure in result.failures])
        for sibling in result.written:
            yield os.path.splitext(sibling)[0], sibling, True


def _tell_of_failures(failures: list[str]) -> None:
    if failures:
        _log.warning("could not compress %s", first_of(failures, "; "))
