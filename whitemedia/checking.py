"""What a start over the same roots would find now: what cannot be served, what leads nowhere, how everything is called.

Files are read, but none is compressed, nothing is remembered and nothing is logged.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from whitemedia.arguments import problem_with
from whitemedia.assets.compression import Budget
from whitemedia.assets.indexing import Indexed, index_root
from whitemedia.assets.rewriting import rewrite
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.collection import Collection
from whitemedia.http.paths import quote_path, spell
from whitemedia.http.versions import with_version


class Survey(Collection):
    """The roots of a collection, indexed again."""

    def __init__(self, surveyed: Collection) -> None:
        super().__init__(dataclasses.replace(surveyed.options, autorefresh=False, compress="off", cache_dir=None))
        self._live = surveyed.table.live
        directories = [one for one in surveyed.roots if isinstance(one.root, DirectoryRoot)]
        found = tuple(map(_index, directories))
        rewritten = rewrite(found, self._store, self._budget, 0, self._ours(surveyed.roots))
        self._roots, self.unresolved = rewritten.roots, rewritten.unresolved

    def problems(self) -> Iterator[str]:
        """A line for each thing that is wrong. Names in it are as they are: whoever prints them escapes them."""
        for root in self.roots:
            why = problem_with(root.root.path)
            if why is not None:
                yield f"{root.root.path}: {why}"
            yield from (f"{one.path}: {one.why.value}" for one in root.skipped if not one.why.expected)
            if root.bundle is not None and not root.bundle.known.is_here:
                yield f"{root.options.manifest}: there is no manifest"
        yield from (f"{one.file}:{one.line}: nothing is at {one.url}" for one in self.unresolved)

    def urls(self) -> Iterator[tuple[str, str]]:
        """The URL paths of all files: the plain one, and the one that says its version, "" where none does."""
        for root in self.roots:
            for resource in root.resources:
                path = spell(root.prefix + resource.source.url_path)
                version = resource.version
                yield quote_path(path), "" if version is None else quote_path(with_version(path, version))


def _index(known: Indexed) -> Indexed:
    options = dataclasses.replace(known.options, autorefresh=False, compress="off", strict=False)
    if problem_with(known.root.path) is not None:
        return known._replace(resources=(), skipped=(), options=options)
    found = index_root(known.root, known.prefix, options, MemoryStore(), Budget(options.memory_limit))
    return found._replace(bundle=known.bundle)
