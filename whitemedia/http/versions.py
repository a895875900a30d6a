"""Versioned names: a path with a piece of its content's digest in it, which may be cached for ever.

"css/app.css" is "css/app.3f2a9b1c04de.css" in one version, and another in the next.
"""

from __future__ import annotations

import re
from typing import Final

LENGTH: Final = 12
"""Hexadecimal digits of a version: two contents of one name share one by chance once in 10^14."""

_VERSIONED: Final = re.compile(rf"(.*[^/])\.([0-9a-f]{{{LENGTH}}})(\.[^./]*)?", re.DOTALL)


def version_of(digest: bytes) -> str:
    """The version of what has this SHA-256."""
    return digest.hex()[:LENGTH]


def with_version(path: str, version: str) -> str:
    """`path` with a version before its extension, or at its end where it has none."""
    folder, slash, name = path.rpartition("/")
    stem, _, extension = name.rpartition(".")
    named = f"{stem}.{version}.{extension}" if stem else f"{name}.{version}"
    return folder + slash + named


def split_version(path: str) -> tuple[str, str] | None:
    """The plain path and the version of a versioned one; None if it is none."""
    match = _VERSIONED.fullmatch(path)
    return None if match is None else (match[1] + (match[3] or ""), match[2])
