"""The grammar that several fields share (RFC 9110, section 5.6).

Field text is hostile: every pattern here is linear, ASCII only, and nothing raises.
"""

from __future__ import annotations

import re
from typing import Final

OWS: Final = " \t"

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE: Final = re.compile(r"[\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff\t]*[\x21-\x7e\x80-\xff])?")
_MEDIA_TYPE: Final = re.compile(rf"{_TOKEN.pattern}/{_TOKEN.pattern}")


def is_token(text: str) -> bool:
    """Whether `text` is a token (section 5.6.2), such as a field name or a content coding."""
    return _TOKEN.fullmatch(text) is not None


def is_field_value(text: str) -> bool:
    """Whether `text` may be sent as a field's value (section 5.5): no control characters, no outer space."""
    return not text or _VALUE.fullmatch(text) is not None


def is_media_type(text: str) -> bool:
    """Whether `text` begins with type "/" subtype (section 8.3.1); parameters are not judged."""
    return _MEDIA_TYPE.fullmatch(text.partition(";")[0].rstrip(OWS)) is not None


def split_members(field: str) -> list[str]:
    """Members of a comma-separated list of unquoted text, without their space; empty ones are dropped (section 5.6.1)."""
    return [member for part in field.split(",") if (member := part.strip(OWS))]
