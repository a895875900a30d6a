"""Building resources: from what was read of a file, its headers and the contents of its representations."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Iterable
from typing import Final

from whitemedia.assets.compression import Budget, Compressor
from whitemedia.assets.headers import Place, build_headers
from whitemedia.assets.reading import CheckedSibling, Read
from whitemedia.assets.representation import ACCEPT_RANGES, Body, Content, FileBody, Resource
from whitemedia.assets.validators import digest_etag, last_modified_seconds, stat_etag
from whitemedia.http.fields import vary_on
from whitemedia.http.negotiation import IDENTITY, Selection
from whitemedia.http.paths import directory_of_index
from whitemedia.http.response import Header
from whitemedia.options import MiB, Options

HELD_LIMIT: Final = 1 * MiB
"""Larger identities are not held in memory."""


def hold_identities(resources: Iterable[Resource], budget: Budget) -> None:
    """Mark what is kept in memory once it has been read: what was hashed, up to HELD_LIMIT, smallest first."""
    for resource in resources:
        stored = resource.contents[resource.codings[-1]]
        if stored.digest is not None and stored.length <= HELD_LIMIT:
            resource.held = budget.take(stored.length)


class Builder:
    """Builds the resources of one root from what was read."""

    def __init__(self, prefix: str, options: Options, budget: Budget) -> None:
        self._prefix = prefix
        self._options = options
        self._budget = budget
        # Few distinct values stand for thousands of resources: keep one of each
        self._one_headers = functools.lru_cache(maxsize=4096)(tuple[Header, ...])
        self._selection = functools.lru_cache(maxsize=64)(Selection)

    def build(self, read: Read, compressor: Compressor) -> Resource:
        """A resource with the contents of all its representations."""
        source, now = read.source, time.time()
        contents = {read.stored_coding: _stored_content(read, now)}
        if read.stored_coding == IDENTITY:
            contents.update(self._coded_contents(read, compressor))
        codings = tuple(sorted(contents, key=lambda coding: (coding == IDENTITY, contents[coding].length)))
        modified = last_modified_seconds(source.stat_key.mtime_ns, now)
        directory = directory_of_index(source.url_path, self._options.index_file)
        url = self._prefix + (source.url_path if directory is None else directory)
        place = Place(source.path, source.url_path, url)
        headers = build_headers(read.media_type, place, modified, self._options)
        fields = (*headers.fields, ACCEPT_RANGES)
        fields = vary_on("Accept-Encoding", fields) if len(codings) > 1 else fields
        return Resource(
            source,
            headers.last_modified,
            self._one_headers(fields),
            contents,
            self._selection(codings),
            allow_list=headers.allow_list,
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
