"""The media type of a file whose name has no known extension, from its first bytes.

libmagic is right about images, audio, video, fonts and archives, and wrong about text; so text of any kind is
plain text here, which no browser runs. Where libmagic is missing or broken, the answer is a safe default.
"""

from __future__ import annotations

import importlib
import logging
import re
import threading
from types import ModuleType
from typing import Any, Final

from whitemedia.http.media_types import OCTET_STREAM, PLAIN_TEXT
from whitemedia.http.syntax import is_media_type

HEAD_LENGTH: Final = 4096
"""Bytes from the start of a file that are enough to tell its type."""

_PNG: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
_INERT: Final = ("image/", "audio/", "video/", "font/")
_INERT_TYPES: Final = frozenset(
    {"application/pdf", "application/zip", "application/gzip", "application/x-tar", "application/wasm"}
)
_BLANK_LINES: Final = re.compile(rb"(?:[ \t]*[\r\n]){3,}")  # libmagic takes quadratic time over them
_log = logging.getLogger("whitemedia")
_local = threading.local()  # libmagic's handles are not safe to share between threads


def sniff_media_type(head: bytes) -> str:
    """The type of a file beginning with `head` (HEAD_LENGTH bytes): inert ones as found, text as plain text."""
    found = ask_libmagic(head)
    if found.startswith("text/") or found in ("application/json", "application/javascript", "image/svg+xml"):
        return PLAIN_TEXT
    if found.startswith(_INERT) or found in _INERT_TYPES:
        return found
    return OCTET_STREAM


def can_sniff() -> bool:
    """Whether what was just sniffed, in this thread, was found by libmagic, and not for want of it."""
    return getattr(_local, "magic", None) is not None


def ask_libmagic(head: bytes) -> str:
    """What libmagic says of a file beginning with `head`; "" where it says nothing, or is not there."""
    if not head:
        return ""
    if not hasattr(_local, "magic"):
        _local.magic = _open_libmagic()
    if _local.magic is None:
        return ""
    try:
        found = str(_local.magic.from_buffer(_BLANK_LINES.sub(b"\n\n", head)))
    except Exception:  # noqa: BLE001 - whatever a C library makes of foreign bytes, the file is served
        return ""
    return found if is_media_type(found) else ""


def _open_libmagic() -> Any:
    """A `magic.Magic`, or None: python-magic raises ImportError without libmagic, and nothing without its data."""
    try:
        magic = _import_magic()
        opened = magic.Magic(mime=True)
        if opened.from_buffer(_PNG) == "image/png":
            return opened
        reason = "its data file is missing or foreign"
    except Exception as error:  # noqa: BLE001 - ImportError, OSError, MagicException: all mean the same here
        reason = str(error).replace("\n", " ")
    _log.info("libmagic is not usable (%s): files without a known extension are sent as %s", reason, OCTET_STREAM)
    return None


def _import_magic() -> ModuleType:
    """python-magic, which loads the system's libmagic, or else the one that the extra "libmagic" brings."""
    try:
        return importlib.import_module("magic")
    except ImportError:
        importlib.import_module("pylibmagic")  # it tells python-magic where to look
        return importlib.import_module("magic")
