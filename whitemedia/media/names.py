"""Names from requests and applications: which of them can be those of files, and which are hidden.

A path that is no plain name is refused before anything else is asked, also of an application: whether it names a file
that a user may have is for none to decide by its spelling.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Sequence
from typing import Final

from whitemedia.assets.scan import OWN_NAMES

LONGEST: Final = 32_767
"""Characters of a path: more than any system takes."""

_BACKSLASH_SEPARATES = os.sep == "\\"
"""As on Windows, where a colon names a drive or another stream of a file."""


def is_plain(relative: str) -> bool:
    """Whether a path below a root is nothing but names with single slashes between them."""
    if (
        len(relative) > LONGEST
        or "\0" in relative
        or (_BACKSLASH_SEPARATES and ("\\" in relative or ":" in relative))
    ):
        return False
    return not any(name in ("", ".", "..") for name in relative.split("/"))


def compile_hidden(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether any segment of a path below a root is hidden: by the last pattern that matches it, a leading `!`
    re-admits.

    In either case of letters: the system's own may fold names, and what is hidden by one is hidden by all.
    """
    rules = [
        (re.compile(fnmatch.translate(text.lstrip("!")), re.IGNORECASE), text[0] != "!")
        for text in (f"{OWN_NAMES}*", *reversed(patterns))
    ]

    def is_hidden(relative: str) -> bool:
        found = (next((hides for rule, hides in rules if rule.match(name)), False) for name in relative.split("/"))
        return any(found)

    return is_hidden
