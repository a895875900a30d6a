"""Starts over one root whose files refer to each other, with one store, and whether all that is sent then is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.assets.keeping import packs
from tests.assets.starting import CODINGS
from tests.conftest import PREFIX, Client, plant, serve
from whitemedia.assets import rewriting
from whitemedia.assets.files import StatKey, read_in_state

PADDING = b".x { margin: 0 }\n" * 40
SITE = {
    "app.css": b'@import "base.css";\n.a { background: url("logo.png") }\n' + PADDING,
    "base.css": b"@import 'app.css'; .b { background: url(logo.png) }\n" + PADDING,
    "app.js": b"run();\n" * 100 + b"//# sourceMappingURL=app.js.map\n",
    "app.js.map": b'{"version": 3}' + b" " * 500,
    "logo.png": b"\x89PNG one",
    "site.webmanifest": b'{"icons": [{"src": "logo.png"}]}',
}
EDITED = ("app.css", "app.js", "base.css", "site.webmanifest")
CODED = frozenset(
    f"{name} {coding}" for name in ("app.css", "base.css", "app.js", "app.js.map") for coding in CODINGS
)
"""What is coded at best."""


class Rewritten:
    """A root, the directory that remembers for it, and what is sent of it; `edited` is what was edited at its starts."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.root = plant(folder / "root", SITE)
        self.directory = folder / "cache"
        self.edited: list[str] = []
        self._options = options
        self._sent = self._all(serve(self.root, rewrite=True, cache_dir=None))

    def start(self) -> frozenset[str]:
        """Which bodies are coded after a start; all that is sent is right."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rewriting, "read_in_state", self._read)
            client = serve(self.root, rewrite=True, cache_dir=str(self.directory), **self._options)
        assert self._all(client) == self._sent
        return self._coded(client)

    def change(self, picture: bytes = b"\x89PNG another") -> None:
        """Have a new picture, which all but one of the files name."""
        plant(self.root, {"logo.png": picture})
        self._sent = self._all(serve(self.root, rewrite=True, cache_dir=None))

    @property
    def index(self) -> Path:
        return self.directory / "index"

    @property
    def packs(self) -> list[Path]:
        """Of what was indexed, and of what was edited then."""
        return packs(self.directory)

    def _read(self, path: str, stat_key: StatKey) -> bytes | None:
        self.edited.append(Path(path).name)
        return read_in_state(path, stat_key)

    def _all(self, client: Client) -> dict[str, tuple[str, bytes]]:
        """The URL of each file, and what is sent under it and under the plain name."""
        found = {}
        for name in SITE:
            url = client.application.url_for(name)  # type: ignore[attr-defined]
            plain, versioned = client.get(PREFIX + name), client.get(url)
            assert (plain.status, versioned.status, versioned.body) == (200, 200, plain.body)
            found[name] = (url, plain.body)
        return found

    def _coded(self, client: Client) -> frozenset[str]:
        coded = set()
        for name, (url, data) in self._sent.items():
            for coding in CODINGS:
                answer = client.get(url, {"Accept-Encoding": coding})
                assert (answer.status, answer.content) == (200, data)
                if answer.headers["Content-Encoding"] is not None:
                    coded.add(f"{name} {coding}")
        return frozenset(coded)
