"""Rewriting: what files refer to by plain names, they are sent with versioned names for."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from whitemedia.assets.codings import available_codings
from whitemedia.assets.compression import Budget, Compressor
from whitemedia.assets.files import read_in_state
from whitemedia.assets.graph import Graph, Plan, Unresolved
from whitemedia.assets.indexing import PATIENCE, Indexed
from whitemedia.assets.memory import give_back_memory
from whitemedia.assets.references import apply_edits
from whitemedia.assets.resource import Edition, Referring, Resource
from whitemedia.assets.store import Store
from whitemedia.http.paths import spell

_NOTE: Final = struct.Struct("<Q32s")
"""Of an edition: its length and its SHA-256."""


class Rewritten(NamedTuple):
    """Roots as they are to be served, the references in them that lead nowhere, and the paths whose versions they name."""

    roots: tuple[Indexed, ...]
    unresolved: tuple[Unresolved, ...] = ()
    named: frozenset[str] = frozenset()


class Work(NamedTuple):
    """A file that refers to others, how it is to be edited (None: not at all), and what is known of the edition."""

    resource: Resource
    referring: Referring
    plan: Plan | None
    edition: Edition | None = None

    @property
    def digest(self) -> bytes | None:
        """The SHA-256 of what is sent, where it is known."""
        if self.plan is None:
            return self.referring.digest
        return None if self.edition is None else self.edition.digest


def rewrite(
    roots: Sequence[Indexed], store: Store, budget: Budget, seconds: float, is_ours: Callable[[str, str], bool]
) -> Rewritten:
    """The roots with other resources in the place of those that refer to others; `seconds` at most go into coding.

    `is_ours` tells, of a reference and its path, whether it is a fault if nothing is there.
    """
    referring = [one for root in roots for one in root.resources if one.referring is not None]
    if not referring:
        return Rewritten(tuple(roots))
    at: dict[str, Resource] = {}
    for root in roots:
        prefix = spell(root.prefix)
        at.update((prefix + spell(one.source.url_path), one) for one in root.resources)
    graph = Graph(at.get, is_ours)
    plans = {one: graph.plan(path, one) for path, one in at.items() if is_editable(one)}
    work = [begin(one, plans.get(one)) for one in referring]
    editing = _Editing(store, budget, seconds, compresses=roots[0].options.compress == "startup")
    done = editing.do(work)
    unread = [one.resource for one in done if one.digest is None]
    if unread:  # changed or gone meanwhile: sent as they are, so others are to name them so
        for resource in unread:
            resource.referring = None
        return rewrite(roots, store, budget, seconds, is_ours)
    made = {one.resource: rebuild(one) for one in done}
    digests = frozenset(one.edition.digest for one in done if one.edition is not None)
    served = tuple(
        root._replace(
            resources=tuple(made.get(one, one) for one in root.resources), digests=root.digests | digests
        )
        for root in roots
    )
    return Rewritten(served, tuple(graph.unresolved), frozenset(graph.named))


def is_editable(resource: Resource) -> bool:
    """Whether its references are to be rewritten: not those of what has a hashed name already."""
    return resource.referring is not None and resource.version is not None


def begin(resource: Resource, plan: Plan | None) -> Work:
    """What is to be done with a resource that refers to others."""
    assert resource.referring is not None
    return Work(resource, resource.referring, plan if plan is not None and plan.edits else None)


def recall(work: Work, store: Store) -> Work:
    """The same with the edition, if the store knows it."""
    plan = work.plan
    note = None if plan is None else store.note(_key(work.referring.digest, plan))
    if plan is None or note is None:
        return work
    length, digest = _NOTE.unpack(note)
    return work._replace(edition=Edition(plan.edits, digest, length, plan.version, plan.modified_ns))


def edit(work: Work, store: Store) -> tuple[Work, bytes] | None:
    """The same with the edition, and the bytes of what is sent; None if the file is no longer as it was indexed."""
    source, plan = work.resource.source, work.plan
    try:
        data = read_in_state(source.path, source.stat_key)
    except OSError:
        return None
    if data is None or hashlib.sha256(data).digest() != work.referring.digest:
        return None
    if plan is None:
        return work, data
    edited = apply_edits(data, plan.edits)
    digest = hashlib.sha256(edited).digest()
    store.keep_note(_key(work.referring.digest, plan), _NOTE.pack(len(edited), digest))
    edition = Edition(plan.edits, digest, len(edited), plan.version, plan.modified_ns)
    return work._replace(edition=edition), edited


def rebuild(work: Work) -> Resource:
    """The resource of what is sent."""
    return work.referring.rebuild(work.edition)


class _Editing:
    """Edits and codes what the store does not know."""

    def __init__(self, store: Store, budget: Budget, seconds: float, *, compresses: bool) -> None:
        self._store = store
        self._budget = budget
        self._seconds = seconds
        codings = available_codings() if compresses else ()
        self._wanted = tuple((coding.name, coding.startup_level) for coding in codings)

    def do(self, work: Iterable[Work]) -> list[Work]:
        done = [recall(one, self._store) for one in work]
        unknown = [number for number, one in enumerate(done) if not self._is_complete(one)]
        if unknown:
            # largest first: the cores are done at the same time
            unknown.sort(key=lambda number: done[number].resource.source.stat_key.size, reverse=True)
            with self._store.exclusive(self._seconds + PATIENCE) as is_ours:
                seconds = self._seconds if is_ours and self._wanted else 0
                with Compressor(self._store, self._budget, seconds=seconds) as compressor:
                    for number in unknown:
                        done[number] = self._complete(done[number], compressor)
                self._store.commit()
            give_back_memory()
        else:
            self._store.commit()  # that all was used
        return done

    def _is_complete(self, work: Work) -> bool:
        return work.digest is not None and self._is_coded(work, work.digest)

    def _is_coded(self, work: Work, digest: bytes) -> bool:
        wanted = [pair for pair in self._wanted if pair[0] not in _present(work)]
        return not work.referring.is_worth_coding or self._store.knows_all(digest, wanted)

    def _complete(self, work: Work, compressor: Compressor) -> Work:
        """Unless others have done it meanwhile."""
        known = recall(work, self._store)
        if known.digest is not None and (not compressor.is_open or self._is_coded(known, known.digest)):
            return known
        edited = edit(work, self._store)
        if edited is None:
            return work
        work, data = edited
        assert work.digest is not None
        if not self._is_coded(work, work.digest):
            compressor.code(work.digest, data, _present(work))
        return work


def _present(work: Work) -> tuple[str, ...]:
    """Siblings are those of a file as it is."""
    return work.referring.present if work.plan is None else ()


def _key(digest: bytes, plan: Plan) -> bytes:
    edits = b"".join(b"%d %d %b\n" % edit for edit in plan.edits)
    return hashlib.sha256(b"edition 1 " + digest + edits).digest()
