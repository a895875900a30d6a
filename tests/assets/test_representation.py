"""What is prepared of a resource: its answers, each with the fields it needs, rendered on first use and kept."""

from __future__ import annotations

import pytest

from whitemedia.assets.files import StatKey
from whitemedia.assets.representation import (
    Body,
    Content,
    FileBody,
    Representation,
    Resource,
    Source,
    with_date,
)
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.http.negotiation import IDENTITY, Selection
from whitemedia.http.response import Header

KEY = StatKey(1, 2, 6, 4, 5)
FILE = FileBody("/srv/static/app.css", KEY)
HEADERS: tuple[Header, ...] = (
    ("Content-Type", "text/css"),
    ("Cache-Control", "no-cache"),
    ("Vary", "Accept-Encoding"),
    ("X-Own", "own"),
    ("content-language", "en"),
    ("Content-Disposition", "inline"),
    ("Accept-Ranges", "bytes"),
)
DATE = ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")


def make_content(body: Body, etag: str = '"tag"') -> Content:
    return Content(6 if isinstance(body, FileBody) else len(body), b"digest", etag, body)


@pytest.fixture
def resource() -> Resource:
    """A file with a body in memory in one coding."""
    root = DirectoryRoot("/srv/static", (), follow_symlinks=False)
    contents = {"br": make_content(b"abc", '"br"'), IDENTITY: make_content(FILE, '"id"')}
    source = Source(FILE.path, "app.css", KEY, root, ())
    return Resource(source, 784_111_777, HEADERS, contents, Selection(("br", IDENTITY)), passes_unsafe=False)


@pytest.mark.parametrize("coding", [IDENTITY, "br"])
@pytest.mark.parametrize("body", [b"123456", FILE], ids=["memory", "file"])
def test_a_200_has_all_fields_and_the_length_and_tag_of_its_own_bytes(coding: str, body: Body) -> None:
    representation = Representation(coding, make_content(body), HEADERS)
    coded = [] if coding == IDENTITY else [("Content-Encoding", "br")]
    expected = {*HEADERS, *coded, ("Content-Length", "6"), ("ETag", '"tag"')}
    for response in (representation.ok, representation.head):
        assert response.status == "200 OK"
        assert set(response.headers) == expected
        assert len(response.headers) == len(expected)


def test_a_200_carries_a_body_that_is_in_memory_and_its_head_does_not() -> None:
    representation = Representation(IDENTITY, make_content(b"123456"), ())
    assert (representation.ok.body, representation.head.body) == (b"123456", None)
    assert representation.in_memory


def test_a_body_that_is_a_file_is_not_in_memory() -> None:
    representation = Representation(IDENTITY, make_content(FILE), ())
    assert (representation.body, representation.ok.body, representation.in_memory) == (FILE, None, False)


def test_an_empty_body_is_in_memory() -> None:
    assert Representation(IDENTITY, make_content(b""), ()).in_memory


def test_a_304_has_what_updates_a_stored_response_and_no_metadata_of_its_content() -> None:
    """RFC 9110, section 15.4.5."""
    response = Representation("br", make_content(b"123456"), (*HEADERS, DATE)).not_modified
    kept = ("Cache-Control", "Vary", "X-Own")
    assert response.status == "304 Not Modified"
    assert response.body is None
    assert set(response.headers) == {("ETag", '"tag"'), *(pair for pair in HEADERS if pair[0] in kept)}


def test_headers_get_the_date_where_there_is_one() -> None:
    assert with_date(HEADERS, 784_111_777) == (*HEADERS, DATE)
    assert with_date(HEADERS, None) == HEADERS


def test_a_representation_is_rendered_once_with_the_date(resource: Resource) -> None:
    first = resource.representation("br")
    assert first is resource.representation("br") is resource.select("br")
    assert (first.coding, first.etag, first.length, first.digest) == ("br", '"br"', 3, b"digest")
    assert DATE in first.ok.headers


@pytest.mark.parametrize(
    ("field", "coding"),
    [("br", "br"), ("gzip, br", "br"), ("gzip", IDENTITY), ("", IDENTITY), ("br;q=0", IDENTITY)],
)
def test_the_field_selects_among_the_codings_there_are(resource: Resource, field: str, coding: str) -> None:
    assert [resource.select(field).coding for _ in range(2)] == [coding] * 2


def test_the_codings_stand_smallest_first(resource: Resource) -> None:
    assert resource.codings == ("br", IDENTITY)


def test_what_is_rendered_again_takes_the_place_of_what_was(resource: Resource) -> None:
    """So a body that has been read stays in memory, and its fields are the same as before."""
    before = resource.representation(IDENTITY)
    after = resource.render(IDENTITY, resource.contents[IDENTITY]._replace(body=b"123456"))
    assert resource.representation(IDENTITY) is after
    assert (before.in_memory, after.in_memory, after.ok.body) == (False, True, b"123456")
    assert before.ok.headers == after.ok.headers
