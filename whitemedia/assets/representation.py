"""Representations, and the values that they are made of. Nothing here opens a file."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from whitemedia.assets.files import StatKey
from whitemedia.assets.packs import PackBody
from whitemedia.http.digests import format_repr_digest
from whitemedia.http.negotiation import IDENTITY
from whitemedia.http.response import Header, Response

if TYPE_CHECKING:
    from whitemedia.assets.references import Edit
    from whitemedia.assets.roots import Root

ACCEPT_RANGES: Final = ("Accept-Ranges", "bytes")
NOSNIFF: Final = ("X-Content-Type-Options", "nosniff")

LARGE: Final = 64 * 1024
"""Bytes from which it matters how a body is given to the server."""

# Representation metadata, which a 304 does not repeat (RFC 9110, section 15.4.5)
_NOT_IN_304: Final = frozenset(
    {"accept-ranges", "content-disposition", "content-language", "content-type", "last-modified"}
)


class FileBody(NamedTuple):
    """A body that is read from its file at each request, if the file is still in this state; `edits` are made then."""

    path: str
    stat_key: StatKey
    edits: tuple[Edit, ...] = ()


Body = bytes | FileBody | PackBody


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


class PackedResponse(Response):
    """A response whose body is a slice of a pack, taken when it is sent."""

    __slots__ = ("packed",)

    def __init__(self, status: HTTPStatus, headers: tuple[Header, ...], packed: PackBody) -> None:
        super().__init__(status, headers)
        self.packed = packed

    def with_headers(self, headers: tuple[Header, ...]) -> PackedResponse:
        """The same with other headers, for one request."""
        kind = type(self)
        other = kind.__new__(kind)
        other.status, other.headers, other.body, other.packed = self.status, headers, self.body, self.packed
        return other


class LargePackedResponse(PackedResponse):
    """The same of a body so long that some servers send it better another way than as bytes."""

    __slots__ = ()


class LargeResponse(Response):
    """A response whose body is in memory, and so long that some servers send it better another way."""

    __slots__ = ()


class Representation:
    """A content with its answers, prepared: its 200 (whose body is sent where it is in memory), HEAD's, its 304.

    With `tells_digest` all but the 304 have its SHA-256, if that is known (RFC 9530).
    """

    __slots__ = ("body", "coding", "digest", "etag", "head", "in_memory", "length", "not_modified", "ok")

    def __init__(
        self, coding: str, content: Content, headers: tuple[Header, ...], *, tells_digest: bool = False
    ) -> None:
        own = () if coding == IDENTITY else (("Content-Encoding", coding),)
        if tells_digest and content.digest is not None:
            own = (*own, ("Repr-Digest", format_repr_digest(content.digest)))
        etag = ("ETag", content.etag)
        whole = (*headers, *own, ("Content-Length", str(content.length)), etag)  # headers_of_part knows this order
        self.coding = coding
        self.length, self.digest, self.etag, self.body = content
        self.in_memory = not isinstance(self.body, FileBody)
        self.head = Response(HTTPStatus.OK, whole)
        self.ok = _whole(whole, self.body) or self.head
        self.not_modified = Response(HTTPStatus.NOT_MODIFIED, (*_fields_of_304(headers), etag))

    def holding(self, data: bytes) -> Representation:
        """The same, with its bytes in memory."""
        other = Representation.__new__(Representation)
        other.coding, other.length, other.digest, other.etag = self.coding, self.length, self.digest, self.etag
        other.head, other.not_modified = self.head, self.not_modified
        other.body, other.in_memory, other.ok = data, True, _with_bytes(self.head.headers, data)
        return other

    def headers_of_part(self, length: int) -> tuple[Header, ...]:
        """Those of the 200, but of a body of `length` bytes."""
        headers = self.head.headers
        return (*headers[:-2], ("Content-Length", str(length)), headers[-1])

    def cut(self, start: int, stop: int) -> bytes:
        """The bytes of [start, stop) where the body is in memory."""
        assert not isinstance(self.body, FileBody)
        return self.body.cut(start, stop) if isinstance(self.body, PackBody) else self.body[start:stop]


@functools.lru_cache(maxsize=4096)
def _fields_of_304(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    return tuple(pair for pair in headers if pair[0].lower() not in _NOT_IN_304)


def _whole(headers: tuple[Header, ...], body: Body) -> Response | None:
    if isinstance(body, PackBody):
        packed = LargePackedResponse if body.stop - body.start >= LARGE else PackedResponse
        return packed(HTTPStatus.OK, headers, body)
    return _with_bytes(headers, body) if isinstance(body, bytes) else None


def _with_bytes(headers: tuple[Header, ...], body: bytes) -> Response:
    kind = LargeResponse if len(body) >= LARGE else Response
    return kind(HTTPStatus.OK, headers, body)
