"""What a field of the application names: a file beneath a private root, or nothing.

By `X-Accel-Redirect` it is a URL path beneath the root's prefix, by `X-Sendfile` a path in the file system. Nothing is
opened here: what is named is only a plain name below a root, where no link is followed.
"""

from __future__ import annotations

import email.errors
import email.header
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from whitemedia.http.paths import spell
from whitemedia.media.exposure import Exposed, Exposure
from whitemedia.media.names import LONGEST, is_plain

ACCEL: Final = "x-accel-redirect"
SENDFILE: Final = "x-sendfile"

_SLASHES: Final = re.compile(rb"/+")  # a prefix and a path that begins with one, put together


class PrivateRoot(NamedTuple):
    """A directory of files to hand off; `prefix` is None where they are named by their path in the file system alone."""

    path: str
    prefix: str | None

    @property
    def exposed(self) -> Exposed:
        """How its files are shown: not at all, but to whom the application hands them."""
        return Exposed(self.path, Exposure.GUARDED, lambda name: False)  # noqa: ARG005

    def below(self, field: str, target: str) -> str | None:
        """The path below the root that a field names, if it does; it may still be no plain one."""
        if field == ACCEL:
            return None if self.prefix is None else _remainder(target, self.prefix)
        path = os.path.normpath(target)
        below = _remainder(path, os.path.join(self.path, ""))
        if below is None:
            below = _remainder(path, os.path.join(os.path.realpath(self.path), ""))
        return None if below is None else below.replace(os.sep, "/")


def find_target(roots: Sequence[PrivateRoot], field: str, value: str) -> tuple[PrivateRoot, str] | None:
    """The first of `roots` that a field names something beneath, and the plain name that this has there."""
    target, is_within = _decoded(field, value), False
    if target is None:
        return None
    for root in roots:
        below = root.below(field, target)
        if below is not None and is_plain(below):
            return root, below
        is_within = is_within or below is not None
    return None if is_within or field == ACCEL else _find_by_link(roots, os.path.normpath(target))


def _find_by_link(roots: Sequence[PrivateRoot], path: str) -> tuple[PrivateRoot, str] | None:
    """The same where links lead to a root, as through the `current` of a deployment.

    The outermost directory that is a root counts: a link beneath one, which may be its users', leads to no other.
    """
    if len(path) > LONGEST:
        return None
    try:
        known = [(root, os.stat(root.path)) for root in roots if os.path.isdir(root.path)]
        for directory in reversed(Path(path).parents):
            status = os.stat(directory)
            root = next((root for root, own in known if os.path.samestat(own, status)), None)
            if root is not None:
                below = Path(path).relative_to(directory).as_posix()
                return (root, below) if is_plain(below) else None
    except (OSError, ValueError):  # nothing is there, or it has a NUL
        pass
    return None


def _decoded(field: str, value: str) -> str | None:
    """What a field names: an absolute path in the file system, or a URL path; None if it is neither."""
    text = _from_wsgi(value)
    if field == SENDFILE:
        return text if os.path.isabs(text) else None
    encoded = spell(text).encode("latin-1").partition(b"?")[0]
    if b"%2f" in encoded.lower():  # a slash that is in no name
        return None
    path = _SLASHES.sub(b"/", unquote_to_bytes(encoded))
    return path.decode("utf-8", "surrogateescape") if path.startswith(b"/") else None


def _from_wsgi(value: str) -> str:
    """A field's text: UTF-8 spelled as latin-1 (PEP 3333), or an encoded word (RFC 2047), as Django sends what is not
    latin-1, or text that a framework left as it is."""
    if value.startswith("=?"):
        try:
            return str(email.header.make_header(email.header.decode_header(value)))
        except (ValueError, LookupError, email.errors.MessageError):
            return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _remainder(path: str, prefix: str) -> str | None:
    return path[len(prefix) :] if os.path.normcase(path).startswith(os.path.normcase(prefix)) else None
