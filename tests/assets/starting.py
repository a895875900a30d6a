"""Starts over one root with one store, and whether all that is answered then is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.assets.keeping import packs
from tests.conftest import BR_LIB, FILES, PREFIX, Client, plant, serve
from whitemedia.assets.compression import Compressor

SITE = {name: FILES[name] for name in ("app.css", "page.html", "lib.js", "digits.txt", "picture.png")}
CODINGS = ("br", "gzip", "zstd")
ALL = frozenset(f"{name} {coding}" for name in ("app.css", "page.html", "lib.js") for coding in CODINGS)
"""What is coded at best, of SITE."""


class Cache:
    """A root with one sibling, and the directory that remembers for it; `encoded` is what was coded at its starts."""

    def __init__(self, folder: Path) -> None:
        self.site = dict(SITE)
        self.root = plant(folder / "root", {**SITE, "lib.js.br": BR_LIB})
        self.directory = folder / "cache"
        self.encoded: list[str] = []

    def start(self, **options: Any) -> frozenset[str]:
        """Which bodies are coded after a start; all bodies are right."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Compressor, "_encode", self._spy(Compressor._encode))
            client = serve(self.root, cache_dir=str(self.directory), **options)
        return check(client, self.site)

    def change(self, name: str) -> None:
        """Write a file anew, twice as long."""
        self.site[name] *= 2
        (self.root / name).write_bytes(self.site[name])

    @property
    def index(self) -> Path:
        return self.directory / "index"

    @property
    def pack(self) -> Path:
        [pack] = packs(self.directory)
        return pack

    def _spy(self, encode: Any) -> Any:
        def spy(compressor: Any, coding: Any, data: bytes) -> Any:
            self.encoded.append(coding.name)
            return encode(compressor, coding, data)

        return spy


def check(client: Client, site: dict[str, bytes]) -> frozenset[str]:
    """Which bodies are coded, of a site all of whose bodies are right."""
    coded = set()
    for name, data in site.items():
        for coding in (*CODINGS, "identity"):
            fields = {"Accept-Encoding": coding}
            answer = client.get(PREFIX + name, fields)
            assert (answer.status, answer.content) == (200, data)
            assert client.head(PREFIX + name, fields).headers.items() == answer.headers.items()
            assert client.get(PREFIX + name, {**fields, "Range": "bytes=1-2"}).body == answer.body[1:3]
            if answer.headers["Content-Encoding"] is not None:
                coded.add(f"{name} {answer.headers['Content-Encoding']}")
    return frozenset(coded)
