"""One walk over a root: what can be served, what is skipped and why. A dirty tree never raises."""

from __future__ import annotations

import errno
import fnmatch
import os
import re
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence, Sequence
from typing import Final

from whitemedia.assets.codings import SUFFIXES
from whitemedia.assets.files import Opened, StatKey, is_beneath, open_beneath
from whitemedia.assets.representation import Sibling, Source
from whitemedia.assets.roots import Directory, Listed, Skipped, Why

MAX_LINK_DEPTH: Final = 4
"""Linked directories within linked directories; more is a tree that links to itself in many ways."""

MAX_NESTED_VISITS: Final = 64
"""Times that one directory is entered through a link within a linked directory; else a few directories that link to
each other would stand for thousands of paths."""

OWN_NAMES: Final = ".whitemedia"
"""How names begin that `whitemedia build` writes beside files; they are never served."""

MAX_SUFFIXES: Final = 3
"""Codings of codings that a name is looked through for a hidden one: names also come from requests, of any length."""

_FOLDS_NAMES: Final = sys.platform in ("win32", "cygwin", "darwin")
"""Whether the system may find a file by other names than the one that a listing gives."""

_CODED: Final = tuple(SUFFIXES)
_JUNCTION: Final = 0xA0000003  # Windows' IO_REPARSE_TAG_MOUNT_POINT: a link to a directory, though not called one


class DirectoryRoot:
    """A directory, with the rule for hidden names and for links."""

    def __init__(self, path: str, hidden: Sequence[str], *, follow_symlinks: bool) -> None:
        self.path = os.path.abspath(path)
        self.follow_symlinks = follow_symlinks
        patterns = (*hidden, f"{OWN_NAMES}*")  # last, so that no other re-admits them
        self._may_hide = _compile_hiding(patterns)
        self._rules = _compile_rules(patterns)
        self._top = Directory(self.path, "", ())

    def hides(self, name: str) -> bool:
        """Whether the last pattern that matches `name` hides it, or the name whose coded sibling it is."""
        for _ in range(MAX_SUFFIXES):
            if self._matches(name):
                return True
            if not name.endswith(_CODED):
                return False
            name = name.rpartition(".")[0]
        return self._matches(name)

    def _matches(self, name: str) -> bool:
        if not self._may_hide(name):  # as for most names: it is asked of all patterns at once
            return False
        return next(hides for rule, hides in self._rules if rule.match(name))

    def open(self, url_path: str) -> Opened | None:
        """Open the regular file now at `url_path`; None if there is none, or it lies outside the root."""
        return open_beneath(self.path, url_path, follow_symlinks=self.follow_symlinks)

    def look(self, url_path: str) -> Source | Skipped | Directory | None:
        """What `sources` would tell of `url_path`, which comes from a request, by looking at no more than its way."""
        *above, name = url_path.split("/")
        directory = self._top
        visits: Counter[str] = Counter()
        for segment in above:
            found = self._look_for(directory, segment, visits)
            if not isinstance(found, Directory):
                return found if isinstance(found, Skipped) and found.subtree else None
            directory = found
        found = self._look_for(directory, name, visits)
        return self._with_its_siblings(directory, name, found, visits) if isinstance(found, Source) else found

    def list(self, url_path: str) -> tuple[Listed, ...] | None:
        """What is served in a directory ("" or ending in a slash), by name; None if there is none, or it is hidden."""
        directory = self.look(url_path[:-1]) if url_path else self._top
        if not isinstance(directory, Directory):
            return None
        try:
            names = sorted(os.listdir(directory.path))
        except OSError:
            return None
        pending: list[Directory] = []
        files = [found for found in self._scan(directory, names, pending, Counter()) if isinstance(found, Source)]
        return (*map(_list_directory, pending), *sorted(map(_list_file, files)))

    def sources(self) -> Iterator[Source | Skipped]:
        """Walk the root without recursion: depth is bounded by the file system alone."""
        visits: Counter[str] = Counter()
        pending = [self._top]
        while pending:
            directory = pending.pop()
            try:
                names = sorted(os.listdir(directory.path))
            except OSError:
                yield Skipped(directory.path, directory.url_path.rstrip("/"), Why.UNREADABLE, subtree=True)
                continue
            yield from self._scan(directory, names, pending, visits)

    def _scan(
        self, directory: Directory, names: Sequence[str], pending: MutableSequence[Directory], visits: Counter[str]
    ) -> Iterable[Source | Skipped]:
        files: dict[str, Source] = {}
        skipped: list[Skipped] = []
        for name in names:
            found = self._look_at(directory, name, visits)
            if isinstance(found, Source):
                files[name] = found
            elif isinstance(found, Directory):
                pending.append(found)
            else:
                skipped.append(found)
        return [*skipped, *_with_siblings(files)]

    def _with_its_siblings(
        self, directory: Directory, name: str, source: Source, visits: Counter[str]
    ) -> Source | Skipped | None:
        """One file as `_scan` would tell of it, having looked for no more than what decides."""
        files = {name: source}
        stem = name.rpartition(".")[0] if name.endswith(_CODED) else ""
        for other in (stem, *(name + suffix for suffix in sorted(SUFFIXES))):
            found = self._look_for(directory, other, visits)
            if isinstance(found, Source):
                files[other] = found
        return next((found for found in _with_siblings(files) if found.url_path == source.url_path), None)

    def _look_for(
        self, directory: Directory, name: str, visits: Counter[str]
    ) -> Source | Directory | Skipped | None:
        """`_look_at` for a name that may be none: it came from a request."""
        if not _is_name(name):
            return None
        path = directory.child(name)
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError, ValueError):  # a NUL, or no name on this system
            return None
        except OSError as error:
            if error.errno in (errno.ENAMETOOLONG, errno.EINVAL):
                return None
            return Skipped(directory.path, directory.url_path.rstrip("/"), Why.UNREADABLE, subtree=True)
        if _FOLDS_NAMES and not _is_listed(directory.path, name):  # "APP.CSS", "app.css.", "NUL": not its name
            return None
        if self.hides(name):
            return _hidden(directory, name)
        return self._judge(directory, name, path, status, visits)

    def _look_at(self, directory: Directory, name: str, visits: Counter[str]) -> Source | Directory | Skipped:
        if self.hides(name):  # before anything else: an editor's lock file is a hidden, broken link
            return _hidden(directory, name)
        path = directory.child(name)
        try:
            return self._judge(directory, name, path, os.lstat(path), visits)
        except OSError as error:
            return Skipped(path, directory.url_path + name, _why_no_status(error), subtree=True)

    def _judge(
        self, directory: Directory, name: str, path: str, status: os.stat_result, visits: Counter[str]
    ) -> Source | Directory | Skipped:
        """What a name that is not hidden stands for, from its `lstat`."""
        url_path = directory.url_path + name
        if stat.S_ISREG(status.st_mode) and name.isascii():  # as most are: it is no link, nor a junction
            return Source(path, url_path, StatKey.of(status), self, ())
        linked = stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION
        try:
            status = os.stat(path) if linked else status
            why = self._why_not(directory, path, status, visits if linked else None)
        except OSError as error:  # what it is cannot be told now, nor what will be beneath it
            return Skipped(path, url_path, _why_no_status(error), subtree=True)
        is_directory = stat.S_ISDIR(status.st_mode)
        if why is not None:
            return Skipped(path, url_path, why, subtree=is_directory)
        if is_directory:
            return Directory(path, url_path + "/", _hops(directory, path) if linked else directory.hops)
        return Source(path, url_path, StatKey.of(status), self, ())

    def _why_not(
        self, directory: Directory, path: str, status: os.stat_result, visits: Counter[str] | None
    ) -> Why | None:
        """Why something is not served or entered; `visits` are counted if it is a link."""
        if not _is_decodable(os.path.basename(path)):
            return Why.UNDECODABLE
        is_directory = stat.S_ISDIR(status.st_mode)
        if not is_directory and not stat.S_ISREG(status.st_mode):
            return Why.NOT_REGULAR
        if visits is None:
            return None
        resolved = os.path.realpath(path)
        if not self.follow_symlinks and not _is_within(resolved, os.path.realpath(self.path)):
            return Why.OUTWARD_LINK
        return Why.LINK_LOOP if is_directory and _loops(directory, resolved, visits) else None


def _with_siblings(files: Mapping[str, Source]) -> Iterable[Source | Skipped]:
    """The files of one directory, by name, each with its siblings; a sibling is no source of its own."""
    coded = [name for name in files if name.endswith(_CODED) and name.rpartition(".")[0] in files]
    told: dict[str, Source | Skipped] = dict(files)
    siblings: dict[str, list[Sibling]] = {}
    for name in coded:
        stem, dot, suffix = name.rpartition(".")
        path, url_path, stat_key = files[name][:3]
        told[name] = Skipped(path, url_path, Why.SIBLING)
        siblings.setdefault(stem, []).append(Sibling(SUFFIXES[dot + suffix].name, path, stat_key))
    for stem in siblings.keys() - coded:
        told[stem] = Source(*files[stem][:4], tuple(siblings[stem]))
    return told.values()


def _hidden(directory: Directory, name: str) -> Skipped:
    path = directory.child(name)
    return Skipped(path, directory.url_path + name, Why.HIDDEN, subtree=os.path.isdir(path))


def _loops(directory: Directory, resolved: str, visits: Counter[str]) -> bool:
    """Whether a link to the directory `resolved` leads back to where the walk is, or has been too often."""
    if directory.hops:
        visits[resolved] += 1
        if len(directory.hops) >= 2 * MAX_LINK_DEPTH or visits[resolved] > MAX_NESTED_VISITS:
            return True
    return any(_is_within(place, resolved) for place in (*directory.hops, os.path.realpath(directory.path)))


def _is_name(text: str) -> bool:
    """Whether it can be the name of a file: no path, in any system's spelling."""
    return (
        bool(text)
        and text not in (".", "..")
        and os.sep not in text
        and (os.altsep is None or os.altsep not in text)
    )


def _is_listed(path: str, name: str) -> bool:
    try:
        return name in os.listdir(path)
    except OSError:
        return False


def _list_directory(directory: Directory) -> Listed:
    try:
        mtime_ns = os.stat(directory.path).st_mtime_ns
    except OSError:  # it has just gone
        mtime_ns = 0
    return Listed(os.path.basename(directory.path), is_directory=True, size=0, mtime_ns=mtime_ns)


def _list_file(source: Source) -> Listed:
    name = os.path.basename(source.path)
    return Listed(name, is_directory=False, size=source.stat_key.size, mtime_ns=source.stat_key.mtime_ns)


def _why_no_status(error: OSError) -> Why:
    if error.errno == errno.ELOOP:
        return Why.LINK_LOOP
    return Why.BROKEN_LINK if error.errno in (errno.ENOENT, errno.ENOTDIR) else Why.UNREADABLE


def _hops(directory: Directory, path: str) -> tuple[str, ...]:
    return (*directory.hops, os.path.realpath(directory.path), os.path.realpath(path))


def _is_within(path: str, directory: str) -> bool:
    return path == directory or is_beneath(path, directory)


def _is_decodable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _compile_hiding(patterns: Sequence[str]) -> Callable[[str], object]:
    """Matches a name that any pattern hides, though a later one may re-admit it."""
    return re.compile("|".join(fnmatch.translate(text) for text in patterns if text[0] != "!")).match


def _compile_rules(patterns: Sequence[str]) -> list[tuple[re.Pattern[str], bool]]:
    """Patterns on one segment, the last first, each with whether it hides or, after `!`, re-admits."""
    return [(re.compile(fnmatch.translate(text.lstrip("!"))), text[0] != "!") for text in reversed(patterns)]
