"""Two releases at a time: a page of one asks a process of the other, for names that this one never had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Client, plant, serve
from whitemedia import WhiteMedia
from whitemedia.http.versions import split_version

FOREVER = "max-age=31536000, public, immutable"
SCRIPT = b"console.log('in one release only')\n" * 20
FONTS = {"css/app.css": b"@font-face { src: url(../font.woff2) }\n" * 10, "font.woff2": b"wOF2 one"}


def release(tmp_path: Path, name: str, files: dict[str, bytes], **options: Any) -> tuple[Client, WhiteMedia]:
    """A process of a release in a folder of its own; all releases share a store."""
    root = plant(tmp_path / name, files)
    client = serve(root, cache_dir=str(tmp_path / "cache"), **options)
    assert isinstance(client.application, WhiteMedia)
    return client, client.application


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Client, Client, str]:
    """A process of an earlier release, one of a later release, and the URL of what only the later one has."""
    old, old_wm = release(tmp_path, "old", {"app.css": b"a{}"})
    old_wm.url_for("app.css")
    new, new_wm = release(tmp_path, "new", {"app.css": b"a{}", "new.js": SCRIPT})
    return old, new, new_wm.url_for("new.js")


def test_what_only_a_later_release_has_is_answered_by_an_earlier_process(
    pair: tuple[Client, Client, str],
) -> None:
    old, new, url = pair
    answer, right = old.get(url), new.get(url)
    assert (answer.status, answer.body, answer.etag) == (200, SCRIPT, right.etag)
    fields = {**right.fields, "vary": None, "last-modified": None}
    assert {**answer.fields, "vary": None, "last-modified": None} == fields
    assert answer.headers["Cache-Control"] == FOREVER


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"Range": "bytes=1-3"}, 206), ({"If-None-Match": "*"}, 304), ({"If-Match": '"x"'}, 412)],
)
def test_preconditions_and_ranges_count_there_too(
    pair: tuple[Client, Client, str], fields: dict[str, str], status: int
) -> None:
    old, _, url = pair
    assert old.get(url, fields).status == status


def test_what_a_later_release_no_longer_has_is_answered_by_its_processes(tmp_path: Path) -> None:
    _, old = release(tmp_path, "old", {"app.css": b"a{}", "old.js": SCRIPT})
    url = old.url_for("old.js")
    client, _ = release(tmp_path, "new", {"app.css": b"a{}"})
    assert (client.get(url).body, client.get(url).headers["Cache-Control"]) == (SCRIPT, FOREVER)
    assert client.get("/static/old.js").is_the_applications


def test_what_was_handed_out_and_is_nowhere_is_a_404_that_no_cache_keeps(tmp_path: Path) -> None:
    _, old = release(tmp_path, "old", {"app.css": b"a{}", "old.png": b"\x89PNG"})
    url = old.url_for("old.png")
    for body in (tmp_path / "cache").rglob("*.body"):
        body.unlink()
    client, _ = release(tmp_path, "new", {"app.css": b"a{}"})
    assert (client.get(url).status, client.get(url).headers["Cache-Control"]) == (404, "no-store")


def test_rules_and_origins_count_for_what_is_not_there_any_more(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "rules": [("old.js", {"Cache-Control": "private", "X-Own": "1"})],
        "cors": ["https://a.example"],
        "repr_digest": True,
    }
    _, old = release(tmp_path, "old", {"old.js": SCRIPT}, **options)
    url = old.url_for("old.js")
    client, _ = release(tmp_path, "new", {"app.css": b"a{}"}, **options)
    answer = client.get(url, {"Origin": "https://a.example"})
    assert answer.body == SCRIPT
    assert (answer.headers["Cache-Control"], answer.headers["X-Own"]) == ("private", "1")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert answer.headers["Repr-Digest"] is not None


def test_what_is_hidden_now_is_not_answered_in_any_version(tmp_path: Path) -> None:
    _, old = release(tmp_path, "old", {"old.js": SCRIPT})
    url = old.url_for("old.js")
    client, _ = release(tmp_path, "new", {"app.css": b"a{}", "old.js": SCRIPT}, hidden=["old*"])
    assert client.get(url).body != SCRIPT


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_other_methods_on_what_is_not_there_are_the_applications(tmp_path: Path, method: str) -> None:
    _, old = release(tmp_path, "old", {"old.js": SCRIPT})
    url = old.url_for("old.js")
    client, _ = release(tmp_path, "new", {"app.css": b"a{}"})
    assert client.request(method, url).is_the_applications


# What stylesheets refer to


def test_what_a_stylesheet_names_was_handed_out(tmp_path: Path) -> None:
    """Nobody calls `url_for` for a font."""
    _, old = release(tmp_path, "old", FONTS, rewrite=True)
    resource = old.table.entries["/static/font.woff2"]
    font = f"/static/font.{resource.version}.woff2"  # type: ignore[union-attr]
    client, _ = release(tmp_path, "new", {**FONTS, "font.woff2": b"wOF2 two"}, rewrite=True)
    answer = client.get(font)
    assert (answer.status, answer.body, answer.headers["Cache-Control"]) == (200, b"wOF2 one", FOREVER)


def test_a_process_that_rewrites_looks_for_versions_before_it_names_any_itself(tmp_path: Path) -> None:
    """Another worker of its release, or the next release, may have."""
    old, _ = release(tmp_path, "old", {"app.css": b"a{}", "new.js": b"1"}, rewrite=True)
    _, new = release(tmp_path, "new", {"app.css": b"a{}", "new.js": SCRIPT}, rewrite=True)
    assert old.get(new.url_for("new.js")).body == SCRIPT


def test_a_version_in_a_made_up_folder_is_still_the_applications(pair: tuple[Client, Client, str]) -> None:
    old, _, url = pair
    split = split_version(url)
    assert split is not None
    assert old.get(url.replace(split[1], "0123456789ab")).is_the_applications
    assert old.get(url.replace("/static/", "/api/")).is_the_applications
