"""Content-Disposition (RFC 6266): shown or saved, and under which name.

A name is hostile: it was often an upload's, or comes from a form. What is sent is never a path, and nothing in it ends
the field, or a parameter.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

FALLBACK_NAME: Final = "download"
"""The name of what has none; browsers call it so too."""

LONGEST_NAME: Final = 240
"""Bytes in UTF-8: file systems hold 255, and browsers append to it while they save."""

_LONGEST_EXTENSION: Final = 16
_SEPARATORS: Final = re.compile(r"[/\\]")
_OUTER: Final = " ."  # "..", names that are hidden, and what Windows drops at the end; browsers trim these as well

# Controls, line separators, lone surrogates, and what reverses text on the screen (Bidi_Control): "exe.pdf", shown
# from right to left, looks like another type
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

# All but what every client reads alike in a quoted-string: not %, which some decode, nor what some end it at
# (RFC 6266, appendix D), nor what some system refuses in a name
_AMBIGUOUS: Final = re.compile(r"[^ !#$&'()+\-.0-9=@A-Z\[\]^_`a-z{}~]")
_ATTR_CHARS: Final = "!#$&+-.^_`|~"  # with letters and digits (RFC 8187, section 3.2.1)


def format_disposition(name: str, *, attachment: bool) -> str:
    """The field for a file called `name`: to be saved if `attachment`, else to be shown."""
    kind = "attachment" if attachment else "inline"
    name = saved_name(name)
    plain = _AMBIGUOUS.sub("_", name)
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"
    return f'{kind}; filename="{plain}"{extended}'


def saved_name(name: str) -> str:
    """What a browser is told to save a file called `name` as: its last segment, where nothing is hidden or too long."""
    segment = _SEPARATORS.split(name)[-1]
    printable = _UNPRINTABLE.sub("_", segment).strip(_OUTER)
    return _shortened(printable).rstrip(_OUTER) or FALLBACK_NAME


def _shortened(name: str) -> str:
    """`name` in at most LONGEST_NAME bytes of UTF-8, with its extension."""
    encoded = name.encode()
    if len(encoded) <= LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = (dot + extension).encode() if stem else b""
    if len(ending) > _LONGEST_EXTENSION:
        ending = b""
    return (encoded[: LONGEST_NAME - len(ending)] + ending).decode("utf-8", "ignore")
