"""Resources of files that change while they are served, in development: built again only where a file has changed.

A file's state tells, but for one that is so young that it may change once more without a trace: that is read again.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Final, NamedTuple

from whitemedia.assets.building import Builder, hold_identities
from whitemedia.assets.compression import Budget, Compressor
from whitemedia.assets.reading import Read, Reader
from whitemedia.assets.representation import Resource, Source
from whitemedia.assets.roots import Skipped
from whitemedia.assets.store import MemoryStore
from whitemedia.assets.validators import SETTLED_NS
from whitemedia.options import Options

MAX_KEPT: Final = 4096
"""Resources that are kept; with more it begins anew, for names come and go where a build tool hashes them."""

_log = logging.getLogger("whitemedia")


class _Kept(NamedTuple):
    source: Source
    digests: tuple[bytes | None, ...]
    resource: Resource
    settled: bool


class Rebuilder:
    """Builds resources of one root and keeps them; `lock` is the budget's too."""

    def __init__(self, prefix: str, options: Options, budget: Budget, lock: threading.Lock) -> None:
        self._options = options
        self._budget = budget
        self._builder = Builder(prefix, options, budget)
        self._compressor = Compressor(MemoryStore(), budget, enabled=False)
        self._lock = lock
        self._kept: dict[str, _Kept] = {}

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
        read = Reader(self._options.mimetypes, MemoryStore(), _report).read(source)
        kept = self._kept.get(source.url_path)
        if read is None or kept is None or (kept.source, kept.digests) != (read.source, _digests(read)):
            self._drop(source.url_path)
            if read is None:
                return None
            kept = _Kept(read.source, _digests(read), self._build(read), settled=False)
        if len(self._kept) >= MAX_KEPT:
            for url_path in tuple(self._kept):
                self._drop(url_path)
        self._kept[source.url_path] = kept._replace(settled=_is_settled(read.source, now_ns))
        return kept.resource

    def _build(self, read: Read) -> Resource:
        resource = self._builder.build(read, self._compressor)
        hold_identities([resource], self._budget)
        if resource.held and read.data is not None:
            resource.hold(read.data)
        return resource

    def _drop(self, url_path: str) -> None:
        kept = self._kept.pop(url_path, None)
        if kept is not None:
            bodies = (content.body for content in kept.resource.contents.values())
            self._budget.give_back(sum(len(body) for body in bodies if isinstance(body, bytes)))


def _digests(read: Read) -> tuple[bytes | None, ...]:
    return (read.digest, *(checked.digest for checked in read.siblings.values()))


def _is_settled(source: Source, now_ns: int) -> bool:
    keys = (source.stat_key, *(sibling.stat_key for sibling in source.siblings))
    return all(now_ns - max(key.mtime_ns, key.ctime_ns) >= SETTLED_NS for key in keys)


def _report(skipped: Skipped) -> None:
    _log.warning("%r is not served as found: %s", skipped.path, skipped.why.value)
