"""A model of RFC 9110 that shares no code with ours.

It never reads a field: a request is made as values, from which both the fields' text and what is expected follow.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.conftest import MODIFIED

REDIRECTS: Final = {"docs": "docs/", "docs/index.html": "./"}
PREFIX: Final = "/static/"
Spec = tuple[int | None, int | None]  # first-last, first-, or (None, n) for -n
Tag = tuple[str, bool]  # opaque, weak


class Representation(NamedTuple):
    """What a resource has in one coding."""

    body: bytes
    opaque: str


class Tags(NamedTuple):
    """A list of entity tags, or `*`."""

    text: str
    tags: list[Tag]
    star: bool = False

    def match(self, opaque: str, *, strongly: bool) -> bool:
        return self.star or any(tag == opaque and not (strongly and weak) for tag, weak in self.tags)


class Date(NamedTuple):
    """A date's text, and its seconds if it is valid."""

    text: str
    seconds: int | None


class Ranges(NamedTuple):
    """A Range field, and its specs if it is valid."""

    text: str
    specs: list[Spec] | None


class Request(NamedTuple):
    """A request as values; None for a field that is absent."""

    method: str
    name: str
    accepted: tuple[str, dict[str, float]] | None
    if_match: Tags | None
    if_none_match: Tags | None
    if_modified_since: Date | None
    if_unmodified_since: Date | None
    if_range: Tags | Date | None
    ranges: Ranges | None

    @property
    def environ(self) -> dict[str, str]:
        fields = {
            "HTTP_ACCEPT_ENCODING": self.accepted and self.accepted[0],
            "HTTP_IF_MATCH": self.if_match and self.if_match.text,
            "HTTP_IF_NONE_MATCH": self.if_none_match and self.if_none_match.text,
            "HTTP_IF_MODIFIED_SINCE": self.if_modified_since and self.if_modified_since.text,
            "HTTP_IF_UNMODIFIED_SINCE": self.if_unmodified_since and self.if_unmodified_since.text,
            "HTTP_IF_RANGE": self.if_range and self.if_range.text,
            "HTTP_RANGE": self.ranges and self.ranges.text,
        }
        present = {name: text for name, text in fields.items() if text is not None}
        return {"REQUEST_METHOD": self.method, "PATH_INFO": PREFIX + self.name, **present}


Site = dict[str, dict[str, Representation]]  # by name and coding


def expect_selected(accepted: tuple[str, dict[str, float]] | None, codings: dict[str, Representation]) -> str:
    """Section 12.5.3: the highest q, then the smaller body; what is not listed has the star's, and identity the least."""
    listed = {} if accepted is None else accepted[1]
    quality = {coding: listed.get(coding, listed.get("*", 0.0)) for coding in codings}
    if "identity" not in listed and "*" not in listed:
        quality["identity"] = 0.0001
    best = max(codings, key=lambda coding: (quality[coding], -len(codings[coding].body)))
    return best if quality[best] else "identity"


def expect_precondition(request: Request, opaque: str) -> int | None:
    """Section 13.2.2, steps 1 to 4."""
    if request.if_match is not None:
        if not request.if_match.match(opaque, strongly=True):
            return 412
    elif request.if_unmodified_since is not None:
        seconds = request.if_unmodified_since.seconds
        if seconds is not None and seconds < MODIFIED:
            return 412
    if request.if_none_match is not None:
        return 304 if request.if_none_match.match(opaque, strongly=False) else None
    if request.if_modified_since is not None:
        seconds = request.if_modified_since.seconds
        if seconds is not None and seconds >= MODIFIED:
            return 304
    return None


def expect_ranges(request: Request, representation: Representation) -> list[tuple[int, int]] | None:
    """Section 14.2: the ranges to send, half-open; an empty list for 416, None for the whole."""
    length, opaque = len(representation.body), representation.opaque
    if request.ranges is None or request.ranges.specs is None or not length:
        return None
    if isinstance(request.if_range, Tags) and request.if_range.tags != [(opaque, False)]:
        return None
    if isinstance(request.if_range, Date) and request.if_range.seconds != MODIFIED:
        return None
    bounds = []
    for first, last in request.ranges.specs:
        if first is None:
            assert last is not None
            bounds.append((max(0, length - last), length) if last else (length, length))
        elif last is not None and last < first:
            return None
        else:
            bounds.append((first, length if last is None else min(last + 1, length)))
    bounds = [(start, stop) for start, stop in bounds if start < length]
    reached = 0
    for start, stop in sorted(bounds):
        if start < reached:
            return None  # overlapping
        reached = stop
    return bounds


def expect_status(request: Request, site: Site) -> tuple[int, str, list[tuple[int, int]] | None]:
    """Status, coding, and the ranges of a 206."""
    if request.name == ".env":
        return 404, "identity", None
    if request.method not in ("GET", "HEAD"):
        return 204 if request.method == "OPTIONS" else 405, "identity", None
    if request.name in REDIRECTS:
        return 302, "identity", None
    coding = expect_selected(request.accepted, site[request.name])
    representation = site[request.name][coding]
    failed = expect_precondition(request, representation.opaque)
    if failed is not None:
        return failed, coding, None
    ranges = expect_ranges(request, representation) if request.method == "GET" else None
    if ranges is None:
        return 200, coding, None
    return (206, coding, ranges) if ranges else (416, coding, None)
