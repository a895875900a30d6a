"""A hundred thousand requests, the same at each run, against a model of RFC 9110 that shares no code with ours.

The model never reads a field: a request is made as values, from which both the fields' text and what is expected
follow. Every body is compared, byte for byte, with the representation that the model selects.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from wsgiref.validate import validator

import pytest

from tests.conftest import (
    CONSTRUCTIONS,
    MODIFIED,
    Answer,
    application,
    call,
    decode,
    every_construction,
    make_environ,
    plant,
    plant_tree,
)
from whitemedia import WhiteMedia

if TYPE_CHECKING:
    from whitemedia.options import OptionFields

REQUESTS: Final = {"default": 100_000, "compress=off": 10_000, "memory_limit=0": 10_000}
SEED: Final = 9110
SAMPLE: Final = 100
"""Of so many requests one is made inside the validator, which costs ten times the request."""

PREFIX: Final = "/static/"
CODINGS: Final = ("identity", "br", "gzip", "zstd")
METHODS: Final = (
    ["GET"] * 80 + ["HEAD"] * 10 + ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"] + ["get", "BREW"]
)
REGISTERED: Final = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"}
PATHS: Final = {  # with how often each is asked for
    "empty.txt": 4,
    "one.txt": 4,
    "digits.txt": 20,
    "app.css": 20,
    "lib.js": 20,
    "picture.png": 15,
    "docs/": 8,
    "huge.bin": 1,
    "docs": 2,
    "docs/index.html": 2,
    ".env": 1,
    "missing": 2,
}
REDIRECTS: Final = {"docs": "docs/", "docs/index.html": "./"}
TEXT_MODES: Final = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")

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


# The model


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


# The generator


class Generator:
    """Makes requests, the same ones for the same seed."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.random = random.Random(seed)

    def requests(self, count: int) -> Iterator[Request]:
        names = self.random.choices(list(PATHS), list(PATHS.values()), k=count)
        for name in names:
            yield self.request(name)

    def request(self, name: str) -> Request:
        representations = list(self.site.get(name, {"identity": Representation(b"", "none")}).values())
        selected = self.random.choice(representations)
        tags = [representation.opaque for representation in representations]
        return Request(
            self.random.choice(METHODS),
            name,
            self.maybe(0.6, self.accepted),
            self.maybe(0.1, lambda: self.tags(tags)),
            self.maybe(0.12, lambda: self.tags(tags)),
            self.maybe(0.08, self.date),
            self.maybe(0.08, self.date),
            self.maybe(0.15, lambda: self.if_range(tags)),
            self.maybe(0.6, lambda: self.ranges(len(selected.body))),
        )

    def maybe(self, chance: float, make: Callable[[], Any]) -> Any:
        return make() if self.random.random() < chance else None

    def accepted(self) -> tuple[str, dict[str, float]]:
        pick, listed, members = self.random.choice, {}, []
        for coding in self.random.sample(
            ["gzip", "br", "zstd", "identity", "*", "deflate"], self.random.randint(0, 4)
        ):
            weight, quality = pick(WEIGHTS)
            if quality is not None:
                listed[coding] = quality
            spelling = pick(["gzip", "x-gzip", "GZip"]) if coding == "gzip" else coding
            members.append(spelling + weight)
        return pick([",", ", ", " ,\t", ", ,"]).join(members), listed

    def tags(self, own: list[str]) -> Tags:
        if self.random.random() < 0.15:
            return Tags("*", [], star=True)
        listed = [(self.random.choice([*own, "other", "a,b", ""]), self.random.random() < 0.3) for _ in range(3)]
        listed = listed[: self.random.randint(0, 3)]
        texts = [f'W/"{opaque}"' if weak else f'"{opaque}"' for opaque, weak in listed]
        texts += self.random.choice([[], [], ["malformed"], [""], ["w/x"]])
        return Tags(self.random.choice([",", ", ", " , "]).join(texts), listed)

    def date(self) -> Date:
        if self.random.random() < 0.2:
            return Date(self.random.choice(["", "yesterday", "0", f"Tue, 14 Nov {'9' * 40} 22:13:20 GMT"]), None)
        seconds = MODIFIED + self.random.choice([-86_400, -1, 0, 0, 1, 86_400])
        return Date(time.strftime(self.random.choice(TEXT_MODES), time.gmtime(seconds)), seconds)

    def if_range(self, own: list[str]) -> Tags | Date:
        if self.random.random() < 0.3:
            return self.date()
        opaque, weak = self.random.choice([*own, *own, "other"]), self.random.random() < 0.2
        text = f'W/"{opaque}"' if weak else f'"{opaque}"'
        if self.random.random() < 0.1:
            return Tags(f'{text}, "other"', [])
        return Tags(text, [(opaque, weak)])

    def ranges(self, length: int) -> Ranges:
        kind = self.random.random()
        if kind < 0.12:
            return Ranges(self.random.choice(IGNORED), None)
        if kind < 0.45:
            specs = [self.spec(length)]
        elif kind < 0.6:
            specs = [(length + self.random.randint(0, 3), None) for _ in range(self.random.randint(1, 3))]
        elif kind < 0.75:
            specs = [self.spec(length) for _ in range(self.random.randint(2, 4))]
        else:
            specs = self.apart(length)
        texts = [f"{'' if first is None else first}-{'' if last is None else last}" for first, last in specs]
        texts = [
            text.replace("-", "-0", 1) if self.random.random() < 0.05 and text[-1] != "-" else text
            for text in texts
        ]
        unit = self.random.choice(["bytes=", "bytes=", "Bytes=", "bytes= ", "bytes=,"])
        return Ranges(unit + self.random.choice([",", ", ", " ,\t", ",,"]).join(texts), specs)

    def spec(self, length: int) -> Spec:
        first = self.random.randint(0, length + 1)
        kind = self.random.random()
        if kind < 0.2:
            return None, first
        if kind < 0.4:
            return first, None
        return first, first + self.random.choice([-1, 0, 0, 1, 5, 100, length, 10**30])

    def apart(self, length: int) -> list[Spec]:
        """Specs that do not overlap, in any order."""
        cuts = sorted(self.random.sample(range(length + 1), min(length + 1, 2 * self.random.randint(2, 4))))
        specs: list[Spec] = [(start, stop - 1) for start, stop in zip(cuts[::2], cuts[1::2], strict=False)]
        self.random.shuffle(specs)
        return specs or [(0, 0)]


WEIGHTS: Final[list[tuple[str, float | None]]] = [
    ("", 1.0),
    ("", 1.0),
    (";q=1.000", 1.0),
    (";q=0", 0.0),
    (" ;\tQ=0.000", 0.0),
    (";q=0.5", 0.5),
    ("; q=0.25", 0.25),
    (";q=0.001", 0.001),
    (";q=2", None),
    (";q=high", None),
]
IGNORED: Final = [
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=x-y",
    "lines=0-1",
    "bytes=0-1,x",
    "bytes=1_0-2_0",
    "bytes=\xb2-\xb3",
]


# The test


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = plant_tree(tmp_path_factory.mktemp("generated"))
    return plant(root, {"huge.bin": random.Random(3).randbytes(2 << 20)})


def learn(root: Path, middleware: WhiteMedia) -> Site:
    """Every representation, seen to decode to its file."""
    site: Site = {}
    for name in PATHS.keys() - {".env", "missing", *REDIRECTS}:
        content = (root / name.replace("docs/", "docs/index.html")).read_bytes()
        site[name] = {}
        for coding in CODINGS:
            answer = call(middleware, make_environ("GET", PREFIX + name, {"Accept-Encoding": coding}))
            sent = answer.headers["Content-Encoding"] or "identity"
            assert decode(sent, answer.body) == content
            site[name][sent] = Representation(answer.body, answer.etag.strip('"'))
    assert len(site["lib.js"]) == 4
    return site


@every_construction
def test_every_generated_request_is_answered_as_the_model_expects(root: Path, construction: str) -> None:
    options: OptionFields = {**CONSTRUCTIONS[construction], "index_file": True}
    middleware = WhiteMedia(application, root, PREFIX, **options)
    validated, base, site = validator(middleware), make_environ("GET", "/"), learn(root, middleware)
    counts: Counter[str] = Counter()
    for number, request in enumerate(Generator(site, SEED).requests(REQUESTS[construction])):
        called = validated if number % SAMPLE == 0 and request.method in REGISTERED else middleware
        answer = call(called, base | request.environ)
        counts[check(request, answer, site)] += 1
    at_least = REQUESTS[construction] // 100
    for outcome in ("200", "206 single", "206 multipart", "302", "304", "405", "412", "416"):
        assert counts[outcome] >= at_least, counts


def check(request: Request, answer: Answer, site: Site) -> str:
    """Judge an answer, and name its outcome."""
    if request.name == "missing":
        assert answer.is_the_applications, request
        return "passed on"
    status, coding, ranges = expect_status(request, site)
    assert answer.status == status, request
    length = answer.headers["Content-Length"]
    if status in (204, 304):
        assert (length, answer.body) == (None, b""), request
    elif request.method != "HEAD":
        assert length == str(len(answer.body)), request
    if status in (200, 206, 304):
        check_selected(request, answer, site[request.name][coding], coding)
    if ranges is None:
        return str(status)
    body = site[request.name][coding].body
    assert [(part.start, part.stop) for part in answer.parts] == ranges, request
    assert [part.data for part in answer.parts] == [body[start:stop] for start, stop in ranges], request
    assert {part.complete for part in answer.parts} == {len(body)}, request
    return "206 multipart" if len(ranges) > 1 else "206 single"


def check_selected(request: Request, answer: Answer, expected: Representation, coding: str) -> None:
    """Tag, coding and, of a 200, the body are those of the representation that the model selects."""
    assert answer.headers["ETag"] == f'"{expected.opaque}"', request
    if answer.status != 304:
        assert (answer.headers["Content-Encoding"] or "identity") == coding, request
    if answer.status == 200:
        whole = b"" if request.method == "HEAD" else expected.body
        assert answer.body == whole, request
        assert answer.headers["Content-Length"] == str(len(expected.body)), request
