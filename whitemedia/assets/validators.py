"""Validators (RFC 9110, section 8.8): entity tags from bytes or, where they were not read, from a file's state; dates."""

from __future__ import annotations

from typing import Final

from whitemedia.assets.files import StatKey
from whitemedia.http.dates import LATEST
from whitemedia.http.entity_tags import EntityTag

SETTLED_NS: Final = 2_000_000_000
"""Once a file's time is this old, a later change must show in it; before, two states may share one time."""


def digest_etag(digest: bytes) -> str:
    """A strong tag: half of a SHA-256 tells any two contents apart."""
    return f'"{digest[:16].hex()}"'


def stat_etag(stat_key: StatKey, now_ns: int) -> str:
    """A tag for bytes that were not read: from size and time, so the same on every host; weak until it has settled."""
    return str(EntityTag(f"{stat_key.size:x}-{stat_key.mtime_ns:x}", _is_young(stat_key, now_ns)))


def live_etag(stat_key: StatKey, now_ns: int) -> str:
    """A tag for a file that may change at any time: from all of its state; weak until its time has settled."""
    state = f"{stat_key.size:x}-{stat_key.mtime_ns:x}-{stat_key.ctime_ns:x}-{stat_key.ino:x}"
    return str(EntityTag(state, _is_young(stat_key, now_ns)))


def is_settled(stat_key: StatKey, now_ns: int) -> bool:
    """Whether what is written to the file after `now_ns` will show in its state."""
    return now_ns - max(stat_key.mtime_ns, stat_key.ctime_ns) >= SETTLED_NS


def tells_content(stat_key: StatKey, now_ns: int) -> bool:
    """Whether no other bytes will ever be in this state.

    Not where both times are one, in whole seconds: on such disks (squashfs, erofs, sshfs) there is no time but the one
    that anybody may set.
    """
    has_own_time = stat_key.ctime_ns != stat_key.mtime_ns or stat_key.ctime_ns % 1_000_000_000 != 0
    return has_own_time and is_settled(stat_key, now_ns)


def last_modified_seconds(mtime_ns: int, now: float) -> int | None:
    """Seconds for Last-Modified; None for a time that is no time: under 2 (Nix stores), in the future, no date."""
    seconds = mtime_ns // 1_000_000_000
    return seconds if 2 <= seconds <= min(now, LATEST) else None


def _is_young(stat_key: StatKey, now_ns: int) -> bool:
    return now_ns - stat_key.mtime_ns < SETTLED_NS
