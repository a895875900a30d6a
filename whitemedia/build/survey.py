"""A survey of a root: what could be served, what of it is worth coding, and what there is of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from whitemedia.assets.codings import SUFFIXES
from whitemedia.assets.reading import READ_LIMIT
from whitemedia.assets.records import Record, Records
from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Skipped, Why
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.build.coding import Built, Job
from whitemedia.build.examining import Examined, Examiner, Failure, State
from whitemedia.build.targets import Target
from whitemedia.options import Options


class Plan(NamedTuple):
    """What to build, and where, on how many threads."""

    root: DirectoryRoot
    options: Options
    targets: tuple[Target, ...]
    threads: int


class Survey(NamedTuple):
    """What a root has: all sources, those that are worth coding, and those that nothing can be built of."""

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    examined: tuple[Examined, ...]
    failures: tuple[Failure, ...]
    unused: tuple[Failure, ...]


def survey(plan: Plan, records: Records) -> Survey:
    """Walk the root and examine each file."""
    found = list(plan.root.sources())
    sources = tuple(item for item in found if isinstance(item, Source))
    skipped = tuple(item for item in found if isinstance(item, Skipped))
    examiner = Examiner(plan.options, plan.targets, records)
    with ThreadPoolExecutor(plan.threads) as threads:
        examined = tuple(one for one in threads.map(examiner.examine, sources) if one is not None)
    unread = [Failure(item.path, item.why.value) for item in skipped if item.why is Why.UNREADABLE]
    return Survey(sources, skipped, examined, (*unread, *examiner.failures), tuple(examiner.unused))


def jobs(examined: Iterable[Examined], targets: Iterable[Target], records: Records) -> list[Job]:
    """What is to be done: identical content once, the most bytes first, so that all threads are done at the same time."""
    groups: dict[bytes, list[Examined]] = {}
    for one in examined:
        groups.setdefault(one.digest, []).append(one)
    found = (
        Job(digest, tuple(group), _lacking(group, targets), _known(records, digest, targets))
        for digest, group in groups.items()
    )
    return sorted((job for job in found if job.targets), key=lambda job: job.length, reverse=True)


def present(examined: Iterable[Examined], *, states: Container[State | None]) -> Iterator[Built]:
    """The siblings in these states that are there."""
    for one in examined:
        for coding, (sibling, _) in one.siblings.items():
            if one.states.get(coding) in states:
                yield Built(sibling.path, one.source.path, coding, sibling.stat_key.size, is_new=False)


def lacking(examined: Iterable[Examined], targets: Iterable[Target], *, states: Container[State]) -> Iterator[str]:
    """The paths at which siblings in these states are, or would be."""
    suffixes = {target.coding.name: target.coding.suffixes[0] for target in targets}
    for one in examined:
        yield from (one.source.path + suffixes[name] for name, state in one.states.items() if state in states)


def leftovers(found: Survey, records: Records, kept: Collection[str]) -> dict[str, bytes]:
    """Siblings that a build wrote and this one has no use for: paths, with their SHA-256."""
    ours = {record.digest for record in records.values() if record.is_ours}
    undecided = {item.path for item in found.failures} | {item.path for item in found.skipped}
    left = {}
    for path, length in _claimed(source for source in found.sources if source.path not in undecided):
        if path not in kept and length <= READ_LIMIT and os.path.splitext(path)[0] not in undecided:
            digest = digest_of(path)
            if digest in ours:
                left[path] = digest
    needed = {os.path.realpath(path) for path in kept} if left else set()
    return {path: digest for path, digest in left.items() if os.path.realpath(path) not in needed}


def _known(records: Records, digest: bytes, targets: Iterable[Target]) -> dict[str, Record]:
    names = [target.coding.name for target in targets]
    return {name: records[digest, name] for name in names if (digest, name) in records}


def _lacking(group: Iterable[Examined], targets: Iterable[Target]) -> tuple[Target, ...]:
    states = [one.states for one in group]
    return tuple(target for target in targets if not all(one[target.coding.name].is_final for one in states))


def _claimed(sources: Iterable[Source]) -> Iterator[tuple[str, int]]:
    """Files that are named as siblings, with their originals or without, and their lengths."""
    for source in sources:
        yield from ((sibling.path, sibling.stat_key.size) for sibling in source.siblings)
        if source.path.endswith(tuple(SUFFIXES)):
            yield source.path, source.stat_key.size


def digest_of(path: str | PathLike[str]) -> bytes:
    """The SHA-256 of a file; of nothing if it cannot be read."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).digest()
    except OSError:
        return b""
