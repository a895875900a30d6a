"""The frozen table: every spelling of PATH_INFO that is answered, and what is answered there.

Built whole from all roots, later ones over earlier ones, and never changed: to change what is served, a new one
takes its place.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from whitemedia.assets.headers import versioned_headers
from whitemedia.assets.in_memory import BytesRoot
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.resource import NOT_FOUND, REFUSED, Entry, Redirect, Resource, Shared, resource_of
from whitemedia.assets.roots import Root, Skipped, Why
from whitemedia.assets.versioned import VersionedResource
from whitemedia.http.cors import SHARING
from whitemedia.http.paths import directory_of_index, format_directory_location, name_of_clean_url, spell, unspell
from whitemedia.http.response import Response
from whitemedia.http.versions import split_version, with_version
from whitemedia.options import Options

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SCRIPTS: Final = (".js", ".mjs")
"""How the names of modules end."""

_REDIRECT_FIELDS: Final = SHARING | {"cache-control"}


Live = Callable[["WSGIEnvironment"], Response | None]
"""Answers requests beneath a prefix as they come; None if the application is to answer."""


class Mount(NamedTuple):
    """A root's prefix as PATH_INFO spells it, with what decides on paths that are not in the table."""

    prefix: str
    root: Root
    options: Options
    fallback: Entry | None

    @property
    def answers(self) -> bool:
        """Whether what is not found is a 404 of ours."""
        return self.options.not_found == "answer"


class Earlier(NamedTuple):
    """Another version than there is now, of the plain path, beneath a root; if a file is there, its two resources."""

    path: str
    version: str
    mount: Mount
    resources: tuple[Resource, Resource] | None


class Table:
    """`entries` by PATH_INFO. A miss must be asked about if it contains the `telltale` and begins with one of `prefixes`,
    which are those of all roots without their final slash: with `live_at` if it begins with one of `live_prefixes`, with
    `earlier` if the table `guards_versions`, with `find` and `fallback` if it is `checked` or contains "/.".
    """

    __slots__ = (
        "_mounts",
        "_refused",
        "checked",
        "entries",
        "guards_versions",
        "live",
        "live_prefixes",
        "prefixes",
        "telltale",
    )

    def __init__(self, entries: Mapping[str, Entry], refused: Iterable[str], mounts: Iterable[Mount]) -> None:
        self.entries = entries
        self.live: tuple[tuple[str, Live], ...] = ()
        self.live_prefixes: tuple[str, ...] = ()
        self.guards_versions = False
        self._refused = tuple(refused)
        latest_first = reversed(tuple(mounts))
        self._mounts = tuple(sorted(latest_first, key=lambda mount: -len(mount.prefix)))
        self.prefixes: tuple[str, ...] = tuple({mount.prefix[:-1] for mount in self._mounts})
        self.checked = bool(self._refused) or any(
            mount.answers or mount.fallback is not None for mount in self._mounts
        )
        self.find_telltale()

    def find_telltale(self) -> None:
        """Find out what every miss contains that must be asked about: nothing, a version's dot, or a hidden name's."""
        self.telltale = "" if self.checked or self.live else "." if self.guards_versions else "/."

    @property
    def guarded(self) -> bool:
        """Whether every miss beneath its prefixes must be asked about."""
        return not self.telltale

    def live_at(self, path_info: str) -> Live | None:
        """What answers beneath the longest of `live_prefixes` that the path begins with."""
        return next((live for prefix, live in self.live if path_info.startswith(prefix)), None)

    def at(self, path_info: str) -> Entry | None:
        """What is at a path, if that is a file's or its directory's."""
        return self.entries.get(path_info)

    def earlier(self, path_info: str) -> Earlier | None:
        """What a path names, if that is another version than there is now of a file that may have been there."""
        split = split_version(path_info)
        mount = None if split is None else self._mount_of(split[0])
        if split is None or mount is None:
            return None
        plain = resource_of(self.at(split[0]))
        if plain is None:
            hidden = any(map(mount.root.hides, _segments(mount, split[0]))) or self.find(split[0]) is REFUSED
            return None if hidden else Earlier(*split, mount, None)
        if plain.version in (None, split[1]):
            return None
        now = resource_of(self.at(with_version(split[0], str(plain.version))))
        return None if now is None else Earlier(*split, mount, (plain, now))

    def _mount_of(self, path_info: str) -> Mount | None:
        """That with the longest prefix, the latest of those."""
        return next((mount for mount in self._mounts if path_info.startswith(mount.prefix)), None)

    def find(self, path_info: str) -> Entry | None:
        """Of what is not in `entries`: REFUSED if it is hidden or beneath a refused directory, NOT_FOUND if it is
        ours alone to answer; None if it is the application's."""
        mounts = [mount for mount in self._mounts if path_info.startswith(mount.prefix)]
        if not mounts:
            return None
        if path_info.startswith(self._refused):
            return REFUSED
        if any(_hides(mount, path_info) for mount in mounts if mount.prefix == mounts[0].prefix):
            return REFUSED
        return NOT_FOUND if mounts[0].answers else None

    def scripts_beneath(self, folder: str) -> tuple[str, ...]:
        """The plain paths of all scripts whose paths begin with this."""
        paths = (path for path in self.entries if path.startswith(folder) and path.endswith(SCRIPTS))
        return tuple(sorted(path for path in paths if self._is_plain_file(path)))

    def _is_plain_file(self, path: str) -> bool:
        split = split_version(path)
        return resource_of(self.entries[path]) is not None and (split is None or split[0] not in self.entries)

    def fallback(self, path_info: str) -> Entry | None:
        """What stands in for a page that the application does not find at this path, if a root has such a thing."""
        fallbacks = (mount.fallback for mount in self._mounts if path_info.startswith(mount.prefix))
        return next((entry for entry in fallbacks if entry is not None), None)


def with_outlived(table: Table, outlived: Mapping[str, Entry]) -> Table:
    """A table that also answers what an earlier one did, where it has nothing itself."""
    if not outlived:
        return table
    other = copy.copy(table)
    other.entries = {**outlived, **table.entries}
    return other


def with_live(table: Table, live: Iterable[tuple[str, Live]]) -> Table:
    """A table with what answers, beneath its prefix, whatever is not in it; of one prefix, the last."""
    other = copy.copy(table)
    other.live = tuple(sorted(dict(live).items(), key=lambda pair: -len(pair[0])))
    other.live_prefixes = tuple(prefix for prefix, _ in other.live)
    other.prefixes = tuple({*table.prefixes, *other.live_prefixes})
    other.find_telltale()
    return other


def with_versions(table: Table) -> Table:
    """A table whose versioned names may have been handed out: a miss may be one of an earlier version."""
    other = copy.copy(table)
    other.guards_versions = True
    other.find_telltale()
    return other


def build_table(roots: Iterable[Indexed]) -> Table:
    """A table over all roots; of two entries for one path the later root's stands."""
    entries: dict[str, Entry] = {}
    refused: list[str] = []
    mounts: list[Mount] = []
    roots = tuple(roots)
    for indexed in roots:
        prefix = spell(indexed.prefix)
        if not isinstance(indexed.root, BytesRoot) or _fallback(indexed) is not None:
            mounts.append(mount(indexed))
        refused += [prefix + spell(skipped.url_path) + "/" for skipped in indexed.skipped if is_closed(skipped)]
        entries.update(_entries(prefix, indexed))
    table = Table(entries, refused, mounts)
    table.prefixes = prefixes_of(roots)
    return table


def prefixes_of(roots: Iterable[Indexed]) -> tuple[str, ...]:
    """What every path that they have begins with: their prefixes, without the final slash."""
    return tuple({spell(indexed.prefix)[:-1] for indexed in roots})


def mount(indexed: Indexed) -> Mount:
    """What a root says of paths that are not in the table."""
    return Mount(spell(indexed.prefix), indexed.root, indexed.options, _fallback(indexed))


def share(entry: Resource | Redirect, resource: Resource) -> Entry:
    """An entry that stands for `resource`, as the asking origin will get it."""
    return entry if resource.allow_list is None else Shared(entry, resource.allow_list)


def redirect_to_index(resource: Resource, location: str | None) -> Entry:
    """A redirect to the directory that `resource` answers for."""
    headers = tuple(pair for pair in resource.headers if pair[0].lower() in _REDIRECT_FIELDS)
    return share(Redirect(location, headers, resource.passes_unsafe), resource)


def location_of_directory(path_info: str) -> str | None:
    """Where a directory without its final slash leads; None for a mount point that only SCRIPT_NAME names."""
    return format_directory_location(path_info) if path_info else None


def is_closed(skipped: Skipped) -> bool:
    """Whether misses beneath it need to be told: not where a dot segment tells already."""
    name = skipped.url_path.rpartition("/")[2]
    return _is_named(skipped) and skipped.subtree and not (skipped.why is Why.HIDDEN and name.startswith("."))


def _entries(prefix: str, indexed: Indexed) -> dict[str, Entry]:
    """One root's entries: a file's own name stands before a clean URL, and that before a directory's."""
    bare: dict[str, Entry] = {}
    versioned: dict[str, Entry] = {}
    clean: dict[str, Entry] = {}
    exact: dict[str, Entry] = {
        prefix + spell(skipped.url_path): REFUSED for skipped in indexed.skipped if _is_named(skipped)
    }
    options = indexed.options
    headers = functools.partial(versioned_headers, options)
    has_other_names = options.index_file is not None or options.clean_urls
    for resource in indexed.resources:
        url_path = resource.source.url_path
        path, entry = prefix + spell(url_path), share(resource, resource)
        exact[path] = entry
        if resource.version is not None:
            other = VersionedResource(resource, headers)
            versioned[with_version(path, resource.version)] = share(other, resource)
        if not has_other_names:
            continue
        directory = directory_of_index(url_path, options.index_file)
        name = name_of_clean_url(url_path) if options.clean_urls else None
        if directory is not None:
            above = prefix + spell(directory)
            bare[above[:-1]] = redirect_to_index(resource, location_of_directory(above[:-1]))
            exact[above] = entry
            exact[path] = redirect_to_index(resource, "./")
        elif name is not None:
            clean[prefix + spell(name)] = entry
    return versioned | bare | clean | exact


def _fallback(indexed: Indexed) -> Entry | None:
    name = indexed.options.fallback
    if name is None:
        return None
    found = (resource for resource in indexed.resources if resource.source.url_path == name)
    return next((share(resource, resource) for resource in found), None)


def _is_named(skipped: Skipped) -> bool:
    """Not so if it is the root: that says nothing of what the application has beneath the prefix."""
    return bool(skipped.url_path)


def _hides(mount: Mount, path_info: str) -> bool:
    return any(segment.startswith(".") and mount.root.hides(segment) for segment in _segments(mount, path_info))


def _segments(mount: Mount, path_info: str) -> list[str]:
    return unspell(path_info[len(mount.prefix) :]).split("/")
