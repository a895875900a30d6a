"""What becomes of the application's fields: what follows from the file's bytes is ours, and the rest is the application's."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from wsgiref.validate import validator

import pytest

from tests.conftest import MODIFIED, MODIFIED_DATE, plant
from tests.media.test_handoff import ACCEL, HandingOff, ask, errors, mount, plant_reports
from whitemedia.media.policy import SANDBOX

TARGET: Final = (ACCEL, "/protected/a.txt")
LENGTH: Final = len(b"this is 'a.txt'")
DEFAULT: Final = "private, no-cache"

Fields = list[tuple[str, str]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = plant_reports(tmp_path_factory.mktemp("handoff"))
    return plant(root, {"page.html": b"<!doctype html><script>", "page": b"<!doctype html>", "a.zip": b"PK\3\4"})


def row(name: str, given: str | Fields, **expected: str | list[str]) -> Any:
    """Fields given, and what of each name is sent: of the first name given, unless said, the same."""
    fields = [tuple(line.split(": ", 1)) for line in given.split("\n")] if isinstance(given, str) else given
    wanted = {key.replace("_", "-"): [text] if isinstance(text, str) else text for key, text in expected.items()}
    kept = {} if wanted else {fields[0][0]: [text for key, text in fields if key == fields[0][0]]}
    return pytest.param(fields, wanted or kept, id=name)


NONE: Final[list[str]] = []
ROWS = [
    row("two cookies", "Set-Cookie: a=1; HttpOnly\nSet-Cookie: b=2; Path=/"),
    row("Vary", "Vary: Cookie"),
    row("two Varys", "Vary: Cookie\nVary: Accept-Language"),
    row("Cache-Control", "Cache-Control: public, max-age=60"),
    row("two Cache-Controls", "Cache-Control: private\nCache-Control: max-age=60"),
    row("no-store", "Cache-Control: no-store"),
    row("no Cache-Control", "X-A: b", Cache_Control=DEFAULT, X_A="b"),
    row("Expires alone", "Expires: Thu, 01 Jan 2099 00:00:00 GMT", Cache_Control=NONE),
    row("Expires", "Expires: Thu, 01 Jan 2099 00:00:00 GMT"),
    row("Pragma alone", "Pragma: no-cache", Cache_Control=DEFAULT, Pragma="no-cache"),
    row(
        "for other caches alone",
        "CDN-Cache-Control: max-age=9",
        Cache_Control=DEFAULT,
        CDN_Cache_Control="max-age=9",
    ),
    row("disposition", "Content-Disposition: attachment; filename=\"x.txt\"; filename*=UTF-8''%E4%B8%AD.txt"),
    row("CSP", "Content-Security-Policy: default-src 'self'"),
    row("two CSPs", "Content-Security-Policy: default-src 'self'\nContent-Security-Policy: sandbox"),
    row("language", "Content-Language: de"),
    row("location", "Content-Location: /reports/7"),
    row("link", "Link: </next>; rel=next\nLink: </last>; rel=last"),
    row("framing", "X-Frame-Options: DENY"),
    row("origin", "Access-Control-Allow-Origin: https://example.com"),
    row("resource policy", "Cross-Origin-Resource-Policy: same-origin"),
    row("date", "Date: Sat, 01 Jan 2000 00:00:00 GMT"),
    row("server", "Server: application"),
    row("anything", "X-Request-Id: 7"),
    row("nosniff, ours", "X-A: b", X_Content_Type_Options="nosniff"),
    row("nosniff, given", "x-content-type-options: nosniff"),
    row("type", "Content-Type: application/x-of-its-own; q=1", Content_Type="text/plain"),
    row("second type", "Content-Type: text/html", Content_Type="text/plain"),
    row("coding of its body", "Content-Encoding: gzip", Content_Encoding=NONE, Content_Length=str(LENGTH)),
    row("coding that is none", "Content-Encoding: identity", Content_Encoding=NONE),
    row("coding that is empty", [("Content-Encoding", "")], Content_Encoding=NONE),
    row("length", "Content-Length: 7\nContent-Length: 8", Content_Length=str(LENGTH)),
    row("transfer", "Transfer-Encoding: chunked", Transfer_Encoding=NONE, Content_Length=str(LENGTH)),
    row("date of modification", "Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT", Last_Modified=MODIFIED_DATE),
    row("ranges", "Accept-Ranges: none", Accept_Ranges="bytes"),
    row("content range", "Content-Range: bytes 0-6/7", Content_Range=NONE),
    row("digest", "Digest: sha-256=AAAA", Digest=NONE),
    row("content digest", "Content-Digest: sha-256=:AAAA:", Content_Digest=NONE),
    row("representation digest", "Repr-Digest: sha-256=:AAAA:", Repr_Digest=NONE),
    row("MD5", "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==", Content_MD5=NONE),
    row(
        "for nginx",
        "X-Accel-Limit-Rate: 9\nX-Accel-Buffering: no\nX-Accel-Charset: utf-8",
        X_Accel_Limit_Rate=NONE,
    ),
    row("for other servers", "X-Sendfile-Temporary: /etc/passwd\nX-SENDFILE2: /etc/passwd 0-1", X_SENDFILE2=NONE),
]


@pytest.mark.parametrize(("given", "expected"), ROWS)
def test_a_field_is_kept_unless_it_describes_the_applications_own_body(
    root: Path, given: Fields, expected: dict[str, list[str]]
) -> None:
    application = mount(validator(HandingOff(*given, TARGET)), root)
    whole, head = ask(application), ask(application, "HEAD")
    assert {name: whole.headers.get_all(name) for name in expected} == expected
    assert (whole.status, len(whole.body), head.status) == (200, LENGTH, 200)
    assert sorted(head.headers.items()) == sorted(whole.headers.items())


@pytest.mark.parametrize("etag", ['"of the application"', 'W/"weak"', "none", ""])
def test_the_tag_is_of_the_file_as_it_is(root: Path, etag: str) -> None:
    answer = ask(mount(HandingOff(("ETag", etag), TARGET), root))
    assert answer.etag == ask(mount(HandingOff(TARGET), root)).etag != etag


TEXT: Final = ("text/plain; charset=utf-8", None, SANDBOX)
TYPES = [
    pytest.param(
        "page.html", ["application/xhtml+xml"], ("application/xhtml+xml", None, None), id="given: as it is"
    ),
    pytest.param("a.txt", ["text/html; charset=utf-8"], TEXT, id="a framework's default: as a user's file"),
    pytest.param("a.txt", ["image/png", "text/html"], ("image/png", None, None), id="two: the first"),
    pytest.param("a.txt", ["", "image/png"], ("image/png", None, None), id="the first is empty: the second"),
    pytest.param("a.txt", ["  ", "\t"], TEXT, id="of spaces: as a user's file"),
    pytest.param("a.txt", [""], TEXT, id="empty: as a user's file"),
    pytest.param("a.txt", [], TEXT, id="none: as a user's file"),
    pytest.param(
        "a.zip", [], ("application/zip", 'attachment; filename="a.zip"', SANDBOX), id="none, of an archive"
    ),
    pytest.param(
        "page.html",
        [],
        ("application/octet-stream", 'attachment; filename="page.html"', SANDBOX),
        id="none, of a page",
    ),
    pytest.param("page", [""], TEXT, id="none, of a page without extension"),
]


@pytest.mark.parametrize(("name", "given", "expected"), TYPES)
def test_the_type_is_the_applications_or_that_of_a_file_of_unknown_origin(
    root: Path, name: str, given: list[str], expected: tuple[str | None, ...]
) -> None:
    fields = [("Content-Type", text) for text in given]
    answer = ask(mount(HandingOff(*fields, (ACCEL, f"/protected/{name}"), media_type=None), root))
    names = ("Content-Type", "Content-Disposition", "Content-Security-Policy")
    assert tuple(answer.headers[name] for name in names) == expected
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_is_one_where_the_application_gave_it_a_disposition(root: Path) -> None:
    shown = [("Content-Type", "text/html"), ("Content-Disposition", "inline; filename=page.html")]
    answer = ask(mount(HandingOff(*shown, (ACCEL, "/protected/page.html"), media_type=None), root))
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["Content-Security-Policy"] is None


def test_the_applications_disposition_and_policy_count_where_it_leaves_the_type_to_us(root: Path) -> None:
    own = [("content-disposition", "inline"), ("CONTENT-SECURITY-POLICY", "default-src 'self'")]
    answer = ask(mount(HandingOff(*own, (ACCEL, "/protected/page.html"), media_type=""), root))
    assert answer.headers.get_all("Content-Disposition") == ["inline"]
    assert answer.headers.get_all("Content-Security-Policy") == [SANDBOX, "default-src 'self'"]
    assert answer.headers["Content-Type"] == "application/octet-stream"


# What else than the file is answered

COOKIES: Final = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
CACHING: Final = [
    ("Cache-Control", "public, max-age=60"),
    ("Expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
    ("CDN-Cache-Control", "max-age=60"),
    ("Surrogate-Control", "max-age=60"),
]
OF_THE_BODY: Final = [
    ("Content-Disposition", "attachment"),
    ("Content-Language", "de"),
]
OTHERS: Final = [("Vary", "Cookie"), ("Access-Control-Allow-Origin", "*"), ("Content-Security-Policy", "sandbox")]

ANSWERS = [
    pytest.param({}, "a.txt", 200, None, id="200"),
    pytest.param({"Range": "bytes=0-1"}, "a.txt", 206, None, id="206"),
    pytest.param({"Range": "bytes=0-1,3-4"}, "a.txt", 206, None, id="206 of several ranges"),
    pytest.param({"If-None-Match": "*"}, "a.txt", 304, None, id="304"),
    pytest.param({"If-Match": '"x"'}, "a.txt", 412, DEFAULT, id="412"),
    pytest.param({"Range": "bytes=99-"}, "a.txt", 416, DEFAULT, id="416"),
    pytest.param({}, "none", 404, "no-store", id="404 of a missing file"),
    pytest.param({}, "../a.txt", 404, "no-store", id="404 of what may not be named"),
]


@pytest.mark.parametrize(("fields", "name", "status", "caching"), ANSWERS)
def test_cookies_are_always_kept_and_other_fields_where_they_say_something_of_the_answer(
    root: Path, fields: dict[str, str], name: str, status: int, caching: str | None
) -> None:
    """What is not the file is not to be kept for as long as the file: a cache would give it to others."""
    given = [*COOKIES, *CACHING, *OF_THE_BODY, *OTHERS]
    answer = ask(mount(HandingOff(*given, (ACCEL, f"/protected/{name}")), root), fields=fields)
    assert answer.status == status
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert all(text in answer.headers.get_all(key) for key, text in OTHERS)
    of_the_body = [(key, answer.headers[key]) for key, _ in OF_THE_BODY if answer.headers[key]]
    assert of_the_body == (OF_THE_BODY if status in (200, 206) else [])
    kept = dict(CACHING) if caching is None else {"Cache-Control": caching}
    assert {key: answer.headers[key] for key, _ in CACHING if answer.headers[key]} == kept


@pytest.mark.parametrize("status", ["205 Reset Content", "416 Range Not Satisfiable"])
def test_a_status_without_content_that_the_application_gave_is_cached_as_it_says(root: Path, status: str) -> None:
    answer = ask(mount(HandingOff(*COOKIES, *CACHING, *OF_THE_BODY, TARGET, status=status), root))
    assert [(key, answer.headers[key]) for key, _ in CACHING] == CACHING
    assert {answer.headers[key] for key, _ in OF_THE_BODY} == {None}


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "204 No Content", "412 Precondition Failed"])
def test_other_statuses_too_are_not_cached_unless_the_application_says_so(root: Path, status: str) -> None:
    assert ask(mount(HandingOff(TARGET, status=status), root)).headers["Cache-Control"] == DEFAULT


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO, errno.ENOMEM])
def test_a_file_that_cannot_be_opened_now_is_a_503(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    monkeypatch.setattr("whitemedia.media.looking.open_unlinked", failing(number))
    answer = ask(mount(HandingOff(*COOKIES, *CACHING, *OF_THE_BODY, TARGET, status="410 Gone"), root))
    assert (answer.status, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (
        503,
        "2",
        "no-store",
    )
    assert (answer.headers["CDN-Cache-Control"], answer.headers.get_all("Set-Cookie")) == (None, ["a=1", "b=2"])
    [message] = errors(caplog)
    assert "'a.txt'" in message


def test_a_file_that_may_not_be_read_is_a_404(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("whitemedia.media.looking.open_unlinked", failing(errno.EACCES))
    answer = ask(mount(HandingOff(TARGET), root))
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")
    assert any("'a.txt'" in message and os.strerror(errno.EACCES) in message for message in errors(caplog))


def failing(number: int) -> Any:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


# What follows from the file


@pytest.mark.parametrize(
    ("modified", "is_weak", "has_date"),
    [
        pytest.param(lambda now: now - 1000, False, True, id="a while ago"),
        pytest.param(lambda now: now, True, True, id="now"),
        pytest.param(lambda now: now + 1e6, True, False, id="in the future"),
        pytest.param(lambda now: 0, False, False, id="in 1970"),
    ],
)
def test_tag_and_date_are_as_sure_as_the_files_time(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    modified: Callable[[float], float],
    is_weak: bool,
    has_date: bool,
) -> None:
    now = float(MODIFIED + 1_000_000)
    monkeypatch.setattr("whitemedia.media.handoff.time.time", lambda: now)
    plant(tmp_path, {"a.txt": b"text"}, modified(now))
    answer = ask(mount(HandingOff(("Last-Modified", MODIFIED_DATE), TARGET), tmp_path))
    assert answer.etag.startswith("W/") == is_weak
    assert (answer.headers["Last-Modified"] is not None) == has_date
    assert answer.headers["Last-Modified"] != MODIFIED_DATE
