"""Lines 1 to 11: what conditions a request may set, and what a 304 says."""

from __future__ import annotations

import os
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.conftest import FILES, MODIFIED, MODIFIED_DATE, PREFIX, Client, every_construction, plant, serve
from tests.rules import DIGITS, EARLIER, LARGE, LATER, add_headers, with_tag

# Preconditions


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PREFIX + ".env", 404),
        ("POST", DIGITS, 405),
        ("GET", PREFIX + "docs", 302),
        ("OPTIONS", DIGITS, 204),
    ],
)
@pytest.mark.parametrize("name", ["If-Match", "If-None-Match", "If-Unmodified-Since", "If-Modified-Since"])
def test_line_1_preconditions_count_only_where_the_answer_would_be_2xx(
    client: Client, method: str, path: str, status: int, name: str
) -> None:
    values = {
        "If-Match": '"other"',
        "If-None-Match": "*",
        "If-Unmodified-Since": EARLIER,
        "If-Modified-Since": LATER,
    }
    assert client.request(method, path, {name: values[name]}).status == status


def test_line_1_412_beats_304_beats_206_and_416(client: Client) -> None:
    fields = with_tag(client, DIGITS, {"If-Match": '"other"', "If-None-Match": '"TAG"', "Range": "bytes=50-"})
    assert client.get(DIGITS, fields).status == 412
    del fields["If-Match"]
    assert client.get(DIGITS, fields).status == 304
    del fields["If-None-Match"]
    assert client.get(DIGITS, fields).status == 416
    assert client.get(DIGITS, {"Range": "bytes=5-", "If-Match": "*"}).status == 206


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("*", 200),
        ('"TAG"', 200),
        ('"other", "TAG"', 200),
        ('"a,b" ,, "TAG"', 200),
        ('W/"TAG"', 412),
        ('"other"', 412),
        ("TAG", 412),
        ("", 412),
    ],
)
def test_line_2_if_match_compares_strongly(client: Client, method: str, field: str, status: int) -> None:
    answer = client.request(method, DIGITS, with_tag(client, DIGITS, {"If-Match": field}))
    assert answer.status == status
    if status == 412:
        assert answer.headers["Content-Length"] == "0"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-Unmodified-Since": MODIFIED_DATE}, 200),
        ({"If-Unmodified-Since": LATER}, 200),
        ({"If-Unmodified-Since": EARLIER}, 412),
        ({"If-Unmodified-Since": EARLIER, "If-Match": '"TAG"'}, 200),
        ({"If-Unmodified-Since": LATER, "If-Match": '"other"'}, 412),
        ({"If-Unmodified-Since": "yesterday"}, 200),
        ({"If-Unmodified-Since": f"{EARLIER}, {EARLIER}"}, 200),
    ],
)
def test_line_3_if_unmodified_since_counts_without_if_match_and_if_it_is_a_date(
    client: Client, fields: dict[str, str], status: int
) -> None:
    assert client.get(DIGITS, with_tag(client, DIGITS, fields)).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("field", "status"),
    [
        ('"TAG"', 304),
        ('W/"TAG"', 304),
        ("*", 304),
        ('"a", "TAG"', 304),
        ('"a","b" , W/"TAG","c"', 304),
        ('"a,b", "TAG"', 304),
        ('malformed, "TAG"', 304),
        ('"other"', 200),
        ('"a,TAG"', 200),
        ("TAG", 200),
    ],
)
def test_line_4_if_none_match_compares_weakly(client: Client, method: str, field: str, status: int) -> None:
    assert client.request(method, DIGITS, with_tag(client, DIGITS, {"If-None-Match": field})).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-Modified-Since": MODIFIED_DATE}, 304),
        ({"If-Modified-Since": LATER}, 304),
        ({"If-Modified-Since": EARLIER}, 200),
        ({"If-Modified-Since": "Fri, 01 Jan 1960 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": LATER, "If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": LATER, "If-None-Match": "malformed"}, 200),
        ({"If-Modified-Since": LATER, "If-None-Match": ""}, 200),
        ({"If-Modified-Since": EARLIER, "If-None-Match": '"TAG"'}, 304),
    ],
)
def test_line_5_if_modified_since_counts_only_where_if_none_match_is_absent(
    client: Client, method: str, fields: dict[str, str], status: int
) -> None:
    assert client.request(method, DIGITS, with_tag(client, DIGITS, fields)).status == status


@pytest.mark.parametrize("path", [DIGITS, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-Range": '"TAG"'}, 200),
        ({"If-Range": '"TAG"', "Range": "bytes=2-4"}, 206),
        ({"If-Range": 'W/"TAG"', "Range": "bytes=2-4"}, 200),
        ({"If-Range": '"TAG", "other"', "Range": "bytes=2-4"}, 200),
        ({"If-Range": "*", "Range": "bytes=2-4"}, 200),
        ({"If-Range": "TAG", "Range": "bytes=2-4"}, 200),
        ({"If-Range": '"other"', "Range": "bytes=9999999-"}, 200),
        ({"If-Range": '"TAG"', "Range": "bytes=9999999-"}, 416),
        ({"If-Range": MODIFIED_DATE, "Range": "bytes=2-4"}, 206),
        ({"If-Range": EARLIER, "Range": "bytes=2-4"}, 200),
        ({"If-Range": LATER, "Range": "bytes=2-4"}, 200),
        ({"If-Range": "yesterday", "Range": "bytes=2-4"}, 200),
    ],
)
def test_line_6_if_range_is_one_strong_tag_or_the_exact_date(
    client: Client, path: str, fields: dict[str, str], status: int
) -> None:
    answer = client.get(path, with_tag(client, path, fields))
    assert answer.status == status
    whole = FILES[path.removeprefix(PREFIX)]
    assert answer.body == {200: whole, 206: whole[2:5], 416: answer.body}[status]


@every_construction
@pytest.mark.parametrize(("age", "status"), [(0.0, 200), (0.9, 200), (1.0, 206), (60.0, 206)])
def test_line_7_a_date_less_than_a_second_old_never_satisfies_if_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, construction: str, age: float, status: int
) -> None:
    client = serve(plant(tmp_path, {"digits.txt": FILES["digits.txt"]}), construction=construction)
    monkeypatch.setattr(time, "time", lambda: MODIFIED + age)
    assert client.get(DIGITS, {"Range": "bytes=0-1", "If-Range": MODIFIED_DATE}).status == status


@every_construction
@pytest.mark.parametrize(
    ("seconds", "sent"),
    [(-86_400, False), (0, False), (1, False), (2, True), (MODIFIED, True)]
    + [pytest.param(time.time() + 86_400, False, id="tomorrow")]
    + [(seconds, False) for seconds in (2**33, 253_402_300_800, 2**40)],
)
def test_line_8_last_modified_is_sent_only_for_a_time_that_can_be_one(
    tmp_path: Path, construction: str, seconds: float, *, sent: bool
) -> None:
    plant(tmp_path, {"digits.txt": FILES["digits.txt"]})
    try:
        os.utime(tmp_path / "digits.txt", (seconds, seconds))
    except (OSError, OverflowError):
        pytest.skip("the file system cannot hold this time")
    answer = serve(tmp_path, construction=construction).get(DIGITS)
    assert answer.status == 200
    assert answer.body == FILES["digits.txt"]
    assert answer.headers["Last-Modified"] == (formatdate(seconds, usegmt=True) if sent else None)
    assert answer.headers["ETag"] is not None


# 304


@every_construction
@pytest.mark.parametrize("name", ["lib.js", "large.bin"])
@pytest.mark.parametrize("coding", ["identity", "br"])
def test_lines_9_to_11_a_304_repeats_what_a_cache_needs_and_nothing_of_the_representation(
    shared_tree: Path, construction: str, name: str, coding: str
) -> None:
    client = serve(shared_tree, add_headers_function=add_headers, construction=construction)
    whole = client.get(PREFIX + name, {"Accept-Encoding": coding})
    answer = client.get(PREFIX + name, {"Accept-Encoding": coding, "If-None-Match": whole.etag})
    assert answer.status == 304
    repeated = {"cache-control", "content-location", "etag", "expires", "vary", "access-control-allow-origin"}
    assert answer.fields == {name: whole.fields[name] for name in {*repeated, "x-content-type-options"}}
    assert answer.body == b""
