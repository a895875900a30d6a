"""Reading a source at start, once: its bytes, their digest, its type, and the siblings that decode to it."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from whitemedia.assets.codings import BY_NAME, GZIP, decodes_to
from whitemedia.assets.compression import Choice, is_smaller, is_worth_coding
from whitemedia.assets.files import Opened, StatKey, open_regular
from whitemedia.assets.records import Records
from whitemedia.assets.references import (
    Reference,
    find_references,
    format_references,
    kind_of,
    parse_references,
)
from whitemedia.assets.representation import Sibling, Source
from whitemedia.assets.resource import Edition
from whitemedia.assets.roots import Root, Skipped, Why
from whitemedia.assets.sniffing import HEAD_LENGTH, can_sniff, sniff_media_type
from whitemedia.assets.store import Store
from whitemedia.assets.validators import tells_content
from whitemedia.http.media_types import media_type_by_name
from whitemedia.http.negotiation import IDENTITY
from whitemedia.options import MiB

READ_LIMIT: Final = 64 * MiB
"""Larger files are not read at start: they have no digest and no siblings."""

_GZIP_MAGIC: Final = b"\x1f\x8b"


def stored_coding(url_path: str, head: bytes) -> str:
    """The coding of a file's own bytes: gzip for an `.svgz` that begins like one, which has no other form."""
    return GZIP if url_path.lower().endswith(".svgz") and head.startswith(_GZIP_MAGIC) else IDENTITY


def is_remembered(source: Source) -> bool:
    """Whether a store may know all of a source: not if it is not read whole, nor if only its bytes tell how it is coded."""
    return source.stat_key.size <= READ_LIMIT and source.url_path[-5:].lower() != ".svgz"


class CheckedSibling(NamedTuple):
    """A sibling that decodes to its file, in the state it was read in, with its SHA-256."""

    sibling: Sibling
    digest: bytes


class Facts(NamedTuple):
    """What is known of a source in one state; no `digest` if it is too large or kept changing.

    `stored_coding` is the coding of the file's own bytes; `is_worth_coding` says whether to try others. What it refers
    to is known only where references are to be rewritten; an `edition` is what it is sent as then.
    """

    source: Source
    digest: bytes | None
    media_type: str
    stored_coding: str
    siblings: dict[str, CheckedSibling]
    is_worth_coding: bool
    references: tuple[Reference, ...] = ()
    edition: Edition | None = None

    @property
    def sent_digest(self) -> bytes | None:
        """The SHA-256 of what is sent."""
        return self.digest if self.edition is None else self.edition.digest

    @property
    def is_built(self) -> bool:
        """Whether its siblings are all that is needed: who takes zstd takes br, which is smaller where it was built."""
        return bool(self.siblings) and "br" in self.siblings and GZIP in self.siblings


class Read(NamedTuple):
    """Facts, and the bytes that they are of, if there is a digest of them."""

    facts: Facts
    data: bytes | None


class Reader:
    """Reads sources of one root; tells `skip` of what cannot be used.

    Where sources come from requests, not from a walk, `safely` opens what is beneath the root whatever was swapped.
    `choose` tells what is worth coding, `rewrites` of a path whose references are to be known. `records` are asked for, at most once, if there is a sibling that the store does not know.
    """

    def __init__(
        self,
        media_types: Mapping[str, str],
        store: Store,
        skip: Callable[[Skipped], None],
        *,
        safely: bool = False,
        choose: Choice | None = None,
        rewrites: Callable[[str], bool] | None = None,
        records: Callable[[], Records] = dict,
    ) -> None:
        self._media_types = media_types
        self._store = store
        self._skip = skip
        self._open = _open_beneath if safely else _open_as_scanned
        self._choose = choose or is_worth_coding
        self._rewrites = rewrites
        self._records = functools.cache(records)

    def recall(self, source: Source) -> Facts | None:
        """What the store remembers of a source in this state, if that is all that is to be known."""
        digest = self._store.digest(source.stat_key)
        if digest is None or not is_remembered(source):
            return None
        media_type = self._type_by_name(source) or self._store.media_type(digest)
        siblings: dict[str, CheckedSibling] = {}
        for sibling in _worth_sending(source):
            if sibling.coding in siblings:
                continue  # .zst before .zstd
            own = self._store.verified(sibling.stat_key, digest)
            if own is None:
                return None
            siblings[sibling.coding] = CheckedSibling(sibling, own)
        if media_type is None:
            return None
        references = self._references(source, media_type, digest, None)
        if references is None:
            return None
        is_chosen = self._is_chosen(source, media_type)
        return Facts(source, digest, media_type, IDENTITY, siblings, is_chosen, references)

    def read(self, source: Source) -> Read | None:
        """Read a source; None if that cannot be done."""
        try:
            opened = self._open(source.root, source.path, source.url_path, source.stat_key)
            if opened is None:
                return self._skip(Skipped(source.path, source.url_path, Why.GONE))
            with opened:
                changed = opened.stat_key != source.stat_key
                facts, data = self._read_opened(
                    source._replace(stat_key=opened.stat_key) if changed else source, opened
                )
        except OSError:
            return self._skip(Skipped(source.path, source.url_path, Why.UNREADABLE))
        is_plain = data is not None and facts.stored_coding == IDENTITY
        worth = is_plain and self._is_chosen(facts.source, facts.media_type)
        return Read(facts._replace(is_worth_coding=worth), data)

    def _read_opened(self, source: Source, opened: Opened) -> Read:
        now_ns = time.time_ns()
        data = opened.read_whole() if opened.length <= READ_LIMIT else None
        head = opened.read_head(HEAD_LENGTH) if data is None else data[:HEAD_LENGTH]
        digest = None if data is None else hashlib.sha256(data).digest()
        media_type = self._type_by_name(source) or self._sniff(head, digest)
        if digest is not None and tells_content(source.stat_key, now_ns):
            self._store.remember(source.stat_key, digest)
        coding = stored_coding(source.url_path, head)
        siblings = self._checked_siblings(source, data, digest)
        references = self._references(source, media_type, digest, data) or ()
        return Read(Facts(source, digest, media_type, coding, siblings, False, references), data)  # noqa: FBT003

    def _references(
        self, source: Source, media_type: str, digest: bytes | None, data: bytes | None
    ) -> tuple[Reference, ...] | None:
        """What a file refers to, where that is to be known; None if it has to be read for that."""
        kind = kind_of(media_type, source.url_path)
        if self._rewrites is None or kind is None or digest is None or not self._rewrites(source.url_path):
            return ()
        key = hashlib.sha256(b"references 2 " + kind.encode() + digest).digest()
        note = self._store.note(key)
        if note is not None:
            return parse_references(note)
        if data is None:
            return None
        references = find_references(kind, data)
        self._store.keep_note(key, format_references(references))
        return references

    def _is_chosen(self, source: Source, media_type: str) -> bool:
        return bool(self._choose(source.url_path, media_type, source.stat_key.size))

    def _type_by_name(self, source: Source) -> str | None:
        return media_type_by_name(source.url_path.rpartition("/")[2], self._media_types)

    def _sniff(self, head: bytes, digest: bytes | None) -> str:
        media_type = sniff_media_type(head)
        if digest is not None and (not head or can_sniff()):
            self._store.keep_media_type(digest, media_type)
        return media_type

    def _checked_siblings(
        self, source: Source, data: bytes | None, digest: bytes | None
    ) -> dict[str, CheckedSibling]:
        checked: dict[str, CheckedSibling] = {}
        for sibling in _worth_sending(source):
            if sibling.coding in checked:
                continue  # .zst before .zstd
            if data is None or digest is None:
                outcome: CheckedSibling | Why = Why.UNCHECKED_SIBLING
            else:
                outcome = self._check(source, sibling, data, digest)
            if isinstance(outcome, CheckedSibling):
                checked[sibling.coding] = outcome
            else:
                self._skip(Skipped(sibling.path, _sibling_url_path(source, sibling), outcome))
        return checked

    def _check(self, source: Source, sibling: Sibling, data: bytes, digest: bytes) -> CheckedSibling | Why:
        """The sibling if it decodes to `data`, else why not."""
        coding = BY_NAME[sibling.coding]
        if not coding.available():
            return Why.NO_DECODER
        try:
            coded, stat_key = self._read_sibling(source, sibling)
        except OSError:
            return Why.UNREADABLE
        own = hashlib.sha256(coded).digest()
        trusted = own == self._store.verified(stat_key, digest) or own == self._recorded(digest, coding.name)
        if not coded or not (trusted or decodes_to(coding, coded, data)):
            return Why.BAD_SIBLING
        if tells_content(stat_key, time.time_ns()):
            self._store.mark_verified(stat_key, digest, own)
        return CheckedSibling(sibling._replace(stat_key=stat_key), own)

    def _recorded(self, digest: bytes, coding: str) -> bytes | None:
        """The SHA-256 of the sibling that was built of these bytes."""
        record = self._records().get((digest, coding))
        return None if record is None else record.digest

    def _read_sibling(self, source: Source, sibling: Sibling) -> tuple[bytes, StatKey]:
        """A sibling's bytes and state; no bytes if it went, or is no longer as large as when it was scanned."""
        opened = self._open(source.root, sibling.path, _sibling_url_path(source, sibling), sibling.stat_key)
        if opened is None:
            return b"", sibling.stat_key
        with opened:
            data = opened.read_whole() if opened.length == sibling.stat_key.size else None
            return data or b"", opened.stat_key


def _worth_sending(source: Source) -> Iterator[Sibling]:
    """Siblings that are enough smaller; of the others it does not matter what they are."""
    return (one for one in source.siblings if is_smaller(one.stat_key.size, source.stat_key.size))


def _sibling_url_path(source: Source, sibling: Sibling) -> str:
    return f"{source.url_path}.{sibling.path.rpartition('.')[2]}"


def _open_as_scanned(root: Root, path: str, url_path: str, stat_key: StatKey) -> Opened | None:
    """Open what the walk saw, whose links were judged; if it is no longer that, open what is there now, safely."""
    opened = open_regular(path)
    if opened is None or opened.stat_key == stat_key:
        return opened
    opened.close()
    return root.open(url_path)


def _open_beneath(root: Root, path: str, url_path: str, stat_key: StatKey) -> Opened | None:  # noqa: ARG001 - as above
    return root.open(url_path)
