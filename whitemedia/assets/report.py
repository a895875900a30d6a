"""What the log says of a root that was indexed: one line, and one more if something in it cannot be served."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from whitemedia.assets.indexing import Indexed
from whitemedia.assets.roots import Skipped, Why
from whitemedia.options import OptionError

NAMED: Final = 5
"""Names in the line about what was skipped; the rest is counted."""

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
    named = ", ".join(f"{item.url_path!r} ({item.why.value})" for item in skipped[:NAMED])
    rest = f" and {len(skipped) - NAMED:,} more" if len(skipped) > NAMED else ""
    return f"{len(skipped):,} not served as found: {named}{rest}"
