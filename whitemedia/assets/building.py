"""Building resources: from what is known of a file, its headers and the contents of its representations."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from whitemedia.assets.codings import GZIP, available_codings
from whitemedia.assets.compression import Budget
from whitemedia.assets.headers import Place, ResourceHeaders, build_headers, is_immutable
from whitemedia.assets.named_files import NamedFile
from whitemedia.assets.reading import Facts
from whitemedia.assets.representation import ACCEPT_RANGES, Body, Content, FileBody
from whitemedia.assets.resource import Described, Edition, Referring, Resource, UndescribedResource
from whitemedia.assets.store import Coded, Store
from whitemedia.assets.validators import digest_etag, last_modified_seconds, stat_etag
from whitemedia.http.fields import vary_on
from whitemedia.http.negotiation import IDENTITY, Selection
from whitemedia.http.paths import directory_of_index
from whitemedia.http.response import Header
from whitemedia.http.versions import version_of
from whitemedia.options import MiB, Options

HELD_LIMIT: Final = 1 * MiB
"""Larger identities are not held in memory."""

_ALONE: Final = {coding: (coding,) for coding in (IDENTITY, GZIP)}
"""One tuple for thousands of resources, by the coding of a file's own bytes."""


def hold_bodies(pairs: Sequence[tuple[Facts, Resource]], budget: Budget) -> None:
    """Mark what is kept in memory once it has been read: siblings, then what was hashed and is up to HELD_LIMIT."""
    for facts, resource in pairs:
        if facts.siblings:
            siblings = facts.siblings.items()
            resource.held = tuple(coding for coding, one in siblings if budget.take(one.sibling.stat_key.size))
    for facts, resource in pairs:
        length = facts.source.stat_key.size
        if facts.digest is not None and length <= HELD_LIMIT and budget.take(length):
            resource.held += _ALONE[facts.stored_coding]


class Builder:
    """Builds the resources of one root; of a resource that nobody asks for, only what the table needs.

    `named` are the files that a build wrote under versioned names.
    """

    def __init__(
        self, prefix: str, options: Options, store: Store, named: Mapping[str, NamedFile] = MappingProxyType({})
    ) -> None:
        self._prefix = prefix
        self._options = options
        self._store = store
        self._named = named
        self._codings = available_codings() if options.compress == "startup" and not options.autorefresh else ()
        self._passes_unsafe = options.unsafe_methods == "pass"
        # What others wrote is called, and may raise, at construction; a list of origins decides on the kind of entry
        self._eager = bool(
            options.add_headers_function is not None
            or options.immutable_file_test is not None
            or options.rules
            or not isinstance(options.allowed_origins, str)
        )
        # Few distinct values stand for thousands of resources: keep one of each
        self._one_headers = functools.lru_cache(maxsize=4096)(tuple[Header, ...])
        self._usual: dict[tuple[str, bool, bool], tuple[Header, ...]] = {}
        self._selection = functools.lru_cache(maxsize=64)(Selection)

    def build(self, facts: Facts) -> Resource:
        """A resource; what it consists of is described on first use, where that cannot fail."""
        describe = functools.partial(Builder._describe, self, facts, time.time())
        resource = UndescribedResource(facts.source, describe, passes_unsafe=self._passes_unsafe)
        resource.tells_digest = self._options.repr_digest
        if self._eager:
            resource.describe()
        if facts.digest is not None and self._is_versioned(facts, resource):
            resource.version = version_of(facts.digest)
        if facts.references and facts.digest is not None:
            worth = facts.is_worth_coding and not facts.is_built
            rebuild = functools.partial(self._rebuild, facts, resource)
            resource.referring = Referring(facts.digest, facts.references, worth, tuple(facts.siblings), rebuild)
        return resource

    def _rebuild(self, facts: Facts, plain: Resource, edition: Edition | None) -> Resource:
        """The resource of a file as it is sent: siblings are of the file as it is, and nobody is asked for headers again."""
        facts = facts._replace(edition=edition, siblings=facts.siblings if edition is None else {})
        describe = functools.partial(Builder._describe_again, self, facts, plain, time.time())
        resource = UndescribedResource(facts.source, describe, passes_unsafe=self._passes_unsafe)
        resource.allow_list, resource.tells_digest = plain.allow_list, plain.tells_digest
        resource.version = plain.version if edition is None else edition.version
        resource.held = tuple(coding for coding in plain.held if coding == IDENTITY or edition is None)
        return resource

    def coded(self, facts: Facts) -> dict[str, Coded]:
        """The coded bodies that the store has for a file, by coding."""
        digest = facts.sent_digest
        if not facts.is_worth_coding or facts.is_built or digest is None:
            return {}
        found = {
            coding.name: self._store.body(digest, coding.name, coding.startup_level)
            for coding in self._codings
            if coding.name not in facts.siblings
        }
        return {coding: body for coding, body in found.items() if isinstance(body, Coded)}

    def _describe(self, facts: Facts, now: float, resource: Resource) -> Described:
        source, contents = facts.source, self._contents(facts, now)
        codings = _by_length(contents)
        modified = last_modified_seconds(source.stat_key.mtime_ns, now)
        directory = directory_of_index(source.url_path, self._options.index_file)
        url = self._prefix + (source.url_path if directory is None else directory)
        place = Place(source.path, source.url_path, url, self._is_named(facts))
        if self._eager:
            headers = build_headers(facts.media_type, place, modified, self._options)
            resource.allow_list = headers.allow_list
            fields, modified = self._one_headers(_complete(headers, len(codings) > 1)), headers.last_modified
        else:
            fields = self._usual_headers(facts.media_type, place, len(codings) > 1)
        return Described(fields, modified, contents, self._selection(codings))

    def _describe_again(self, facts: Facts, plain: Resource, now: float, resource: Resource) -> Described:  # noqa: ARG002
        contents, modified = self._contents(facts, now), plain.last_modified
        codings = _by_length(contents)
        fields = vary_on("Accept-Encoding", plain.headers) if len(codings) > 1 else plain.headers
        own = last_modified_seconds(facts.source.stat_key.mtime_ns, now)
        if facts.edition is not None and modified is not None and modified == own:
            modified = last_modified_seconds(facts.edition.modified_ns, now)
        return Described(self._one_headers(fields), modified, contents, self._selection(codings))

    def _contents(self, facts: Facts, now: float) -> dict[str, Content]:
        contents = {facts.stored_coding: _stored_content(facts, now)}
        for coding, (sibling, digest) in facts.siblings.items():
            contents[coding] = _content(FileBody(sibling.path, sibling.stat_key), sibling.stat_key.size, digest)
        for coding, coded in self.coded(facts).items():
            contents[coding] = _content(coded.body, coded.length, coded.digest)
        return contents

    def _is_versioned(self, facts: Facts, resource: Resource) -> bool:
        """Not what has a hashed name already, nor a page, whose URL is what people keep."""
        if facts.media_type == "text/html" or self._is_named(facts):
            return False
        if self._eager:
            return not any("immutable" in value for name, value in resource.headers if name == "Cache-Control")
        source = facts.source
        place = Place(source.path, source.url_path, self._prefix + source.url_path)
        return self._options.immutable is None or not is_immutable(place, self._options)

    def _is_named(self, facts: Facts) -> bool:
        """Whether a build put the version in its name, and it still has that content."""
        named = self._named.get(facts.source.url_path)
        return named is not None and named.digest == facts.digest

    def _usual_headers(self, media_type: str, place: Place, is_coded: bool) -> tuple[Header, ...]:  # noqa: FBT001 - a key
        """The fields of a file on which nobody has a say: those of all files of this kind."""
        kind = media_type, is_immutable(place, self._options), is_coded
        if kind not in self._usual:
            self._usual[kind] = _complete(build_headers(media_type, place, None, self._options), is_coded)
        return self._usual[kind]


def _complete(headers: ResourceHeaders, is_coded: bool) -> tuple[Header, ...]:  # noqa: FBT001 - it is what it is of
    fields = (*headers.fields, ACCEPT_RANGES)
    return vary_on("Accept-Encoding", fields) if is_coded else fields


def _by_length(contents: dict[str, Content]) -> tuple[str, ...]:
    """Codings: the smallest body first, identity last."""
    return tuple(sorted(contents, key=lambda coding: (coding == IDENTITY, contents[coding].length)))


def _content(body: Body, length: int, digest: bytes) -> Content:
    return Content(length, digest, digest_etag(digest), body)


def _stored_content(facts: Facts, now: float) -> Content:
    """The file, as it is or edited."""
    stat_key, edition = facts.source.stat_key, facts.edition
    if edition is not None:
        body = FileBody(facts.source.path, stat_key, edition.edits)
        return _content(body, edition.length, edition.digest)
    body = FileBody(facts.source.path, stat_key)
    if facts.digest is not None:
        return _content(body, stat_key.size, facts.digest)
    return Content(stat_key.size, None, stat_etag(stat_key, int(now * 1e9)), body)
