"""Cases that nginx's own tests hold it to, in our words; where our choice differs, the id says so."""

from __future__ import annotations

from pathlib import Path
from wsgiref.headers import Headers

import pytest

from tests.conftest import PREFIX, Client, every_construction, serve
from tests.peers.files import LINES, MULTIPLE, Bounds, assert_ranged


@every_construction
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("bytes=0-8", [(0, 9)], id="nginx range.t: range request"),
        pytest.param("bytes=-10", [(990, 1000)], id="nginx range.t: final bytes"),
        pytest.param("bytes=990-", [(990, 1000)], id="nginx range.t: final bytes explicit"),
        pytest.param("bytes=990-1990", [(990, 1000)], id="nginx range.t: more than length"),
        pytest.param("bytes=0-9, -10, 10-19", [(0, 10), (990, 1000), (10, 20)], id="nginx range.t: multipart"),
        pytest.param(
            "bytes=0-9, -10, 100000-, 10-19", [(0, 10), (990, 1000), (10, 20)], id="nginx range.t: multipart big"
        ),
        pytest.param("bytes=100000-", 416, id="nginx range.t: not satisfiable"),
        pytest.param(
            "bytes=alpha", 200, id="nginx range.t: alpha in first byte pos (416 there; we ignore it, line 14)"
        ),
        pytest.param(
            "bytes=10-alpha", 200, id="nginx range.t: alpha in last byte pos (416 there; we ignore it, line 14)"
        ),
        pytest.param("bytes=10", 200, id="nginx range.t: no hyphen (416 there; we ignore it, line 14)"),
        pytest.param("bytes=10-11 12-", 200, id="nginx range.t: no comma (416 there; we ignore it, line 14)"),
        pytest.param("bytes=0-10001", [(0, 1000)], id="nginx range.t: last byte pos adjusted"),
        pytest.param("bytes=0-10001, 0-0", 200, id="nginx range.t: malicious byte ranges"),
    ],
)
def test_nginx_ranges(peer: Client, field: str, expected: Bounds | int) -> None:
    assert_ranged(peer.get(f"{PREFIX}t1.html", {"Range": field}), LINES, expected)


@every_construction
@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        pytest.param("If-Modified-Since", "Wed, 08 Jul 2037 22:53:52 GMT", 304, id="0x7F000000"),
        pytest.param("If-Modified-Since", "Tue, 19 Jan 2038 03:14:07 GMT", 304, id="0x7FFFFFFF"),
        pytest.param(
            "If-Modified-Since", "Tue, 19 Jan 2038 03:14:08 GMT", 304, id="0x80000000, as with 64-bit time_t"
        ),
        pytest.param(
            "If-Modified-Since", "Fri, 25 Feb 2174 09:42:23 GMT", 304, id="0x17FFFFFFF, as with 64-bit time_t"
        ),
        pytest.param("If-None-Match", "TAG", 304, id="if-none-match"),
        pytest.param("If-None-Match", '"foo"', 200, id="if-none-match fail"),
        pytest.param("If-None-Match", '"foo", "bar", TAG , "baz"', 304, id="if-none-match with complex list"),
        pytest.param("If-None-Match", "*", 304, id="if-none-match all"),
        pytest.param("If-None-Match", "W/TAG", 304, id="if-none-match weak"),
        pytest.param("If-Match", "TAG", 200, id="if-match"),
        pytest.param("If-Match", '"foo"', 412, id="if-match fail"),
        pytest.param("If-Match", '"foo", "bar", \tTAG , "baz"', 200, id="if-match with complex list"),
        pytest.param("If-Match", "*", 200, id="if-match all"),
        pytest.param("If-Match", "W/TAG", 412, id="if-match weak fail"),
    ],
)
def test_nginx_not_modified_t(peer: Client, field: str, value: str, status: int) -> None:
    tag = peer.head(f"{PREFIX}t1.html").etag
    assert peer.get(f"{PREFIX}t1.html", {field: value.replace("TAG", tag)}).status == status


@every_construction
def test_nginx_not_modified_t_if_match_ignored_with_404(peer: Client) -> None:
    assert peer.get(f"{PREFIX}.nx", {"If-Match": '"foo"'}).status == 404


EARLY = "Mon, 28 Sep 1970 06:00:00 GMT"


@every_construction
@pytest.mark.parametrize("modified", ["as the file", None, EARLY], ids=["file's time", "no time", "time set"])
def test_nginx_range_if_range_t(root: Path, construction: str, modified: str | None) -> None:
    def add_headers(headers: Headers, path: str, url: str) -> None:
        if modified is None:
            del headers["Last-Modified"]
        elif modified == EARLY:
            headers["Last-Modified"] = modified

    client = serve(root, construction=construction, add_headers_function=add_headers)
    wrong = client.get(f"{PREFIX}t1.html", {"Range": "bytes=0-9", "If-Range": "wrong"})
    assert (wrong.status, wrong.body) == (200, LINES)
    sent = wrong.headers["Last-Modified"]
    if modified is None:
        assert sent is None
        assert client.get(f"{PREFIX}t1.html", {"Range": "bytes=0-9", "If-Range": EARLY}).status == 200
    else:
        assert sent is not None
        assert (sent == EARLY) == (modified == EARLY)
        assert client.get(f"{PREFIX}t1.html", {"Range": "bytes=0-9", "If-Range": sent}).status == 206


@every_construction
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("name", "accepted", "coding", "varies"),
    [
        pytest.param("t1.txt", "", None, True, id="nginx gunzip_static.t: without gzip the content as it is"),
        pytest.param("t1.txt", "gzip", "gzip", True, id="nginx gunzip_static.t: gzip still works"),
        pytest.param("t3.bin", "", None, False, id="nginx gunzip_static.t: no vary on non-gzipped"),
        pytest.param(
            "t3.bin", "gzip", None, False, id="nginx gunzip_static.t: no vary on non-gzipped, gzip accepted"
        ),
    ],
)
def test_nginx_gunzip_static_t(
    peer: Client, *, method: str, name: str, accepted: str, coding: str | None, varies: bool
) -> None:
    answer = peer.request(method, PREFIX + name, {"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers["Vary"] == ("Accept-Encoding" if varies else None)
    assert method == "HEAD" or answer.content == (LINES if name == "t1.txt" else b"not compressed")


@every_construction
def test_nginx_gunzip_static_t_multiple_gzip_members_are_not_sent_for_many_clients_stop_at_the_first(
    peer: Client,
) -> None:
    answer = peer.get(f"{PREFIX}t2.txt", {"Accept-Encoding": "gzip"})
    assert answer.body != MULTIPLE
    assert answer.content == LINES


@every_construction
@pytest.mark.parametrize(
    ("name", "accepted", "coding"),
    [
        pytest.param("t1.txt", "", None, id="nginx charset_gzip_static.t: plain"),
        pytest.param("t1.txt", "gzip", "gzip", id="nginx charset_gzip_static.t: gzip"),
        pytest.param("empty.html", "", None, id="nginx charset_gzip_static.t: empty, plain"),
        pytest.param(
            "empty.html", "gzip", None, id="nginx charset_gzip_static.t: empty (coded there; never here, line 36)"
        ),
    ],
)
def test_nginx_charset_gzip_static_t_coded_text_has_its_charset(
    peer: Client, name: str, accepted: str, coding: str | None
) -> None:
    answer = peer.get(PREFIX + name, {"Accept-Encoding": accepted})
    kind = "html" if name.endswith("html") else "plain"
    assert answer.headers["Content-Type"] == f"text/{kind}; charset=utf-8"
    assert answer.headers["Content-Encoding"] == coding
