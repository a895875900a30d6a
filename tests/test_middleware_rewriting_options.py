"""With `rewrite`, whatever else is wished of the same files."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import pytest

from tests.conftest import CONSTRUCTIONS, MODIFIED, PREFIX, Client, application, every_construction, plant, serve
from whitemedia import WhiteMedia
from whitemedia.http.dates import format_date

FILES = {
    "a/app.css": b"@import '../b/base.css'; a { b: url(../x.png) }\n" + b".x { margin: 0 }\n" * 40,
    "b/base.css": b"@import '../a/app.css'; c { d: url(/static/x.png) }",
    "x.png": b"1",
    "lone.css": b"e { f: g }",
}
NEWER = MODIFIED + 7200


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(plant(tmp_path / "root", FILES), {"x.png": FILES["x.png"]}, NEWER)


def both(client: Client, name: str) -> tuple[str, str]:
    return PREFIX + name, client.application.url_for(name)  # type: ignore[attr-defined]


@every_construction
def test_the_digest_that_is_told_is_that_of_what_is_sent(root: Path, construction: str) -> None:
    client = serve(root, construction=construction, rewrite=True, repr_digest=True)
    for path in both(client, "a/app.css"):
        answer = client.get(path)
        digest = base64.b64encode(hashlib.sha256(answer.body).digest()).decode("ascii")
        assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"


@every_construction
def test_rules_hold_for_what_is_edited(root: Path, construction: str) -> None:
    rules: Any = [("a/*", {"Cache-Control": "no-store", "Last-Modified": None}), ("b/*", {"X-Rule": "b"})]
    client = serve(root, construction=construction, rewrite=True, rules=rules)
    for path in both(client, "a/app.css"):
        answer = client.get(path)
        assert (answer.headers["Cache-Control"], answer.headers["Last-Modified"]) == ("no-store", None)
    for path in both(client, "b/base.css"):
        assert client.get(path).headers["X-Rule"] == "b"


@every_construction
@pytest.mark.parametrize("given", [None, format_date(MODIFIED - 60)])
def test_a_date_that_was_given_stands_and_that_of_the_file_is_of_the_newest_that_matters(
    root: Path, construction: str, given: str | None
) -> None:
    def date(headers: Headers, path: str, url: str) -> None:
        if given is not None:
            headers["Last-Modified"] = given

    client = serve(root, construction=construction, rewrite=True, add_headers_function=date)
    for name in ("a/app.css", "b/base.css"):
        answer = client.get(PREFIX + name)
        assert answer.headers["Last-Modified"] == (given or format_date(NEWER))
        for path in both(client, name):
            assert client.get(path, {"If-Modified-Since": given or format_date(NEWER)}).status == 304
            assert client.get(path, {"If-Unmodified-Since": format_date(MODIFIED - 61)}).status == 412
    assert client.get(PREFIX + "lone.css").headers["Last-Modified"] == (given or format_date(MODIFIED))


@pytest.mark.parametrize("construction", [name for name in CONSTRUCTIONS if name not in ("store", "autorefresh")])
def test_a_test_of_ones_own_is_asked_once_for_each_file(root: Path, construction: str) -> None:
    asked: list[str] = []

    def is_immutable(path: str, url: str) -> bool:
        asked.append(url)
        return url.endswith("base.css")

    client = serve(root, construction=construction, rewrite=True, immutable_file_test=is_immutable)
    for name in FILES:
        for path in both(client, name):
            client.get(path)
    assert sorted(asked) == [PREFIX + name for name in sorted(FILES)]
    assert client.get(PREFIX + "b/base.css").body == FILES["b/base.css"]
    assert b"'../b/base.css'" in client.get(PREFIX + "a/app.css").body


@every_construction
def test_one_directory_may_be_served_edited_and_as_it_is(root: Path, construction: str) -> None:
    options: dict[str, Any] = {**CONSTRUCTIONS[construction], "rewrite": True}
    wm = WhiteMedia(application, root, PREFIX, **options)
    wm.add_files(root, "/plain/", rewrite=False)
    wm.add_files(root, "/again/")
    client = Client(wm)
    edited = client.get(PREFIX + "a/app.css")
    assert client.get("/plain/a/app.css").body == FILES["a/app.css"] != edited.body
    assert client.get("/again/a/app.css").body == edited.body
    for prefix in (PREFIX, "/plain/", "/again/"):
        for name in FILES:
            versioned = wm.url_for(prefix + name)
            assert versioned != prefix + name
            assert client.get(versioned).body == client.get(prefix + name).body


@every_construction
@pytest.mark.parametrize("prefix", ["/", "/a/b/c/", "/ü/"])
def test_every_version_that_is_told_is_answered_wherever_the_root_is_mounted(
    tmp_path: Path, construction: str, prefix: str
) -> None:
    files = {**FILES, "b/base.css": FILES["b/base.css"].replace(b"/static/", b"../")}
    client = serve(plant(tmp_path, files), prefix, construction=construction, rewrite=True)
    wm = client.application
    assert isinstance(wm, WhiteMedia)
    for name in files:
        versioned = client.get(wm.url_for(prefix + name).replace("%C3%BC", "ü"))
        assert (versioned.status, versioned.body) == (200, client.get(prefix + name).body)
        assert "immutable" in str(versioned.headers["Cache-Control"])
    picture = wm.url_for(prefix + "x.png").rpartition("/")[2].encode()
    assert picture in client.get(prefix + "a/app.css").body
    assert picture in client.get(prefix + "b/base.css").body


@every_construction
def test_what_is_coded_varies_and_each_coding_has_its_own_tag(root: Path, construction: str) -> None:
    client = serve(root, construction=construction, rewrite=True)
    tags: dict[str, str] = {}
    for coding in ("br", "gzip", "zstd", "identity"):
        for path in both(client, "a/app.css"):
            answer = client.get(path, {"Accept-Encoding": coding})
            used = answer.headers["Content-Encoding"] or "identity"
            assert tags.setdefault(used, answer.etag) == answer.etag
            assert client.head(path, {"Accept-Encoding": coding}).headers.items() == answer.headers.items()
            part = client.get(path, {"Accept-Encoding": coding, "Range": "bytes=3-9", "If-Range": answer.etag})
            assert (part.status, part.body) == (206, answer.body[3:10])
            assert ("Accept-Encoding" in (answer.headers["Vary"] or "")) or len(tags) == 1
    assert len(set(tags.values())) == len(tags)


def test_urls_of_before_a_refresh_are_answered_with_their_bytes(root: Path) -> None:
    client = serve(root, construction="memory", rewrite=True)
    names = ("a/app.css", "b/base.css", "x.png")
    before = {both(client, name)[1]: client.get(both(client, name)[1]) for name in names}
    plant(root, {"x.png": b"2"})
    client.application.refresh()  # type: ignore[attr-defined]
    assert not before.keys() & {both(client, name)[1] for name in names}
    for path, answer in before.items():
        again = client.get(path)
        assert (again.status, again.body, again.etag) == (200, answer.body, answer.etag)
