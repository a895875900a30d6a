"""What each answer but a plain 200 and 304 consists of."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.conftest import drain, make_environ
from whitemedia.assets.files import open_regular
from whitemedia.assets.representation import Content, FileBody, Representation
from whitemedia.assets.resource import Redirect
from whitemedia.http.ranges import ByteRange
from whitemedia.http.response import Header, Response
from whitemedia.serving import answers
from whitemedia.serving.body import send_wsgi

BYTES = bytes(range(100))
FIELDS: tuple[Header, ...] = (
    ("Content-Type", "text/plain"),
    ("Cache-Control", "max-age=60, public"),
    ("Access-Control-Allow-Origin", "*"),
    ("Timing-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
    ("Accept-Ranges", "bytes"),
    ("Vary", "Accept-Encoding"),
    ("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT"),
)
FROM_BYTES = Representation("gzip", Content(100, None, '"tag"', BYTES), FIELDS)
ORIGINS: tuple[Header, ...] = (("Access-Control-Allow-Origin", "*"), ("Timing-Allow-Origin", "*"))
TEXT, EMPTY = (
    (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", length),
        ("X-Content-Type-Options", "nosniff"),
    )
    for length in ("{}", "0")
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(BYTES)
    return path


def make_both(path: Path, make: Callable[..., Response], *arguments: object) -> list[tuple[Response, bytes]]:
    """The same answer from memory and from a file, each with its body."""
    opened = open_regular(str(path))
    assert opened is not None
    content = Content(100, None, '"tag"', FileBody(str(path), opened.stat_key))
    from_file = make(Representation("gzip", content, FIELDS), *arguments, opened)
    from_memory = make(FROM_BYTES, *arguments, None)
    return [
        (answer, drain(send_wsgi(answer, make_environ("GET", "/"), lambda *_: lambda _: None)))
        for answer in (from_memory, from_file)
    ]


@pytest.mark.parametrize("bounds", [(0, 1), (99, 100), (0, 100), (10, 20)])
def test_one_range_is_the_same_from_memory_and_from_a_file(path: Path, bounds: tuple[int, int]) -> None:
    start, stop = bounds
    for answer, body in make_both(path, answers.partial, ByteRange(start, stop)):
        assert answer.status == "206 Partial Content"
        assert dict(answer.headers) == {
            **dict(FROM_BYTES.ok.headers),
            "Content-Length": str(stop - start),
            "Content-Range": f"bytes {start}-{stop - 1}/100",
        }
        assert body == BYTES[start:stop]


def test_several_ranges_are_written_as_rfc_9110_section_14_6_has_them(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda length: "b" * length)
    boundary = b"b" * 16
    expected = (
        b"--%(b)s\r\nContent-Type: text/plain\r\nContent-Range: bytes 50-51/100\r\n\r\n23\r\n"
        b"--%(b)s\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/100\r\n\r\n\0\r\n"
        b"--%(b)s--\r\n" % {b"b": boundary}
    )
    for answer, body in make_both(path, answers.multipart, (ByteRange(50, 52), ByteRange(0, 1))):
        assert answer.status == "206 Partial Content"
        assert dict(answer.headers) == {
            **dict(FROM_BYTES.ok.headers),
            "Content-Type": f"multipart/byteranges; boundary={'b' * 16}",
            "Content-Length": str(len(expected)),
        }
        assert body == expected


def test_no_two_multipart_answers_have_the_same_boundary() -> None:
    ranges = (ByteRange(0, 1), ByteRange(5, 6))
    made = [dict(answers.multipart(FROM_BYTES, ranges, None).headers)["Content-Type"] for _ in range(100)]
    assert len(set(made)) == 100


def test_parts_of_what_has_no_type_have_none() -> None:
    representation = Representation("identity", Content(100, None, '"tag"', BYTES), FIELDS[1:])
    body = answers.multipart(representation, (ByteRange(0, 1), ByteRange(5, 6)), None).body
    assert body is not None
    assert b"Content-Type" not in body


def fill(template: tuple[Header, ...], body: bytes) -> tuple[Header, ...]:
    return tuple((name, value.format(len(body))) for name, value in template)


ALLOW: Header = ("Allow", "GET, HEAD, OPTIONS")
VARY: Header = ("Vary", "Accept-Encoding")
NO_STORE: Header = ("Cache-Control", "no-store")


@pytest.mark.parametrize(
    ("answer", "status", "fields", "body"),
    [
        pytest.param(
            answers.range_not_satisfiable(FROM_BYTES),
            f"416 {HTTPStatus(416).phrase}",
            (*TEXT, *ORIGINS, VARY, ("Content-Range", "bytes */100")),
            f"416 {HTTPStatus(416).phrase}\n".encode(),
            id="416",
        ),
        pytest.param(
            answers.method_not_allowed(FIELDS),
            "405 Method Not Allowed",
            (*TEXT, ALLOW, *ORIGINS),
            b"405 Method Not Allowed\n",
            id="405",
        ),
        pytest.param(answers.not_found("GET"), "404 Not Found", (*TEXT, NO_STORE), b"404 Not Found\n", id="404"),
        pytest.param(
            answers.unavailable("GET"),
            "503 Service Unavailable",
            (*TEXT, ("Retry-After", "2"), NO_STORE),
            b"503 Service Unavailable\n",
            id="503",
        ),
    ],
)
def test_our_own_errors_are_one_line_of_text(
    answer: Response, status: str, fields: tuple[Header, ...], body: bytes
) -> None:
    assert (answer.status, answer.body) == (status, body)
    assert answer.headers == fill(fields, body)


@pytest.mark.parametrize("make", [answers.not_found, answers.unavailable])
def test_head_gets_the_fields_of_an_error_without_its_body(make: Callable[[str], Response]) -> None:
    assert make("HEAD").headers == make("GET").headers
    assert make("HEAD").body is None


def test_a_412_has_no_body() -> None:
    answer = answers.precondition_failed(FROM_BYTES.ok.headers)
    assert (answer.status, answer.body) == ("412 Precondition Failed", None)
    assert answer.headers == (*EMPTY, *ORIGINS, VARY)


def test_options_is_204_without_type_and_length() -> None:
    answer = answers.options(FIELDS)
    assert (answer.status, answer.body) == ("204 No Content", None)
    assert answer.headers == (ALLOW, ("X-Content-Type-Options", "nosniff"), *ORIGINS)


@pytest.mark.parametrize(
    ("location", "script_name", "query", "sent"),
    [
        ("docs/", "/mounted", "", "docs/"),
        ("./", "", "a=b&c", "./?a=b&c"),
        (None, "/mounted", "", "mounted/"),
        (None, "/mounted/deeper", "q", "deeper/?q"),
        (None, "", "", "./"),
        (None, "//evil.example", "", "evil.example/"),
        (None, "/\\evil.example", "", "%5Cevil.example/"),
        (None, "/\u20ac", "", "%3F/"),
        ("docs/", "", "a b\r\n#\u20ac\xe9", "docs/?a%20b%0D%0A%23?%E9"),
        ("docs/", "", "%2e%zz%", "docs/?%2e%zz%"),
    ],
)
def test_a_redirect_is_relative_and_cannot_be_broken_out_of(
    location: str | None, script_name: str, query: str, sent: str
) -> None:
    entry = Redirect(location, (("Cache-Control", "max-age=60, public"),), passes_unsafe=False)
    answer = answers.redirect(entry, script_name, query)
    assert (answer.status, answer.body) == ("302 Found", None)
    assert answer.headers == (*EMPTY, ("Location", sent), ("Cache-Control", "max-age=60, public"))
