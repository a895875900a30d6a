"""The frozen table: every spelling of PATH_INFO that is answered, and what is answered there.

Built whole from all roots, later ones over earlier ones, and never changed: to change what is served, a new one
takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from whitemedia.assets.indexing import Indexed
from whitemedia.assets.representation import REFUSED, Entry, Redirect, Resource
from whitemedia.assets.scan import Root, Skipped, Why
from whitemedia.http.paths import directory_of_index, format_directory_location, spell, unspell

_REDIRECT_FIELDS: Final = frozenset({"cache-control", "access-control-allow-origin"})


class Mount(NamedTuple):
    """A root's prefix as PATH_INFO spells it, with what decides on paths that are not in the table."""

    prefix: str
    root: Root
    answers: bool


class Table:
    """`entries` by PATH_INFO. `guarded` says whether a miss must be asked about with `refuses`.

    A miss that contains "/." must be asked about in any case.
    """

    __slots__ = ("_mounts", "_refused", "entries", "guarded")

    def __init__(self, entries: dict[str, Entry], refused: Iterable[str], mounts: Iterable[Mount]) -> None:
        self.entries = entries
        self._refused = tuple(refused)
        latest_first = reversed(tuple(mounts))
        self._mounts = tuple(sorted(latest_first, key=lambda mount: -len(mount.prefix)))
        self.guarded = bool(self._refused) or any(mount.answers for mount in self._mounts)

    def refuses(self, path_info: str) -> bool:
        """Of what is not in the table: whether it is hidden, beneath a refused directory, or ours alone to answer."""
        mounts = [mount for mount in self._mounts if path_info.startswith(mount.prefix)]
        if mounts and (mounts[0].answers or path_info.startswith(self._refused)):
            return True
        return any(_hides(mount, path_info) for mount in mounts if mount.prefix == mounts[0].prefix)


def build_table(roots: Iterable[Indexed]) -> Table:
    """A table over all roots; of two entries for one path the later root's stands."""
    entries: dict[str, Entry] = {}
    refused: list[str] = []
    mounts: list[Mount] = []
    for indexed in roots:
        prefix = spell(indexed.prefix)
        mounts.append(Mount(prefix, indexed.root, indexed.options.not_found == "answer"))
        refused += [prefix + spell(skipped.url_path) + "/" for skipped in indexed.skipped if _is_closed(skipped)]
        entries.update(_entries(prefix, indexed))
    return Table(entries, refused, mounts)


def _entries(prefix: str, indexed: Indexed) -> Iterator[tuple[str, Entry]]:
    for skipped in filter(_is_named, indexed.skipped):
        yield prefix + spell(skipped.url_path), REFUSED
    for resource in indexed.resources:
        url_path = resource.source.url_path
        directory = directory_of_index(url_path, indexed.options.index_file)
        if directory is None:
            yield prefix + spell(url_path), resource
        else:
            yield from _index_entries(prefix + spell(url_path), prefix + spell(directory), resource)


def _index_entries(path: str, directory: str, resource: Resource) -> Iterator[tuple[str, Entry]]:
    """The directory answers; the file's own name and the directory without its slash lead there."""
    headers = tuple(pair for pair in resource.headers if pair[0].lower() in _REDIRECT_FIELDS)
    yield directory, resource
    yield path, Redirect("./", headers, resource.passes_unsafe)
    bare = directory[:-1]
    yield bare, Redirect(format_directory_location(bare) if bare else None, headers, resource.passes_unsafe)


def _is_closed(skipped: Skipped) -> bool:
    """Whether misses beneath it need the list: not where a dot segment tells already."""
    name = skipped.url_path.rpartition("/")[2]
    return _is_named(skipped) and skipped.subtree and not (skipped.why is Why.HIDDEN and name.startswith("."))


def _is_named(skipped: Skipped) -> bool:
    """Not so if it is the root: that says nothing of what the application has beneath the prefix."""
    return bool(skipped.url_path)


def _hides(mount: Mount, path_info: str) -> bool:
    segments = unspell(path_info[len(mount.prefix) :]).split("/")
    return any(segment.startswith(".") and mount.root.hides(segment) for segment in segments)
