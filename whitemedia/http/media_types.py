"""Media types by file name (RFC 9110, section 8.3), and what follows from a type.

The table is our own: the standard library's lacks woff2, avif and others, and reads whatever the host has.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Final

from whitemedia.http.media_type_table import COMPRESSIBLE, EXTENSIONS
from whitemedia.http.syntax import OWS

OCTET_STREAM: Final = "application/octet-stream"
PLAIN_TEXT: Final = "text/plain"

_NAMES: Final = {"apple-app-site-association": "application/json"}
"""Files that have a type by convention and no extension."""


def media_type_by_name(name: str, overrides: Mapping[str, str]) -> str | None:
    """The type of a file called `name`; None if its extension is unknown.

    `overrides` is asked first, for the whole name and then for its extension (".ext"), both in lower case.
    """
    name = name.lower()
    stem, dot, extension = name.rpartition(".")
    extension = extension if stem else ""
    return overrides.get(name) or overrides.get(dot + extension) or EXTENSIONS.get(extension) or _NAMES.get(name)


def with_charset(media_type: str, charset: str) -> str:
    """`media_type` with a charset parameter if it is text and has none."""
    if not media_type.lower().startswith("text/") or "charset=" in media_type.lower():
        return media_type
    return f"{media_type}; charset={charset}"


@functools.lru_cache(maxsize=1024)
def is_compressible(media_type: str) -> bool:
    """Whether content of this type is worth compressing; parameters do not matter."""
    essence = media_type.partition(";")[0].rstrip(OWS).lower()
    if essence in COMPRESSIBLE or essence.startswith("text/"):
        return True
    return essence.endswith(("+json", "+xml", "+text"))
