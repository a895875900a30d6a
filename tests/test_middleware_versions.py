"""URLs with a version: the same bytes, kept for ever; in the next release the old ones are still answered, never cached
as missing."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CONSTRUCTIONS, FILES, PREFIX, Client, every_construction, plant, serve
from whitemedia import OptionError, WhiteMedia
from whitemedia.assets import seen

FOREVER = "max-age=31536000, public, immutable"
VERSIONED = [
    "app.css",
    "app.js",
    "lib.js",
    "logo.svg",
    "picture.png",
    "large.bin",
    "docs/über uns.txt",
    "empty.txt",
]


def whitemedia_of(client: Client) -> WhiteMedia:
    assert isinstance(client.application, WhiteMedia)
    return client.application


def path_of(client: Client, name: str) -> str:
    """The versioned path, decoded as a server does."""
    version = hashlib.sha256(FILES[name]).hexdigest()[:12]
    stem, _, extension = name.rpartition(".")
    return f"{PREFIX}{stem}.{version}.{extension}"


@pytest.fixture(params=CONSTRUCTIONS)
def client(request: pytest.FixtureRequest, tree: Path) -> Client:
    return serve(tree, construction=request.param)


@pytest.mark.parametrize("name", VERSIONED)
@pytest.mark.parametrize(
    "fields", [{}, {"Accept-Encoding": "br"}, {"Range": "bytes=1-3"}, {"If-None-Match": "*"}, {"If-Match": '"x"'}]
)
def test_a_versioned_name_is_answered_as_the_plain_one_but_kept_for_ever(
    client: Client, name: str, fields: dict[str, str]
) -> None:
    plain, versioned = client.get(PREFIX + name, fields), client.get(path_of(client, name), fields)
    assert (versioned.status, versioned.body) == (plain.status, plain.body)
    if plain.status not in (412, 416):
        assert plain.headers["Cache-Control"] == "max-age=60, public"
        assert versioned.headers["Cache-Control"] == FOREVER
    judged = dict.fromkeys(["cache-control"])
    assert {**versioned.fields, **judged} == {**plain.fields, **judged}


def test_url_for_gives_it_percent_encoded(client: Client) -> None:
    wm = whitemedia_of(client)
    assert wm.url_for("app.css") == path_of(client, "app.css") == wm.url_for("/static/app.css")
    assert re.fullmatch(r"/static/docs/%C3%BCber%20uns\.[0-9a-f]{12}\.txt", wm.url_for("docs/über uns.txt"))
    assert wm.url_for("app.css", environ={"SCRIPT_NAME": "/my app"}) == "/my%20app" + wm.url_for("app.css")
    assert wm.url_for("app.css", host="https://cdn.example") == "https://cdn.example" + wm.url_for("app.css")


def test_a_page_keeps_its_url(client: Client) -> None:
    wm = whitemedia_of(client)
    assert wm.url_for("page.html") == "/static/page.html"
    assert wm.url_for("docs/index.html") == "/static/docs/index.html"


@every_construction
def test_what_has_a_hashed_name_already_is_not_hashed_again(tree: Path, construction: str) -> None:
    wm = whitemedia_of(serve(tree, construction=construction, immutable_file_test=r"\.css$"))
    assert wm.url_for("app.css") == "/static/app.css"
    assert wm.url_for("app.js") != "/static/app.js"
    wm = whitemedia_of(serve(plant(tree, {"a-BmZkq3Xy.js": b"1"}), construction=construction, immutable="vite"))
    assert wm.url_for("a-BmZkq3Xy.js") == "/static/a-BmZkq3Xy.js"


def test_what_is_missing_has_its_plain_url_and_one_warning(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        assert whitemedia_of(client).url_for("no ne.css") == "/static/no%20ne.css"
    assert [record.getMessage() for record in caplog.records] == ["no static file is called 'no ne.css'"]


def test_what_is_hidden_has_no_version(client: Client) -> None:
    assert whitemedia_of(client).url_for(".env") == "/static/.env"


@pytest.mark.parametrize("construction", ["memory", "autorefresh"])
def test_strict_raises_for_what_is_missing_and_names_what_is_near(tmp_path: Path, construction: str) -> None:
    root = plant(tmp_path, {"app.css": b"a{}"})
    wm = whitemedia_of(serve(root, construction=construction, strict=True))
    with pytest.raises(KeyError, match=r"no static file is called 'ap\.css'"):
        wm.url_for("ap.css")
    if construction == "memory":
        with pytest.raises(KeyError, match=r"near it are .*/static/app\.css"):
            wm.url_for("/static/ap.css")


def test_a_name_is_looked_for_in_the_latest_root_first(tmp_path: Path) -> None:
    wm = WhiteMedia(
        lambda environ, start_response: [], plant(tmp_path / "a", {"a.css": b"1", "b.css": b"1"}), "/a/"
    )
    wm.add_files(plant(tmp_path / "b", {"a.css": b"2"}), "/b/")
    assert wm.url_for("a.css").startswith("/b/a.")
    assert wm.url_for("b.css").startswith("/a/b.")
    assert wm.url_for("/a/a.css").startswith("/a/a.")
    assert wm.url_for("c.css") == "/b/c.css"


@pytest.mark.parametrize("name", [None, 1, b"app.css"])
def test_what_is_no_name_is_refused(tree: Path, name: Any) -> None:
    with pytest.raises(OptionError, match=r"^name="):
        whitemedia_of(serve(tree)).url_for(name)


def test_rules_and_functions_have_the_last_word(tree: Path) -> None:
    client = serve(tree, rules=[("app.css", {"Cache-Control": "private"}), ("*.js", {"X-Own": "1"})])
    assert client.get(path_of(client, "app.css")).headers["Cache-Control"] == "private"
    answer = client.get(path_of(client, "app.js"))
    assert (answer.headers["Cache-Control"], answer.headers["X-Own"]) == (FOREVER, "1")


@every_construction
def test_listed_origins_may_read_it_too(tree: Path, construction: str) -> None:
    client = serve(tree, construction=construction, cors=["https://a.example"])
    answer = client.get(path_of(client, "app.css"), {"Origin": "https://a.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert answer.headers["Cache-Control"] == FOREVER


def test_integrity_and_preload(client: Client) -> None:
    wm = whitemedia_of(client)
    digest = base64.b64encode(hashlib.sha256(FILES["lib.js"]).digest()).decode()
    assert wm.integrity("lib.js") == f"sha256-{digest}"
    assert wm.preload("lib.js") == f"<{wm.url_for('lib.js')}>; rel=preload; as=script"
    assert wm.preload("app.css", host="https://c.example").startswith("<https://c.example/static/app.")
    for call in (wm.integrity, wm.preload):
        with pytest.raises(KeyError, match=r"none\.css"):
            call("none.css")


# Other versions than there are now


def release(tmp_path: Path, text: bytes, **options: Any) -> Client:
    """A process of a release, whose files are `text`; all releases share a store."""
    root = plant(tmp_path / "root", {"app.css": text, "other.css": b"o{}"})
    return serve(root, cache_dir=str(tmp_path / "cache"), **options)


OLD, NEW = b".old { color: red }\n" * 50, b".new { color: blue }\n" * 50
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
