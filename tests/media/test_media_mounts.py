"""Static files, users' files and the application beneath one another: who answers for a path."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from wsgiref.validate import validator

import pytest

from tests.conftest import SECRET, Client, application, plant
from tests.refusals import assert_refused
from whitemedia import OptionError, WhiteMedia

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from whitemedia.options import OptionFields

CONSTRUCTIONS: dict[str, OptionFields] = {"table": {"cache_dir": None}, "autorefresh": {"autorefresh": True}}
every_construction = pytest.mark.parametrize("construction", CONSTRUCTIONS)


@pytest.fixture
def static(tmp_path: Path) -> Path:
    files = {
        "a.txt": b"static",
        "media/a.txt": b"static",
        "media/only-static.txt": b"static",
        "page.html": b"page",
    }
    return plant(tmp_path / "static", files)


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    plant(tmp_path / "nested", {"a.txt": b"nested", "new.txt": b"nested"})
    files = {"a.txt": b"media", "new.txt": b"media", "nested/a.txt": b"not nested", "nested/other.txt": SECRET}
    return plant(tmp_path / "uploads", files)


def build(
    static: Path, uploads: Path, construction: str = "table", **options: Unpack[OptionFields]
) -> tuple[WhiteMedia, Client]:
    """Static files at the root, users' files beneath /media/."""
    merged: OptionFields = {**CONSTRUCTIONS[construction], **options}
    middleware = WhiteMedia(validator(application), static, "/", **merged)
    middleware.add_media(uploads)
    return middleware, Client(middleware)


@every_construction
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/a.txt", b"static"),
        ("/media/a.txt", b"static"),
        ("/media/only-static.txt", b"static"),
        ("/media/new.txt", b"media"),
        ("/media/nested/a.txt", b"not nested"),
    ],
)
def test_a_static_file_answers_first_and_users_files_for_the_rest(
    static: Path, uploads: Path, construction: str, path: str, body: bytes
) -> None:
    _, client = build(static, uploads, construction)
    assert client.get(path).body == body


@every_construction
def test_what_neither_has_is_not_asked_of_the_application_beneath_the_prefix(
    static: Path, uploads: Path, construction: str
) -> None:
    _, client = build(static, uploads, construction)
    for path in ("/media/missing", "/media/", "/media/.env", "/media/../a.txt", "/media/page.html"):
        assert client.get(path).status == 404
    for path in ("/missing", "/media", "/mediax", "/"):
        assert client.get(path).is_the_applications


@every_construction
@pytest.mark.parametrize("inner_first", [True, False], ids=["inner first", "outer first"])
def test_of_two_prefixes_the_longer_one_answers_alone(
    static: Path, uploads: Path, construction: str, inner_first: bool
) -> None:
    middleware = WhiteMedia(validator(application), static, "/", **CONSTRUCTIONS[construction])
    mounts = [(uploads.parent / "nested", "/media/nested/"), (uploads, "/media/")]
    for root, prefix in mounts if inner_first else reversed(mounts):
        middleware.add_media(root, prefix)
    client = Client(middleware)
    assert client.get("/media/nested/a.txt").body == b"nested"
    assert client.get("/media/nested/other.txt").status == 404  # not looked for in the outer root
    assert client.get("/media/new.txt").body == b"media"


@pytest.mark.parametrize("prefix", ["/media/", "media"])
def test_a_prefix_is_of_one_root_alone(static: Path, uploads: Path, prefix: str) -> None:
    middleware, client = build(static, uploads)
    assert_refused("prefix", "/media/", lambda: middleware.add_media(uploads.parent / "nested", prefix))
    assert_refused("prefix", "/media/", lambda: middleware.add_private(uploads.parent / "nested", prefix))
    assert client.get("/media/new.txt").body == b"media"


@pytest.mark.parametrize("prefix", ["/media/", "media", "/media", "media/", "//media//"])
def test_a_prefix_has_one_slash_at_each_end(static: Path, uploads: Path, prefix: str) -> None:
    middleware = WhiteMedia(validator(application))
    middleware.add_media(uploads, prefix)
    client = Client(middleware)
    assert client.get("/media/new.txt").body == b"media"
    assert client.get("/mediax").is_the_applications


@pytest.mark.parametrize("prefix", ["/médias/", "/文書/", "/a b/", "/m%65dia/", "/a/b/c/"])
def test_a_prefix_is_a_decoded_path(uploads: Path, prefix: str) -> None:
    middleware = WhiteMedia(validator(application))
    middleware.add_media(uploads, prefix)
    assert Client(middleware).get(f"{prefix}new.txt").body == b"media"


# Later changes


@every_construction
def test_users_files_stay_through_what_is_added_and_refreshed_later(
    static: Path, uploads: Path, tmp_path: Path, construction: str
) -> None:
    middleware, client = build(static, uploads, construction)
    middleware.add_files(plant(tmp_path / "more", {"b.txt": b"more"}), "/more/")
    assert (client.get("/media/new.txt").body, client.get("/more/b.txt").body) == (b"media", b"more")
    middleware.add_bytes("/robots.txt", b"robots")
    assert (client.get("/media/new.txt").body, client.get("/robots.txt").body) == (b"media", b"robots")
    plant(static, {"later.txt": b"later"})
    middleware.refresh()
    assert (client.get("/media/new.txt").body, client.get("/later.txt").body) == (b"media", b"later")
    assert client.get("/media/missing").status == 404


@every_construction
def test_what_is_added_later_beneath_the_prefix_answers_first(
    static: Path, uploads: Path, construction: str
) -> None:
    middleware, client = build(static, uploads, construction)
    assert client.get("/media/new.txt").body == b"media"
    middleware.add_bytes("/media/new.txt", b"bytes")
    assert client.get("/media/new.txt").body == b"bytes"


@every_construction
def test_a_media_root_is_added_while_others_are_served(static: Path, uploads: Path, construction: str) -> None:
    middleware, client = build(static, uploads, construction)
    assert client.get("/other/new.txt").is_the_applications
    middleware.add_media(uploads, "/other/")
    assert client.get("/other/new.txt").body == client.get("/media/new.txt").body == b"media"


# Beside other options


@pytest.mark.parametrize("not_found", ["pass", "answer"])
@every_construction
def test_misses_of_static_files_and_of_users_files_are_told_apart(
    static: Path, uploads: Path, construction: str, not_found: Literal["pass", "answer"]
) -> None:
    options: OptionFields = {**CONSTRUCTIONS[construction], "not_found": not_found}
    middleware = WhiteMedia(validator(application), static, "/static/", **options)
    middleware.add_media(uploads)
    middleware.add_media(uploads.parent / "nested", "/static/uploads/")
    client = Client(middleware)
    assert client.get("/media/missing").status == 404
    assert client.get("/static/uploads/new.txt").body == b"nested"
    assert client.get("/static/uploads/missing").status == 404
    assert client.get("/static/missing").is_the_applications == (not_found == "pass")
    assert client.get("/elsewhere").is_the_applications


@every_construction
@pytest.mark.parametrize("name", ["missing", "missing.html", "d/", "", ".env", "../a.txt"])
def test_the_fallback_page_stands_in_for_no_file_of_users(
    static: Path, uploads: Path, construction: str, name: str
) -> None:
    _, client = build(static, uploads, construction, fallback="page.html")
    asked = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
    assert client.get(f"/media/{name}", asked).body == b"404 Not Found\n"
    assert client.get("/a.txt", asked).body == b"static"


@every_construction
def test_no_index_file_and_no_clean_url_is_made_of_users_files(
    static: Path, uploads: Path, construction: str
) -> None:
    plant(uploads, {"index.html": b"<script>", "page.html": b"<script>", "d/index.html": b"<script>"})
    _, client = build(static, uploads, construction, index_file=True, clean_urls=True)
    for name in ("", "page", "d", "d/"):
        assert client.get(f"/media/{name}").status == 404
    assert client.get("/media/d/index.html").headers["Content-Disposition"] == 'attachment; filename="index.html"'


def test_options_of_all_files_that_speak_of_names_and_text_count_for_users_files_too(
    uploads: Path,
) -> None:
    plant(uploads, {"a.key": SECRET, "a.foo": b"1,2", ".well-known/a": b"1"})
    middleware = WhiteMedia(
        validator(application),
        hidden=["*.key"],
        mimetypes={".foo": "text/csv"},
        charset="iso-8859-1",
        unsafe_methods="pass",
        allow_all_origins=True,
        max_age=600,
    )
    middleware.add_media(uploads)
    client = Client(middleware)
    assert client.get("/media/a.key").status == 404
    assert client.get("/media/.well-known/a").status == 200
    answer = client.get("/media/a.foo")
    assert answer.headers["Content-Type"] == "text/csv; charset=iso-8859-1"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Access-Control-Allow-Origin"] is None
    assert client.request("POST", "/media/a.foo").is_the_applications


@pytest.mark.parametrize("strict", [True, False])
def test_a_root_that_is_missing_is_said_and_with_strict_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, strict: bool
) -> None:
    caplog.set_level(logging.WARNING)
    middleware = WhiteMedia(validator(application), strict=strict)
    if strict:
        with pytest.raises(OptionError, match="root="):
            middleware.add_media(tmp_path / "missing")
        assert Client(middleware).get("/media/a").is_the_applications
    else:
        middleware.add_media(tmp_path / "missing")
        assert "missing" in caplog.text
        assert Client(middleware).get("/media/a").status == 404
