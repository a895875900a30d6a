"""What is served: roots, indexed into one table that is swapped whole, and what answers beside it."""

from __future__ import annotations

import difflib
import functools
import logging
import os
import threading
import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from whitemedia.arguments import (
    checked_data,
    checked_media_type,
    checked_modified,
    checked_prefix,
    checked_root,
    checked_url_path,
    working_directory,
)
from whitemedia.assets.bodies import read_identity
from whitemedia.assets.built_names import is_elsewhere, paths_for, sources_of
from whitemedia.assets.compression import Budget
from whitemedia.assets.directories import index_directory, is_usable
from whitemedia.assets.graph import Unresolved
from whitemedia.assets.in_memory import BytesRoot, BytesSource, coded_length, index_bytes, is_bytes_at
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.memory import building_for_good
from whitemedia.assets.outliving import held_by, outliving
from whitemedia.assets.report import report_unresolved
from whitemedia.assets.resource import Entry, Redirect, Resource, resource_of
from whitemedia.assets.rewriting import rewrite
from whitemedia.assets.roots import Root
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.assets.stores import open_store
from whitemedia.assets.table import Live, Table, build_table, with_live, with_outlived, with_versions
from whitemedia.http.paths import spell, unspell
from whitemedia.http.versions import with_version
from whitemedia.media.exposure import Exposed, Exposure, check_exposure
from whitemedia.options import OptionError, OptionFields, Options, override_options
from whitemedia.serving.autorefresh import LiveTable

if TYPE_CHECKING:
    from typing_extensions import Unpack

MAX_HANDED_OUT: Final = 100_000
"""Versions that are known to be marked; with more it begins anew."""

MAX_MISSING: Final = 1000
"""Names of files that are missing which are told of once; with more it begins anew."""

KEPT_REFRESHES: Final = 3
"""Refreshes through which an immutable URL is answered on after its file has gone."""

_log = logging.getLogger("whitemedia")


class Collection:
    """Roots, with the table of what is in them: `table` is the one thing that changes, and it changes whole.

    `unresolved` are the references in files that lead nowhere, where references are rewritten.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self._store = MemoryStore() if options.autorefresh else open_store(options.cache_dir)
        self._budget = Budget(options.memory_limit)
        self._roots: tuple[Indexed, ...] = ()
        self._indexing = threading.Lock()
        self._adding = threading.RLock()  # what others wrote may ask for names while it is asked for headers
        self._outlived: tuple[Mapping[str, Entry], ...] = ()
        self._live: tuple[tuple[str, Live], ...] = ()
        self._exposed: tuple[Exposed, ...] = ()
        self._missing: set[str] = set()
        self._handed_out: set[tuple[str, str]] = set()
        self.unresolved: tuple[Unresolved, ...] = ()
        self._named: frozenset[str] = frozenset()  # paths whose versions files name
        self.table: Table = build_table(self._roots)

    def add_files(
        self, root: str | os.PathLike[str], prefix: str | None = "/", **overrides: Unpack[OptionFields]
    ) -> None:
        """Index the directory `root` and serve it beneath `prefix`; for one path, the root added last answers.

        `overrides` are options for this root alone. Safe while requests are served. Raises `OptionError`.
        """
        options = override_options(self.options, overrides)
        prefix = checked_prefix(prefix, options)
        directory = DirectoryRoot(checked_root(root), options.hidden, follow_symlinks=options.follow_symlinks)
        self.add_directory(directory, prefix, options)

    def add_directory(self, directory: DirectoryRoot, prefix: str, options: Options) -> None:
        """`add_files`, of a directory that says itself what it shows, with options that are checked."""
        exposed = Exposed(directory.path, Exposure.STATIC, directory.hides)
        check_exposure(exposed, self._exposed)
        with self._indexing, building_for_good():
            started = time.monotonic()
            indexed = index_directory(directory, prefix, options, self._store, self._budget)
            with self._adding:
                self._mount((*self._roots, indexed), started)
                self._exposed += (exposed,)

    @property
    def roots(self) -> tuple[Indexed, ...]:
        """What is indexed, and where it is mounted; of two for one path the later one answers."""
        return self._roots

    def refresh(self) -> None:
        """Serve what is there now: index every root again, beside the table in use, and put the new one in its place.

        Safe while requests are served: each is answered from the one table or the other. URLs that are immutable and
        whose files are gone are answered on, through KEPT_REFRESHES refreshes, as far as their bytes are in memory
        or in the store. Raises `OptionError` with `strict`, and changes nothing then.
        """
        if self.options.autorefresh:
            return
        with self._indexing, building_for_good():
            started = time.monotonic()
            budget = Budget(self.options.memory_limit)
            budget.spent = self._store.held
            fresh = {id(root): self._index_again(root, budget) for root in self._roots}
            with self._adding:
                self._swap(fresh, budget, started)

    def _index_again(self, indexed: Indexed, budget: Budget) -> Indexed:
        if not isinstance(indexed.root, DirectoryRoot):  # what is in memory is as it was
            return indexed
        return index_directory(
            indexed.root, indexed.prefix, indexed.options, self._store, budget, before=indexed.bundle
        )

    def _swap(self, fresh: Mapping[int, Indexed], budget: Budget, started: float) -> None:
        """Put new roots in the place of old ones, and keep of the old table what outlives it."""
        roots = tuple(fresh.get(id(root), root) for root in self._roots)
        served = self._rewrite(roots, budget, started)
        held = self._store.held
        self._store.retain(frozenset().union(*(root.digests for root in served)))
        budget.give_back(held - self._store.held)
        budget.spent += sum(coded_length(root) for root in roots if isinstance(root.root, BytesRoot))
        older = self._outlived[: KEPT_REFRESHES - 1]
        budget.spent += sum(map(held_by, older))
        table = build_table(served)
        known = table.entries.keys() | {path for entries in self._outlived for path in entries}
        self._outlived = (outliving(self.table.entries, known, budget), *older)
        self._roots, self._budget = roots, budget
        self._serve(table)

    def add_bytes(
        self,
        path: str,
        data: bytes,
        media_type: str | None = None,
        *,
        modified: float | None = None,
        **overrides: Unpack[OptionFields],
    ) -> None:
        """Serve `data` at the URL path `path` ("/robots.txt"), as if it were a file; given again, it is replaced.

        `media_type` is that of the name if it is None, `modified` the time for Last-Modified, in seconds; None sends
        none. `overrides` are options for this path alone. Safe while requests are served. Raises `OptionError`.
        """
        options = override_options(self.options, overrides)
        url_path, data = checked_url_path(path)[1:], checked_data(data)
        given = BytesSource(url_path, data, checked_media_type(media_type), checked_modified(modified))
        with self._adding:
            replaced = [root for root in self._roots if is_bytes_at(root, url_path)]
            freed = sum(coded_length(root) for root in replaced)
            budget = Budget(self._budget.limit - self._budget.spent + freed)
            indexed = index_bytes(given, options, budget)
            self._budget.spent += budget.spent - freed
            self._mount((*(root for root in self._roots if root not in replaced), indexed), time.monotonic())

    def _add_live(self, prefix: str | None, live: Live, exposed: Exposed) -> None:
        # If it is not yet: it is looked for at each request
        is_usable(exposed.path, strict=self.options.strict, listed=False)
        with self._adding:
            if prefix is not None and spell(prefix) in dict(self._live):
                raise OptionError("prefix", prefix, "is another root's")
            check_exposure(exposed, self._exposed)
            self._exposed += (exposed,)
            if prefix is not None:
                self._live += ((spell(prefix), live),)
                self.table = with_live(self.table, self._live)

    def _look_up(self, name: str) -> tuple[str, Resource | None]:
        """The PATH_INFO that a name stands for, and what is there; if nothing is, that is one warning, or a KeyError.

        What a manifest says to be on another host has its URL.
        """
        if not isinstance(name, str):
            raise OptionError("name", name, 'expected the name of a static file, such as "css/app.css"')
        roots = [root for root in reversed(self._roots) if not isinstance(root.root, BytesRoot)]
        for path in map(spell, paths_for(name, roots)):
            entry = None if is_elsewhere(path) else self.table.at(path)
            if isinstance(entry, Redirect) or is_elsewhere(path):  # to its directory
                return path, None
            resource = resource_of(entry)
            if resource is not None:
                return path, resource
        plain = spell(name if name.startswith("/") else f"{roots[0].prefix if roots else '/'}{name}")
        if not plain.startswith(self.table.live_prefixes):
            self._tell_of_missing(name)
        return plain, None

    def _tell_of_missing(self, name: str) -> None:
        if self.options.strict:
            names = {*sources_of(self._roots), *map(unspell, self.table.entries)}
            near = difflib.get_close_matches(name, sorted(names), n=3)
            raise KeyError(
                f"no static file is called {name!r}" + (f"; near it are {', '.join(near)}" if near else "")
            )
        if name not in self._missing:
            if len(self._missing) >= MAX_MISSING:
                self._missing.clear()
            self._missing.add(name)
            _log.warning("no static file is called %r", name)

    def _seen_path(self, path_info: str, root: Root) -> str:
        """What versions of a path are remembered by: the user's own store is shared by all sites that run as that user."""
        if self.options.cache_dir != "auto":
            return path_info
        return f"{spell(working_directory() if isinstance(root, BytesRoot) else root.path)}|{path_info}"

    def _hand_out(self, path_info: str, resource: Resource) -> str:
        """The versioned path of a resource, which from now on may be asked for in any version."""
        assert resource.version is not None
        self._mark(path_info, resource)
        if not self.table.guards_versions:
            with self._adding:
                self.table = with_versions(self.table)
        return with_version(path_info, resource.version)

    def _mark(self, path_info: str, resource: Resource) -> None:
        """Have other releases know of a version, and have its bytes."""
        version = str(resource.version)
        if (path_info, version) in self._handed_out:
            return
        content = resource.contents[resource.codings[-1]]
        if content.digest is not None:
            seen = self._store.seen
            seen.mark(self._seen_path(path_info, resource.source.root), version, content.digest)
            seen.keep(content.digest, content.length, functools.partial(read_identity, resource))
        if len(self._handed_out) >= MAX_HANDED_OUT:
            self._handed_out.clear()
        self._handed_out.add((path_info, version))

    def _mount(self, roots: tuple[Indexed, ...], started: float) -> None:
        """Serve these roots, which were begun to be indexed when `time.monotonic` was `started`. Raises OptionError."""
        if self.options.autorefresh:
            table: Table = LiveTable(roots, self.options.memory_limit, self._ours(roots))
        else:
            table = build_table(self._rewrite(roots, self._budget, started))
        self._roots = roots
        self._serve(table)

    def _ours(self, roots: Iterable[Indexed]) -> Callable[[str, str], bool]:
        prefixes = {spell(root.prefix) for root in roots if not isinstance(root.root, BytesRoot)}
        return functools.partial(_is_ours, tuple(prefixes), tuple(prefix for prefix, _ in self._live))

    def _rewrite(self, roots: tuple[Indexed, ...], budget: Budget, started: float) -> tuple[Indexed, ...]:
        """The roots with what their files refer to under versioned names. Raises OptionError."""
        seconds = max(self.options.compress_seconds - (time.monotonic() - started), 0)
        rewritten = rewrite(roots, self._store, budget, seconds, self._ours(roots))
        report_unresolved(rewritten.unresolved, self.unresolved, strict=self.options.strict)
        self.unresolved = rewritten.unresolved
        self._named = rewritten.named
        return rewritten.roots

    def _serve(self, table: Table) -> None:
        for path in self._named:  # what files that are sent say of others
            resource = resource_of(table.entries.get(path))
            if resource is not None and resource.version is not None:
                self._mark(path, resource)
        outlived = dict(ChainMap(*map(dict, self._outlived)))
        table = with_live(with_outlived(table, outlived), self._live)
        self.table = with_versions(table) if self.options.rewrite or self._store.seen else table


def _is_ours(prefixes: tuple[str, ...], live: tuple[str, ...], url: str, path: str) -> bool:
    """Whether what nothing is at should be a file of ours: beneath "/" the application may have what is named from there."""
    if url.startswith("/"):
        prefixes = tuple(prefix for prefix in prefixes if prefix != "/")
    return path.startswith(prefixes) and not path.startswith(live)
