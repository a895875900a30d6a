"""A site whose files refer to each other, and what is sent of it."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.conftest import (
    CONSTRUCTIONS,
    PREFIX,
    Client,
    application,
    whitemedia_of,
)
from whitemedia import WhiteMedia

PADDING = b".x { margin: 0 }\n" * 40


FILES = {
    "css/app.css": b'@import "base.css";\n.a { background: url("../img/logo.png?v#x") }\n' + PADDING,
    "css/base.css": b".b { background: url(/static/img/logo.png), url(no.png) }\n/*# sourceMappingURL=no.map */",
    "img/logo.png": b"\x89PNG one",
    "js/app.js": b"run();\n" * 50 + b"//# sourceMappingURL=app.js.map\n",
    "js/app.js.map": b'{"version": 3}',
    "site.webmanifest": b'{"icons": [{"src": "img/logo.png"}]}',
    "plain.css": b".c { color: red }\n" + PADDING,
}


REFERRING = ["css/app.css", "css/base.css", "js/app.js", "site.webmanifest"]


FOREVER = "max-age=31536000, public, immutable"


def version_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def url_for(client: Client, name: str) -> str:
    return whitemedia_of(client).url_for(name)


def construct(construction: str) -> WhiteMedia:
    options: dict[str, Any] = {"rewrite": True, **CONSTRUCTIONS[construction]}
    return WhiteMedia(application, **options)


def sent(client: Client, name: str) -> bytes:
    """Under its versioned name, as it is under its plain one."""
    versioned, plain = client.get(url_for(client, name)), client.get(PREFIX + name)
    assert versioned.body == plain.body
    assert (versioned.headers["Cache-Control"], plain.headers["Cache-Control"]) == (FOREVER, "max-age=60, public")
    return versioned.body
