"""URLs with a version: the same bytes, kept for ever; in the next release the old ones are still answered, never cached
as missing."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CONSTRUCTIONS, FILES, PREFIX, Client, every_construction, plant, serve, whitemedia_of
from whitemedia import OptionError, WhiteMedia

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
