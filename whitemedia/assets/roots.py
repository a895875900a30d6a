"""Roots: where files come from, and what a look at one may tell."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from whitemedia.assets.files import Opened

if TYPE_CHECKING:
    from whitemedia.assets.representation import Source


class Why(enum.Enum):
    """Why something in a root is not served under its own name."""

    HIDDEN = "hidden"
    SIBLING = "compressed sibling"
    BROKEN_LINK = "broken link"
    LINK_LOOP = "link loop"
    OUTWARD_LINK = "link out of the root, served only with follow_symlinks=True"
    NOT_REGULAR = "not a regular file"
    UNREADABLE = "unreadable"
    GONE = "gone while it was read"
    UNDECODABLE = "name is not UTF-8"
    BAD_SIBLING = "compressed sibling that does not decode to its file"
    UNCHECKED_SIBLING = "compressed sibling of a file too large to check it against"
    NO_DECODER = "zstd sibling without a decoder: install whitemedia[zstd]"

    @property
    def expected(self) -> bool:
        """Whether a clean tree has it too."""
        return self in (Why.HIDDEN, Why.SIBLING)


class Skipped(NamedTuple):
    """Something not served under its own name; `subtree` if it is a directory that was not entered."""

    path: str
    url_path: str
    why: Why
    subtree: bool = False


class Directory(NamedTuple):
    """A directory within a root: `url_path` is "" or ends in a slash."""

    path: str
    url_path: str
    hops: tuple[str, ...]  # resolved directories on the way that links were followed from and to

    def child(self, name: str) -> str:
        """The path of a name in it; `os.path.join` would take as long as looking at the file."""
        return f"{self.path}{name}" if self.path.endswith(os.sep) else f"{self.path}{os.sep}{name}"


class Listed(NamedTuple):
    """What a listing shows of a file or directory; size in bytes, time in nanoseconds."""

    name: str
    is_directory: bool
    size: int
    mtime_ns: int


class Root(Protocol):
    """Where files come from: a directory is one."""

    @property
    def path(self) -> str:
        """An absolute path, for messages."""

    def sources(self) -> Iterator[Source | Skipped]:
        """Everything in the root, in no particular order."""

    def look(self, url_path: str) -> Source | Skipped | Directory | None:
        """What a scan would find at `url_path` now; a Skipped with a shorter path stands for all beneath it."""

    def open(self, url_path: str) -> Opened | None:
        """Open what is there now, never leaving the root. Raises OSError where that cannot be told."""

    def hides(self, name: str) -> bool:
        """Whether a segment of a URL path is hidden."""
