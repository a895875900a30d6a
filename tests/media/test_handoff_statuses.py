"""Whatever the application's status, the answer has a body only where one may be, and tells no length but its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from wsgiref.validate import validator

import pytest

from tests.answers import Answer, Part
from tests.conftest import MODIFIED_DATE, open_descriptors
from tests.media.test_handoff import ACCEL, FILES, LARGE, HandingOff, ask, mount, plant_reports
from tests.serving.applications import Server

NAME: Final = "large.bin"
METHODS: Final = ("GET", "HEAD", "POST")
EARLIER: Final = "Mon, 13 Nov 2023 22:13:20 GMT"
OTHER_TAG: Final = '"of the application"'

EVALUATED: Final = ("200 OK", "206 Partial Content", "304 Not Modified")
WHOLE: Final = (
    "201 Created",
    "202 Accepted",
    "203 Non-Authoritative Information",
    "300 Multiple Choices",
    "302 Found",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "410 Gone",
    "451 Blocked here",
    "500 Internal Server Error",
    "503 Service Unavailable",
)
EMPTY: Final = ("205 Reset Content", "412 Precondition Failed", "416 Range Not Satisfiable")

REQUESTS: Final[dict[str, tuple[dict[str, str], int]]] = {
    "no condition": ({}, 200),
    "range": ({"Range": "bytes=1-3"}, 206),
    "ranges": ({"Range": "bytes=0-1,-2"}, 206),
    "range beyond the end": ({"Range": f"bytes={len(LARGE)}-"}, 416),
    "range, If-Range of the tag": ({"Range": "bytes=1-3", "If-Range": "{etag}"}, 206),
    "range, If-Range of the application's tag": ({"Range": "bytes=1-3", "If-Range": OTHER_TAG}, 200),
    "range, If-Range of the date": ({"Range": "bytes=1-3", "If-Range": MODIFIED_DATE}, 206),
    "range, If-Range of another date": ({"Range": "bytes=1-3", "If-Range": EARLIER}, 200),
    "If-None-Match of the tag": ({"If-None-Match": "{etag}"}, 304),
    "If-None-Match of the tag, range": ({"If-None-Match": "{etag}", "Range": "bytes=1-3"}, 304),
    "If-None-Match of any": ({"If-None-Match": "*"}, 304),
    "If-None-Match of the application's tag": ({"If-None-Match": OTHER_TAG}, 200),
    "If-Modified-Since": ({"If-Modified-Since": MODIFIED_DATE}, 304),
    "If-Modified-Since, earlier": ({"If-Modified-Since": EARLIER}, 200),
    "If-Match of the tag": ({"If-Match": "{etag}"}, 200),
    "If-Match of any": ({"If-Match": "*"}, 200),
    "If-Match of the application's tag": ({"If-Match": OTHER_TAG}, 412),
    "If-Unmodified-Since": ({"If-Unmodified-Since": MODIFIED_DATE}, 200),
    "If-Unmodified-Since, earlier": ({"If-Unmodified-Since": EARLIER}, 412),
}
"""What is asked, and the status of the answer to a GET."""
FEW: Final = ("no condition", "range", "If-None-Match of the tag", "If-Match of the application's tag")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant_reports(tmp_path_factory.mktemp("handoff"))


def send(root: Path, status: str, method: str = "GET", request: str = "no condition") -> Answer:
    """Hand off, with what an application says that has looked at the request itself."""
    own = [
        ("ETag", OTHER_TAG),
        ("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT"),
        ("Content-Range", "bytes 0-0/9"),
    ]
    fields = [*own, ("Accept-Ranges", "none"), (ACCEL, f"/protected/{NAME}"), ("X-Kept", status)]
    application = HandingOff(*fields, status=status)
    media = mount(validator(application), root)
    etag = ask(mount(HandingOff(fields[-2]), root)).etag
    before = open_descriptors()
    asked = {name: text.replace("{etag}", etag) for name, text in REQUESTS[request][0].items()}
    answer = ask(media, method, asked)
    assert open_descriptors() == before
    assert (application.taken, application.closed, answer.headers["X-Kept"]) == (0, 1, status)
    assert answer.headers["ETag"] in (None, etag)
    return answer


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("status", EVALUATED)
def test_conditions_and_ranges_are_those_of_the_request_not_what_the_application_made_of_them(
    root: Path, status: str, method: str, request_name: str
) -> None:
    answer = send(root, status, method, request_name)
    expected = REQUESTS[request_name][1]
    if method == "HEAD" and expected in (206, 416):
        expected = 200
    assert answer.status == (200 if method == "POST" else expected)
    if answer.status in (200, 206):
        assert (answer.headers["Accept-Ranges"], answer.headers["Last-Modified"]) == ("bytes", MODIFIED_DATE)
    if answer.status == 200:
        assert answer.headers["Content-Length"] == str(len(LARGE))
        assert answer.headers["Content-Range"] is None
        assert answer.body == (b"" if method == "HEAD" else LARGE)
    elif answer.status == 206:
        spans = [(0, 2), (len(LARGE) - 2, len(LARGE))] if request_name == "ranges" else [(1, 4)]
        media_type = "application/octet-stream" if status.startswith("304") else "text/plain"
        assert answer.parts == [Part(*span, len(LARGE), media_type, LARGE[slice(*span)]) for span in spans]
    elif answer.status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(LARGE)}"


@pytest.mark.parametrize("request_name", FEW)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("status", WHOLE)
def test_an_error_or_another_status_is_sent_with_the_whole_file(
    root: Path, status: str, method: str, request_name: str
) -> None:
    answer = send(root, status, method, request_name)
    assert answer.status == int(status[:3])
    assert (answer.headers["Content-Length"], answer.headers["Content-Range"]) == (str(len(LARGE)), None)
    assert answer.body == (b"" if method == "HEAD" else LARGE)


@pytest.mark.parametrize("request_name", FEW)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("status", EMPTY)
def test_a_status_that_tells_of_no_content_is_sent_empty(
    root: Path, status: str, method: str, request_name: str
) -> None:
    answer = send(root, status, method, request_name)
    assert (answer.status, answer.headers["Content-Length"], answer.body) == (int(status[:3]), "0", b"")
    assert answer.headers["ETag"] is None


@pytest.mark.parametrize("request_name", FEW)
@pytest.mark.parametrize("method", METHODS)
def test_no_content_has_neither_a_body_nor_a_length(root: Path, method: str, request_name: str) -> None:
    answer = send(root, "204 No Content", method, request_name)
    assert (answer.status, answer.headers["Content-Length"], answer.headers["ETag"]) == (204, None, None)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("status", [*EVALUATED, *WHOLE])
def test_whatever_the_status_a_file_that_is_not_there_is_not_found(root: Path, status: str, method: str) -> None:
    answer = ask(mount(HandingOff((ACCEL, "/protected/none"), status=status), root), method)
    assert (answer.status, answer.headers["Cache-Control"], answer.headers["Content-Length"]) == (
        404,
        "no-store",
        "14",
    )


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("451 Blocked here", "451 Blocked here"),
        ("404 Nothing to see", "404 Nothing to see"),
        ("299 Of its own", "299 Of its own"),
        ("200 Fine", "200 OK"),
    ],
)
def test_a_status_is_sent_with_the_applications_reason_unless_it_is_decided_on_anew(
    root: Path, status: str, line: str
) -> None:
    server = Server()
    assert server.serve(mount(HandingOff((ACCEL, "/protected/a.txt"), status=status), root)) == FILES["a.txt"]
    assert server.status == line
