"""Preconditions (RFC 9110, section 13): what a conditional request asks of the selected representation.

They count only where the answer without them would be 200 (section 13.2.1); the caller sees to that.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from whitemedia.http.dates import parse_date
from whitemedia.http.entity_tags import (
    EntityTag,
    parse_entity_tag,
    parse_entity_tags,
    strong_match,
    weak_match,
)
from whitemedia.http.syntax import OWS


class Conditions(NamedTuple):
    """The four fields as received; None where a field is absent."""

    if_match: str | None = None
    if_unmodified_since: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None


class Outcome(enum.Enum):
    """What the preconditions decide."""

    PROCEED = "proceed"
    NOT_MODIFIED = "304"
    PRECONDITION_FAILED = "412"


def evaluate_preconditions(
    method: str, fields: Conditions, etag: str, modified: int | None, now: float
) -> Outcome:
    """Evaluate in the order of section 13.2.2, against an entity tag as sent and a modification date in seconds.

    `modified` is None where no Last-Modified is sent; `now` is the clock, in seconds.
    """
    safe = method in ("GET", "HEAD")
    # 1, 2: If-Match, and If-Unmodified-Since only without it
    if fields.if_match is not None:
        if not _if_match_holds(fields.if_match, etag):
            return Outcome.PRECONDITION_FAILED
    elif not _unmodified_since(fields.if_unmodified_since, modified, now):
        return Outcome.PRECONDITION_FAILED
    # 3, 4: If-None-Match, and If-Modified-Since only without it
    if fields.if_none_match is not None:
        if not if_none_match_holds(fields.if_none_match, etag):
            return Outcome.NOT_MODIFIED if safe else Outcome.PRECONDITION_FAILED
    elif safe and not _modified_since(fields.if_modified_since, modified, now):
        return Outcome.NOT_MODIFIED
    return Outcome.PROCEED


def if_none_match_holds(field: str, etag: str) -> bool:
    """Whether no tag of the list is the representation's (section 13.1.2); `*` stands for any."""
    current = _parse_own(etag)
    return field.strip(OWS) != "*" and not any(weak_match(tag, current) for tag in parse_entity_tags(field))


def if_range_holds(field: str, etag: str, modified: int | None, now: float) -> bool:
    """Whether a range may be served (section 13.1.5): one strong tag or one exact date, strongly compared."""
    tag = parse_entity_tag(field)
    if tag is not None:
        return strong_match(tag, _parse_own(etag))
    date = parse_date(field.strip(OWS), now)
    # A date less than a second older than the answer's Date is no strong validator (section 8.8.2.2)
    return date is not None and date == modified and int(now) - date >= 1


def _if_match_holds(field: str, etag: str) -> bool:
    current = _parse_own(etag)
    return field.strip(OWS) == "*" or any(strong_match(tag, current) for tag in parse_entity_tags(field))


def _unmodified_since(field: str | None, modified: int | None, now: float) -> bool:
    if field is None or modified is None:
        return True
    date = parse_date(field.strip(OWS), now)
    return date is None or modified <= date  # an invalid date is ignored (section 13.1.4)


def _modified_since(field: str | None, modified: int | None, now: float) -> bool:
    if field is None or modified is None:
        return True
    date = parse_date(field.strip(OWS), now)
    return date is None or modified > date


def _parse_own(etag: str) -> EntityTag:
    weak = etag.startswith("W/")
    return EntityTag(etag[3:-1] if weak else etag[1:-1], weak)
