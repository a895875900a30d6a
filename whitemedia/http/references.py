"""References from one file to another (RFC 3986, section 5): which path they name, and how they name its version."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from whitemedia.http.versions import with_version

_ELSEWHERE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_PATH: Final = re.compile(r"[^?#]*")
_UNSAFE: Final = re.compile(  # what browsers remove or read as something else, and what is no character
    "^ | $|[\x00-\x1f\x7f\\\\\ud800-\udc7f\udd00-\udfff\ufffd]"
)
_SAFE_IN_NAME: Final = "@!$&+,;=~"  # no colon: what is before it could be read as a scheme
_SAFE: Final = _SAFE_IN_NAME + "/:%?#"
"""What stands for itself in a URL and in every syntax that a reference may stand in."""

_DOTS: Final = {".": ".", "%2e": ".", "..": "..", ".%2e": "..", "%2e.": "..", "%2e%2e": ".."}


def resolve_reference(url: str, base: str) -> str | None:
    """The PATH_INFO that `url`, which stands in the file at PATH_INFO `base`, names; None if that is at no path of ours."""
    path = path_of_reference(url)
    if not path:
        return None
    segments = [] if path.startswith("/") else base.split("/")[1:-1]
    *folders, name = path.removeprefix("/").split("/")
    for folder in folders:
        _step(segments, folder)
    if name.lower() in _DOTS:
        _step(segments, name)
        name = ""
    return "/" + "/".join([*segments, _spell(name)])


def path_of_reference(url: str) -> str:
    """The path of a URL as it is written, without query and fragment; "" where it names another host, or nothing."""
    if _ELSEWHERE.match(url) or _UNSAFE.search(url):
        return ""
    match = _PATH.match(url)
    return match[0] if match is not None else ""


def version_reference(url: str, version: str, *, is_escaped: bool) -> str:
    """`url` with a version in its last name; the rest stays as it is, or is percent-encoded if it `is_escaped` in a way
    that is not repeated."""
    path = path_of_reference(url)
    folder, slash, name = path.rpartition("/")
    before, rest = folder + slash, url[len(path) :]
    versioned, wanted = with_version(name, version), with_version(_spell(name), version)
    if _spell(versioned) != wanted:  # its last dot is percent-encoded
        versioned = quote(wanted.encode("latin-1"), safe=_SAFE_IN_NAME)
    if not is_escaped:
        return before + versioned + rest
    return _quote(before, _SAFE) + _quote(versioned, _SAFE_IN_NAME + "%") + _quote(rest, _SAFE)


def _step(segments: list[str], folder: str) -> None:
    dots = _DOTS.get(folder.lower())
    if dots is None:
        segments.append(_spell(folder))
    elif dots == ".." and segments:
        segments.pop()


def _spell(path: str) -> str:
    return unquote_to_bytes(path.encode("utf-8", "surrogateescape")).decode("latin-1")


def _quote(text: str, safe: str) -> str:
    return quote(text, safe, errors="surrogateescape")
