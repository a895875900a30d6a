"""What is prepared of a resource: its answers, each with the fields it needs, on first use, and kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.assets.packing import make_pack
from whitemedia.assets.files import StatKey
from whitemedia.assets.packs import PackBody
from whitemedia.assets.representation import Body, Content, FileBody, PackedResponse, Representation, Source
from whitemedia.assets.resource import Described, Resource, UndescribedResource, with_date
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


def make_content(body: Body, etag: str = '"tag"', digest: bytes = b"digest") -> Content:
    data = body if isinstance(body, bytes) else b"123456" if isinstance(body, FileBody) else body.read()
    return Content(len(data), digest, etag, body)


class Describe:
    """Describes a file with another body in one coding, and counts how often."""

    def __init__(self, coded: Body = b"abc", digest: bytes = b"digest") -> None:
        self.asked = 0
        self._content = make_content(coded, '"br"', digest)

    def __call__(self, resource: Resource) -> Described:
        self.asked += 1
        contents = {"br": self._content, IDENTITY: make_content(FILE, '"id"')}
        return Described(HEADERS, 784_111_777, contents, Selection(("br", IDENTITY)))

    @property
    def resource(self) -> Resource:
        """A resource that is described so."""
        root = DirectoryRoot("/srv/static", (), follow_symlinks=False)
        return UndescribedResource(Source(FILE.path, "app.css", KEY, root, ()), self, passes_unsafe=False)


@pytest.fixture
def resource() -> Resource:
    """A file with a body in memory in one coding."""
    return Describe().resource


# A representation


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


def test_a_body_in_a_pack_is_sent_as_a_slice_of_it_and_its_head_is_without(tmp_path: Path) -> None:
    body = make_pack(tmp_path, b"123456")
    representation = Representation("br", make_content(body), HEADERS)
    ok = representation.ok
    assert isinstance(ok, PackedResponse)
    assert (ok.packed, ok.body, representation.head.body) == (body, None, None)
    assert type(representation.head) is not PackedResponse
    assert ok.headers == Representation("br", make_content(b"123456"), HEADERS).ok.headers
    assert representation.in_memory


@pytest.mark.parametrize(("start", "stop"), [(0, 6), (0, 0), (1, 2), (3, 6), (6, 6)])
def test_a_cut_is_the_same_from_memory_and_from_a_pack(tmp_path: Path, start: int, stop: int) -> None:
    bodies: list[Body] = [b"123456", make_pack(tmp_path, b"123456")]
    cuts = [Representation(IDENTITY, make_content(body), ()).cut(start, stop) for body in bodies]
    assert cuts == [b"123456"[start:stop]] * 2


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


# A resource


@pytest.mark.parametrize("name", ["headers", "last_modified", "contents", "selection", "codings"])
def test_a_resource_is_described_once_when_something_of_it_is_asked_for(name: str) -> None:
    describe = Describe()
    resource = describe.resource
    assert (resource.held, resource.rendered, resource.source.url_path, describe.asked) == ((), {}, "app.css", 0)
    for _ in range(2):
        getattr(resource, name)
        resource.select("br")
        assert describe.asked == 1


def test_what_a_resource_does_not_have_is_not_asked_of_its_description() -> None:
    describe = Describe()
    with pytest.raises(AttributeError, match="nothing"):
        describe.resource.nothing  # type: ignore[attr-defined]  # noqa: B018
    assert describe.asked == 0


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


def test_a_body_that_was_read_takes_the_place_of_its_file_with_the_same_fields(resource: Resource) -> None:
    before = resource.representation(IDENTITY)
    after = resource.hold(IDENTITY, b"123456")
    assert resource.representation(IDENTITY) is after is resource.select("")
    assert (before.in_memory, after.in_memory, after.ok.body) == (False, True, b"123456")
    assert before.ok.headers == after.ok.headers
    assert resource.contents[IDENTITY].body == b"123456"


def test_what_another_thread_has_described_meanwhile_can_be_described_again() -> None:
    shared = Describe().resource
    describe = type(shared).describe
    shared.describe()
    describe(shared)
    assert shared.codings == ("br", IDENTITY)


def test_what_another_thread_describes_meanwhile_does_not_undo_what_was_read() -> None:
    """It may have begun when nothing was described yet."""
    shared = Describe().resource

    class Interrupted(dict[str, Content]):
        def __setitem__(self, coding: str, content: Content) -> None:
            super().__setitem__(coding, content)
            shared.describe()

    shared.contents = Interrupted(shared.contents)
    held = shared.hold(IDENTITY, b"123456")
    assert (held.in_memory, held.ok.body) == (True, b"123456")
    assert shared.representation(IDENTITY) is held


# What the store damaged


def test_a_body_in_a_pack_is_used_if_it_has_its_digest(tmp_path: Path) -> None:
    body, digest = make_pack(tmp_path, b"123"), hashlib.sha256(b"123").digest()
    right, wrong = Describe(body, digest).resource, Describe(body, b"other").resource
    assert right.select("br").coding == "br"
    assert wrong.select("br") is wrong.select("br") is wrong.representation(IDENTITY)


def test_a_body_in_a_pack_is_judged_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[bytes | None] = []
    monkeypatch.setattr(PackBody, "read_checked", lambda body, digest: judged.append(digest))
    resource = Describe(make_pack(tmp_path, b"123")).resource
    for _ in range(3):
        assert resource.select("br").coding == IDENTITY
    assert len(judged) == 1
