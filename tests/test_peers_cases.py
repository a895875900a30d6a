"""Cases that other servers' own tests hold them to, in our words; each id names its source.

Where our documented choice differs, the id says so and the expectation is ours.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from wsgiref.headers import Headers

import pytest

from tests.conftest import PREFIX, Answer, Client, every_construction, plant, serve

# A thousand bytes that say where they are, as nginx's tests use them
LINES = b"".join(b"X%03dXXXXXX" % number for number in range(100))
TEN_AND_ONE = b"0123456789\n"  # Go's testdata/file
ROBOTS = b"User-agent: *\nDisallow: /\n"  # tornado's static/robots.txt
MULTIPLE = gzip.compress(LINES[:500], mtime=0) + gzip.compress(LINES[500:], mtime=0)

Bounds = list[tuple[int, int]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    coded = gzip.compress(LINES, mtime=0)
    files = {"t1.html": LINES, "t1.txt": LINES, "t1.txt.gz": coded, "t2.txt": LINES, "t2.txt.gz": MULTIPLE}
    files |= {"t3.bin": b"not compressed", "file": TEN_AND_ONE, "robots.txt": ROBOTS, "empty.html": b""}
    return plant(
        tmp_path_factory.mktemp("peers"), {**files, "empty.html.gz": b"", "dir/index.html": b"this is the index\n"}
    )


@pytest.fixture
def peer(root: Path, construction: str) -> Client:
    """A client over the peers' files; use with `every_construction`."""
    return serve(root, construction=construction, index_file=True)


def assert_ranged(answer: Answer, whole: bytes, expected: Bounds | int) -> None:
    """A status, or a 206 of exactly these bounds, half-open."""
    if isinstance(expected, int):
        assert answer.status == expected
        assert answer.headers["Content-Range"] == (f"bytes */{len(whole)}" if expected == 416 else None)
        assert answer.body == whole or expected != 200
        return
    assert answer.status == 206
    assert [(part.start, part.stop) for part in answer.parts] == expected
    assert [part.data for part in answer.parts] == [whole[start:stop] for start, stop in expected]


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


@every_construction
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("", 200),
        ("bytes=0-4", [(0, 5)]),
        ("bytes=2-", [(2, 11)]),
        ("bytes=-5", [(6, 11)]),
        ("bytes=3-7", [(3, 8)]),
        ("bytes=0-0,-2", [(0, 1), (9, 11)]),
        ("bytes=0-1,5-8", [(0, 2), (5, 9)]),
        ("bytes=0-1,5-", [(0, 2), (5, 11)]),
        ("bytes=5-1000", [(5, 11)]),
        ("bytes=0-,1-,2-,3-,4-", 200),
        ("bytes=0-9", [(0, 10)]),
        ("bytes=0-10", [(0, 11)]),
        ("bytes=0-11", [(0, 11)]),
        ("bytes=10-11", [(10, 11)]),
        ("bytes=10-", [(10, 11)]),
        ("bytes=11-", 416),
        ("bytes=11-12", 416),
        ("bytes=12-12", 416),
        ("bytes=11-100", 416),
        ("bytes=12-100", 416),
        ("bytes=100-", 416),
        ("bytes=100-1000", 416),
    ],
    ids=lambda value: f"Go ServeFileRangeTests {value}" if isinstance(value, str) else "",
)
def test_go_fs_test_ranges(peer: Client, field: str, expected: Bounds | int) -> None:
    assert_ranged(peer.get(f"{PREFIX}file", {"Range": field}), TEN_AND_ONE, expected)


@every_construction
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("bytes=0-9", [(0, 10)], id="tornado with_range"),
        pytest.param("bytes=0-", [(0, 26)], id="tornado with_range_full_file (200 there; 206 here, line 17)"),
        pytest.param(
            "bytes=0-10000000", [(0, 26)], id="tornado with_range_full_past_end (200 there; 206 here, line 17)"
        ),
        pytest.param("bytes=1-10000000", [(1, 26)], id="tornado with_range_partial_past_end"),
        pytest.param("bytes=22-", [(22, 26)], id="tornado with_range_end_edge"),
        pytest.param("bytes=-4", [(22, 26)], id="tornado with_range_neg_end"),
        pytest.param(
            "bytes=-1000000", [(0, 26)], id="tornado with_range_neg_past_start (200 there; 206 here, line 17)"
        ),
        pytest.param("asdf", 200, id="tornado invalid_range"),
        pytest.param("bytes=-0", 416, id="tornado unsatisfiable_range_zero_suffix"),
        pytest.param(
            "bytes=26", 200, id="tornado unsatisfiable_range_invalid_start (416 there; we ignore it, line 14)"
        ),
        pytest.param(
            "bytes=10-3", 200, id="tornado unsatisfiable_range_end_less_than_start (416 there; here line 15)"
        ),
    ],
)
def test_tornado_static_file_ranges(peer: Client, field: str, expected: Bounds | int) -> None:
    answer = peer.get(f"{PREFIX}robots.txt", {"Range": field})
    assert_ranged(answer, ROBOTS, expected)
    if answer.status != 416:
        assert answer.etag == peer.head(f"{PREFIX}robots.txt").etag


@every_construction
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"If-Modified-Since": "MODIFIED"}, 304, id="tornado 304_if_modified_since"),
        pytest.param({"If-None-Match": "TAG"}, 304, id="tornado 304_if_none_match"),
        pytest.param(
            {"If-None-Match": '"MISMATCH"', "If-Modified-Since": "MODIFIED"},
            200,
            id="tornado 304_etag_modified_bug",
        ),
        pytest.param(
            {"If-Modified-Since": "Fri, 01 Jan 1960 00:00:00 GMT"}, 200, id="tornado if_modified_since_pre_epoch"
        ),
        pytest.param(
            {"If-Modified-Since": "Tue, 14 Nov 2023 22:13:19 GMT"},
            200,
            id="tornado if_modified_since_time_zone -1",
        ),
        pytest.param(
            {"If-Modified-Since": "Tue, 14 Nov 2023 22:13:21 GMT"},
            304,
            id="tornado if_modified_since_time_zone +1",
        ),
        pytest.param({"Range": "bytes=1-4", "If-None-Match": "TAG"}, 304, id="tornado range_if_none_match"),
        pytest.param({}, 200, id="tornado static_etag"),
    ],
)
def test_tornado_static_file_preconditions_are_the_same_by_head(
    peer: Client, fields: dict[str, str], status: int
) -> None:
    whole = peer.get(f"{PREFIX}robots.txt")
    values = {"TAG": whole.etag, "MODIFIED": whole.fields["last-modified"]}
    fields = {name: values.get(value, value) for name, value in fields.items()}
    answers = [peer.request(method, f"{PREFIX}robots.txt", fields) for method in ("GET", "HEAD")]
    assert [answer.status for answer in answers] == [status, status]
    assert answers[0].headers.items() == answers[1].headers.items()


@every_construction
def test_tornado_static_head_range_is_200_here_by_line_12(peer: Client) -> None:
    answer = peer.head(f"{PREFIX}robots.txt", {"Range": "bytes=1-4"})
    assert (answer.status, answer.headers["Content-Length"]) == (200, "26")


@every_construction
@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        pytest.param("/static/.blarg", 404, None, id="tornado static_404"),
        pytest.param(
            "/static/../static_foo.txt", 404, None, id="tornado path_traversal (403 there; 404 here, decision 9)"
        ),
        pytest.param("/static/dir/", 200, None, id="tornado static_default_filename"),
        pytest.param(
            "/static/dir", 302, "dir/", id="tornado static_default_redirect (301 there; 302 here, line 41)"
        ),
    ],
)
def test_tornado_static_paths(peer: Client, path: str, status: int, location: str | None) -> None:
    answer = peer.get(path)
    assert (answer.status, answer.headers["Location"]) == (status, location)
    assert status != 200 or answer.body == b"this is the index\n"
