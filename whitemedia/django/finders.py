"""Directories in which Django's finders look for static files, for development and where nothing is collected.

The first finder that has a file counts; so their directories are added in reverse, for of two roots the later one does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.staticfiles import finders

from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Directory, Skipped
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.options import Options


class FoundDirectory(DirectoryRoot):
    """A directory of which a finder shows a part: what it lists or, of a single name, finds."""

    def __init__(self, path: str, options: Options, finder: Any, prefix: str) -> None:
        super().__init__(path, options.hidden, follow_symlinks=options.follow_symlinks)
        self._finder = finder
        self._prefix = prefix

    def sources(self) -> Iterator[Source | Skipped]:
        """What the finder lists; what is hidden or cannot be served is told as of any directory."""
        listed = {
            name.replace(os.sep, "/") for name, storage in self._finder.list([]) if _location(storage) == self.path
        }
        for found in super().sources():
            if isinstance(found, Skipped) or found.url_path in listed:
                yield found

    def look(self, url_path: str) -> Source | Skipped | Directory | None:
        """What is there, if it is no file that the finder does not find."""
        found = super().look(url_path)
        if not isinstance(found, Source):
            return found
        path = self._finder.find(self._prefix + url_path)
        return found if path and os.path.abspath(path) == found.path else None


class Place(NamedTuple):
    """A directory, and the prefix of its files' names."""

    prefix: str
    directory: DirectoryRoot


def find_places(options: Options) -> list[Place]:
    """The directories of all finders, the first finder's last."""
    return [place for finder in finders.get_finders() for place in _places(finder, options)][::-1]


def _places(finder: Any, options: Options) -> Iterator[Place]:
    kept = getattr(finder, "storages", None)
    is_plain = _is_plain(finder) and isinstance(kept, dict)
    storages = kept.values() if is_plain and kept else {id(one): one for _, one in finder.list([])}.values()
    for storage in storages:
        path, prefix = _location(storage), _prefix(storage)
        if path is None or not os.path.isdir(path):
            continue
        if is_plain:
            directory = DirectoryRoot(path, options.hidden, follow_symlinks=options.follow_symlinks)
        else:
            directory = FoundDirectory(path, options, finder, prefix)
        yield Place(prefix, directory)


def _is_plain(finder: Any) -> bool:
    """Whether it shows all that is in its directories, as Django's own do."""
    kind = type(finder)
    own = (finders.FileSystemFinder, finders.AppDirectoriesFinder)
    return any(issubclass(kind, one) and (kind.list, kind.find) == (one.list, one.find) for one in own)


def _location(storage: Any) -> str | None:
    """Its directory; None if it has none, as one in the network."""
    location = getattr(storage, "location", None)
    return os.path.abspath(location) if isinstance(location, (str, os.PathLike)) else None


def _prefix(storage: Any) -> str:
    prefix = (getattr(storage, "prefix", None) or "").strip("/")
    return f"{prefix}/" if prefix else ""
