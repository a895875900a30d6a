"""Representations whose bytes are not in memory: opened, and judged by what was opened, before any header is decided.

A file that is as indexed is answered as indexed. One that changed is answered as it is now: without coding, to
be revalidated, never immutable. One that is gone, or is no file any more, is a 404.
"""

from __future__ import annotations

import time
from typing import Final

from whitemedia.assets.bodies import read_file
from whitemedia.assets.files import Opened, has_state, open_regular
from whitemedia.assets.reading import stored_coding
from whitemedia.assets.representation import Content, FileBody, Representation
from whitemedia.assets.resource import Resource, with_date
from whitemedia.assets.validators import last_modified_seconds, live_etag
from whitemedia.http.negotiation import IDENTITY
from whitemedia.http.response import Header
from whitemedia.http.syntax import split_members

# What says how long to keep an answer: the field, what went before it, and what some caches put before it (RFC 9213)
FRESHNESS: Final = frozenset(
    {"cache-control", "expires", "cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control"}
)


class Found:
    """The representation to answer with, its modification date, and the open file if its body is one."""

    __slots__ = ("last_modified", "opened", "representation")

    def __init__(self, representation: Representation, last_modified: int | None, opened: Opened | None) -> None:
        self.representation = representation
        self.last_modified = last_modified
        self.opened = opened


def find(resource: Resource, representation: Representation, *, read: bool) -> Found | None:
    """Open the body of `representation`; None if the file is gone. Raises OSError where that cannot be told.

    `read` says that the body may be sent: then a held one is read whole, once, and kept.
    """
    body = representation.body
    if not isinstance(body, FileBody):
        return Found(representation, resource.last_modified, None)
    if representation.coding in resource.held:
        found = _find_held(resource, representation, body, read=read)
    elif body.edits:
        found = _find_edited(resource, representation, body, read=read)
    else:
        found = _find_open(resource, representation, body)
    if found is not None:
        return found
    if representation.coding != resource.codings[-1]:  # a sibling went: the file itself may be as it was
        return find(resource, resource.representation(resource.codings[-1]), read=read)
    return _find_changed(resource)


def _find_held(resource: Resource, representation: Representation, body: FileBody, *, read: bool) -> Found | None:
    """Read a held body and keep it; None if its bytes are not those that were indexed."""
    if not read:
        return _find_unread(resource, representation, body)
    known = resource.contents[representation.coding].body
    if isinstance(known, bytes):  # read for the same file under another name
        return Found(resource.hold(representation.coding, known), resource.last_modified, None)
    data = read_file(body, representation.digest)
    return (
        None if data is None else Found(resource.hold(representation.coding, data), resource.last_modified, None)
    )


def _find_unread(resource: Resource, representation: Representation, body: FileBody) -> Found | None:
    """HEAD needs no bytes."""
    return Found(representation, resource.last_modified, None) if has_state(body.path, body.stat_key) else None


def _find_edited(
    resource: Resource, representation: Representation, body: FileBody, *, read: bool
) -> Found | None:
    """A body of which the file does not have the bytes, for one request."""
    if not read:
        return _find_unread(resource, representation, body)
    data = read_file(body, representation.digest)
    return None if data is None else Found(representation.holding(data), resource.last_modified, None)


def _find_open(resource: Resource, representation: Representation, body: FileBody) -> Found | None:
    """Open a body; None if the file is not as it was indexed."""
    opened = open_regular(body.path)
    if opened is None:
        return None
    if opened.stat_key != body.stat_key:
        opened.close()
        return None
    opened.digest = representation.digest
    return Found(representation, resource.last_modified, opened)


def _find_changed(resource: Resource) -> Found | None:
    """Answer from what is at the path now, wherever links lead beneath the root."""
    source = resource.source
    opened = source.root.open(source.url_path)
    if opened is None:
        return None
    try:
        return _describe(resource, opened)
    except BaseException:
        opened.close()
        raise


def _describe(resource: Resource, opened: Opened) -> Found:
    """What is there now: to be revalidated, and never as it was indexed."""
    now = time.time()
    body = FileBody(resource.source.path, opened.stat_key)
    content = Content(opened.length, None, live_etag(opened.stat_key, int(now * 1e9)), body)
    modified = last_modified_seconds(opened.stat_key.mtime_ns, now)
    modified = None if resource.last_modified is None else modified  # it may have been removed on purpose
    headers = with_date(revalidated(resource.headers), modified)
    return Found(Representation(_coding_now(resource, opened), content, headers), modified, opened)


def _coding_now(resource: Resource, opened: Opened) -> str:
    """Only an `.svgz` is stored coded; it may have become one, or no longer be one."""
    if not resource.source.url_path.lower().endswith(".svgz"):
        return IDENTITY
    return stored_coding(resource.source.url_path, opened.read_head(2))


def revalidated(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """`headers` without what lets a cache keep it; what forbids a cache to share or to store it stays."""
    kept = [pair for pair in headers if pair[0].lower() not in FRESHNESS]
    given = ",".join(value for name, value in headers if name.lower() == "cache-control").lower()
    directives = split_members(given)
    forbidding = [directive for directive in ("private", "no-store") if directive in directives]
    return (*kept, ("Cache-Control", ", ".join([*forbidding, "no-cache"])))
