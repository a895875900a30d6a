"""HTML elements that load what a page needs, and import maps (HTML, sections 4.2.4, 4.12.1 and 8.1.6.3)."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Final

from whitemedia.http.preload import preload_attributes

# Neither "</script>" nor "<!--" can stand in a script, whatever is in a string
_ESCAPES: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def format_link(relation: str, url: str, integrity: str = "") -> str:
    """A `<link>`, with the integrity of what it leads to."""
    return f'<link rel="{relation}" href="{html.escape(url)}"{_checked(url, integrity)}>'


def format_preload_link(url: str, media_type: str) -> str:
    """A `<link>` that has the browser load a file of this media type at once."""
    return f'<link rel="preload" href="{html.escape(url)}" {" ".join(preload_attributes(media_type))}>'


def format_script(url: str, integrity: str = "", *, is_module: bool) -> str:
    """A `<script>` that runs when the page is there, after those before it."""
    kind = 'type="module"' if is_module else "defer"
    return f'<script {kind} src="{html.escape(url)}"{_checked(url, integrity)}></script>'


def format_import_map(imports: Mapping[str, str], integrity: Mapping[str, str]) -> str:
    """The JSON of an import map, to stand in a `<script type="importmap">`."""
    value: dict[str, object] = {"imports": imports}
    if integrity:
        value["integrity"] = integrity
    return json.dumps(value).translate(_ESCAPES)


def _checked(url: str, integrity: str) -> str:
    """What another origin sends can only be checked if it is asked for with CORS."""
    if not integrity:
        return ""
    crossorigin = "" if url.startswith("/") and not url.startswith("//") else " crossorigin"
    return f' integrity="{html.escape(integrity)}"{crossorigin}'
