"""Roots within roots: no file that is guarded by one may be had through another that is not so strict.

A directory of users' files that lies in one of static files would be served by both: there as pages of the site.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Iterable
from typing import NamedTuple

from whitemedia.assets.files import is_beneath
from whitemedia.options import OptionError


class Exposure(enum.IntEnum):
    """To whom, and as what, a root shows its files; the higher, the stricter."""

    STATIC = 0
    MEDIA = 1
    GUARDED = 2


class Exposed(NamedTuple):
    """A directory, how it is shown, and which segments of paths below it are hidden."""

    path: str
    exposure: Exposure
    hides: Callable[[str], bool]


def check_exposure(new: Exposed, others: Iterable[Exposed]) -> None:
    """Raise OptionError if files of a root could be had through one that is not so strict."""
    for other in others:
        for inner, outer in ((new, other), (other, new)):
            if inner.exposure > outer.exposure and _is_shown_by(outer, inner.path):
                raise OptionError(
                    "root",
                    new.path,
                    f"{inner.path!r} lies in {outer.path!r}, which is served to everybody: move it, or hide it there",
                )


def _is_shown_by(outer: Exposed, path: str) -> bool:
    inner, top = os.path.realpath(path), os.path.realpath(outer.path)
    if inner == top:
        return True
    return is_beneath(inner, top) and not any(map(outer.hides, os.path.relpath(inner, top).split(os.sep)))
