"""URL paths: how PEP 3333 spells them in PATH_INFO, what a prefix may be, and relative redirects.

PATH_INFO holds a path's bytes, percent-decoded once by the server, each as the latin-1 character of its value.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

_QUERY_SAFE: Final = "!$&'()*+,-./:;=?@_~%[]^`{|}\\"  # printable ASCII but space, quotes, angle brackets and "#"


def spell(path: str) -> str:
    """A decoded path, or a file's name, as PATH_INFO spells it; names that are not UTF-8 keep their bytes."""
    if path.isascii():
        return path
    try:
        return path.encode("utf-8", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:  # a lone surrogate, possible in a name on Windows
        return path.encode("utf-8", "surrogatepass").decode("latin-1")


def unspell(path_info: str) -> str:
    """The decoded path of a PATH_INFO; whatever the server or the client sent, this never raises."""
    return path_info.encode("latin-1", "replace").decode("utf-8", "replace")


def unspell_exactly(path_info: str) -> str | None:
    """The file's name that `spell` gives `path_info` for; None if there is none."""
    try:
        return path_info.encode("latin-1").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None


def quote_path(path_info: str) -> str:
    """A PATH_INFO as it stands in a URL."""
    return quote(path_info.encode("latin-1", "replace"))


def normalize_prefix(prefix: str, noun: str = "prefix") -> str:
    """A prefix with one slash at each end; ValueError says what it, called by `noun`, must not contain."""
    if any(ord(character) < 0x20 or character in "\\?#\x7f" for character in prefix):
        raise ValueError(f"a {noun} is a plain URL path: no query, fragment, backslash or control character")
    segments = prefix.strip("/").split("/")
    if any(segment in (".", "..") for segment in segments):
        raise ValueError(f'a {noun} has no "." or ".." segment')
    if "" in segments[1:]:
        raise ValueError(f"a {noun} has no empty segment")
    return f"/{'/'.join(segments)}/" if segments[0] else "/"


def directory_of_index(path: str, index_file: str | None) -> str | None:
    """The directory, with its final slash or "", that the file at `path` answers for; None if it is no index file."""
    directory, slash, name = path.rpartition("/")
    return directory + slash if name == index_file else None


def name_of_clean_url(path: str) -> str | None:
    """The path of a page without ".html"; None for what is no page, or has no name but that."""
    name = path.removesuffix(".html")
    return None if name == path or not name or name.endswith("/") else name


def format_directory_location(path_info: str) -> str:
    r"""The relative reference from a path without its final slash to the same with it: its last segment and "/".

    Everything but unreserved characters is percent-encoded, so that it can never be read as an authority
    (`//host`, `/\host`) or a scheme (`x:y/`).
    """
    segment = path_info.rpartition("/")[2]
    return f"{quote(segment.encode('latin-1', 'replace'), safe='')}/" if segment else "./"


def with_query(location: str, query: str) -> str:
    """`location` with the request's QUERY_STRING kept; nothing in it can end the field or begin a fragment."""
    return f"{location}?{quote(query.encode('latin-1', 'replace'), safe=_QUERY_SAFE)}" if query else location
