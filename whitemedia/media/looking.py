"""Looking for a file beneath a root that others write to, at the time it is asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable

from whitemedia.assets.files import Opened, open_unlinked
from whitemedia.assets.representation import ACCEPT_RANGES, Content, FileBody, Representation
from whitemedia.assets.resource import with_date
from whitemedia.assets.validators import last_modified_seconds, live_etag
from whitemedia.http.negotiation import IDENTITY
from whitemedia.http.response import Header
from whitemedia.serving.live import Found

_log = logging.getLogger("whitemedia")


def look(root: str, name: str, describing: Callable[[str, Opened], Found]) -> Found | None:
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
        return describing(name, opened)
    except BaseException:
        opened.close()
        raise


def describe(name: str, opened: Opened, fields: tuple[Header, ...], now: float, coding: str = IDENTITY) -> Found:
    """What is open, as it is at this time: with `fields`, and validators from its state."""
    modified = last_modified_seconds(opened.stat_key.mtime_ns, now)
    etag = live_etag(opened.stat_key, int(now * 1e9))
    content = Content(opened.length, None, etag, FileBody(name, opened.stat_key))
    headers = with_date((*fields, ACCEPT_RANGES), modified)
    return Found(Representation(coding, content, headers), modified, opened)
