"""Resources, and whatever else a table has at a path. Nothing here opens a file."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from whitemedia.assets.packs import PackBody
from whitemedia.assets.representation import Content, Representation, Source
from whitemedia.http.cors import AllowList
from whitemedia.http.dates import format_date
from whitemedia.http.negotiation import Selection
from whitemedia.http.response import Header

if TYPE_CHECKING:
    from collections.abc import Callable

    from whitemedia.assets.references import Edit, Reference


class Described(NamedTuple):
    """What a resource consists of. `headers` are what all representations share, without Last-Modified; `selection`
    holds the codings, smallest body first, identity last."""

    headers: tuple[Header, ...]
    last_modified: int | None
    contents: dict[str, Content]
    selection: Selection


class Edition(NamedTuple):
    """What a file is sent as whose references name versions: its SHA-256, its length, its own version, and when the
    latest of all that it refers to was modified."""

    edits: tuple[Edit, ...]
    digest: bytes
    length: int
    version: str
    modified_ns: int


class Referring(NamedTuple):
    """A file that refers to others: its SHA-256, and the resource that `rebuild` makes of it, or of an edition.

    `is_worth_coding` says whether to code it; as it is, it has the codings `present` already.
    """

    digest: bytes
    references: tuple[Reference, ...]
    is_worth_coding: bool
    present: tuple[str, ...]
    rebuild: Callable[[Edition | None], Resource]


class Resource:
    """What one URL path names: its representations, rendered on first use and kept.

    `held` names the codings that are kept in memory once they have been read, `passes_unsafe` says that unsafe
    methods are the application's; with `allow_list` the asking origin decides on one field. What has a `version` can
    also be had under a name that says it; `referring` is there where it is yet to be rewritten. With `tells_digest` its
    answers tell the SHA-256 of what they are of.
    """

    __slots__ = (
        "_describe",
        "allow_list",
        "contents",
        "headers",
        "held",
        "last_modified",
        "passes_unsafe",
        "referring",
        "rendered",
        "selection",
        "source",
        "tells_digest",
        "version",
    )

    headers: tuple[Header, ...]
    last_modified: int | None
    contents: dict[str, Content]
    selection: Selection

    def __init__(self, source: Source, describe: Callable[[Resource], Described], *, passes_unsafe: bool) -> None:
        self.source = source
        self.passes_unsafe = passes_unsafe
        self.held: tuple[str, ...] = ()
        self.rendered: dict[str, Representation] = {}
        self.allow_list: AllowList | None = None
        self.version: str | None = None
        self.referring: Referring | None = None
        self.tells_digest = False
        self._describe: Callable[[Resource], Described] | None = describe

    def describe(self) -> None:
        """Find out what it consists of; what that needs is dropped then."""
        describe = self._describe
        if describe is not None:  # else another thread was faster
            self.headers, self.last_modified, self.contents, self.selection = describe(self)
            self._describe = None

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
        return self.rendered.get(coding) or self.render(coding)

    def hold(self, coding: str, data: bytes) -> Representation:
        """Keep the bytes of a coding, which were read."""
        self.contents[coding] = content = self.contents[coding]._replace(body=data)
        rendered = self.rendered.get(coding)
        if rendered is None:
            return self._keep(coding, content)
        self.rendered[coding] = kept = rendered.holding(data)
        return kept

    def render(self, coding: str) -> Representation:
        """Render and keep a representation; again when its bytes have been read. What the store damaged is identity."""
        content = self.contents[coding]
        if isinstance(content.body, PackBody):
            data = content.body.read_checked(content.digest)
            if data is None:
                self.selection = Selection(tuple(other for other in self.codings if other != coding))
                return self.representation(self.codings[-1])
            if not content.body.pack.is_mapped:  # it could go at any time
                content = content._replace(body=data)
        return self._keep(coding, content)

    def _keep(self, coding: str, content: Content) -> Representation:
        headers = with_date(self.headers, self.last_modified)
        self.rendered[coding] = kept = Representation(coding, content, headers, tells_digest=self.tells_digest)
        return kept


class UndescribedResource(Resource):
    """A resource that is described on first use, in any thread: twice gives equal values.

    Then it becomes a plain one, for `__getattr__` makes every attribute slower.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet."""
        if name not in Described._fields:
            raise AttributeError(name)
        self.describe()
        return getattr(self, name)

    def describe(self) -> None:
        Resource.describe(self)  # without super(): another thread may have made it a plain one
        self.__class__ = Resource  # type: ignore[assignment]


@functools.lru_cache(maxsize=4096)
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


def resource_of(entry: Entry | None) -> Resource | None:
    """The resource that an entry stands for, if it is one."""
    found = entry.entry if isinstance(entry, Shared) else entry
    return found if isinstance(found, Resource) else None
