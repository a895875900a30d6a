"""From a root to resources, in ascending size: so the memory budget is spent on many small bodies before few large
ones, and comes out the same in every process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from whitemedia.assets.building import Builder, hold_identities
from whitemedia.assets.compression import Budget, Compressor
from whitemedia.assets.reading import Read, Reader
from whitemedia.assets.representation import Resource, Source
from whitemedia.assets.roots import Root, Skipped
from whitemedia.assets.store import Store
from whitemedia.options import MiB, Options

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
    builder = Builder(prefix, options, budget)
    with Compressor(store, budget, enabled=options.compress == "startup") as compressor:
        reads = _read_ahead(sources, reader, compressor)
        resources = tuple(builder.build(read, compressor) for read in reads)
    hold_identities(resources, budget)
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
