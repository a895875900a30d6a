"""A directory as a walk saw it, and a text for its files in every coding."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli

from whitemedia.assets.codings import CODINGS
from whitemedia.assets.reading import Facts, Read, Reader
from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Skipped, Why
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.options import Options

TEXT = b"".join(b".p%d { margin: %dpx }\n" % (number, number * number) for number in range(500))
OTHER = TEXT.replace(b"margin", b"border")
GZIP = gzip.compress(TEXT)
CODED = {
    ".br": brotli.compress(TEXT),
    ".gz": GZIP,
    ".zst": CODINGS[1].encode(TEXT, 3),
    ".zstd": CODINGS[1].encode(TEXT, 5),
}
assert len({len(coded) for coded in CODED.values()}) == len(CODED)


class Walked:
    """A directory as the walk saw it; `read` reads a file of it as it is now, `recall` asks what the store knows."""

    def __init__(self, path: Path, store: MemoryStore) -> None:
        self.store = store
        self.skipped: list[Skipped] = []
        root = DirectoryRoot(str(path), Options().hidden, follow_symlinks=False)
        self._sources = {item.url_path: item for item in root.sources() if isinstance(item, Source)}

    def read(self, name: str = "app.css", **mimetypes: str) -> Read | None:
        return Reader(mimetypes, self.store, self.skipped.append).read(self._sources[name])

    def recall(self, name: str = "app.css", **mimetypes: str) -> Facts | None:
        return Reader(mimetypes, self.store, self.skipped.append).recall(self._sources[name])

    def found(self, name: str = "app.css", **mimetypes: str) -> Read:
        read = self.read(name, **mimetypes)
        assert read is not None
        return read

    @property
    def reasons(self) -> list[tuple[str, Why]]:
        return [(item.url_path, item.why) for item in self.skipped]
