"""One walk over a root: what can be served, what is skipped and why. A dirty tree never raises."""

from __future__ import annotations

import enum
import errno
import fnmatch
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from whitemedia.assets.codings import SUFFIXES
from whitemedia.assets.files import Opened, StatKey, is_beneath, open_beneath
from whitemedia.assets.representation import Sibling, Source

MAX_LINK_DEPTH: Final = 4
"""Linked directories within linked directories; more is a tree that links to itself in many ways."""

MAX_NESTED_VISITS: Final = 64
"""Times that one directory is entered through a link within a linked directory; else a few directories that link to
each other would stand for thousands of paths."""

MAX_SUFFIXES: Final = 3
"""Codings of codings that a name is looked through for a hidden one: names also come from requests, of any length."""

_JUNCTION: Final = 0xA0000003  # Windows' IO_REPARSE_TAG_MOUNT_POINT: a link to a directory, though not called one


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


class Root(Protocol):
    """Where files come from: a directory is one."""

    @property
    def path(self) -> str:
        """An absolute path, for messages."""

    def sources(self) -> Iterator[Source | Skipped]:
        """Everything in the root, in no particular order."""

    def open(self, url_path: str) -> Opened | None:
        """Open what is there now, never leaving the root. Raises OSError where that cannot be told."""

    def hides(self, name: str) -> bool:
        """Whether a segment of a URL path is hidden."""


class _Directory(NamedTuple):
    path: str
    url_path: str  # "" or ending in a slash
    hops: tuple[str, ...]  # resolved directories on the way that links were followed from and to


class DirectoryRoot:
    """A directory, with the rule for hidden names and for links."""

    def __init__(self, path: str, hidden: Sequence[str], *, follow_symlinks: bool) -> None:
        self.path = os.path.abspath(path)
        self.follow_symlinks = follow_symlinks
        self._rules = _compile_rules(hidden)
        self._resolved = self.path
        self._visits: Counter[str] = Counter()

    def hides(self, name: str) -> bool:
        """Whether the last pattern that matches `name` hides it, or the name whose coded sibling it is."""
        for _ in range(MAX_SUFFIXES):
            if self._matches(name):
                return True
            name, dot, suffix = name.rpartition(".")
            if dot + suffix not in SUFFIXES:
                return False
        return self._matches(name)

    def _matches(self, name: str) -> bool:
        return next((hides for rule, hides in self._rules if rule.match(name)), False)

    def open(self, url_path: str) -> Opened | None:
        """Open the regular file now at `url_path`; None if there is none, or it lies outside the root."""
        return open_beneath(self.path, url_path, follow_symlinks=self.follow_symlinks)

    def sources(self) -> Iterator[Source | Skipped]:
        """Walk the root without recursion: depth is bounded by the file system alone."""
        self._resolved = os.path.realpath(self.path)
        self._visits.clear()
        pending = [_Directory(self.path, "", ())]
        while pending:
            directory = pending.pop()
            try:
                names = sorted(os.listdir(directory.path))
            except OSError:
                yield Skipped(directory.path, directory.url_path.rstrip("/"), Why.UNREADABLE, subtree=True)
                continue
            yield from self._scan(directory, names, pending)

    def _scan(
        self, directory: _Directory, names: list[str], pending: list[_Directory]
    ) -> Iterator[Source | Skipped]:
        files: dict[str, StatKey] = {}
        for name in names:
            found = self._look_at(directory, name)
            if isinstance(found, StatKey):
                files[name] = found
            elif isinstance(found, _Directory):
                pending.append(found)
            else:
                yield found
        yield from self._sources(directory, files)

    def _sources(self, directory: _Directory, files: dict[str, StatKey]) -> Iterator[Source | Skipped]:
        """Sources with their siblings; a sibling is no source of its own."""
        siblings: dict[str, list[Sibling]] = {}
        for name, stat_key in files.items():
            stem, dot, suffix = name.rpartition(".")
            coding = SUFFIXES.get(dot + suffix)
            if coding is not None and stem in files:
                path = os.path.join(directory.path, name)
                siblings.setdefault(stem, []).append(Sibling(coding.name, path, stat_key))
                yield Skipped(path, directory.url_path + name, Why.SIBLING)
        coded = {os.path.basename(sibling.path) for group in siblings.values() for sibling in group}
        for name in files.keys() - coded:
            path = os.path.join(directory.path, name)
            yield Source(path, directory.url_path + name, files[name], self, tuple(siblings.get(name, ())))

    def _look_at(self, directory: _Directory, name: str) -> StatKey | _Directory | Skipped:
        path, url_path = os.path.join(directory.path, name), directory.url_path + name
        if self.hides(name):  # before anything else: an editor's lock file is a hidden, broken link
            return Skipped(path, url_path, Why.HIDDEN, subtree=os.path.isdir(path))
        try:
            status = os.lstat(path)
            linked = stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION
            if linked:
                status = os.stat(path)
            why = self._why_not(directory, path, status, linked=linked)
        except OSError as error:  # what it is cannot be told now, nor what will be beneath it
            return Skipped(path, url_path, _why_no_status(error), subtree=True)
        is_directory = stat.S_ISDIR(status.st_mode)
        if why is not None:
            return Skipped(path, url_path, why, subtree=is_directory)
        if is_directory:
            return _Directory(path, url_path + "/", _hops(directory, path) if linked else directory.hops)
        return StatKey.of(status)

    def _why_not(self, directory: _Directory, path: str, status: os.stat_result, *, linked: bool) -> Why | None:
        if not _is_decodable(os.path.basename(path)):
            return Why.UNDECODABLE
        is_directory = stat.S_ISDIR(status.st_mode)
        if not is_directory and not stat.S_ISREG(status.st_mode):
            return Why.NOT_REGULAR
        if not linked:
            return None
        resolved = os.path.realpath(path)
        if not self.follow_symlinks and not _is_within(resolved, self._resolved):
            return Why.OUTWARD_LINK
        return Why.LINK_LOOP if is_directory and self._loops(directory, resolved) else None

    def _loops(self, directory: _Directory, resolved: str) -> bool:
        """Whether a link to the directory `resolved` leads back to where the walk is, or has been too often."""
        if directory.hops:
            self._visits[resolved] += 1
            if len(directory.hops) >= 2 * MAX_LINK_DEPTH or self._visits[resolved] > MAX_NESTED_VISITS:
                return True
        return any(_is_within(place, resolved) for place in (*directory.hops, os.path.realpath(directory.path)))


def _why_no_status(error: OSError) -> Why:
    if error.errno == errno.ELOOP:
        return Why.LINK_LOOP
    return Why.BROKEN_LINK if error.errno in (errno.ENOENT, errno.ENOTDIR) else Why.UNREADABLE


def _hops(directory: _Directory, path: str) -> tuple[str, ...]:
    return (*directory.hops, os.path.realpath(directory.path), os.path.realpath(path))


def _is_within(path: str, directory: str) -> bool:
    return path == directory or is_beneath(path, directory)


def _is_decodable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _compile_rules(patterns: Sequence[str]) -> list[tuple[re.Pattern[str], bool]]:
    """Patterns on one segment, the last first, each with whether it hides or, after `!`, re-admits."""
    return [(re.compile(fnmatch.translate(text.lstrip("!"))), text[0] != "!") for text in reversed(patterns)]
