"""What a build, or a check, tells in the end."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from whitemedia.assets.graph import Unresolved
from whitemedia.build.coding import Built
from whitemedia.build.examining import Failure
from whitemedia.build.naming import Naming
from whitemedia.build.survey import Plan, Survey
from whitemedia.build.targets import Target


@dataclasses.dataclass(frozen=True)
class Total:
    """Of one coding: its level, siblings, bytes of their originals and their own, and how many were written now."""

    coding: str
    level: int
    files: int
    original_bytes: int
    coded_bytes: int
    written: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class BuildResult:
    """What there is now; paths are below the root.

    `files` and `bytes` are those of all that could be served. Of a check, `missing` and `stale` siblings are to be
    built; of a build, `written` are those that were. `leftover` are siblings that earlier builds wrote and this one has no use for, `pruned` those that were
    removed. `unused` are originals of which no server would use a sibling. Where files are named by their versions,
    `named` is how many have such a name, `written_names` are those that were written (of a check, they are `missing`),
    `removed_names` those of earlier releases that were removed, `unresolved` the references that lead nowhere.
    """

    root: str
    files: int
    bytes: int
    totals: tuple[Total, ...]
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    leftover: tuple[str, ...] = ()
    pruned: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    unused: tuple[Failure, ...] = ()
    named: int = 0
    written_names: tuple[str, ...] = ()
    removed_names: tuple[str, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    seconds: float = 0

    @property
    def is_complete(self) -> bool:
        """Whether every file has its siblings, and nothing failed."""
        return not (self.missing or self.stale or self.failures)


def describe(plan: Plan, found: Survey, siblings: Iterable[Built], failures: Iterable[Failure]) -> BuildResult:
    """What is there, with these siblings; `failures` beyond those of the survey."""
    siblings = tuple(siblings)
    lengths = {source.path: source.stat_key.size for source in found.sources}
    root = plan.root.path
    return BuildResult(
        root=root,
        files=len(found.sources),
        bytes=sum(lengths.values()),
        totals=tuple(_total(target, siblings, lengths) for target in plan.targets),
        failures=_failures_below(root, (*found.failures, *failures)),
        unused=_failures_below(root, found.unused),
    )


def tell_names(naming: Naming) -> dict[str, Any]:
    """The fields of a result that tell of names."""
    return {
        "named": len(naming.names),
        "written_names": tuple(sorted(naming.written)),
        "removed_names": tuple(sorted(naming.removed)),
        "unresolved": naming.unresolved,
    }


def below(root: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Paths below the root, sorted."""
    start = len(root.rstrip("/\\")) + 1
    return tuple(sorted(path[start:] for path in paths))


def _failures_below(root: str, failures: Iterable[Failure]) -> tuple[Failure, ...]:
    return tuple(sorted(Failure(below(root, [path])[0], reason) for path, reason in failures))


def _total(target: Target, siblings: Iterable[Built], lengths: dict[str, int]) -> Total:
    own = [sibling for sibling in siblings if sibling.coding == target.coding.name]
    return Total(
        target.coding.name,
        target.level,
        len(own),
        sum(lengths[sibling.original] for sibling in own),
        sum(sibling.length for sibling in own),
        sum(sibling.is_new for sibling in own),
    )
