"""A file of users is answered as one of ours would be: methods, preconditions and ranges."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Final
from wsgiref.validate import validator

import pytest

from tests.answers import Answer
from tests.conftest import MODIFIED, MODIFIED_DATE, Client, application, plant
from tests.media.contents import HONEST
from whitemedia import WhiteMedia
from whitemedia.media.policy import SANDBOX

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from tests.media.conftest import ServeMedia
    from whitemedia.media.options import MediaFields

pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")

DIGITS: Final = "/media/digits.txt"
LARGE: Final = "/media/d/large.bin"
PICTURE: Final = "/media/picture.png"
FILES: Final = {
    "digits.txt": b"0123456789",
    "d/large.bin": random.Random(3).randbytes((3 << 19) + 1),
    "picture.png": HONEST["png"],
    "empty.txt": b"",
    "page.html": b"<script>alert(1)</script>",
    "film.mp4": HONEST["mp4"],
}
URLS: Final = {f"/media/{name}": data for name, data in FILES.items()}
every_url = pytest.mark.parametrize("url", URLS)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root that no test changes."""
    return plant(tmp_path_factory.mktemp("media"), FILES)


def serve(root: Path, **options: Unpack[MediaFields]) -> Client:
    middleware = WhiteMedia(validator(application))
    middleware.add_media(root, **options)
    return Client(middleware)


@pytest.fixture(scope="module")
def client(root: Path) -> Client:
    return serve(root)


def fields_of(answer: Answer) -> dict[str, str]:
    """Those that every file has alike."""
    return {name: value for name, value in answer.fields.items() if name not in {"etag", "content-length"}}


# Whole


@every_url
def test_a_file_is_answered_whole_and_head_says_the_same_without_it(client: Client, url: str) -> None:
    answer, head = client.get(url), client.head(url)
    assert (answer.status, answer.body) == (200, URLS[url])
    assert (head.status, head.headers.items()) == (200, answer.headers.items())
    assert answer.headers["Last-Modified"] == MODIFIED_DATE
    assert not answer.etag.startswith("W/")


COMMON: Final = {
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-site",
    "accept-ranges": "bytes",
    "last-modified": MODIFIED_DATE,
}


@pytest.mark.parametrize(
    ("url", "own"),
    [
        (DIGITS, {"content-type": "text/plain; charset=utf-8", "content-security-policy": SANDBOX}),
        (PICTURE, {"content-type": "image/png", "content-security-policy": SANDBOX}),
        ("/media/film.mp4", {"content-type": "video/mp4"}),
        (
            "/media/page.html",
            {
                "content-type": "application/octet-stream",
                "content-disposition": 'attachment; filename="page.html"',
                "content-security-policy": SANDBOX,
            },
        ),
    ],
)
def test_a_file_has_these_fields_and_no_others(client: Client, url: str, own: dict[str, str]) -> None:
    assert fields_of(client.get(url)) == {**COMMON, **own}


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "*", "identity;q=0"])
def test_no_file_is_coded_and_no_sibling_is_taken_for_one(
    media: Path, serve_media: ServeMedia, coding: str
) -> None:
    """A sibling may be another user's."""
    client = serve_media()
    plant(
        media,
        {
            "digits.txt": FILES["digits.txt"],
            "digits.txt.gz": b"\x1f\x8bfalse",
            "digits.txt.br": b"false",
            "digits.txt.zst": b"false",
        },
    )
    answer = client.get(DIGITS, {"Accept-Encoding": coding})
    assert answer.body == FILES["digits.txt"]
    assert not {"content-encoding", "vary"} & answer.fields.keys()
    assert client.get(f"{DIGITS}.gz", {"Accept-Encoding": coding}).headers["Content-Encoding"] is None


# Preconditions

TAG, OTHER = "TAG", '"other"'
EARLIER, LATER = "Mon, 13 Nov 2023 22:13:20 GMT", "Wed, 15 Nov 2023 22:13:20 GMT"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-None-Match": TAG}, 304),
        ({"If-None-Match": f"{OTHER}, W/{TAG}"}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": OTHER}, 200),
        ({"If-None-Match": OTHER, "If-Modified-Since": LATER}, 200),
        ({"If-Modified-Since": MODIFIED_DATE}, 304),
        ({"If-Modified-Since": EARLIER}, 200),
        ({"If-Match": TAG}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": OTHER}, 412),
        ({"If-Match": f"W/{TAG}"}, 412),
        ({"If-Unmodified-Since": MODIFIED_DATE}, 200),
        ({"If-Unmodified-Since": EARLIER}, 412),
        ({"If-Match": OTHER, "If-None-Match": TAG}, 412),
        ({"If-None-Match": TAG, "Range": "bytes=0-0"}, 304),
        ({"If-Match": OTHER, "Range": "bytes=99-"}, 412),
    ],
    ids=repr,
)
@pytest.mark.parametrize("url", [DIGITS, LARGE])
def test_preconditions_are_judged_before_anything_is_sent(
    client: Client, url: str, fields: dict[str, str], status: int, method: str
) -> None:
    tag = client.head(url).etag
    answer = client.request(method, url, {name: value.replace(TAG, tag) for name, value in fields.items()})
    assert answer.status == status
    if status == 304:
        assert (answer.etag, answer.headers["Cache-Control"]) == (tag, "no-cache")


# Ranges


@pytest.mark.parametrize("url", [DIGITS, LARGE, PICTURE])
@pytest.mark.parametrize(
    ("field", "start", "stop"),
    [
        ("0-0", 0, 1),
        ("2-4", 2, 5),
        ("5-", 5, None),
        ("-3", -3, None),
        ("0-99999999", 0, None),
        ("-99999999", 0, None),
    ],
)
def test_a_range_is_those_bytes(client: Client, url: str, field: str, start: int, stop: int | None) -> None:
    whole, answer = client.get(url), client.get(url, {"Range": f"bytes={field}"})
    assert (answer.status, answer.body) == (206, URLS[url][start:stop])
    [part] = answer.parts
    assert part.complete == len(URLS[url])
    assert {**fields_of(answer), "content-range": ""} == {**fields_of(whole), "content-range": ""}
    assert answer.etag == whole.etag


def test_a_range_may_lie_beyond_the_first_mebibyte_and_be_longer_than_one(client: Client) -> None:
    data = FILES["d/large.bin"]
    assert client.get(LARGE, {"Range": "bytes=1500000-1500009"}).body == data[1_500_000:1_500_010]
    assert client.get(LARGE, {"Range": "bytes=100000-"}).body == data[100_000:]
    parts = client.get(LARGE, {"Range": "bytes=1499990-1499999,0-1200000"}).parts
    assert [part.data for part in parts] == [data[1_499_990:1_500_000], data[:1_200_001]]


def test_several_ranges_are_parts_that_have_the_file_s_type(client: Client) -> None:
    answer = client.get(DIGITS, {"Range": "bytes=0-1,8-"})
    assert [(part.data, part.media_type) for part in answer.parts] == [
        (b"01", "text/plain; charset=utf-8"),
        (b"89", "text/plain; charset=utf-8"),
    ]
    assert answer.headers["Content-Security-Policy"] == SANDBOX
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    saved = client.get("/media/page.html", {"Range": "bytes=0-1,3-4"})
    assert {part.media_type for part in saved.parts} == {"application/octet-stream"}
    assert saved.headers["Content-Disposition"] == 'attachment; filename="page.html"'


@pytest.mark.parametrize(
    ("url", "field"), [(DIGITS, "bytes=10-"), (DIGITS, "bytes=-0"), (LARGE, "bytes=9999999-")]
)
def test_a_range_of_nothing_is_not_satisfiable(client: Client, url: str, field: str) -> None:
    answer = client.get(url, {"Range": field})
    assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(URLS[url])}")


@pytest.mark.parametrize("field", ["bytes=4-2", "bytes=a-b", "lines=0-1", "", "bytes=", "bytes=0-0;"])
def test_what_is_no_range_is_answered_with_the_whole(client: Client, field: str) -> None:
    assert client.get(DIGITS, {"Range": field}).status == 200


@pytest.mark.parametrize("field", ["bytes=0-0", "bytes=0-", "bytes=-1", "bytes=5-"])
def test_any_range_of_an_empty_file_is_the_whole(client: Client, field: str) -> None:
    answer = client.get("/media/empty.txt", {"Range": field})
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("url", [DIGITS, LARGE])
@pytest.mark.parametrize(("age", "status"), [(0, 200), (1, 200), (2, 206), (60, 206)])
def test_a_tag_is_weak_and_holds_for_no_range_until_the_file_s_time_has_settled(
    root: Path, monkeypatch: pytest.MonkeyPatch, url: str, age: int, status: int
) -> None:
    client = serve(root)  # one that remembers no file from a later time
    monkeypatch.setattr("time.time", lambda: float(MODIFIED + age))
    tag = client.head(url).etag
    assert tag.startswith("W/") == (status == 200)
    assert client.get(url, {"Range": "bytes=2-4", "If-Range": tag}).status == status
    assert client.get(url, {"Range": "bytes=2-4"}).body == URLS[url][2:5]
    assert client.get(url, {"If-None-Match": tag}).status == 304


@pytest.mark.parametrize(
    ("if_range", "status"), [(OTHER, 200), (MODIFIED_DATE, 206), (EARLIER, 200), (LATER, 200)]
)
def test_a_range_of_what_may_be_another_file_is_the_whole(client: Client, if_range: str, status: int) -> None:
    assert client.get(DIGITS, {"Range": "bytes=2-4", "If-Range": if_range}).status == status


@pytest.mark.parametrize("modified", [1, 99_999_999_999], ids=["at the beginning of time", "in the future"])
def test_a_time_that_is_none_is_not_told(media: Path, serve_media: ServeMedia, modified: int) -> None:
    plant(media, {"digits.txt": b"1"}, modified)
    answer = serve_media().get(DIGITS)
    assert (answer.status, answer.headers["Last-Modified"]) == (200, None)


# Methods


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND", "TRACE", "", "get"])
@pytest.mark.parametrize("name", ["digits.txt", "missing", "../secret.txt", ""])
def test_other_methods_are_not_allowed_whatever_is_asked_for(client: Client, method: str, name: str) -> None:
    unvalidated = Client(client.application, validated=False)
    answer = unvalidated.request(method, f"/media/{name}")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["digits.txt", "missing", "../secret.txt"])
def test_options_says_the_same_whatever_is_asked_for(client: Client, name: str) -> None:
    answer = client.request("OPTIONS", f"/media/{name}")
    assert (answer.status, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("name", ["digits.txt", "missing", "upload", ""])
def test_unsafe_methods_are_the_application_s_where_it_takes_uploads(root: Path, method: str, name: str) -> None:
    client = serve(root, unsafe_methods="pass")
    assert client.request(method, f"/media/{name}").is_the_applications
    assert not client.get(f"/media/{name}").is_the_applications
    assert not client.request("OPTIONS", f"/media/{name}").is_the_applications
