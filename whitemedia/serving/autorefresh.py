"""For development: a table that looks for each path when it is asked for, and answers as one built now would."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Sequence

from whitemedia.assets.compression import Budget
from whitemedia.assets.headers import versioned_headers
from whitemedia.assets.in_memory import BytesRoot
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.named_files import read_named_files
from whitemedia.assets.rebuilding import Rebuilder
from whitemedia.assets.representation import Source
from whitemedia.assets.resource import NOT_FOUND, REFUSED, UNAVAILABLE, Entry, Refused, Resource, resource_of
from whitemedia.assets.roots import Skipped
from whitemedia.assets.table import (
    SCRIPTS,
    Live,
    Table,
    build_table,
    is_closed,
    location_of_directory,
    mount,
    prefixes_of,
    redirect_to_index,
    share,
)
from whitemedia.assets.versioned import VersionedResource
from whitemedia.http.paths import directory_of_index, spell, unspell_exactly
from whitemedia.http.versions import split_version
from whitemedia.serving.rewriting import LiveRewriter


class LiveRoot:
    """One root: from PATH_INFO to what a table built now would have there."""

    def __init__(
        self,
        indexed: Indexed,
        budget: Budget,
        lock: threading.RLock,
        rewrite: Callable[[str, Resource], Resource],
    ) -> None:
        self.prefix = spell(indexed.prefix)
        self._root = indexed.root
        self._options = indexed.options
        self._rewrite = rewrite
        named = read_named_files(indexed.root.path).files
        self._rebuilder = Rebuilder(indexed.prefix, indexed.options, budget, lock, named)

    def find(self, path_info: str) -> Entry | Skipped | None:
        """The entry for a path; a Skipped if it lies beneath a directory that is not entered."""
        if path_info == self.prefix[:-1]:
            return self._redirect(path_info, "")
        url_path = unspell_exactly(path_info[len(self.prefix) :]) if path_info.startswith(self.prefix) else None
        if url_path is None:
            return None
        if not url_path or url_path.endswith("/"):
            return self._index(url_path) or self._find_closed(url_path[:-1])
        return self._find_file(path_info, url_path)

    def file(self, path_info: str) -> Resource | None:
        """The file at a path as it is, not rewritten."""
        url_path = unspell_exactly(path_info[len(self.prefix) :]) if path_info.startswith(self.prefix) else None
        found = self._root.look(url_path) if url_path else None
        return self._rebuilder.resource(found) if isinstance(found, Source) else None

    def fallback(self, path_info: str) -> Entry | None:
        """The page that stands in for one that the application does not find at this path."""
        name = self._options.fallback
        return self._page(name) if name is not None and path_info.startswith(self.prefix) else None

    def scripts_beneath(self, folder: str) -> Iterator[str]:
        """The paths of all scripts whose paths begin with this."""
        paths = (
            self.prefix + spell(found.url_path) for found in self._root.sources() if isinstance(found, Source)
        )
        return (path for path in paths if path.startswith(folder) and path.endswith(SCRIPTS))

    def _find_file(self, path_info: str, url_path: str) -> Entry | Skipped | None:
        """A name without a final slash: a file, a page without its suffix, or a directory that has an index."""
        found = self._root.look(url_path)
        if isinstance(found, Source):
            if directory_of_index(url_path, self._options.index_file) is not None:
                return self._redirect_to(found, "./")
            return self._entry(found)
        self._rebuilder.drop(url_path)
        if isinstance(found, Skipped):
            return REFUSED if found.url_path == url_path else found
        return self._clean(url_path) or self._redirect(path_info, f"{url_path}/") or self._version(url_path)

    def _find_closed(self, directory: str) -> Skipped | None:
        """Whether a directory is not entered, or lies beneath one that is not."""
        found = self._root.look(directory)
        return found if isinstance(found, Skipped) and found.subtree else None

    def _clean(self, url_path: str) -> Entry | None:
        page = f"{url_path}.html"
        is_index = directory_of_index(page, self._options.index_file) is not None
        return self._page(page) if self._options.clean_urls and not is_index else None

    def _version(self, url_path: str) -> Entry | None:
        """A file under the name that says its version, if that is the one it has now."""
        split = split_version(url_path)
        found = None if split is None else self._root.look(split[0])
        resource = self._resource(found) if isinstance(found, Source) else None
        if split is None or not isinstance(resource, Resource) or resource.version != split[1]:
            return None
        headers = functools.partial(versioned_headers, self._options)
        return share(VersionedResource(resource, headers), resource)

    def _index(self, directory: str) -> Entry | None:
        """The index file that answers for a directory, "" or ending in a slash."""
        name = self._options.index_file
        return None if name is None else self._page(directory + name)

    def _page(self, url_path: str) -> Entry | None:
        """A page under another name than its own; where it may not be read, that name is nobody's."""
        found = self._root.look(url_path)
        entry = self._entry(found) if isinstance(found, Source) else None
        return None if entry is REFUSED else entry

    def _redirect(self, path_info: str, directory: str) -> Entry | None:
        """From a directory without its slash to where its index answers, if it has one."""
        name = self._options.index_file
        found = None if name is None else self._root.look(directory + name)
        if not isinstance(found, Source):
            return None
        entry = self._redirect_to(found, location_of_directory(path_info))
        return None if entry is REFUSED else entry

    def _entry(self, source: Source) -> Entry:
        resource = self._resource(source)
        return share(resource, resource) if isinstance(resource, Resource) else resource

    def _redirect_to(self, source: Source, location: str | None) -> Entry:
        resource = self._resource(source)
        return redirect_to_index(resource, location) if isinstance(resource, Resource) else resource

    def _resource(self, source: Source) -> Resource | Refused:
        """The resource; where its file cannot be read, what that means."""
        resource = self._rebuilder.resource(source)
        if resource is not None:
            return self._rewrite(self.prefix + spell(source.url_path), resource)
        try:
            opened = self._root.open(source.url_path)
        except PermissionError:
            return REFUSED
        except OSError:  # too many files are open, or a disk fails: it may be readable soon
            return UNAVAILABLE
        if opened is not None:
            opened.close()
        return REFUSED


class _StaticRoot:
    """A root whose content is in memory: it stays as it was given."""

    def __init__(self, indexed: Indexed) -> None:
        self.prefix = spell(indexed.prefix)
        self._entries = build_table([indexed]).entries
        self._fallback = mount(indexed).fallback

    def find(self, path_info: str) -> Entry | None:
        return self._entries.get(path_info)

    def file(self, path_info: str) -> Resource | None:
        return resource_of(self._entries.get(path_info))

    def scripts_beneath(self, folder: str) -> Iterator[str]:
        return (
            path
            for path in self._entries
            if path.startswith(folder) and path.endswith(SCRIPTS) and not split_version(path)
        )

    def fallback(self, path_info: str) -> Entry | None:
        return self._fallback if path_info.startswith(self.prefix) else None


class LiveTable(Table):
    """A table without entries: every path is looked for, in the root that was added last first."""

    __slots__ = ("_by_prefix", "_latest_first")

    def __init__(self, roots: Sequence[Indexed], memory_limit: int, is_ours: Callable[[str, str], bool]) -> None:
        super().__init__({}, (), map(mount, roots))
        self.prefixes = prefixes_of(roots)
        self.checked = True
        self.find_telltale()
        budget, lock = Budget(memory_limit), threading.RLock()
        rewriter = LiveRewriter(self._file, is_ours, lock)
        self._latest_first = tuple(
            _StaticRoot(indexed)
            if isinstance(indexed.root, BytesRoot)
            else LiveRoot(indexed, budget, lock, rewriter.rewrite)
            for indexed in reversed(roots)
        )
        self._by_prefix = sorted(self._latest_first, key=lambda root: -len(root.prefix))

    def at(self, path_info: str) -> Entry | None:
        found = self.find(path_info)
        return None if isinstance(found, Refused) else found

    def _file(self, path_info: str) -> Resource | None:
        found = (root.file(path_info) for root in self._latest_first)
        return next((resource for resource in found if resource is not None), None)

    def live_at(self, path_info: str) -> Live | None:
        """As for any table, but what that would have as an entry is to be found first."""
        return super().live_at(path_info) if self.find(path_info) in (None, REFUSED, NOT_FOUND) else None

    def find(self, path_info: str) -> Entry | None:
        """What a table built now would answer, and what it would say of a path that it does not have."""
        closed = False
        for root in self._latest_first:
            found = root.find(path_info)
            if isinstance(found, Skipped):
                closed = closed or is_closed(found)
            elif found is not None:
                return found
        return REFUSED if closed else super().find(path_info)

    def scripts_beneath(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted({path for root in self._latest_first for path in root.scripts_beneath(folder)}))

    def fallback(self, path_info: str) -> Entry | None:
        found = (root.fallback(path_info) for root in self._by_prefix)
        return next((entry for entry in found if entry is not None), None)
