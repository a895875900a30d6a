"""Header fields that options and functions may set, and a Vary that several have a say in (RFC 9110, section 5)."""

from __future__ import annotations

from typing import Final

from whitemedia.http.response import Header
from whitemedia.http.syntax import is_field_value, is_media_type, is_token, split_members

# What follows from the bytes sent, and what belongs to a connection (section 7.6.1)
_OURS: Final = frozenset(
    {"etag", "content-length", "content-encoding", "content-range", "accept-ranges", "transfer-encoding"}
    | {"content-digest", "repr-digest"}
    | {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"}
    | {"status", "te", "trailer", "trailers", "upgrade"}
)


def why_no_name(name: object) -> str | None:
    """Why a field of this name cannot be set; None if it can."""
    if not isinstance(name, str) or not is_token(name) or name.endswith(("-", "_")):
        return "is no field name"
    return "is whitemedia's own to set" if name.lower() in _OURS else None


def why_no_value(name: str, value: object) -> str | None:
    """Why a field cannot have this value; None if it can."""
    if not isinstance(value, str) or not is_field_value(value):
        return f"has {value!r}, which is no field value"
    if name.lower() == "content-type" and not is_media_type(value):
        return f"has {value!r}, which is no media type"
    return None


def vary_on(name: str, fields: tuple[Header, ...]) -> tuple[Header, ...]:
    """`fields` with the request field `name` in one merged Vary (section 12.5.5)."""
    varies = [member for key, value in fields if key.lower() == "vary" for member in split_members(value)]
    if "*" in varies or name.lower() in (member.lower() for member in varies):
        return fields
    others = tuple(pair for pair in fields if pair[0].lower() != "vary")
    return (*others, ("Vary", ", ".join([*varies, name])))
