"""Entity tags (RFC 9110, section 8.8.3) and the two ways to compare them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from whitemedia.http.syntax import OWS

_MEMBER: Final = re.compile(r'[ \t]*(?:(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?=,|\Z)|[^,]*)(?:,|\Z)')


class EntityTag(NamedTuple):
    """An opaque tag, as between its quotes, and whether `W/` stood before them."""

    opaque: str
    weak: bool = False

    def __str__(self) -> str:
        return f'W/"{self.opaque}"' if self.weak else f'"{self.opaque}"'


def parse_entity_tags(field: str) -> tuple[EntityTag, ...]:
    """The well-formed members of a list of entity tags; what is malformed is left out, so it matches nothing."""
    matches = _MEMBER.finditer(field)
    return tuple(EntityTag(match[2], match[1] is not None) for match in matches if match[2] is not None)


def parse_entity_tag(field: str) -> EntityTag | None:
    """A single entity tag (as in If-Range, or ETag); None for a list, `*` or anything else."""
    tags = parse_entity_tags(field)
    return tags[0] if len(tags) == 1 and str(tags[0]) == field.strip(OWS) else None


def strong_match(one: EntityTag, other: EntityTag) -> bool:
    """Same bytes (section 8.8.3.2): a weak tag matches nothing, not even itself."""
    return one == other and not one.weak


def weak_match(one: EntityTag, other: EntityTag) -> bool:
    """Equivalent content (section 8.8.3.2)."""
    return one.opaque == other.opaque
