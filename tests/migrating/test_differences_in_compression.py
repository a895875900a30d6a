"""Compression: where ours parts from whitenoise on purpose. Each docstring or title is the page's."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.conftest import TEXT, plant
from tests.migrating.differences import Difference, assert_differs, assert_undone, undoable
from tests.migrating.sites import BROTLI, FILES, GZIPPED, Maker
from whitemedia.assets.codings import CODINGS

ACCEPTED = "`Accept-Encoding` is read as RFC 9110 has it."
ZSTD = "`.zst` files are used too."
CHECKED = "A compressed file must be its original, compressed."
SVGZ = "`.svgz` says that it is compressed."
SMALLEST = "br" if len(BROTLI) < len(GZIPPED) else "gzip"
OLDER = gzip.compress(b"older", mtime=0)
PICTURE = b"a picture, which is not compressed at startup " * 20


def _accepting(accepted: str, theirs: str | None, ours: str | None) -> Difference:
    """A difference in the coding that is sent of `app.js`."""
    fields = {"Accept-Encoding": accepted}
    return Difference(
        ACCEPTED, "/static/app.js", {"Content-Encoding": theirs}, {"Content-Encoding": ours}, fields=fields
    )


DIFFERENCES = [
    _accepting("gzip;q=0", "gzip", None),
    _accepting("br;q=0, gzip", SMALLEST, "gzip"),
    _accepting("gzip;q=1, br;q=0.1", SMALLEST, "gzip"),
    _accepting("gzip;q=0.5, identity", "gzip", None),
    _accepting("not-gzip", "gzip", None),
    _accepting("GZIP", None, "gzip"),
    _accepting("*", None, SMALLEST),
    Difference(
        "Files are compressed at startup.",
        "/static/style.css",
        {"Content-Encoding": None, "Vary": None, "body": TEXT},
        {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
        fields={"Accept-Encoding": "gzip"},
        undo={"compress": "off"},
    ),
    Difference(
        ZSTD,
        "/static/picture.png",
        {"Content-Encoding": None},
        {"Content-Encoding": "zstd", "body": CODINGS[1].encode(PICTURE, 3)},
        fields={"Accept-Encoding": "zstd"},
    ),
    Difference(
        CHECKED,
        "/static/stale.png",
        {"Content-Encoding": "gzip", "body": OLDER},
        {"Content-Encoding": None, "body": PICTURE},
        fields={"Accept-Encoding": "gzip"},
    ),
    Difference(CHECKED, "/static/small.png", {"Vary": "Accept-Encoding"}, {"Vary": None}),
    Difference(
        SVGZ,
        "/static/logo.svgz",
        {"Content-Type": "image/svg+xml", "Content-Encoding": None},
        {"Content-Type": "image/svg+xml", "Content-Encoding": "gzip"},
    ),
]


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files with compressed ones beside them, some of which are not what they seem."""
    pictures = {"picture.png": PICTURE, "picture.png.zst": CODINGS[1].encode(PICTURE, 3)}
    stale = {"stale.png": PICTURE, "stale.png.gz": OLDER}
    small = {"small.png": b"small", "small.png.gz": gzip.compress(b"small", mtime=0)}
    logo = {"logo.svgz": gzip.compress(b"<svg/>", mtime=0)}
    return plant(tmp_path_factory.mktemp("coded"), {**FILES, **pictures, **stale, **small, **logo})


@pytest.mark.parametrize("difference", DIFFERENCES, ids=str)
def test_codings_that_whitenoise_selects_differently(coded: Path, difference: Difference) -> None:
    assert_differs(difference, coded)


@pytest.mark.parametrize("difference", undoable(DIFFERENCES), ids=str)
def test_codings_are_whitenoises_where_options_say_so(coded: Path, difference: Difference) -> None:
    assert_undone(difference, coded)


def test_a_sibling_is_sent_as_it_is_not_compressed_anew(root: Path) -> None:
    """Files are compressed at startup."""
    for name in ("whitemedia", "whitenoise"):
        for coding, body in (("gzip", GZIPPED), ("br", BROTLI)):
            assert Maker(name)(root).get("/app.js", {"Accept-Encoding": coding}).body == body
