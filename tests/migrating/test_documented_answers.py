"""What whitenoise documents of its answers: validators, methods, ranges. Each claim holds of both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import MODIFIED_DATE, PREFIX, open_descriptors, plant
from tests.migrating.sites import DIGITS, FILES, Maker, Site

LATER, EARLIER = "Fri, 11 Apr 2100 11:47:06 GMT", "Fri, 11 Apr 2001 11:47:06 GMT"
NAMES = ["digits.txt", "app.js", "report.pdf", "docs/index.html"]


# Validators


@pytest.mark.parametrize("name", NAMES)
def test_last_modified_and_an_entity_tag_are_sent_for_all_files(site: Site, name: str) -> None:
    """base.rst: "sets both Last-Modified and ETag headers for all files"."""
    answer = site.head(PREFIX + name)
    assert answer.headers["Last-Modified"] == MODIFIED_DATE
    assert re.fullmatch('"[^"]+"', answer.etag)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", NAMES)
def test_an_entity_tag_that_matches_is_not_modified(site: Site, name: str, method: str) -> None:
    """base.rst: "will return Not Modified responses where appropriate"."""
    answer = site.request(method, PREFIX + name, {"If-None-Match": site.head(PREFIX + name).etag})
    assert (answer.status, answer.body) == (304, b"")


def test_an_entity_tag_that_does_not_match_is_modified(site: Site) -> None:
    """test_whitenoise.py, test_etag_doesnt_match."""
    assert site.get("/static/digits.txt", {"If-None-Match": '"594bd1d1-36"'}).status == 200


def test_the_entity_tag_changes_with_the_file(make: Maker, tmp_path: Path) -> None:
    """Changelog 4.0: "slightly better caching behaviour than relying purely on Last Modified dates"."""
    tags = set()
    for data in (b"one", b"three"):
        tags.add(make(plant(tmp_path, {"a.txt": data})).head("/a.txt").etag)
    assert len(tags) == 2


@pytest.mark.parametrize(
    "date", [MODIFIED_DATE, "Tuesday, 14-Nov-23 22:13:20 GMT", "Tue Nov 14 22:13:20 2023", LATER]
)
def test_a_file_not_modified_since_is_not_sent(site: Site, date: str) -> None:
    """test_whitenoise.py, test_not_modified_exact and test_not_modified_future."""
    answer = site.get("/static/digits.txt", {"If-Modified-Since": date})
    assert (answer.status, answer.body) == (304, b"")


def test_a_file_modified_since_is_sent(site: Site) -> None:
    """test_whitenoise.py, test_modified."""
    assert site.get("/static/digits.txt", {"If-Modified-Since": EARLIER}).body == DIGITS


@pytest.mark.parametrize("date", ["Fri, 16 Jul 2021 09:09:1626426577S GMT", "yesterday", "", "\xff"])
def test_a_date_that_cannot_be_parsed_is_ignored(site: Site, date: str) -> None:
    """Changelog 5.3: "Gracefully handle unparsable If-Modified-Since headers"."""
    assert site.get("/static/digits.txt", {"If-Modified-Since": date}).body == DIGITS


def test_the_entity_tag_overrules_the_date(site: Site) -> None:
    """test_whitenoise.py: "so that deploy-rollbacks are handled correctly"."""
    fields = {"If-None-Match": '"594bd1d1-36"', "If-Modified-Since": LATER}
    assert site.get("/static/digits.txt", fields).body == DIGITS


def test_not_modified_repeats_what_caches_need_and_no_media_type(site: Site) -> None:
    """Changelog 3.2: "Return Vary and Cache-Control headers on 304 responses", no "incorrect Content-Type"."""
    etag = site.head("/static/app.js").etag
    headers = site.get("/static/app.js", {"If-None-Match": etag}).headers
    assert (headers["ETag"], headers["Vary"]) == (etag, "Accept-Encoding")
    assert headers["Cache-Control"] == "max-age=60, public"
    assert headers["Content-Type"] is None


def test_a_modification_date_of_zero_is_not_sent(make: Maker, tmp_path: Path) -> None:
    """Changelog 4.1.3: "Fix handling of zero-valued mtimes which can occur when running on some filesystems"."""
    answer = make(plant(tmp_path, {"a.txt": b"a"}, modified=0)).get("/a.txt", {"If-Modified-Since": EARLIER})
    assert (answer.status, answer.headers["Last-Modified"]) == (200, None)


# Methods


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("accepted", ["", "gzip"])
def test_head_has_the_headers_of_get_and_no_body(site: Site, name: str, accepted: str) -> None:
    """test_whitenoise.py, test_head_request_has_no_body."""
    get, head = (site.request(method, PREFIX + name, {"Accept-Encoding": accepted}) for method in ("GET", "HEAD"))
    assert (head.status, head.headers.items(), head.body) == (get.status, get.headers.items(), b"")
    assert get.headers["Content-Length"] == str(len(get.body))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_on_a_file_are_not_allowed(site: Site, method: str) -> None:
    """test_whitenoise.py, test_post_request_returns_405."""
    answer = site.request(method, "/static/digits.txt")
    assert answer.status == 405
    assert {"GET", "HEAD"} <= set((answer.headers["Allow"] or "").split(", "))


# Ranges


@pytest.mark.parametrize(
    ("field", "start", "stop"),
    [
        pytest.param("bytes=0-3", 0, 4, id="initial bytes"),
        pytest.param("bytes=-3", 7, 10, id="trailing bytes"),
        pytest.param("bytes=2-5", 2, 6, id="middle bytes"),
        pytest.param("bytes=5-", 5, 10, id="all that follow"),
        pytest.param("bytes=5-100000", 5, 10, id="overlong"),
        pytest.param("bytes=-100000", 0, 10, id="overlong, trailing"),
    ],
)
def test_only_the_bytes_asked_for_are_sent(site: Site, field: str, start: int, stop: int) -> None:
    """Changelog 4.0: "respects the HTTP Range header"; 6.0: "can no longer read beyond the end"."""
    answer = site.get("/static/digits.txt", {"Range": field})
    assert (answer.status, answer.body) == (206, DIGITS[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/10"
    assert answer.headers["Content-Length"] == str(stop - start)


def test_a_range_beyond_the_file_is_not_satisfiable(site: Site) -> None:
    """test_whitenoise.py, test_out_of_range_error."""
    answer = site.get("/static/digits.txt", {"Range": "bytes=10000-11000"})
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */10")


@pytest.mark.parametrize("field", ["bytes", "bytes=", "bytes=-", "bytes=a-b", "0-3", "lines=0-3"])
def test_a_range_that_cannot_be_interpreted_is_ignored(site: Site, field: str) -> None:
    """responders.py: "just ignore it and return the standard response (this behaviour is allowed by the spec)"."""
    answer = site.get("/static/digits.txt", {"Range": field})
    assert (answer.status, answer.body) == (200, DIGITS)


def test_a_range_of_a_compressed_file_is_of_its_compressed_bytes(site: Site) -> None:
    """responders.py, get_response: a range of the alternative that was selected."""
    answer = site.get("/static/app.js", {"Accept-Encoding": "gzip", "Range": "bytes=2-9"})
    assert (answer.body, answer.headers["Content-Encoding"]) == (FILES["app.js.gz"][2:10], "gzip")


@pytest.mark.parametrize("field", ["bytes=0-3", "bytes=5-", "bytes=99999999-", "bytes=x"])
def test_no_file_stays_open_after_a_range(make: Maker, tmp_path: Path, field: str) -> None:
    """Changelog 6.8.0: "Range requests could lead to database connection errors in other requests"."""
    site = make(plant(tmp_path, {"film.mp4": bytes(3 << 19)}))
    before = open_descriptors()
    site.get("/film.mp4", {"Range": field})
    assert open_descriptors() == before
