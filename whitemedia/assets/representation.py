"""The values that the table is made of. Nothing here opens a file."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from whitemedia.assets.files import StatKey
from whitemedia.http.cors import AllowList
from whitemedia.http.dates import format_date
from whitemedia.http.negotiation import IDENTITY, Selection
from whitemedia.http.response import Header, Response

if TYPE_CHECKING:
    from whitemedia.assets.roots import Root

ACCEPT_RANGES: Final = ("Accept-Ranges", "bytes")
NOSNIFF: Final = ("X-Content-Type-Options", "nosniff")

# Representation metadata, which a 304 does not repeat (RFC 9110, section 15.4.5)
_NOT_IN_304: Final = frozenset(
    {"accept-ranges", "content-disposition", "content-language", "content-type", "last-modified"}
)


class FileBody(NamedTuple):
    """A body that is read from its file at each request, if the file is still in this state."""

    path: str
    stat_key: StatKey


Body = bytes | FileBody


class Sibling(NamedTuple):
    """A file that claims to be another one, coded."""

    coding: str
    path: str
    stat_key: StatKey


class Source(NamedTuple):
    """A regular file to serve: where it is, its URL path below the prefix, its state when scanned."""

    path: str
    url_path: str
    stat_key: StatKey
    root: Root
    siblings: tuple[Sibling, ...]


class Content(NamedTuple):
    """One byte sequence: its length, its SHA-256 (None: not read), its entity tag, and where it is held."""

    length: int
    digest: bytes | None
    etag: str
    body: Body


class Representation:
    """A content with its answers, prepared: its 200 (whose body is sent where `body` is bytes), HEAD's, its 304."""

    __slots__ = ("body", "coding", "digest", "etag", "head", "in_memory", "length", "not_modified", "ok")

    def __init__(self, coding: str, content: Content, headers: tuple[Header, ...]) -> None:
        own = () if coding == IDENTITY else (("Content-Encoding", coding),)
        etag = ("ETag", content.etag)
        whole = (*headers, *own, ("Content-Length", str(content.length)), etag)
        self.coding = coding
        self.length, self.digest, self.etag, self.body = content
        self.in_memory = isinstance(self.body, bytes)
        self.ok = Response(HTTPStatus.OK, whole, self.body if isinstance(self.body, bytes) else None)
        self.head = Response(HTTPStatus.OK, whole)
        self.not_modified = Response(
            HTTPStatus.NOT_MODIFIED, (*(pair for pair in headers if pair[0].lower() not in _NOT_IN_304), etag)
        )


class Resource:
    """What one URL path names: its representations, rendered on first use and kept.

    `headers` are what all representations share, without Last-Modified; `selection` holds the codings, smallest
    body first, identity last. `held` says that the last one is kept in memory once it has been read,
    `allow_list` that the asking origin decides on one field more, `passes_unsafe` that unsafe methods are the
    application's.
    """

    __slots__ = (
        "allow_list",
        "contents",
        "headers",
        "held",
        "last_modified",
        "passes_unsafe",
        "rendered",
        "selection",
        "source",
    )

    def __init__(
        self,
        source: Source,
        last_modified: int | None,
        headers: tuple[Header, ...],
        contents: dict[str, Content],
        selection: Selection,
        *,
        allow_list: AllowList | None = None,
        passes_unsafe: bool,
    ) -> None:
        self.source = source
        self.allow_list = allow_list
        self.last_modified = last_modified
        self.headers = headers
        self.contents = contents
        self.selection = selection
        self.passes_unsafe = passes_unsafe
        self.held = False
        self.rendered: dict[str, Representation] = {}

    @property
    def codings(self) -> tuple[str, ...]:
        """Smallest body first, identity last."""
        return self.selection.codings

    def select(self, accept_encoding: str) -> Representation:
        """The representation for an Accept-Encoding field ("" where absent)."""
        coding = self.selection[accept_encoding]
        try:
            return self.rendered[coding]
        except KeyError:
            return self.representation(coding)

    def representation(self, coding: str) -> Representation:
        """The representation in one of `codings`. Rendering twice in two threads gives equal values: no lock."""
        return self.rendered.get(coding) or self.render(coding, self.contents[coding])

    def hold(self, data: bytes) -> Representation:
        """Keep the bytes of the last coding, which were read."""
        coding = self.codings[-1]
        self.contents[coding] = self.contents[coding]._replace(body=data)
        return self.render(coding, self.contents[coding])

    def render(self, coding: str, content: Content) -> Representation:
        """Render and keep a representation; a held identity is rendered again when its bytes have been read."""
        headers = with_date(self.headers, self.last_modified)
        self.rendered[coding] = Representation(coding, content, headers)
        return self.rendered[coding]


def with_date(headers: tuple[Header, ...], last_modified: int | None) -> tuple[Header, ...]:
    """`headers` with Last-Modified, unless there is none."""
    if last_modified is None:
        return headers
    return (*headers, ("Last-Modified", format_date(last_modified)))


class Redirect(NamedTuple):
    """A 302 to the directory whose index answers. `location` is None for a mount point without its slash, which
    only SCRIPT_NAME names."""

    location: str | None
    headers: tuple[Header, ...]
    passes_unsafe: bool


class Refused:
    """An error by us, never passed on: a 404 but where it is said."""


REFUSED: Final = Refused()
"""Hidden, or not servable."""

NOT_FOUND: Final = Refused()
"""Not there, beneath a prefix that answers itself."""

UNAVAILABLE: Final = Refused()
"""There, but it cannot be opened now: a 503."""


class Shared(NamedTuple):
    """An entry that the origins of a list may read: each is answered with one field more."""

    entry: Resource | Redirect
    allow_list: AllowList


Entry = Resource | Redirect | Refused | Shared
