"""Cases that tornado's own tests hold it to, in our words; where our choice differs, the id says so."""

from __future__ import annotations

import pytest

from tests.conftest import PREFIX, Client, every_construction
from tests.peers.files import ROBOTS, Bounds, assert_ranged


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
