"""Resources of files that change while they are served, in development: built again only where a file has changed.

A file's state tells, but for one that is so young that it may change once more without a trace: that is read again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from whitemedia.assets.building import Builder, hold_bodies
from whitemedia.assets.compression import Budget
from whitemedia.assets.named_files import NamedFile
from whitemedia.assets.reading import Read, Reader
from whitemedia.assets.representation import Source
from whitemedia.assets.resource import Resource
from whitemedia.assets.roots import Skipped, Why
from whitemedia.assets.store import MemoryStore
from whitemedia.assets.validators import is_settled, last_modified_seconds, stat_etag
from whitemedia.options import Options

MAX_KEPT: Final = 4096
"""Resources that are kept; with more it begins anew, for names come and go where a build tool hashes them."""

_log = logging.getLogger("whitemedia")


class _Kept(NamedTuple):
    """A resource, what it was built of, and whether that holds until a state changes."""

    source: Source
    told: tuple[object, ...]
    resource: Resource
    spent: int
    settled: bool


class Rebuilder:
    """Builds resources of one root and keeps them; `lock` is the budget's too."""

    def __init__(
        self,
        prefix: str,
        options: Options,
        budget: Budget,
        lock: threading.RLock,
        named: Mapping[str, NamedFile] = MappingProxyType({}),
    ) -> None:
        self._options = options
        self._budget = budget
        self._builder = Builder(prefix, options, MemoryStore(), named)
        self._lock = lock
        self._kept: dict[str, _Kept] = {}
        self._warned: set[tuple[Source, Skipped]] = set()

    def resource(self, source: Source) -> Resource | None:
        """The resource of a file in this state; None if the file cannot be read."""
        kept = self._kept.get(source.url_path)
        if kept is not None and kept.settled and kept.source == source:
            return kept.resource
        with self._lock:
            return self._rebuild(source)

    def drop(self, url_path: str) -> None:
        """Forget a file that is there no more."""
        if url_path in self._kept:
            with self._lock:
                self._drop(url_path)

    def _rebuild(self, source: Source) -> Resource | None:
        now_ns = time.time_ns()
        skipped: list[Skipped] = []
        rewrites = self._options.rewrites if self._options.rewrite else None
        reader = Reader(self._options.mimetypes, MemoryStore(), skipped.append, safely=True, rewrites=rewrites)
        read = reader.read(source)
        self._warn(source, skipped)
        kept = self._kept.get(source.url_path)
        if (
            read is not None
            and kept is not None
            and (kept.source, kept.told) == (read.facts.source, _told(read, now_ns))
        ):
            resource, spent = kept.resource, kept.spent
        else:
            self._drop(source.url_path)
            if read is None:
                return None
            resource, spent = self._build(read)
        settled = _is_settled(read.facts.source, now_ns) and all(
            item.why is not Why.UNREADABLE for item in skipped
        )
        self._kept[source.url_path] = _Kept(read.facts.source, _told(read, now_ns), resource, spent, settled)
        return resource

    def _build(self, read: Read) -> tuple[Resource, int]:
        """The resource, and what it costs of the budget."""
        if len(self._kept) >= MAX_KEPT:
            for url_path in tuple(self._kept):
                self._drop(url_path)
        (facts, data), before = read, self._budget.spent
        resource = self._builder.build(facts)
        hold_bodies([(facts, resource)], self._budget)
        if data is not None and facts.stored_coding in resource.held:
            resource.hold(facts.stored_coding, data)
        return resource, self._budget.spent - before

    def _drop(self, url_path: str) -> None:
        kept = self._kept.pop(url_path, None)
        if kept is not None:
            self._budget.give_back(kept.spent)

    def _warn(self, source: Source, skipped: Iterable[Skipped]) -> None:
        """Say what is not served as found, once for each state of the files."""
        found = {(source, item) for item in skipped}
        for _, item in found - self._warned:
            _log.warning("%r is not served as found: %s", item.path, item.why.value)
        self._warned = found | (self._warned if len(self._warned) < MAX_KEPT else set())


def _told(read: Read, now_ns: int) -> tuple[object, ...]:
    """What a resource tells: of the bytes, and of the file's time, as far as it is to be believed now."""
    facts, stat_key = read.facts, read.facts.source.stat_key
    tag = stat_etag(stat_key, now_ns) if facts.digest is None else facts.digest
    siblings = (checked.digest for checked in facts.siblings.values())
    return (tag, last_modified_seconds(stat_key.mtime_ns, now_ns / 1e9), *siblings)


def _is_settled(source: Source, now_ns: int) -> bool:
    keys = (source.stat_key, *(sibling.stat_key for sibling in source.siblings))
    return all(is_settled(key, now_ns) for key in keys)
