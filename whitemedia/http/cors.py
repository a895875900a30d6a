"""Cross-origin sharing (the Fetch standard, section 3.2): which origins may read an answer, and what a preflight is told.

Where any origin may, one constant field says so. Where a list may, the asking origin is echoed if it is listed, and
every answer says that it depends on who asks.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from whitemedia.http.response import Header
from whitemedia.http.syntax import is_token, split_members

ALLOW_ORIGIN: Final = "Access-Control-Allow-Origin"
ALLOW_CREDENTIALS: Final = "Access-Control-Allow-Credentials"

SHARING: Final = frozenset(
    {"access-control-allow-credentials", "access-control-allow-origin", "access-control-expose-headers"}
    | {"cross-origin-resource-policy", "timing-allow-origin"}
)
"""Fields that every answer about a resource repeats: what other origins may do with it, redirects and errors too."""

PREFLIGHT_SECONDS: Final = 7200
"""How long a preflight's answer is kept; Chromium keeps none longer."""

MAX_REQUESTED_HEADERS: Final = 2048
"""Characters of Access-Control-Request-Headers that are echoed; real ones have some 50."""

_METHODS: Final = "GET, HEAD, OPTIONS"

# As browsers serialize an origin (RFC 6454, section 6.2): lower case, no path, no port where it is the scheme's own
_ORIGIN: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_OWN_PORTS: Final = {("http", "80"), ("https", "443")}


class AllowList(NamedTuple):
    """Origins that may read an answer, and whether they may send credentials to get it."""

    origins: tuple[str, ...]
    credentials: bool

    def fields_for(self, origin: str | None) -> tuple[Header, ...]:
        """What tells the browser that `origin` (the Origin field, None where absent) may read the answer."""
        if origin is None or origin not in self.origins:
            return ()
        allowed = (ALLOW_ORIGIN, origin)
        return (allowed, (ALLOW_CREDENTIALS, "true")) if self.credentials else (allowed,)


def is_origin(text: str) -> bool:
    """Whether `text` is an origin as a browser sends it; "null", which any sandboxed page sends, is none."""
    match = _ORIGIN.fullmatch(text)
    return match is not None and (match["scheme"], match["port"]) not in _OWN_PORTS


def preflight_fields(requested_headers: str) -> tuple[Header, ...]:
    """What a preflight that is allowed is told: safe methods, and the headers that it asked for."""
    fields = (("Access-Control-Allow-Methods", _METHODS), ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)))
    if len(requested_headers) > MAX_REQUESTED_HEADERS:
        return fields
    names = [name for name in split_members(requested_headers) if is_token(name)]
    return (*fields, ("Access-Control-Allow-Headers", ", ".join(names))) if names else fields
