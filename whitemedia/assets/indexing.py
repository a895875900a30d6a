"""From a root to resources: what the store remembers of its files is not read again, what is coded once is remembered."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple

from whitemedia.assets.building import Builder, hold_bodies
from whitemedia.assets.bundles import Bundle
from whitemedia.assets.codings import available_codings
from whitemedia.assets.compression import Budget, Compressor
from whitemedia.assets.memory import give_back_memory
from whitemedia.assets.named_files import read_named_files
from whitemedia.assets.reading import Facts, Reader, is_remembered
from whitemedia.assets.records import read_records
from whitemedia.assets.representation import Source
from whitemedia.assets.resource import Resource
from whitemedia.assets.roots import Root, Skipped
from whitemedia.assets.store import Store
from whitemedia.options import Options

PATIENCE: Final = 5
"""Seconds to wait for another process that codes, beyond those that it codes for."""


_log = logging.getLogger("whitemedia")


class Indexed(NamedTuple):
    """A root at its prefix, with what was found in it; `digests` are those of all that was read.

    `bundle` is what a bundler's manifest says of it.
    """

    root: Root
    prefix: str
    options: Options
    resources: tuple[Resource, ...]
    skipped: tuple[Skipped, ...]
    codings: Mapping[str, int] = MappingProxyType({})
    digests: frozenset[bytes] = frozenset()
    bundle: Bundle | None = None


def index_root(root: Root, prefix: str, options: Options, store: Store, budget: Budget) -> Indexed:
    """Index one root. Raises OptionError only for what `options.add_headers_function` does."""
    found = list(root.sources())
    sources = [source for source in found if isinstance(source, Source)]
    # Ascending: the memory budget is spent on many small bodies before few large ones, alike in every process
    sources.sort(key=attrgetter("stat_key.size", "url_path"))
    skipped = [item for item in found if isinstance(item, Skipped)]
    reader = Reader(
        options.mimetypes,
        store,
        skipped.append,
        choose=options.compress_test,
        rewrites=options.rewrites if options.rewrite else None,
        records=lambda: read_records(root.path),
    )
    indexing = _Indexing(reader, options, store, budget)
    facts = indexing.facts(sources)
    builder = Builder(prefix, options, store, read_named_files(root.path).files)
    pairs = [(one, builder.build(one)) for one in facts]
    hold_bodies(pairs, budget)
    resources = tuple(resource for _, resource in pairs)
    codings = _count_codings(facts, builder) if _log.isEnabledFor(logging.INFO) else Counter()
    digests = frozenset(one.digest for one in facts if one.digest is not None)
    return Indexed(root, prefix, options, resources, tuple(skipped), codings, digests)


class _Indexing:
    """Finds out what is to be known of the sources of one root."""

    def __init__(self, reader: Reader, options: Options, store: Store, budget: Budget) -> None:
        self._reader = reader
        self._store = store
        self._budget = budget
        self._seconds = options.compress_seconds
        codings = available_codings() if options.compress == "startup" else ()
        self._wanted = tuple((coding.name, coding.startup_level) for coding in codings)

    def facts(self, sources: Sequence[Source]) -> list[Facts]:
        """Facts of those that can be read, in the same order."""
        found = [self._recall(source) for source in sources]
        unknown = [number for number, facts in enumerate(found) if facts is None]
        if unknown:
            if not self._store.in_memory:
                unknown.reverse()  # largest first: the cores are done at the same time
            with self._store.exclusive(self._seconds + PATIENCE) as is_ours:
                seconds = self._seconds if is_ours and self._wanted else 0
                with Compressor(self._store, self._budget, seconds=seconds) as compressor:
                    for number in unknown:
                        found[number] = self._learn(sources[number], compressor)
                self._store.commit()
            give_back_memory()
        else:
            self._store.commit()  # that all was used
        return [facts for facts in found if facts is not None]

    def _recall(self, source: Source) -> Facts | None:
        """Facts from the store, if with them it has all that is worth having; of what it never has, from the file."""
        facts = self._reader.recall(source)
        if facts is None and not is_remembered(source):
            read = self._reader.read(source)
            facts = None if read is None else read.facts
        return facts if facts is not None and self._is_coded(facts) else None

    def _is_coded(self, facts: Facts) -> bool:
        digest = facts.digest
        if digest is None or not facts.is_worth_coding or facts.is_built or facts.references:
            return True
        wanted = self._wanted
        if facts.siblings:
            wanted = tuple(pair for pair in wanted if pair[0] not in facts.siblings)
        return self._store.knows_all(digest, wanted)

    def _learn(self, source: Source, compressor: Compressor) -> Facts | None:
        """Facts from the file, unless others have learned them meanwhile; its coding is begun."""
        facts = self._reader.recall(source)
        if facts is not None and (not compressor.is_open or self._is_coded(facts)):
            return facts
        read = self._reader.read(source)
        if read is None:
            return None
        facts, data = read
        if data is not None and facts.digest is not None and not self._is_coded(facts):
            compressor.code(facts.digest, data, facts.siblings)
        return facts


def _count_codings(facts: Iterable[Facts], builder: Builder) -> Counter[str]:
    return Counter(coding for one in facts for coding in (*one.siblings, *builder.coded(one)))
