"""A root to build in, what was coded meanwhile, and whether what is there is right."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MODIFIED, plant
from whitemedia.assets.codings import BY_NAME, SUFFIXES
from whitemedia.assets.records import FOLDER, TEMPORARY, read_records
from whitemedia.build import BuildResult, build, building, check
from whitemedia.build.targets import Target, parse_targets

LEVELS = {"br": 5, "gzip": 6}
"""What is built unless a test says otherwise: fast, and with room above and below."""


def make_text(seed: int = 0, lines: int = 150) -> bytes:
    """A text that every level makes a little shorter than the one before, another for each seed."""
    return b"".join(b".p%d-%d { margin: %dpx }\n" % (seed, number, number * number) for number in range(lines))


A, B, C = make_text(1), make_text(2), make_text(3)


def encode(coding: str, level: int, data: bytes) -> bytes:
    return BY_NAME[coding].encode(data, level)


class Site:
    """A root; `encoded` is what the last build coded, such as "br 5", in order of names."""

    def __init__(self, path: Path, files: dict[str, bytes]) -> None:
        self.path = plant(path, files)
        self.encoded: list[str] = []

    def write(self, name: str, data: bytes, modified: float = MODIFIED) -> Path:
        plant(self.path, {name: data}, modified)
        return self.path / name

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def remove(self, *names: str) -> None:
        for name in names:
            (self.path / name).unlink()

    def build(self, *, meanwhile: Callable[[str], object] = lambda coding: None, **options: Any) -> BuildResult:
        """Build, at LEVELS unless others are given; `meanwhile` is called after each coding."""
        encoded: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(building, "parse_targets", _spied(parse_targets, encoded, meanwhile))
            try:
                return build(self.path, **_defaulted(options))
            finally:
                self.encoded = sorted(encoded)

    def check(self, **options: Any) -> BuildResult:
        return check(self.path, **_defaulted(options))

    @property
    def index(self) -> Path:
        """The records."""
        return self.path / FOLDER / "index"

    def recorded(self) -> set[bytes]:
        """The SHA-256 of all siblings that the records know."""
        return {record.digest for record in read_records(str(self.path)).values() if record.digest is not None}

    def siblings(self) -> list[str]:
        """What is named as a sibling, whatever it is."""
        return [name for name in names(self.path) if Path(name).suffix in SUFFIXES]

    def unrecorded(self) -> list[str]:
        """Siblings that the records do not know."""
        known = self.recorded()
        return [name for name in self.siblings() if hashlib.sha256(self.read(name)).digest() not in known]

    def wrong(self) -> list[str]:
        """Siblings that do not decode to their file, and files that are not whole."""
        unfinished = [name for name in names(self.path) if Path(name).name.startswith(TEMPORARY)]
        return unfinished + [name for name in self.siblings() if not self._is_right(name)]

    def _is_right(self, name: str) -> bool:
        path = self.path / name
        if not path.with_suffix("").is_file():
            return False
        original = path.with_suffix("").read_bytes()
        return SUFFIXES[path.suffix].decode(path.read_bytes(), len(original)) == original


def names(root: Path) -> list[str]:
    """Every file below a root that is none of a build's own."""
    found = (path for path in root.rglob("*") if path.is_file() and path.parent.name != FOLDER)
    return sorted(path.relative_to(root).as_posix() for path in found)


def snapshot(root: Path) -> dict[str, tuple[object, ...]]:
    """All there is in a root, with whatever a write would change."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in (".", *folders, *files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            state = (status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            found[os.path.normpath(path)] = state
    return found


def written(before: dict[str, tuple[object, ...]], root: Path) -> list[str]:
    """Files that are new or not what they were, but for a build's own."""
    after = snapshot(root)
    changed = (Path(name) for name in after if after[name] != before.get(name))
    return sorted(
        path.relative_to(root).as_posix() for path in changed if not path.is_dir() and path.parent.name != FOLDER
    )


def both(*acts: Callable[[Site], object]) -> Callable[[Site], object]:
    """One thing after the other."""

    def act(site: Site) -> None:
        for one in acts:
            one(site)

    return act


def _defaulted(options: dict[str, Any]) -> dict[str, Any]:
    codings = options.get("codings", tuple(LEVELS))
    levels = {name: level for name, level in LEVELS.items() if codings is None or name in codings}
    return {"codings": codings, "levels": levels} | options


def _spied(
    parse: Callable[..., Sequence[Target]], encoded: list[str], meanwhile: Callable[[str], object]
) -> Callable[..., tuple[Target, ...]]:
    def spied(target: Target) -> Target:
        def encode(data: bytes, level: int) -> bytes:
            encoded.append(f"{target.coding.name} {level}")
            coded = target.coding.encode(data, level)
            meanwhile(target.coding.name)
            return coded

        return Target(target.coding._replace(encode=encode), target.level)

    return lambda *arguments: tuple(map(spied, parse(*arguments)))
