"""What a file of unknown origin may be to a browser: shown, or only saved; never anything that runs.

Both the name and the content may lie. A type is sent as it is only if it is on a list here, and shown only if the
content does not contradict it; everything else is bytes to save. No list has a type that a browser runs as a script
or as WebAssembly, for `attachment` does not stop `<script src>`; nosniff, which every answer has, does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from whitemedia.http.disposition import format_disposition
from whitemedia.http.media_types import OCTET_STREAM, PLAIN_TEXT, media_type_by_name, with_charset
from whitemedia.http.response import Header
from whitemedia.http.syntax import OWS

_IMAGES: Final = frozenset(
    {"image/apng", "image/avif", "image/bmp", "image/gif", "image/heic", "image/heif", "image/jp2", "image/jpeg"}
    | {"image/jxl", "image/png", "image/tiff", "image/webp", "image/x-icon"}
)
_AUDIO_AND_VIDEO: Final = frozenset(
    {"audio/aac", "audio/amr", "audio/flac", "audio/midi", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav"}
    | {"audio/webm", "audio/x-aiff", "audio/x-caf", "audio/x-matroska"}
    | {"video/3gpp", "video/3gpp2", "video/mp2t", "video/mp4", "video/mpeg", "video/ogg", "video/quicktime"}
    | {"video/webm", "video/x-m4v", "video/x-matroska", "video/x-msvideo"}
)
_PDF: Final = "application/pdf"

SHOWN: Final = _IMAGES | _AUDIO_AND_VIDEO | {_PDF, PLAIN_TEXT}
"""Types that are shown."""

SAVED: Final = frozenset(
    {"application/gzip", "application/vnd.rar", "application/x-7z-compressed", "application/x-bzip2"}
    | {"application/x-tar", "application/x-xz", "application/zip", "application/zstd"}
    | {"application/epub+zip", "application/msword", "application/rtf", "application/vnd.ms-excel"}
    | {"application/vnd.ms-powerpoint", "application/vnd.oasis.opendocument.presentation"}
    | {"application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.text"}
    | {"application/vnd.openxmlformats-officedocument.presentationml.presentation"}
    | {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    | {"application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
    | {"application/geo+json", "application/json", "text/calendar", "text/csv", "text/markdown", "text/vcard"}
    | {"application/vnd.apple.mpegurl", "audio/x-mpegurl", "text/vtt"}
    | {"font/otf", "font/ttf", "font/woff", "font/woff2"}
)
"""Types that are told of what is saved: of documents, archives and fonts, and what a player or a script fetches."""

ALIASES: Final = {
    "audio/x-flac": "audio/flac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "image/vnd.microsoft.icon": "image/x-icon",
    "image/x-ms-bmp": "image/bmp",
}
"""What libmagic calls some of these."""

_SCRIPTS: Final = ("javascript", "ecmascript", "jscript", "livescript", "wasm", "vbscript")

SANDBOX: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What a document may do that gets shown all the same: nothing (https://www.w3.org/TR/CSP3/)."""

_NUL: Final = b"\0"


class Presentation(NamedTuple):
    """How a file is presented: its media type, with a charset where it is text, and whether it may be shown."""

    media_type: str
    is_shown: bool

    def headers(self, name: str) -> tuple[Header, ...]:
        """Fields for the file called `name`; a viewer of PDF, audio or video would not work in a sandbox."""
        essence = essence_of(self.media_type)
        fields = [("Content-Type", self.media_type)]
        if not self.is_shown:
            fields.append(("Content-Disposition", format_disposition(name, attachment=True)))
        if not self.is_shown or not (essence == _PDF or essence in _AUDIO_AND_VIDEO):
            fields.append(("Content-Security-Policy", SANDBOX))
        return tuple(fields)


class Policy(NamedTuple):
    """What decides on a file: the types by name that are asked first, the charset of text, the types that are shown
    beside those of SHOWN, and whether anything is shown at all."""

    media_types: Mapping[str, str]
    charset: str
    unsafe_types: frozenset[str] = frozenset()
    shows: bool = True

    def present(self, name: str, head: bytes, sniff: Callable[[bytes], str]) -> Presentation:
        """How to present a file called `name` that begins with `head`; `sniff` tells the media type of a beginning, or
        "" where nothing does."""
        named = media_type_by_name(name, self.media_types)
        essence = OCTET_STREAM if named is None else essence_of(named)
        if named is None:
            chosen = _type_by_content(head, sniff(head))
        elif essence in self.unsafe_types:
            chosen = named
        elif essence == PLAIN_TEXT:
            chosen = named if _NUL not in head else OCTET_STREAM
        elif essence in SHOWN:
            chosen = named if agree(essence, sniff(head)) else OCTET_STREAM
        else:
            chosen = named if essence in SAVED else OCTET_STREAM
        is_shown = self.shows and (essence_of(chosen) in SHOWN or essence in self.unsafe_types)
        return Presentation(with_charset(chosen, self.charset), is_shown)


def essence_of(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip(OWS).lower()


def runs(media_types: Iterable[str]) -> str | None:
    """The first of `media_types` that a browser would run."""
    return next((one for one in media_types if any(word in essence_of(one) for word in _SCRIPTS)), None)


def _type_by_content(head: bytes, sniffed: str) -> str:
    """Of a file whose name tells nothing: text of any kind is plain."""
    sniffed = ALIASES.get(sniffed, sniffed)
    if sniffed in _IMAGES or sniffed in _AUDIO_AND_VIDEO or sniffed == _PDF:
        return sniffed
    is_text = sniffed.startswith("text/") or sniffed in ("application/json", "application/javascript")
    return PLAIN_TEXT if is_text and _NUL not in head else OCTET_STREAM


def agree(named: str, sniffed: str) -> bool:
    """Whether what the content was found to be, if anything, is of the kind that the name says."""
    return sniffed in _NOTHING_FOUND or _kind_of(named) == _kind_of(sniffed)


_NOTHING_FOUND: Final = frozenset({"", OCTET_STREAM, "application/x-empty", "inode/x-empty"})


def _kind_of(media_type: str) -> str:
    if media_type == "image/svg+xml":
        return media_type
    kind = media_type.partition("/")[0]
    if kind in ("audio", "video") or media_type in ("application/ogg", "application/mxf"):
        return "audio or video"
    return kind if kind == "image" else media_type
