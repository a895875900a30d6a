"""Files that the application made: bytes at a URL path, indexed as a file with these bytes would be."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from whitemedia.assets.building import Builder
from whitemedia.assets.compression import Budget, Compressor, is_worth_coding
from whitemedia.assets.files import Opened, StatKey
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.reading import Facts, Read, stored_coding
from whitemedia.assets.representation import Source
from whitemedia.assets.resource import Resource
from whitemedia.assets.sniffing import HEAD_LENGTH, sniff_media_type
from whitemedia.assets.store import MemoryStore
from whitemedia.http.media_types import media_type_by_name
from whitemedia.http.negotiation import IDENTITY
from whitemedia.options import Options


class BytesRoot:
    """A root with one file, which is in memory; it hides nothing, for what is in it was put there by name."""

    path = "(in memory)"

    def sources(self) -> Iterator[Source]:
        return iter(())

    def look(self, url_path: str) -> None:  # noqa: ARG002 - nothing is on any disk
        return None

    def open(self, url_path: str) -> Opened | None:  # noqa: ARG002
        return None

    def hides(self, name: str) -> bool:  # noqa: ARG002
        return False


class BytesSource(NamedTuple):
    """Bytes to serve at a URL path below "/". Without a `media_type` the name decides, and then the bytes; `modified`
    is in seconds."""

    url_path: str
    data: bytes
    media_type: str | None
    modified: float | None


def index_bytes(given: BytesSource, options: Options, budget: Budget) -> Indexed:
    """Index what is in memory."""
    root = BytesRoot()
    stat_key = StatKey(0, 0, len(given.data), int(given.modified or 0) * 1_000_000_000, 0)
    source = Source("", given.url_path, stat_key, root, ())
    name, head = given.url_path.rpartition("/")[2], given.data[:HEAD_LENGTH]
    media_type = given.media_type or media_type_by_name(name, options.mimetypes) or sniff_media_type(head)
    digest, coding = hashlib.sha256(given.data).digest(), stored_coding(given.url_path, head)
    choose = options.compress_test or is_worth_coding
    worth = coding == IDENTITY and choose(given.url_path, media_type, len(given.data))
    facts = Facts(source, digest, media_type, coding, {}, bool(worth))
    resource = _build(Read(facts, given.data), options, budget)
    alone = dataclasses.replace(options, not_found="pass")  # of what is missing beneath "/", it knows nothing
    return Indexed(root, "/", alone, (resource,), ())


def is_bytes_at(indexed: Indexed, url_path: str) -> bool:
    """Whether it is what was given for this path."""
    return isinstance(indexed.root, BytesRoot) and indexed.resources[0].source.url_path == url_path


def coded_length(indexed: Indexed) -> int:
    """Bytes of coded bodies, which the budget was charged with."""
    contents = (resource.contents[coding] for resource in indexed.resources for coding in resource.codings[:-1])
    return sum(content.length for content in contents)


def _build(read: Read, options: Options, budget: Budget) -> Resource:
    facts, data = read
    assert data is not None
    assert facts.digest is not None
    store = MemoryStore()
    if facts.is_worth_coding and options.compress == "startup" and not options.autorefresh:
        with Compressor(store, budget, seconds=options.compress_seconds) as compressor:
            compressor.code(facts.digest, data, ())
    resource = Builder("/", options, store).build(facts)
    resource.hold(facts.stored_coding, data)
    return resource
