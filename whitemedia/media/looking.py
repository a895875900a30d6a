"""Looking for a file beneath a root that others write to, at the time it is asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable

from whitemedia.assets.files import Opened, open_unlinked
from whitemedia.serving.live import Found

_log = logging.getLogger("whitemedia")


def look(root: str, name: str, describe: Callable[[str, Opened], Found]) -> Found | None:
    """The file called `name` as it is now: open, and described as that. None if there is none that may be read.

    Raises OSError where that cannot be told.
    """
    try:
        opened = open_unlinked(root, name)
    except PermissionError as error:  # for as long as nobody changes its mode: no 503, which says "soon"
        _log.error("cannot open %r beneath %r: %s", name, root, error.strerror)
        return None
    if opened is None:
        return None
    try:
        return describe(name, opened)
    except BaseException:
        opened.close()
        raise
