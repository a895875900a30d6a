"""Other versions than there are now: answered as they were where the store has them, never cached as missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CONSTRUCTIONS, Client, plant, serve, whitemedia_of
from whitemedia import WhiteMedia
from whitemedia.assets import seen

FOREVER = "max-age=31536000, public, immutable"


@pytest.fixture(params=CONSTRUCTIONS)
def client(request: pytest.FixtureRequest, tree: Path) -> Client:
    return serve(tree, construction=request.param)


OLD, NEW = b".old { color: red }\n" * 50, b".new { color: blue }\n" * 50


def release(tmp_path: Path, text: bytes, **options: Any) -> Client:
    """A process of a release, whose files are `text`; all releases share a store."""
    root = plant(tmp_path / "root", {"app.css": text, "other.css": b"o{}"})
    return serve(root, cache_dir=str(tmp_path / "cache"), **options)


UNKNOWN = "/static/app.0123456789ab.css"


def test_a_version_that_nobody_was_given_is_a_404_that_no_cache_keeps(client: Client) -> None:
    whitemedia_of(client).url_for("app.css")
    answer = client.get(UNKNOWN)
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")
    assert client.get("/static/none.0123456789ab.css").is_the_applications
    assert client.get("/api/app.0123456789ab.css").is_the_applications


def test_an_earlier_release_is_answered_from_the_store_for_ever(tmp_path: Path) -> None:
    old = release(tmp_path, OLD)
    url = whitemedia_of(old).url_for("app.css")
    etag = old.get(url).etag
    new = release(tmp_path, NEW)
    answer = new.get(url)
    assert (answer.status, answer.body, answer.headers["Cache-Control"]) == (200, OLD, FOREVER)
    assert answer.etag == etag
    assert new.get(url, {"Range": "bytes=1-3"}).body == OLD[1:4]
    assert new.get(url, {"If-None-Match": answer.etag}).status == 304
    assert new.get(UNKNOWN).status == 404
    assert new.get(whitemedia_of(new).url_for("app.css")).body == NEW


def test_a_later_release_is_answered_by_an_earlier_process_that_knows_of_versions(tmp_path: Path) -> None:
    """In a rolling deployment a page of the new release may ask a process of the old one."""
    old = release(tmp_path, OLD)
    whitemedia_of(old).url_for("other.css")
    new = release(tmp_path, NEW)
    assert old.get(whitemedia_of(new).url_for("app.css")).body == NEW


@pytest.mark.parametrize("origin", [None, "https://a.example"])
def test_where_the_store_does_not_have_it_what_is_there_now_is_sent_and_not_kept(
    tmp_path: Path, origin: str | None
) -> None:
    cors = {} if origin is None else {"cors": [origin]}
    url = whitemedia_of(release(tmp_path, OLD)).url_for("app.css")
    for path in (tmp_path / "cache").glob("*.body"):
        path.unlink()
    answer = release(tmp_path, NEW, **cors).get(url, {"Origin": origin or ""})
    assert (answer.status, answer.body, answer.headers["Cache-Control"]) == (200, NEW, "no-cache")
    assert answer.headers["Access-Control-Allow-Origin"] == (origin or "*")


@pytest.mark.parametrize("text", [b"a{}", b"", bytes(300_000)], ids=len)
def test_what_was_handed_out_is_kept_compressed_or_not(tmp_path: Path, text: bytes) -> None:
    url = whitemedia_of(release(tmp_path, text)).url_for("app.css")
    answer = release(tmp_path, NEW).get(url)
    assert (answer.body, answer.headers["Cache-Control"]) == (text, FOREVER)


def test_what_is_too_large_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "LONGEST_BODY", len(OLD) - 1)
    url = whitemedia_of(release(tmp_path, OLD)).url_for("app.css")
    answer = release(tmp_path, NEW).get(url)
    assert (answer.body, answer.headers["Cache-Control"]) == (NEW, "no-cache")


@pytest.mark.parametrize("damage", [b"", b"other", OLD + b"1", OLD[:-1]], ids=len)
def test_damaged_bytes_are_never_sent(tmp_path: Path, damage: bytes) -> None:
    url = whitemedia_of(release(tmp_path, OLD)).url_for("app.css")
    [path] = (tmp_path / "cache").glob("*.body")
    path.write_bytes(damage)
    answer = release(tmp_path, NEW).get(url)
    assert (answer.body, answer.headers["Cache-Control"]) == (NEW, "no-cache")


@pytest.mark.parametrize("options", [{}, {"cors": ["https://a.example"]}, {"max_age": None}], ids=str)
def test_a_file_that_only_another_release_has_is_answered_from_the_store(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    old = release(tmp_path, OLD, **options)
    url, headers = whitemedia_of(old).url_for("app.css"), old.get(whitemedia_of(old).url_for("app.css")).fields
    (tmp_path / "root" / "app.css").unlink()
    new = serve(tmp_path / "root", cache_dir=str(tmp_path / "cache"), **options)
    answer = new.get(url)
    del headers["last-modified"]
    if "vary" in headers:
        headers["vary"] = headers["vary"].replace("Accept-Encoding, ", "")
    assert (answer.status, answer.body) == (200, OLD)
    assert {**answer.fields, "vary": ""} == {**headers, "vary": ""}
    assert new.get(UNKNOWN).is_the_applications
    assert new.request("POST", url).is_the_applications


def test_a_file_that_is_gone_and_was_not_kept_is_a_404_that_no_cache_keeps(tmp_path: Path) -> None:
    url = whitemedia_of(release(tmp_path, OLD)).url_for("app.css")
    for path in [*(tmp_path / "cache").glob("*.body"), tmp_path / "root" / "app.css"]:
        path.unlink()
    answer = serve(tmp_path / "root", cache_dir=str(tmp_path / "cache")).get(url)
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")


def test_after_a_refresh_the_version_before_is_answered(tmp_path: Path) -> None:
    client = release(tmp_path, OLD)
    url = whitemedia_of(client).url_for("app.css")
    plant(tmp_path / "root", {"app.css": NEW}, modified=1_700_000_001)
    whitemedia_of(client).refresh()
    assert client.get(url).body == OLD
    assert client.get(whitemedia_of(client).url_for("app.css")).body == NEW


def test_in_development_a_change_has_another_url_at_once(tmp_path: Path) -> None:
    root = plant(tmp_path, {"app.css": OLD})
    client = serve(root, construction="autorefresh")
    first = whitemedia_of(client).url_for("app.css")
    plant(root, {"app.css": NEW})
    os.utime(root / "app.css", (1_700_000_002, 1_700_000_002))
    second = whitemedia_of(client).url_for("app.css")
    assert first != second
    assert client.get(second).headers["Cache-Control"] == FOREVER
    answer = client.get(first)
    assert (answer.body, answer.headers["Cache-Control"]) == (NEW, "no-cache")


def test_without_url_for_a_miss_is_the_applications(tree: Path) -> None:
    client = serve(tree)
    assert client.get(UNKNOWN).is_the_applications
    assert not whitemedia_of(client).table.guards_versions


def test_rules_hold_for_an_earlier_release_too(tmp_path: Path) -> None:
    """What may not be kept, or shared, may not be under any version."""
    rules = [("app.css", {"Cache-Control": "private, no-store"})]
    url = whitemedia_of(release(tmp_path, OLD, rules=rules)).url_for("app.css")
    answer = release(tmp_path, NEW, rules=rules).get(url)
    assert (answer.body, answer.headers["Cache-Control"]) == (OLD, "private, no-store")


def test_what_the_content_told_of_its_type_is_not_told_of_an_earlier_one(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {"README": OLD})
    url = whitemedia_of(serve(root, cache_dir=str(tmp_path / "cache"))).url_for("README")
    plant(root, {"README": NEW})
    answer = serve(root, cache_dir=str(tmp_path / "cache")).get(url)
    assert (answer.body, answer.headers["Cache-Control"]) == (NEW, "no-cache")


def test_sites_of_one_user_do_not_know_each_others_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    one, other = (plant(tmp_path / name, {"app.css": text}) for name, text in (("a", OLD), ("b", NEW)))
    url = whitemedia_of(serve(one, cache_dir="auto")).url_for("app.css")
    client = serve(other, cache_dir="auto")
    whitemedia_of(client).url_for("app.css")
    assert client.get(url).status == 404
    plant(one, {"app.css": NEW})
    assert serve(one, cache_dir="auto").get(url).body == OLD


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
def test_other_methods_are_answered_as_for_the_plain_name(client: Client, method: str) -> None:
    whitemedia_of(client).url_for("app.css")
    assert client.request(method, UNKNOWN).status == client.request(method, "/static/app.css").status


@pytest.mark.parametrize("construction", ["memory", "autorefresh"])
def test_a_headers_function_may_ask_for_a_name(tmp_path: Path, construction: str) -> None:
    known: list[WhiteMedia] = []

    def add_headers(headers: Any, path: str, url: str) -> None:
        if known and url.endswith(".css"):
            headers["Link"] = known[0].preload("app.js")

    root = plant(tmp_path, {"app.js": b"1" * 300, "app.css": b"a{}"})
    client = serve(root, construction=construction, add_headers_function=add_headers)
    known.append(whitemedia_of(client))
    known[0].add_bytes("/static/late.css", b"a{}")
    assert client.get("/static/late.css").headers["Link"] == known[0].preload("app.js")
    assert client.get("/static/app.css").status == 200
