"""Files that run where a browser takes them for what they are: what an attacker would upload, under any name."""

from __future__ import annotations

import gzip
from typing import Final, NamedTuple

import brotli

_RUN: Final = """
var name = "NAME", request;
self.hasRun = name;
if (self.XMLHttpRequest) {
    request = new XMLHttpRequest();
    request.open("GET", "/ran?" + name, false);
    try { request.send(); } catch (error) { self.failed = error; }
} else {
    fetch("/ran?" + name);
}
if (self.top) { self.top.postMessage(name, "*"); } else if (self.postMessage) { self.postMessage(name); }
"""
"""Tells the server, before the page around it is loaded, and the window around it. Has nothing to escape in XML."""

_HTML: Final = f"<!doctype html><title>A page</title><script>{_RUN}</script>"
_SVG: Final = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"'
_MHTML: Final = f"""From: <somebody>
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="part"

--part
Content-Type: text/html
Content-Location: http://localhost/

{_HTML}
--part--
"""
_PDF: Final = f"""%PDF-1.4
{_HTML}
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""

DOCUMENTS: Final = ("top", "iframe", "object", "embed")
SCRIPTS: Final = ("script", "module", "worker", "service worker")
STYLESHEETS: Final = ("stylesheet",)
WAYS: Final = (*DOCUMENTS, *SCRIPTS, *STYLESHEETS)
"""Ways to load a file."""

FALSE: Final = (".png", ".jpg", ".txt", ".pdf", ".zip", ".mp4", ".json", "", ".svgz", ".xml", ".htm", ".js.br")
"""Extensions of files that are something else."""


class Active(NamedTuple):
    """A kind of file that runs: its honest extension, its text, and how it is to be served and loaded to run."""

    extension: str
    text: str
    media_type: str | None
    ways: tuple[str, ...]
    coding: str = ""

    def content(self, name: str) -> bytes:
        """The file of this name; it says its name when it runs."""
        data = self.text.replace("NAME", name).encode()
        if self.coding == "gzip":
            return gzip.compress(data, mtime=0)
        return brotli.compress(data) if self.coding == "br" else data


KINDS: Final = {
    "html": Active(".html", _HTML, "text/html", DOCUMENTS),
    "spaces": Active(".html", " " * 4096 + _HTML, "text/html", DOCUMENTS),
    "svg": Active(".svg", f"{_SVG}><script>{_RUN}</script></svg>", "image/svg+xml", DOCUMENTS),
    "onload": Active(".svg", f"{_SVG} onload='{_RUN}'/>", "image/svg+xml", DOCUMENTS),
    "svg-gzip": Active(
        ".svgz", f"{_SVG}><script>{_RUN}</script></svg>", "image/svg+xml", DOCUMENTS, coding="gzip"
    ),
    "xhtml": Active(
        ".xhtml",
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>A page</title></head>'
        f"<body><script>{_RUN}</script></body></html>",
        "application/xhtml+xml",
        DOCUMENTS,
    ),
    "mhtml": Active(".mhtml", _MHTML, "text/html", DOCUMENTS),  # as what it is, Chromium loads it from disk alone
    "pdf-html": Active(".pdf", _PDF, "text/html", DOCUMENTS),
    "js": Active(".js", _RUN, "text/javascript", SCRIPTS),
    "js-br": Active(".js.br", _RUN, "text/javascript", SCRIPTS, coding="br"),
    "gif-js": Active(".gif", f"GIF89a/*\0\0\0*/=1;{_RUN}", None, ("script",)),
    "css": Active(".css", '@import "/ran?NAME";', "text/css", STYLESHEETS),
}


def names(kind: str, false: tuple[str, ...] = FALSE) -> list[str]:
    """Names for files of a kind: with the honest extension, and with the false ones."""
    return [f"{kind}{extension}" for extension in dict.fromkeys((KINDS[kind].extension, *false))]
