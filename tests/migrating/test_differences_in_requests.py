"""Requests: where ours parts from whitenoise on purpose. Each title is the page's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import MODIFIED_DATE, plant
from tests.migrating.differences import Difference, assert_differs
from tests.migrating.sites import DIGITS, FILES, Maker

SINGLE = "One byte is a range."
SEVERAL = "Several ranges are answered."
MALFORMED = "A malformed range is ignored."
IF_RANGE = "`If-Range` counts."
PRECONDITIONS = "All preconditions count."
DATES = "A date must be an HTTP date."
OPTIONS = "`OPTIONS` is answered."
REDIRECTS = "Redirects are for `GET` and `HEAD`, and keep the query."

WHOLE = {"status": 200, "body": DIGITS, "Content-Range": None}
ALLOW = {"Allow": "GET, HEAD, OPTIONS"}


def of_digits(
    title: str, fields: Mapping[str, str], theirs: object, ours: object, method: str = "GET"
) -> Difference:
    """A difference in the answer to a request for `digits.txt`: a status, or (status, body)."""
    return Difference(title, "/static/digits.txt", _seen(theirs), _seen(ours), method=method, fields=fields)


def _seen(expected: object) -> dict[str, object]:
    return {"status": expected[0], "body": expected[1]} if isinstance(expected, tuple) else {"status": expected}


RANGES = [
    of_digits(SINGLE, {"Range": "bytes=0-0"}, 416, (206, b"0")),
    of_digits(SINGLE, {"Range": "bytes=9-"}, 416, (206, b"9")),
    of_digits(SINGLE, {"Range": "bytes=-1"}, 416, (206, b"9")),
    of_digits(SEVERAL, {"Range": "bytes=0-0,9-9"}, (200, DIGITS), 206),
    of_digits(MALFORMED, {"Range": "bytes=5-2"}, 416, (200, DIGITS)),
    of_digits(MALFORMED, {"Range": "bytes=+1-3"}, (206, b"123"), (200, DIGITS)),
    of_digits(MALFORMED, {"Range": "bytes=1_0-2_0"}, 416, (200, DIGITS)),
    of_digits(MALFORMED, {"Range": "bytes=-0"}, (206, DIGITS), 416),
    of_digits(MALFORMED, {"Range": "bytes=0-3"}, 206, 200, method="HEAD"),
    of_digits(IF_RANGE, {"Range": "bytes=0-3", "If-Range": '"an older one"'}, (206, b"0123"), (200, DIGITS)),
    of_digits(IF_RANGE, {"Range": "bytes=0-3", "If-Range": "Tue, 14 Nov 2023 00:00:00 GMT"}, 206, (200, DIGITS)),
    Difference(MALFORMED, "/static/empty.txt", {"status": 416}, {"status": 200}, fields={"Range": "bytes=0-"}),
]

CONDITIONS = [
    of_digits(PRECONDITIONS, {"If-None-Match": "*"}, 200, 304),
    of_digits(PRECONDITIONS, {"If-Match": '"an older one"'}, 200, 412),
    of_digits(PRECONDITIONS, {"If-Unmodified-Since": "Mon, 13 Nov 2023 00:00:00 GMT"}, 200, 412),
    of_digits(DATES, {"If-Modified-Since": MODIFIED_DATE.replace("GMT", "+0100")}, 304, 200),
    of_digits(DATES, {"If-Modified-Since": MODIFIED_DATE.replace(" GMT", "")}, 304, 200),
    of_digits(DATES, {"If-Modified-Since": MODIFIED_DATE.replace("2023", "99999")}, 304, 200),
]

METHODS = [
    of_digits(OPTIONS, {}, 405, 204, method="OPTIONS"),
    Difference(
        REDIRECTS,
        "/static/docs",
        {"status": 302, "Location": "docs/"},
        {"status": 302, "Location": "docs/?page=2"},
        environ={"QUERY_STRING": "page=2"},
        options={"index_file": True},
    ),
    Difference(
        REDIRECTS,
        "/static/docs",
        {"status": 302},
        {"status": 405, **ALLOW},
        method="POST",
        options={"index_file": True},
    ),
    Difference(
        REDIRECTS,
        "/static/docs",
        {"status": 302},
        {"status": 204, **ALLOW},
        method="OPTIONS",
        options={"index_file": True},
    ),
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files, one of them empty."""
    return plant(tmp_path_factory.mktemp("plain"), {**FILES, "empty.txt": b""})


@pytest.mark.parametrize("difference", [*RANGES, *CONDITIONS, *METHODS], ids=str)
def test_requests_that_whitenoise_answers_differently(plain: Path, difference: Difference) -> None:
    assert_differs(difference, plain)


@pytest.mark.parametrize("form", ["W/TAG", '"an older one", TAG', 'TAG, "an older one"'])
def test_entity_tags_may_be_weak_and_several(root: Path, form: str) -> None:
    """All preconditions count."""
    statuses = []
    for name in ("whitemedia", "whitenoise"):
        site = Maker(name)(root)
        fields = {"If-None-Match": form.replace("TAG", site.head("/digits.txt").etag)}
        statuses.append(site.get("/digits.txt", fields).status)
    assert statuses == [304, 200]


def test_the_mount_point_itself_redirects_beneath_it(root: Path) -> None:
    """Redirects stay beneath the mount point."""
    locations = [
        Maker(name)(root, index_file=True).get("/", PATH_INFO="", SCRIPT_NAME="/mounted").headers["Location"]
        for name in ("whitemedia", "whitenoise")
    ]
    assert locations == ["mounted/", "/"]


@pytest.mark.parametrize("path", ["/docs", "/digits.txt"])
def test_unsafe_methods_are_passed_on_by_option(root: Path, path: str) -> None:
    """Redirects are for `GET` and `HEAD`, and keep the query."""
    site = Maker("whitemedia")(root, index_file=True, unsafe_methods="pass")
    assert site.request("POST", path).is_the_applications
