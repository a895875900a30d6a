"""HTML elements that load what a page needs (HTML, sections 4.2.4 and 4.12.1)."""

from __future__ import annotations

import html


def format_link(relation: str, url: str, integrity: str = "") -> str:
    """A `<link>`, with the integrity of what it leads to."""
    return f'<link rel="{relation}" href="{html.escape(url)}"{_checked(url, integrity)}>'


def format_script(url: str, integrity: str = "", *, is_module: bool) -> str:
    """A `<script>` that runs when the page is there, after those before it."""
    kind = 'type="module"' if is_module else "defer"
    return f'<script {kind} src="{html.escape(url)}"{_checked(url, integrity)}></script>'


def _checked(url: str, integrity: str) -> str:
    """What another origin sends can only be checked if it is asked for with CORS."""
    if not integrity:
        return ""
    crossorigin = "" if url.startswith("/") and not url.startswith("//") else " crossorigin"
    return f' integrity="{html.escape(integrity)}"{crossorigin}'
