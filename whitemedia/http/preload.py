"""Link fields that have a browser load what a page needs before it has read the page (RFC 8288, Preload)."""

from __future__ import annotations

from typing import Final

_DESTINATIONS: Final = (
    ("text/css", "style"),
    ("text/javascript", "script"),
    ("font/", "font"),
    ("image/", "image"),
    ("audio/", "audio"),
    ("video/", "video"),
    ("text/vtt", "track"),
)


def format_module_preload(url: str) -> str:
    """The field's value for a module: another request than a script's, which would be loaded twice."""
    return f"<{url}>; rel=modulepreload"


def format_preload(url: str, media_type: str) -> str:
    """The field's value for a file of this media type; what is none of these is fetched by a script."""
    return "; ".join((f"<{url}>", "rel=preload", *preload_attributes(media_type)))


def preload_attributes(media_type: str) -> tuple[str, ...]:
    """What is said of a file of this media type, beside its URL, in a field or in a `<link>`."""
    destination = next((name for kind, name in _DESTINATIONS if media_type.startswith(kind)), "fetch")
    # Fonts and what scripts fetch are asked for without credentials: else they would be loaded twice
    crossorigin = ("crossorigin",) if destination in ("font", "fetch") else ()
    return (f"as={destination}", *crossorigin)
