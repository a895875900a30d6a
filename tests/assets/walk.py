"""One walk over a directory, and what it found."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Skipped, Why
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.options import Options

HIDDEN = Options().hidden


class Found(NamedTuple):
    """What a walk found, by URL path."""

    sources: dict[str, Source]
    skipped: dict[str, tuple[Why, bool]]

    @property
    def served(self) -> set[str]:
        return set(self.sources)


def walk(path: Path, hidden: tuple[str, ...] = HIDDEN, *, follow_symlinks: bool = False) -> Found:
    found = list(DirectoryRoot(str(path), hidden, follow_symlinks=follow_symlinks).sources())
    sources = {item.url_path: item for item in found if isinstance(item, Source)}
    skipped = {item.url_path: (item.why, item.subtree) for item in found if isinstance(item, Skipped)}
    assert len(sources) + len(skipped) == len(found), "found twice"
    return Found(sources, skipped)
