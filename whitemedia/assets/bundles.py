"""What a bundler built beneath a root: its manifest, read, and where in the root the files are that it names.

A manifest names files relative to the root, to its own folder, or with the public path that the bundler was told; the
files that are there say which.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from whitemedia.assets.files import open_regular
from whitemedia.assets.manifests import Manifest, parse_manifest
from whitemedia.assets.representation import Source
from whitemedia.options import MiB, OptionError

if TYPE_CHECKING:
    from whitemedia.assets.files import StatKey
    from whitemedia.assets.roots import Root

SIZE_LIMIT: Final = 64 * MiB
"""A larger file is no manifest."""

SAMPLE: Final = 32
"""Files that are looked for to tell where they all are."""

MAX_FOLDERS: Final = 16
"""Folders of a public path."""

_URL: Final = re.compile("(?:https?:)?//[A-Za-z0-9[]")
_URL_SAFE: Final = "!#$%&'()*+,/:;=?@[]~"
_NOTHING: Final = Manifest("", is_modules=False, chunks={})

_log = logging.getLogger("whitemedia")


class Known(NamedTuple):
    """A manifest in one state of its file, and how its names become paths below the root.

    `drop` goes from their beginning, `add` stands in its place. `imported` are such paths.
    """

    state: StatKey | None
    manifest: Manifest
    is_here: bool
    drop: str
    add: str
    imported: frozenset[str]

    def place(self, file: str) -> str:
        """The path below the root of a file that the manifest names; a URL on another host is left as it is."""
        if _URL.match(file):
            url = f"https:{file}" if file.startswith("//") else file
            return quote(url.encode("utf-8", "surrogatepass"), _URL_SAFE)
        return _place(file, self.drop, self.add)


class Bundle:
    """The manifest at `path`, of files beneath `root`; if it is `live`, it is read again when it has changed.

    What is wrong with it is one warning, and what was known `before` counts; at construction, if `strict`, it is an
    OptionError.
    """

    def __init__(self, path: str, root: Root, *, live: bool, strict: bool, before: Known | None = None) -> None:
        self._path = path
        self._root = root
        self._live = live
        self._wrong: object = None
        nothing = Known(None, _NOTHING, is_here=False, drop="", add="", imported=frozenset())
        self._known = nothing if before is None else before._replace(state=None)  # its files may be elsewhere now
        self._read(strict=strict)

    @property
    def known(self) -> Known:
        """What is known now."""
        if self._live:
            self._read(strict=False)
        return self._known

    def _read(self, *, strict: bool) -> None:
        state = None
        try:
            opened = open_regular(self._path)
            if opened is None:
                self._tell(None, "there is no such file", strict=strict)
                return
            with opened:
                state = opened.stat_key
                if state in (self._known.state, self._wrong):
                    return
                data = opened.read_whole() if opened.length <= SIZE_LIMIT else None
            self._known = self._place(state, _parse(data))
        except OptionError:
            raise
        except (OSError, ValueError) as error:
            self._tell(state, getattr(error, "strerror", None) or str(error), strict=strict)

    def _tell(self, state: StatKey | None, why: str, *, strict: bool) -> None:
        """Once for each state."""
        if strict:
            raise OptionError("manifest", self._path, why)
        wrong = state or why
        if wrong != self._wrong:
            self._wrong = wrong
            _log.warning("manifest %r: %s", self._path, why)

    def _place(self, state: StatKey, manifest: Manifest) -> Known:
        files = (file for file in manifest.files() if not _URL.match(file))
        found = find_place(islice(files, SAMPLE), self._folders(), self._has)
        drop, add = found or ("", "")
        imported = frozenset(_place(file, drop, add) for file in manifest.imported)
        return Known(state, manifest, found is not None, drop, add, imported)

    def _folders(self) -> tuple[str, ...]:
        """Below the root: its top, and where the bundler writes, which is beside the manifest or above `.vite`."""
        folder = os.path.dirname(self._path)
        if os.path.basename(folder) == ".vite":
            folder = os.path.dirname(folder)
        try:
            below = os.path.relpath(folder, self._root.path).replace(os.sep, "/")
        except ValueError:  # on another drive
            return ("",)
        return ("",) if below.split("/", 1)[0] in (".", "..") else ("", f"{below}/")

    def _has(self, url_path: str) -> bool:
        return isinstance(self._root.look(url_path), Source)


def find_place(files: Iterable[str], folders: Iterable[str], has: Callable[[str], bool]) -> tuple[str, str] | None:
    """What to drop from the beginning of names, and what to put there, so that most of `files` are there.

    None if none is. The less is changed the better.
    """
    hits: Counter[tuple[str, str]] = Counter()
    for file in files:
        for add in folders:
            for drop in _leading(_without_query(file)):
                path = _place(file, drop, add)
                if _is_path(path) and has(path):
                    hits[drop, add] += 1
    return max(hits, key=lambda pair: (hits[pair], -len(pair[1]), -len(pair[0])), default=None)


def _leading(file: str) -> Iterator[str]:
    """What a name may begin with that is no part of it: nothing, its first folder, its first two, …"""
    yield ""
    segments = file.split("/")[:-1]
    for count in range(1, min(len(segments), MAX_FOLDERS) + 1):
        yield "/".join(segments[:count]) + "/"


def _place(file: str, drop: str, add: str) -> str:
    """A file that does not begin as the others do is where it says."""
    file = _without_query(file)
    return add + file[len(drop) :].lstrip("/") if file.startswith(drop) else file.lstrip("/")


def _without_query(file: str) -> str:
    """Some have bundlers put the hash there."""
    return file.partition("?")[0]


def _is_path(path: str) -> bool:
    """Whether it can be a file's: it comes from a document that anybody may have written."""
    return path.isprintable() and all(part not in ("", ".", "..") for part in path.split("/"))


def _parse(data: bytes | None) -> Manifest:
    if data is None:
        raise ValueError("is too large, or changes while it is read")
    try:
        return parse_manifest(json.loads(data))
    except RecursionError:
        raise ValueError("is no manifest: it is nested too deep") from None
    except UnicodeDecodeError:
        raise ValueError("is no JSON: it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error}") from None
