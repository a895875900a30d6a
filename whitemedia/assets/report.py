"""What the log says of a root that was indexed: one line, and one more if something in it cannot be served."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

from whitemedia.assets.graph import Unresolved
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.roots import Skipped, Why
from whitemedia.options import OptionError

NAMED: Final = 5
"""What a line names of many things; the rest is counted."""

LONGEST: Final = 200
"""Characters of a reference that are told."""

_log = logging.getLogger("whitemedia")


def report(indexed: Indexed, seconds: float) -> None:
    """Log what was found. With `strict`, raise OptionError for what cannot be served. Names go as repr: a newline
    in one cannot begin a line of the log."""
    unexpected = [skipped for skipped in indexed.skipped if not skipped.why.expected]
    if unexpected and indexed.options.strict:
        raise OptionError("root", indexed.root.path, f"strict, and {_describe_skipped(unexpected)}")
    missing = _missing_fallback(indexed)
    if missing is not None and indexed.options.strict:
        raise OptionError("fallback", indexed.options.fallback, missing)
    _log.info("%s; %.1f s", _describe(indexed, len(unexpected)), seconds)
    if unexpected:
        _log.warning("root %r: %s", indexed.root.path, _describe_skipped(unexpected))
    if missing is not None:
        _log.warning("fallback=%r: %s", indexed.options.fallback, missing)
    if not indexed.resources:
        _log.warning("root %r has nothing to serve beneath %r", indexed.root.path, indexed.prefix)


def report_unresolved(found: Sequence[Unresolved], told: Collection[Unresolved], *, strict: bool) -> None:
    """Log references that lead nowhere, but for those that were told. With `strict`, raise OptionError for any but a
    source map, which packages often leave out."""
    faults = [one for one in found if not one.is_map]
    if strict and faults:
        raise OptionError("rewrite", True, f"strict, and {_describe_unresolved(faults)}")  # noqa: FBT003
    known = set(told)
    new = [one for one in found if one not in known]
    if new:
        new.sort(key=attrgetter("is_map"))
        _log.warning("%s", _describe_unresolved(new))
    for one in new:
        _log.debug("%s in %r, line %d, leads nowhere", _short(one.url), one.file, one.line)


def first_of(told: Sequence[str], separator: str = ", ") -> str:
    """The first few, and how many more there are."""
    rest = f" and {len(told) - NAMED:,} more" if len(told) > NAMED else ""
    return separator.join(told[:NAMED]) + rest


def _describe_unresolved(found: Sequence[Unresolved]) -> str:
    named = first_of([f"{_short(one.url)} in {one.file!r}, line {one.line}" for one in found])
    maps = sum(one.is_map for one in found)
    return f"{len(found):,} references, {maps:,} of them to source maps, lead nowhere: {named}"


def _short(url: str) -> str:
    """A picture that was put into a stylesheet the wrong way is a reference of a million characters."""
    return repr(url if len(url) <= LONGEST else f"{url[:LONGEST]}…")


def _missing_fallback(indexed: Indexed) -> str | None:
    name = indexed.options.fallback
    if name is None or any(resource.source.url_path == name for resource in indexed.resources):
        return None
    return f"is not served from {indexed.root.path!r}, and the application's 404 stays"


def _describe(indexed: Indexed, skipped: int) -> str:
    """Such as: serving 3 files, 0.1 MB, of '/srv/static' at '/static/' (br 2, gzip 2), 1 hidden, 0 skipped."""
    size = sum(resource.source.stat_key.size for resource in indexed.resources) / 1e6
    counts = sorted(indexed.codings.items())
    codings = ", ".join(f"{coding} {count:,}" for coding, count in counts) or "none compressed"
    hidden = sum(item.why is Why.HIDDEN for item in indexed.skipped)
    return (
        f"serving {len(indexed.resources):,} files, {size:,.1f} MB, of {indexed.root.path!r} at {indexed.prefix!r} "
        f"({codings}), {hidden:,} hidden, {skipped:,} skipped"
    )


def _describe_skipped(skipped: Sequence[Skipped]) -> str:
    named = first_of([f"{item.url_path!r} ({item.why.value})" for item in skipped])
    return f"{len(skipped):,} not served as found: {named}"
