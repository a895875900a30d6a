"""A build: survey a root, build what it lacks, remember what was built. A check only surveys."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any, Final

from whitemedia.arguments import checked_prefix, checked_root, problem_with
from whitemedia.assets.compression import Choice, count_cores
from whitemedia.assets.records import Record, Records, read_records
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.build.examining import State
from whitemedia.build.folder import locked_folder, remove_unfinished
from whitemedia.build.naming import NOTHING, NamePlan, check_names, name_files
from whitemedia.build.result import BuildResult, below, describe, tell_names
from whitemedia.build.survey import Plan, Survey, jobs, lacking, leftovers, present, survey
from whitemedia.build.targets import parse_targets
from whitemedia.build.working import Progress, Work
from whitemedia.options import OptionError, build_options, override_options

KEPT_DAYS: Final = 30
"""How long files of earlier releases stay under their versioned names."""


def build(
    root: str | PathLike[str],
    *,
    codings: Iterable[str] | None = None,
    levels: Mapping[str, int] | None = None,
    threads: int | None = None,
    prune: bool = False,
    progress: Progress | None = None,
    compress_test: Choice | None = None,
    mimetypes: Mapping[str, str] | None = None,
    hidden: Iterable[str] | None = None,
    follow_symlinks: bool = False,
    names: bool = False,
    prefix: str = "/static/",
    keep_days: int = KEPT_DAYS,
    immutable: str | None = None,
    rewrite_except: Iterable[str] = (),
) -> BuildResult:
    """Write the siblings that the files of `root` lack, at `levels` by coding, and the records that vouch for them.

    What is there and right is not built again; `prune` removes what earlier builds wrote and nothing needs any more.
    `codings` are names (default: all that can be written here), `threads` as many as there are cores; `progress` is
    called with bytes done and bytes to do. With `names`, files are also written under the versioned names that
    `url_for` gives where the root is served at `prefix` with `rewrite`, and named in `.whitemedia/names.json`; what is
    replaced stays for `keep_days`. The other options are those of `WhiteMedia`: give both the same. Raises
    `OptionError`, and `BuildError` where it cannot begin or go on. What was written until then is valid and kept, as
    it is after KeyboardInterrupt.
    """
    started = time.monotonic()
    chosen = {"compress_test": compress_test, "mimetypes": mimetypes, "hidden": hidden}
    plan = _plan(root, codings, levels, threads, {**chosen, "follow_symlinks": follow_symlinks})
    path = plan.root.path
    name_plan = _name_plan(plan, prefix, keep_days, immutable, rewrite_except) if names else None
    with locked_folder(path):
        records = dict(read_records(path))
        naming = NOTHING if name_plan is None else name_files(name_plan, records)
        found = survey(plan, records)
        remove_unfinished(path, found.skipped)
        work = Work(path, records, progress)
        work.siblings.update((one.path, one) for one in present(found.examined, states=[State.CURRENT]))
        work.do(jobs(found.examined, plan.targets, records), plan.threads)
        left = leftovers(found, records, work.siblings)
        pruned = _remove(left) if prune else []
        work.records = _useful(records, found, {digest for file, digest in left.items() if file not in pruned})
        work.save()
    return dataclasses.replace(
        describe(plan, found, work.siblings.values(), (*work.failures, *naming.failures)),
        **tell_names(naming),
        written=below(path, (one.path for one in work.siblings.values() if one.is_new)),
        leftover=below(path, left.keys() - pruned),
        pruned=below(path, pruned),
        seconds=time.monotonic() - started,
    )


def check(
    root: str | PathLike[str],
    *,
    codings: Iterable[str] | None = None,
    levels: Mapping[str, int] | None = None,
    threads: int | None = None,
    compress_test: Choice | None = None,
    mimetypes: Mapping[str, str] | None = None,
    hidden: Iterable[str] | None = None,
    follow_symlinks: bool = False,
    names: bool = False,
    prefix: str = "/static/",
    immutable: str | None = None,
    rewrite_except: Iterable[str] = (),
) -> BuildResult:
    """What a `build` with these arguments would have to do: nothing is written. Raises `OptionError`."""
    started = time.monotonic()
    chosen = {"compress_test": compress_test, "mimetypes": mimetypes, "hidden": hidden}
    plan = _plan(root, codings, levels, threads, {**chosen, "follow_symlinks": follow_symlinks})
    path = plan.root.path
    name_plan = _name_plan(plan, prefix, 0, immutable, rewrite_except) if names else None
    naming = NOTHING if name_plan is None else check_names(name_plan)
    records = read_records(path)
    found = survey(plan, records)
    siblings = {one.path: one for one in present(found.examined, states=[State.CURRENT, State.VALID])}
    stale = below(path, lacking(found.examined, plan.targets, states=[State.STALE, State.WEAKER]))
    return dataclasses.replace(
        describe(plan, found, siblings.values(), ()),
        **tell_names(naming._replace(written=())),
        missing=(
            *below(path, lacking(found.examined, plan.targets, states=[State.MISSING])),
            *sorted(naming.written),
        ),
        stale=stale,
        leftover=tuple(name for name in below(path, leftovers(found, records, siblings)) if name not in stale),
        seconds=time.monotonic() - started,
    )


def _plan(
    root: str | PathLike[str],
    codings: object,
    levels: object,
    threads: object,
    chosen: Mapping[str, Any],
) -> Plan:
    targets = parse_targets(codings, levels)
    options = build_options({name: value for name, value in chosen.items() if value is not None})
    if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
        raise OptionError("threads", threads, "expected a whole number, 1 or more")
    directory = DirectoryRoot(checked_root(root), options.hidden, follow_symlinks=options.follow_symlinks)
    problem = problem_with(directory.path)
    if problem is not None:
        raise OptionError("root", directory.path, problem)
    return Plan(directory, options, targets, threads or count_cores())


def _name_plan(
    plan: Plan, prefix: str, keep_days: object, immutable: str | None, rewrite_except: Iterable[str]
) -> NamePlan:
    if isinstance(keep_days, bool) or not isinstance(keep_days, int) or keep_days < 0:
        raise OptionError("keep_days", keep_days, "expected a whole number, 0 or more")
    given: dict[str, Any] = {"immutable": immutable, "rewrite_except": rewrite_except}
    options = override_options(plan.options, {**given, "rewrite": True})
    uncoded = dataclasses.replace(options, compress="off", cache_dir=None)
    return NamePlan(plan.root, checked_prefix(prefix, uncoded), uncoded, keep_days)


def _remove(paths: Iterable[str]) -> list[str]:
    removed = []
    for path in paths:
        with suppress(OSError):
            Path(path).unlink()
            removed.append(path)
    return removed


def _useful(records: Records, found: Survey, left: set[bytes]) -> dict[tuple[bytes, str], Record]:
    """Records of what is there: of originals, and of siblings that are to be known as ours later.

    All of them where something could not be read: it may be there again.
    """
    if found.failures:
        return dict(records)
    current = {one.digest for one in found.examined}
    return {key: record for key, record in records.items() if key[0] in current or record.digest in left}
