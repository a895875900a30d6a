"""From a root to resources, in ascending size: so the memory budget is spent on many small bodies before few large
ones, and comes out the same in every process.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from whitemedia.assets.compression import Budget, Compressor
from whitemedia.assets.headers import build_headers, vary_on_accept_encoding
from whitemedia.assets.reading import CheckedSibling, Read, Reader
from whitemedia.assets.representation import (
    ACCEPT_RANGES,
    Body,
    Content,
    FileBody,
    Resource,
    Source,
)
from whitemedia.assets.scan import Root, Skipped
from whitemedia.assets.store import Store
from whitemedia.assets.validators import digest_etag, last_modified_seconds, stat_etag
from whitemedia.http.negotiation import IDENTITY, Selection
from whitemedia.http.paths import directory_of_index
from whitemedia.http.response import Header
from whitemedia.options import MiB, Options

HELD_LIMIT: Final = 1 * MiB
"""Larger identities are not held in memory."""

# What may have been read and wait for its coding: sources, and bytes of them
_WINDOW: Final = 256
_WINDOW_BYTES: Final = 64 * MiB


class Indexed(NamedTuple):
    """A root at its prefix, with what was found in it."""

    root: Root
    prefix: str
    options: Options
    resources: tuple[Resource, ...]
    skipped: tuple[Skipped, ...]


def index_root(root: Root, prefix: str, options: Options, store: Store, budget: Budget) -> Indexed:
    """Index one root. Raises OptionError only for what `options.add_headers_function` does."""
    skipped: list[Skipped] = []
    sources: list[Source] = []
    for found in root.sources():
        if isinstance(found, Source):
            sources.append(found)
        else:
            skipped.append(found)
    sources.sort(key=lambda source: (source.stat_key.size, source.url_path))
    reader = Reader(options.mimetypes, store, skipped.append)
    builder = _Builder(prefix, options, budget)
    with Compressor(store, budget, enabled=options.compress == "startup") as compressor:
        reads = _read_ahead(sources, reader, compressor)
        resources = tuple(builder.build(read, compressor) for read in reads)
    _hold_identities(resources, budget)
    store.commit()
    return Indexed(root, prefix, options, resources, tuple(skipped))


def _read_ahead(sources: Iterable[Source], reader: Reader, compressor: Compressor) -> Iterator[Read]:
    """Read and begin coding by at most a window ahead of what is yielded, in the same order."""
    waiting: deque[Read] = deque()
    ahead = 0
    for source in sources:
        read = reader.read(source)
        if read is None:
            continue
        if read.is_worth_coding and read.data is not None and read.digest is not None:
            compressor.begin(read.digest, read.data, read.siblings)
        waiting.append(read)
        ahead += len(read.data or b"")
        while ahead > _WINDOW_BYTES or len(waiting) > _WINDOW:
            ahead -= len(waiting[0].data or b"")
            yield waiting.popleft()
    yield from waiting


def _hold_identities(resources: Iterable[Resource], budget: Budget) -> None:
    """Mark what is kept in memory once it has been read: what was hashed, up to HELD_LIMIT, smallest first."""
    for resource in resources:
        stored = resource.contents[resource.codings[-1]]
        if stored.digest is not None and stored.length <= HELD_LIMIT:
            resource.held = budget.take(stored.length)


class _Builder:
    """Builds the resources of one root from what was read."""

    def __init__(self, prefix: str, options: Options, budget: Budget) -> None:
        self._prefix = prefix
        self._options = options
        self._budget = budget
        self._now = time.time()
        # Few distinct values stand for thousands of resources: keep one of each
        self._one_headers = functools.lru_cache(maxsize=4096)(tuple[Header, ...])
        self._selection = functools.lru_cache(maxsize=64)(Selection)

    def build(self, read: Read, compressor: Compressor) -> Resource:
        """A resource with the contents of all its representations."""
        source = read.source
        contents = {read.stored_coding: _stored_content(read, self._now)}
        if read.stored_coding == IDENTITY:
            contents.update(self._coded_contents(read, compressor))
        codings = tuple(sorted(contents, key=lambda coding: (coding == IDENTITY, contents[coding].length)))
        modified = last_modified_seconds(source.stat_key.mtime_ns, self._now)
        directory = directory_of_index(source.url_path, self._options.index_file)
        url = self._prefix + (source.url_path if directory is None else directory)
        headers = build_headers(read.media_type, source.path, url, modified, self._options)
        fields = (*headers.fields, ACCEPT_RANGES)
        fields = vary_on_accept_encoding(fields) if len(codings) > 1 else fields
        return Resource(
            source,
            headers.last_modified,
            self._one_headers(fields),
            contents,
            self._selection(codings),
            passes_unsafe=self._options.unsafe_methods == "pass",
        )

    def _coded_contents(self, read: Read, compressor: Compressor) -> dict[str, Content]:
        contents = {coding: self._sibling_content(checked) for coding, checked in read.siblings.items()}
        if read.is_worth_coding and read.digest is not None:
            for coding, body in compressor.finish(read.digest, read.siblings).items():
                contents[coding] = _content(body, hashlib.sha256(body).digest())
        return contents

    def _sibling_content(self, checked: CheckedSibling) -> Content:
        sibling, data, digest = checked
        if self._budget.take(len(data)):
            return _content(data, digest)
        return _content(FileBody(sibling.path, sibling.stat_key), digest)


def _content(body: Body, digest: bytes) -> Content:
    length = body.stat_key.size if isinstance(body, FileBody) else len(body)
    return Content(length, digest, digest_etag(digest), body)


def _stored_content(read: Read, now: float) -> Content:
    """The file as it is."""
    body = FileBody(read.source.path, read.source.stat_key)
    if read.digest is not None:
        return _content(body, read.digest)
    return Content(body.stat_key.size, None, stat_etag(body.stat_key, int(now * 1e9)), body)
