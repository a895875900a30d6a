"""What the application itself made, sent as a static file would be: with validators, ranges and a name to save it under.

A file that is sent is ours to close, once; and all of its own bytes are sent, wherever the application left its
position.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Mapping
from io import BufferedRandom, BufferedReader, FileIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, cast

from whitemedia.assets.files import Opened, StatKey
from whitemedia.assets.representation import ACCEPT_RANGES, NOSNIFF, Content, FileBody, Representation
from whitemedia.assets.resource import with_date
from whitemedia.assets.sniffing import HEAD_LENGTH, sniff_media_type
from whitemedia.assets.validators import digest_etag, last_modified_seconds, live_etag
from whitemedia.http.disposition import format_disposition, saved_name
from whitemedia.http.media_types import media_type_by_name, with_charset
from whitemedia.http.negotiation import IDENTITY
from whitemedia.http.response import Header, Response
from whitemedia.http.syntax import is_field_value, is_media_type
from whitemedia.options import OptionError
from whitemedia.serving import answers
from whitemedia.serving.body import hold, send_wsgi
from whitemedia.serving.responder import respond_selected
from whitemedia.serving.response import FileResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HELD: Final = 1 << 20
"""What has no descriptor is kept in memory up to so many bytes; beyond, it is read again while it is sent."""

_NO_CACHE: Final = ("Cache-Control", "no-cache")  # it may be one user's own, and another one the next time


class BinaryFile(Protocol):
    """What is asked of a file: these methods, and bytes."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, /) -> object: ...

    def close(self) -> object: ...


class OwnFile(Opened):
    """The application's file, read through `file` and closed as `given`, what the application gave, once."""

    __slots__ = ("_claimed", "_given")

    def __init__(self, file: FileIO, stat_key: StatKey, given: BinaryFile) -> None:
        super().__init__(file, stat_key)
        self._claimed = False
        self._given: BinaryFile | None = given

    def claim(self) -> None:
        """To be called before it is sent; RuntimeError where that cannot be."""
        if self._claimed:
            raise RuntimeError("a file is sent once: open it anew and call send() again")
        self._claimed = True
        if getattr(self._given, "closed", False):
            raise RuntimeError(
                "the file was closed before it was sent: leave that to send(), which closes it after"
            )

    def close(self) -> None:
        """Close what the application gave; further calls do nothing."""
        given, self._given = self._given, None
        if given is not None:
            given.close()


class OwnStream(OwnFile):
    """What has no descriptor: nobody else can write to it, and its digest is known."""

    __slots__ = ()

    def is_rewritten(self) -> bool:
        return False


class _Stream:
    """As much of a FileIO as is used of one."""

    def __init__(self, given: BinaryFile) -> None:
        self.name = repr(given)
        self.read = given.read
        self.seek = given.seek


class Sender:
    """A representation as a WSGI application; one of bytes may be called again."""

    def __init__(self, representation: Representation, last_modified: int | None, opened: OwnFile | None) -> None:
        self._representation = representation
        self._last_modified = last_modified
        self._opened = opened

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer (PEP 3333)."""
        return send_wsgi(self._respond(environ), environ, start_response)

    def _respond(self, environ: WSGIEnvironment) -> Response:
        opened, response = self._opened, None
        if opened is None:
            return self._select(None, environ)
        opened.claim()
        try:
            response = self._select(opened, environ)
        finally:
            if type(response) is not FileResponse:
                opened.close()
        if type(response) is FileResponse:
            return hold(response, environ) or answers.unavailable(environ["REQUEST_METHOD"])
        return response

    def _select(self, opened: OwnFile | None, environ: WSGIEnvironment) -> Response:
        """Preconditions and ranges are for GET and HEAD: what a POST made is the answer to it, whole."""
        representation, method = self._representation, environ["REQUEST_METHOD"]
        if method in ("GET", "HEAD"):
            return respond_selected(representation, self._last_modified, opened, method, environ)
        return representation.ok if opened is None else answers.whole(representation, opened)


class _Presentation(NamedTuple):
    """What the application says of a body."""

    name: str
    media_type: str | None
    attachment: bool
    charset: str
    mimetypes: Mapping[str, str]

    def headers(self, source: bytes | OwnFile) -> tuple[Header, ...]:
        """Fields but the validators; without a media type, the saved name decides it, or else the bytes."""
        media_type = self.media_type or media_type_by_name(saved_name(self.name), self.mimetypes)
        if media_type is None:
            media_type = sniff_media_type(
                source[:HEAD_LENGTH] if isinstance(source, bytes) else source.read_head(HEAD_LENGTH)
            )
        disposition = format_disposition(self.name, attachment=self.attachment)
        return (
            ("Content-Type", with_charset(media_type, self.charset)),
            _NO_CACHE,
            NOSNIFF,
            ACCEPT_RANGES,
            ("Content-Disposition", disposition),
        )


def send(
    body: bytes | bytearray | memoryview | BinaryFile,
    *,
    name: str,
    media_type: str | None = None,
    attachment: bool = False,
    charset: str = "utf-8",
    mimetypes: Mapping[str, str] = MappingProxyType({}),
) -> WSGIApplication:
    """An application that answers with `body`: bytes, or a seekable binary file, which it sends once and closes.

    `name` is what it is saved as, and decides the media type where `media_type` does not. What is wrong raises
    OptionError, and a file is then still the caller's to close.
    """
    _check(name, media_type, attachment)
    presentation = _Presentation(name, media_type, attachment, charset, mimetypes)
    if isinstance(body, (bytes, bytearray, memoryview)):
        return _build_sender(bytes(body), presentation)
    if not _is_sendable(body):
        raise OptionError("body", body, "expected bytes or a seekable binary file")
    try:
        return _build_sender(_take(body), presentation)
    except BaseException:
        body.close()
        raise


def _check(name: object, media_type: object, attachment: object) -> None:
    if not isinstance(name, str):
        raise OptionError("name", name, 'expected the name of a file, such as "report.pdf"')
    if media_type is not None and not (
        isinstance(media_type, str) and is_media_type(media_type) and is_field_value(media_type)
    ):
        raise OptionError("media_type", media_type, 'expected a media type, such as "text/csv"')
    if not isinstance(attachment, bool):
        raise OptionError("attachment", attachment, "expected True or False")


def _is_sendable(body: Any) -> bool:
    """Whether `body` is open, seekable, of bytes, and has an end, which a device may not; it is left at its start."""
    try:
        body.seek(0)
        raw = _raw_of(_reader_of(body))
        return (
            (raw is None or stat.S_ISREG(os.fstat(raw.fileno()).st_mode))
            and isinstance(body.read(0), bytes)
            and callable(body.close)
        )
    except (AttributeError, TypeError, OSError, ValueError):
        return False


def _reader_of(body: Any) -> Any:
    """What reads for `body`: itself, or what is wrapped where a wrapper hands on `read` and `seek` as they are."""
    if type(body).__module__ == "tempfile":  # whose wrapper hands on functions
        return getattr(body, "file", body)
    reader = getattr(body.read, "__self__", body)
    return reader if getattr(body.seek, "__self__", body) is reader else body


def _raw_of(reader: Any) -> FileIO | None:
    """The file whose very bytes are read, if there is one.

    `fileno` would not tell: a GzipFile has its coded file's, and a SpooledTemporaryFile moves to disk when asked.
    """
    raw = reader.raw if type(reader) in (BufferedReader, BufferedRandom) else reader
    return raw if type(raw) is FileIO else None


def _take(body: Any) -> bytes | OwnFile:
    """The body, flushed, or read as far as its tag needs."""
    reader = _reader_of(body)
    raw = _raw_of(reader)
    if raw is None:
        return _take_stream(body)
    reader.flush()
    return OwnFile(raw, StatKey.of(os.fstat(raw.fileno())), body)


def _take_stream(body: BinaryFile) -> bytes | OwnFile:
    """The bytes if they are few; else the stream, whose tag is of its bytes too. It stands at its start."""
    blocks, length = [], 0
    while length <= HELD and (block := body.read(HELD + 1)):  # which may return less
        blocks.append(block)
        length += len(block)
    head = b"".join(blocks)
    if length <= HELD:
        body.close()
        return head
    digest = hashlib.sha256(head)
    while block := body.read(HELD):
        digest.update(block)
        length += len(block)
    stream = OwnStream(cast("FileIO", _Stream(body)), StatKey(0, 0, length, 0, 0), body)
    stream.digest = digest.digest()
    return stream


def _build_sender(source: bytes | OwnFile, presentation: _Presentation) -> Sender:
    headers = presentation.headers(source)
    if isinstance(source, bytes):
        digest = hashlib.sha256(source).digest()
        content = Content(len(source), digest, digest_etag(digest), source)
        return Sender(Representation(IDENTITY, content, headers), None, None)
    now = time.time()
    etag = live_etag(source.stat_key, int(now * 1e9)) if source.digest is None else digest_etag(source.digest)
    content = Content(source.length, source.digest, etag, FileBody("", source.stat_key))
    modified = last_modified_seconds(source.stat_key.mtime_ns, now)
    return Sender(Representation(IDENTITY, content, with_date(headers, modified)), modified, source)
