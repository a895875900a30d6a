"""Requests at random, with a bent for what is near a rule's edge."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.conftest import MODIFIED
from tests.generated.model import Date, Ranges, Representation, Request, Site, Spec, Tags

METHODS: Final = (
    ["GET"] * 80 + ["HEAD"] * 10 + ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"] + ["get", "BREW"]
)

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

TEXT_MODES: Final = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


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
