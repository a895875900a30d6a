"""Which uploads are accepted: by the type that the name says, if the content agrees.

The words are those of HTML's `accept` attribute: media types, `image/*`, and extensions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from whitemedia.http.media_types import OCTET_STREAM, PLAIN_TEXT, media_type_by_name
from whitemedia.http.syntax import is_token
from whitemedia.media.filenames import RUN_BY_SERVERS, split_extension
from whitemedia.media.policy import ALIASES, agree, essence_of

# What a page, a picture with scripts, or a program is, by its content: refused whatever its name says, unless that is
# accepted by its own name
_ACTIVE: Final = frozenset(
    {"application/ecmascript", "application/javascript", "application/java-archive", "application/x-dosexec"}
    | {
        "application/x-executable",
        "application/x-java-applet",
        "application/x-mach-binary",
        "application/x-msdownload",
    }
    | {"application/x-pie-executable", "application/x-sharedlib", "application/x-shockwave-flash"}
    | {"application/vnd.adobe.flash.movie", "application/vnd.microsoft.portable-executable", "application/wasm"}
    | {"application/x-ms-shortcut", "application/xhtml+xml", "image/svg+xml", "text/html", "text/javascript"}
)
_OF_ANYTHING: Final = frozenset({PLAIN_TEXT, OCTET_STREAM})
"""Types that scripts of some servers have too."""

_ALWAYS_KNOWN: Final = frozenset(
    {"application/pdf", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/tiff", "image/webp"}
)
"""Types whose contents every libmagic knows."""

_ZIPPED: Final = (
    "application/zip",
    "application/vnd.openxmlformats",
    "application/vnd.oasis.",
    "application/epub",
)
_OLE: Final = ("application/x-ole-storage", "application/cdfv2", "application/msword", "application/vnd.ms-")

_FONT: Final = ("font/", "application/font-", "application/x-font-", "application/vnd.ms-opentype")

_CONTENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "application/epub+zip": _ZIPPED,
    "application/gzip": ("application/gzip", "application/x-gzip"),
    "application/msword": (*_OLE, "text/rtf"),
    "application/rtf": ("text/rtf", "application/rtf"),
    "application/vnd.ms-excel": (*_OLE, "text/"),
    "application/vnd.ms-powerpoint": _OLE,
    "application/vnd.oasis.opendocument.presentation": _ZIPPED,
    "application/vnd.oasis.opendocument.spreadsheet": _ZIPPED,
    "application/vnd.oasis.opendocument.text": _ZIPPED,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": _ZIPPED,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _ZIPPED,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _ZIPPED,
    "application/vnd.rar": ("application/x-rar", "application/vnd.rar"),
    "application/x-7z-compressed": ("application/x-7z-compressed",),
    "application/x-tar": ("application/x-tar",),
    "application/zip": (*_ZIPPED, "application/java-archive"),
    "font/otf": _FONT,
    "font/ttf": _FONT,
    "font/woff": _FONT,
    "font/woff2": _FONT,
}
"""What libmagic calls the contents of files of these types, by how it begins."""

_EXTENSIONS: Final[Mapping[str, str]] = {
    "application/pdf": ".pdf",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/avif": ".avif",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/jp2": ".jp2",
    "image/jpeg": ".jpg",
    "image/jxl": ".jxl",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "image/x-icon": ".ico",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
}
"""For what has none, as pictures that a script took."""

_NUL: Final = b"\0"


class Judgement(NamedTuple):
    """The media type of an upload, the extension it lacks, and whether it is accepted; if not, whether that is for what
    it contains although its name says something else."""

    media_type: str
    extension: str
    is_accepted: bool
    by_content: bool = False


class Acceptance:
    """What is accepted; `words` as they were given, for HTML and for messages."""

    def __init__(self, words: tuple[str, ...], media_types: Mapping[str, str]) -> None:
        self.words = words
        self._media_types = media_types
        self._types = frozenset(word for word in words if not word.startswith(".") and not word.endswith("/*"))
        self._kinds = tuple(word[:-1] for word in words if word.endswith("/*"))
        self._extensions = frozenset(word for word in words if word.startswith("."))

    def judge(self, name: str, head: bytes, sniffed: str) -> Judgement:
        """Whether a file called `name`, which begins with `head`, is accepted; `sniffed` is what libmagic calls that."""
        extension = split_extension(name)[1]
        named = media_type_by_name(name, self._media_types) if extension else None
        if named is None and not extension:
            found = ALIASES.get(sniffed, sniffed) or OCTET_STREAM
            extension = _EXTENSIONS.get(found, "")
            return Judgement(found, extension, self._accepts(found, extension))
        media_type = essence_of(named or OCTET_STREAM)
        if not self._accepts(media_type, extension.lower()):
            return Judgement(media_type, "", is_accepted=False)
        is_named = named is not None and extension.lower() in self._extensions
        if not _contains(media_type, head, sniffed, is_named=is_named):
            return Judgement(sniffed or OCTET_STREAM, "", is_accepted=False, by_content=True)
        return Judgement(media_type, "", is_accepted=True)

    def _accepts(self, media_type: str, extension: str) -> bool:
        if extension in self._extensions:
            return True
        is_run = extension[1:] in RUN_BY_SERVERS
        if media_type in self._types:
            return not (is_run and media_type in _OF_ANYTHING)
        # "image/*" is pictures; one with scripts is asked for by name
        return media_type.startswith(self._kinds) and media_type not in _ACTIVE and not is_run


def parse_accept(value: object) -> tuple[str, ...]:
    """The words of an `accept` attribute, or of a sequence. Raises ValueError."""
    given = value.split(",") if isinstance(value, str) else value
    if isinstance(given, bytes) or not isinstance(given, Iterable):
        raise ValueError('expected what HTML\'s accept takes, such as "image/*,.pdf", or a sequence of that')
    words = tuple(word.strip().lower() if isinstance(word, str) else word for word in given)
    for word in words:
        if not isinstance(word, str) or not _is_word(word):
            raise ValueError(f'{word!r} is neither a media type, nor "image/*", nor an extension such as ".pdf"')
    if not words:
        raise ValueError("accepts nothing")
    return words


def _is_word(word: str) -> bool:
    if word.startswith("."):
        return is_token(word[1:]) and "." not in word[1:]
    kind, _, subtype = word.partition("/")
    return is_token(kind) and is_token(subtype) and "*" not in kind and (subtype == "*" or "*" not in subtype)


def _contains(media_type: str, head: bytes, sniffed: str, *, is_named: bool) -> bool:
    """Whether the content is of the kind that the name says, as far as can be told; `is_named` says that its very
    extension is accepted, programs included."""
    if media_type in _ACTIVE:
        return True  # it was accepted by its own name
    if media_type.startswith("text/") or media_type.endswith("json"):
        return _NUL not in head
    if not head or (media_type in _ALWAYS_KNOWN and sniffed == OCTET_STREAM):
        return False
    if media_type in _CONTENTS:
        return sniffed in ("", OCTET_STREAM) or sniffed.lower().startswith(_CONTENTS[media_type])
    if media_type.startswith(("image/", "audio/", "video/", "font/")) or media_type == "application/pdf":
        return sniffed not in _ACTIVE and agree(media_type, sniffed)
    return is_named or sniffed not in _ACTIVE
