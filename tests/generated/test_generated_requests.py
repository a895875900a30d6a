"""A hundred thousand requests, the same at each run, are answered as the model expects.

Every body is compared, byte for byte, with the representation that the model selects.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Final
from wsgiref.validate import validator

import pytest

from tests.answers import Answer, decode
from tests.conftest import application, call, construct, every_construction, make_environ, plant, plant_tree
from tests.generated.generator import PATHS, Generator
from tests.generated.model import PREFIX, REDIRECTS, Representation, Request, Site, expect_status
from whitemedia import WhiteMedia

REQUESTS: Final = {
    "memory": 100_000,
    "store": 10_000,
    "compress=off": 10_000,
    "memory_limit=0": 10_000,
    "autorefresh": 5_000,
}
SEED: Final = 9110
SAMPLE: Final = 100
"""Of so many requests one is made inside the validator, which costs ten times the request."""

CODINGS: Final = ("identity", "br", "gzip", "zstd")
REGISTERED: Final = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"}


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
    middleware = construct(application, root, PREFIX, construction=construction, index_file=True)
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
