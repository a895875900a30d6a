"""References from stylesheets and scripts to files that are not there: said so that they can be found."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urldefrag, urlsplit

_ONE_OF: Final = 3
"""Files of the same name elsewhere that are named."""


class MissingFileError(ValueError):
    """A file that another one, or a page, refers to is not there."""


def resolve(name: str, url: str, static_url: str) -> str:
    """The name of the file that `url` in the file `name` stands for."""
    path = unquote(urlsplit(urldefrag(url)[0]).path)
    if path.startswith("/"):
        return path.removeprefix(urlsplit(static_url).path)
    return posixpath.normpath(posixpath.join(posixpath.dirname(name.replace("\\", "/")), path))


def describe_missing(name: str, match: re.Match[str], missing: str, names: Iterable[str]) -> str:
    """What is wrong, where, and what to do; `names` are all files that there are."""
    line = match.string.count("\n", 0, match.start()) + 1
    base = posixpath.basename(missing)
    near = sorted(known for known in names if posixpath.basename(known) == base)[:_ONE_OF]
    elsewhere = f" A file of that name is {' and '.join(near)}." if near else ""
    kind = posixpath.splitext(name)[1].lstrip(".").upper() or "text"
    return (
        f"{name}, line {line}: {match['url'].strip()!r} refers to a file that could not be found: {missing}\n\n"
        f"A relative URL in a {kind} file starts from that file's own directory. Correct it, or add the file to the"
        f" static files of an application or to a directory of STATICFILES_DIRS.{elsewhere}"
    )
