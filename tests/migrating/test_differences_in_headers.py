"""Headers: where ours parts from whitenoise on purpose. Each docstring or title is the page's."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import pytest

from tests.conftest import MODIFIED_DATE, plant
from tests.migrating.differences import Difference, assert_differs, assert_undone, undoable
from tests.migrating.sites import FILES, Maker
from whitemedia import OptionError

HASHED = "/static/app.db8f2edc0c8a.js"
TEXT_BODY = {"Content-Type": "text/plain; charset=utf-8", "Access-Control-Allow-Origin": "*"}
NO_BODY = {"Content-Type": None, "Access-Control-Allow-Origin": None, "body": b""}
TYPES = "Some media types are newer."
VARY = "`Vary` is merged."


def ten_years(headers: Headers, path: str, url: str) -> None:
    if "immutable" in (headers["Cache-Control"] or ""):
        headers["Cache-Control"] = "max-age=315360000, public, immutable"


def vary_on_cookie(headers: Headers, path: str, url: str) -> None:
    headers["Vary"] = "Cookie"


def private(headers: Headers, path: str, url: str) -> None:
    headers["Cache-Control"] = "private"


def _media_type(name: str, theirs: str, ours: str) -> Difference:
    expected = {"Content-Type": theirs}
    undo = {"mimetypes": {name.lstrip("x"): theirs}}
    return Difference(TYPES, f"/static/{name}", expected, {"Content-Type": ours}, undo=undo)


DIFFERENCES = [
    Difference(
        "Immutable means a year, not ten.",
        HASHED,
        {"Cache-Control": "max-age=315360000, public, immutable"},
        {"Cache-Control": "max-age=31536000, public, immutable"},
        options={"immutable_file_test": r"\.[0-9a-f]{12}\."},
        undo={"add_headers_function": ten_years},
    ),
    Difference(
        "Two fields are new.",
        "/static/style.css",
        {"X-Content-Type-Options": None, "Accept-Ranges": None},
        {"X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes"},
    ),
    Difference(
        "The charset has no quotes.",
        "/static/style.css",
        {"Content-Type": 'text/css; charset="utf-8"'},
        {"Content-Type": "text/css; charset=utf-8"},
        undo={"mimetypes": {".css": 'text/css; charset="utf-8"'}},
    ),
    Difference(
        VARY,
        "/static/app.js",
        {"Vary": "Accept-Encoding"},
        {"Vary": "Cookie, Accept-Encoding"},
        options={"add_headers_function": vary_on_cookie},
    ),
    Difference(
        "Not Modified keeps more fields.",
        "/static/style.css",
        {"status": 304, "Access-Control-Allow-Origin": None, "X-Content-Type-Options": None},
        {"status": 304, "Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"},
        fields={"If-Modified-Since": MODIFIED_DATE},
    ),
    Difference(
        "Errors say what they are.",
        "/static/style.css",
        {"status": 405, **NO_BODY},
        {"status": 405, **TEXT_BODY, "body": b"405 Method Not Allowed\n"},
        method="POST",
    ),
    Difference(
        "Errors say what they are.",
        "/static/style.css",
        {"status": 416, **NO_BODY},
        {"status": 416, **TEXT_BODY},
        fields={"Range": "bytes=999999-"},
    ),
    Difference(
        "A redirect is cached as its target is.",
        "/static/docs",
        {"status": 302, "Cache-Control": "max-age=60, public", "Access-Control-Allow-Origin": None},
        {"status": 302, "Cache-Control": "private", "Access-Control-Allow-Origin": "*"},
        options={"index_file": True, "add_headers_function": private},
    ),
    _media_type("x.woff", "application/font-woff", "font/woff"),
    _media_type("x.xml", 'text/xml; charset="utf-8"', "application/xml"),
    _media_type("x.bmp", "image/x-ms-bmp", "image/bmp"),
    _media_type("x.m4a", "audio/x-m4a", "audio/mp4"),
    _media_type("x.gz", "application/octet-stream", "application/gzip"),
    _media_type("crossdomain.xml", 'text/x-cross-domain-policy; charset="utf-8"', "application/xml"),
    Difference(
        TYPES,
        "/static/README",
        {"Content-Type": "application/octet-stream"},
        {"Content-Type": "text/plain; charset=utf-8"},
    ),
]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files, also of types that are now called differently."""
    names = [difference.path.rpartition("/")[2] for difference in DIFFERENCES if difference.title == TYPES]
    return plant(tmp_path_factory.mktemp("typed"), {**FILES, **dict.fromkeys(names, b"plain text\n")})


@pytest.mark.parametrize("difference", DIFFERENCES, ids=str)
def test_headers_that_whitenoise_sends_differently(typed: Path, difference: Difference) -> None:
    assert_differs(difference, typed)


@pytest.mark.parametrize("difference", undoable(DIFFERENCES), ids=str)
def test_headers_are_whitenoises_where_options_say_so(typed: Path, difference: Difference) -> None:
    assert_undone(difference, typed)


def test_entity_tags_are_the_same_after_a_copy_and_differ_by_coding(tmp_path: Path) -> None:
    """Entity tags come from the content, one for each coding."""
    tags = {}
    for name in ("whitemedia", "whitenoise"):
        roots = [
            plant(tmp_path / name / str(time), FILES, modified=time) for time in (1_600_000_000, 1_700_000_000)
        ]
        fields = [{"Accept-Encoding": coding} for coding in ("", "gzip", "br")]
        tags[name] = [[Maker(name)(root).head("/app.js", field).etag for field in fields] for root in roots]
    first, second = tags["whitemedia"]
    assert first == second
    assert len(set(first)) == 3
    first, second = tags["whitenoise"]
    assert first != second
    assert len(set(first)) == 1


@pytest.mark.parametrize("field", ["ETag", "Content-Length", "Content-Encoding", "Accept-Ranges", "Connection"])
def test_a_function_that_sets_what_follows_from_the_bytes_raises(root: Path, field: str) -> None:
    """`add_headers_function` cannot set what follows from the bytes."""

    def claim(headers: Headers, path: str, url: str) -> None:
        headers[field] = "1"

    with pytest.raises(OptionError, match=field):
        Maker("whitemedia")(root, add_headers_function=claim)
    assert Maker("whitenoise")(root, add_headers_function=claim).head("/style.css").headers[field] is not None


@pytest.mark.parametrize(("modified", "theirs"), [(0, None), (4_000_000_000, "Tue, 02 Oct 2096 07:06:40 GMT")])
def test_last_modified_is_only_sent_where_it_can_be_true(
    tmp_path: Path, modified: int, theirs: str | None
) -> None:
    """No `Last-Modified` from a time that cannot be right."""
    plant(tmp_path, {"a.txt": b"a"}, modified)
    answers: Any = {name: Maker(name)(tmp_path).head("/a.txt") for name in ("whitemedia", "whitenoise")}
    assert answers["whitenoise"].headers["Last-Modified"] == theirs
    assert answers["whitemedia"].headers["Last-Modified"] is None
    assert (answers["whitenoise"].headers["ETag"] is None) == (theirs is None)
    assert answers["whitemedia"].headers["ETag"] is not None
