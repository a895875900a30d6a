"""Either middleware in front of the application under test, over the same files."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import brotli
from whitenoise import WhiteNoise

from tests.answers import Answer
from tests.conftest import TEXT, Client, application, call, make_environ
from whitemedia import WhiteMedia

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
SCRIPT: Final = b"// script\n" + TEXT
GZIPPED: Final = gzip.compress(SCRIPT, 9, mtime=0)
BROTLI: Final = brotli.compress(SCRIPT)
DIGITS: Final = b"0123456789"
FILES: Final = MappingProxyType(
    {
        "style.css": TEXT,
        "app.js": SCRIPT,
        "app.js.gz": GZIPPED,
        "app.js.br": BROTLI,
        "app.db8f2edc0c8a.js": b"hashed",
        "digits.txt": DIGITS,
        "report.pdf": b"%PDF-1.7",
        "deep/er/file.txt": b"deep",
        "nonascii\u2713.txt": b"non-ascii",
        "index.html": b"<p>home",
        "docs/index.html": b"<p>documents",
        "docs/main.html": b"<p>main",
    }
)
"""What both serve; `app.js` has a compressed sibling in each coding that whitenoise knows."""

CONSTRUCTIONS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "whitemedia": (WhiteMedia, {}),
        "whitemedia, autorefresh": (WhiteMedia, {"autorefresh": True}),
        "whitenoise": (WhiteNoise, {}),
        "whitenoise, autorefresh": (WhiteNoise, {"autorefresh": True}),
    }
)
"""Whose claims are tested."""


class Site(Client):
    """A client of either. Ours stands inside a validator and is judged; whitenoise would not pass."""

    def __init__(self, middleware: Any) -> None:
        super().__init__(middleware, validated=isinstance(middleware, WhiteMedia))

    @property
    def middleware(self) -> Any:
        """What is under test, to call its methods."""
        return self.application

    def request(self, method: str, path: str, fields: Mapping[str, str] = NOTHING, **environ: object) -> Answer:
        """Request a path, decoded."""
        if isinstance(self.application, WhiteMedia):
            return super().request(method, path, fields, **environ)
        return call(self.application, make_environ(method, path, fields, **environ))


class Maker:
    """Makes sites of one construction: `make(root, prefix, **options)`."""

    def __init__(self, construction: str) -> None:
        self._kind, self._options = CONSTRUCTIONS[construction]

    def __call__(self, root: object = None, prefix: str | None = None, **options: Any) -> Site:
        return Site(self.wrap(application, root, prefix, **options))

    def wrap(self, wrapped: object, root: object = None, prefix: str | None = None, **options: Any) -> Any:
        """The middleware itself, in front of another application."""
        return self._kind(wrapped, root, prefix, **self._options, **options)


def unquoted(field: str | None) -> str | None:
    """A Content-Type, the charset without the quotes that whitenoise gives it: RFC 9110 has both mean the same."""
    return field and field.replace('"', "")
