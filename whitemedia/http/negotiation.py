"""Content codings a client accepts (RFC 9110, section 12.5.3), and which of ours it gets."""

from __future__ import annotations

import re
from typing import Final

from whitemedia.http.syntax import OWS, split_members

IDENTITY: Final = "identity"

_MEMBER: Final = re.compile(
    r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*;[ \t]*[qQ]=(?:(0(?:\.[0-9]{0,3})?)|1(?:\.0{0,3})?))?"
)
_REFUSING: Final = re.compile(r"q=0(?:\.0{0,3})?")
_ALIASES: Final = {"x-gzip": "gzip", "x-compress": "compress"}
MEMO_LENGTH: Final = 256
"""Characters of a field that is remembered; real ones have some 30."""

MEMO_FIELDS: Final = 512
"""Fields that are remembered, for one tuple of codings; browsers have some ten between them."""


def select_coding(field: str, codings: tuple[str, ...]) -> str:
    """The coding of `codings` to send, given an Accept-Encoding field ("" where absent).

    `codings` stand smallest body first, identity last; highest q wins, a tie goes to the smaller body.
    Where nothing is acceptable the last one is sent (section 12.5.3 allows it; a 406 would help nobody).
    """
    accepted = parse_accept_encoding(field)
    rest = accepted.get("*", 0.0)
    quality = {coding: accepted.get(coding, rest) for coding in codings}
    best = max(codings, key=quality.__getitem__)  # the first of equals: the smallest
    return (
        best if quality[best] > 0 else codings[-1]
    )  # unlisted, identity is acceptable but below all that is listed


class Selection(dict[str, str]):
    """`select_coding` for one tuple of codings, remembered by field: `selection[field]`.

    Fields come from clients, so what is remembered is bounded in number and in length.
    """

    def __init__(self, codings: tuple[str, ...]) -> None:
        super().__init__()
        self.codings = codings

    def __missing__(self, field: str) -> str:
        coding = select_coding(field, self.codings)
        if len(field) <= MEMO_LENGTH:
            if len(self) >= MEMO_FIELDS:
                self.clear()
            self[field] = coding
        return coding


def parse_accept_encoding(field: str) -> dict[str, float]:
    """The q of each listed coding, lower case, `x-gzip` as `gzip`; malformed members are dropped.

    Of several for one coding the lowest counts: what was refused once is never sent.
    """
    accepted: dict[str, float] = {}
    for member in split_members(field):
        if match := _MEMBER.fullmatch(member):
            coding = match[1].lower()
            coding = _ALIASES.get(coding, coding)
            accepted[coding] = min(float(match[2] or 1), accepted.get(coding, 1))
    return accepted


def names_html(field: str) -> bool:
    """Whether an Accept field (RFC 9110, section 12.5.1; "" where absent) names text/html and does not refuse it.

    A wildcard does not name it: browsers send one with scripts and pictures, and name it only where they navigate.
    """
    for member in split_members(field):
        media_type, *parameters = (part.strip(OWS).lower() for part in member.split(";"))
        if media_type == "text/html" and not any(_REFUSING.fullmatch(parameter) for parameter in parameters):
            return True
    return False
