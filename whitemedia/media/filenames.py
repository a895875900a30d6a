"""Names for files that users give: what they wrote, as far as no system, server or browser reads anything into it.

A name is kept in its own script and wording. What goes is what means something: paths, hidden names, devices, text that
runs backwards, and extensions before the last one, by which some servers decide.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from whitemedia.http.media_type_table import EXTENSIONS

LONGEST: Final = 200
"""Bytes in UTF-8: file systems hold 255, and a number or a width may be added."""

NAMELESS: Final = "upload"
"""The stem of what has no name."""

_SHOWN: Final = 200  # characters of a name that a message repeats: the last ones, with the extension
_READ: Final = 1000  # characters of a name that are looked at: to compose many accents takes quadratic time
_LONGEST_EXTENSION: Final = 16
_NO_EXTENSION: Final = frozenset(" ;")  # the second ends one, to some servers
_SEPARATORS: Final = re.compile(r"[/\\]")
_FORBIDDEN: Final = re.compile(r'[<>:"|?*~#%]')  # on Windows, in URLs, or how editors mark what is hidden
_SPACES: Final = re.compile(r"[\s\u2800\u3164\uffa0]+")  # the last are letters that look like none
_JOINERS: Final = "\u200c\u200d"  # of Persian, of emoji
_EDGES: Final = f" .-{_JOINERS}"  # what no stem begins or ends with
_LINES: Final = "\u2028\u2029"  # what begins a new one or a paragraph, and is no control
_TAGS: Final = "\U000e0020-\U000e007f"
_LOOSE_TAGS: Final = re.compile(f"(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+")  # of no flag: text that nobody sees

_WIDTH: Final = re.compile(r"[0-9]+w")  # of a thumbnail: no upload has a name like one's

# CONIN$ and CONOUT$ too; the superscripts are digits to Windows
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)

RUN_BY_SERVERS: Final = frozenset(
    {"asa", "asax", "ascx", "ashx", "asis", "asmx", "asp", "aspx", "cer", "cfc", "cfm", "cfml", "cgi"}
    | {"cshtml", "fcgi", "htaccess", "htpasswd", "jsp", "jspf", "jspx", "jsv", "jsw", "lua", "pgif"}
    | {"phar", "php", "php2", "php3", "php4", "php5", "php6", "php7", "php8", "phps", "pht", "phtm"}
    | {"phtml", "pl", "ps1", "py", "rb", "sh", "shtm", "shtml", "stm", "var", "vbhtml"}
)
"""Extensions of what servers run, or configure themselves by, wherever in a name they stand."""


def safe_name(given: str | None) -> str:
    """The name to store a file under that its user calls `given`: one segment, of at most LONGEST bytes.

    It has the extension of `given`, if that has one.
    """
    segment = _SEPARATORS.split(given or "")[-1][-_READ:]
    stem, extension = split_extension(_readable(segment))
    room = LONGEST - len(extension.encode())
    stem = _cut(stem.strip(_EDGES), room)
    if _DEVICE.fullmatch(stem.partition(".")[0].rstrip()):
        stem = "_" + _cut(stem, room - 1)
    return (_without_inner_extensions(stem) or NAMELESS) + extension


def shown_name(given: str | None) -> str:
    """A user's name for a file, as it can be shown to its user again: on one line, and in its order."""
    text = _LOOSE_TAGS.sub("_", (given or "")[-_SHOWN:])
    return "".join(one if _is_seen(one) and one not in _LINES else "_" for one in text) or NAMELESS


def split_extension(name: str) -> tuple[str, str]:
    """A name before its last dot, and what follows with the dot; "" where that is no extension."""
    stem, dot, extension = name.rpartition(".")
    length = len(extension.encode("utf-8", "surrogatepass"))
    if not stem.strip(" .") or not 1 <= length <= _LONGEST_EXTENSION or _NO_EXTENSION.intersection(extension):
        return name, ""
    return stem, dot + extension


def with_suffix(name: str, suffix: str) -> str:
    """`name` with `suffix` before its extension."""
    stem, extension = split_extension(name)
    return f"{stem}{suffix}{extension}"


def _readable(text: str) -> str:
    """Composed, with single spaces, without what is not seen or is forbidden somewhere."""
    kept = "".join(character for character in text if character.isspace() or _is_seen(character))
    composed = unicodedata.normalize("NFC", _LOOSE_TAGS.sub("", kept))
    return _FORBIDDEN.sub("_", _SPACES.sub(" ", composed)).strip(f" .{_JOINERS}")


def _is_seen(character: str) -> bool:
    """Neither a control nor a surrogate, nor a format character, such as those that turn the text around."""
    category = unicodedata.category(character)
    is_tag = "\U000e0020" <= character <= "\U000e007f"  # of flags
    return category not in ("Cc", "Cs", "Cf", "Cn", "Co") or character in _JOINERS or is_tag


def _without_inner_extensions(stem: str) -> str:
    """`stem` without dots before what would be an extension."""
    first, *others = stem.split(".")
    joined = (f"_{part}" if _means_something(part) else f".{part}" for part in others)
    return first + "".join(joined)


def _means_something(part: str) -> bool:
    lower = part.partition(";")[0].strip().lower()
    return lower in EXTENSIONS or lower in RUN_BY_SERVERS or _WIDTH.fullmatch(lower) is not None


def _cut(stem: str, room: int) -> str:
    """As much of it as `room` bytes hold."""
    encoded = stem.encode()
    return stem if len(encoded) <= room else encoded[:room].decode("utf-8", "ignore").rstrip(_EDGES)
