"""With `rewrite`, files are sent with the versions of what they refer to, whichever way they are indexed and held."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path
from wsgiref.headers import Headers

import brotli
import pytest

from tests.conftest import (
    CONSTRUCTIONS,
    MODIFIED,
    PREFIX,
    Client,
    application,
    every_construction,
    plant,
    serve,
    whitemedia_of,
)
from tests.rewriting_site import FILES, FOREVER, REFERRING, construct, sent, url_for, version_of
from whitemedia import WhiteMedia
from whitemedia.http.versions import split_version


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", FILES)


@pytest.fixture(params=CONSTRUCTIONS)
def client(request: pytest.FixtureRequest, root: Path) -> Client:
    return serve(root, construction=request.param, rewrite=True)


def test_references_name_versions_and_all_else_stays(client: Client) -> None:
    logo = f"logo.{version_of(FILES['img/logo.png'])}.png"
    base = url_for(client, "css/base.css").rpartition("/")[2].encode()
    assert sent(client, "css/app.css") == FILES["css/app.css"].replace(b"base.css", base).replace(
        b"logo.png", logo.encode()
    )
    assert sent(client, "css/base.css") == FILES["css/base.css"].replace(b"logo.png", logo.encode())
    source_map = f"app.js.{version_of(FILES['js/app.js.map'])}.map".encode()
    assert sent(client, "js/app.js") == FILES["js/app.js"].replace(b"app.js.map", source_map)
    assert sent(client, "site.webmanifest") == FILES["site.webmanifest"].replace(b"logo.png", logo.encode())


def test_what_refers_to_nothing_is_sent_as_it_is(client: Client) -> None:
    assert sent(client, "plain.css") == FILES["plain.css"]
    assert url_for(client, "plain.css") == f"/static/plain.{version_of(FILES['plain.css'])}.css"


@pytest.mark.parametrize("name", REFERRING)
def test_every_name_in_what_is_sent_is_answered(client: Client, name: str) -> None:
    folder = f"{PREFIX}{name.rpartition('/')[0]}"
    found = re.findall(rb"[\w./-]+\.[0-9a-f]{12}\.\w+", sent(client, name))
    assert found
    for reference in map(bytes.decode, found):
        path = reference if reference.startswith("/") else os.path.normpath(f"{folder}/{reference}")
        assert (client.get(path).status, client.get(path).headers["Cache-Control"]) == (200, FOREVER)


@pytest.mark.parametrize("name", REFERRING)
def test_lengths_tags_and_integrity_are_of_what_is_sent(client: Client, name: str) -> None:
    answer = client.get(PREFIX + name)
    digest = hashlib.sha256(answer.body)
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.etag == f'"{digest.hexdigest()[:32]}"'
    assert whitemedia_of(client).integrity(name) == f"sha256-{base64.b64encode(digest.digest()).decode()}"
    assert client.get(PREFIX + name, {"If-None-Match": answer.etag}).status == 304
    assert client.get(PREFIX + name, {"Range": "bytes=5-9"}).body == answer.body[5:10]


@pytest.mark.parametrize("name", REFERRING)
def test_head_has_the_fields_of_get(client: Client, name: str) -> None:
    for path in (PREFIX + name, url_for(client, name)):
        head, get = client.request("HEAD", path), client.get(path)
        assert (head.status, head.body, head.fields) == (200, b"", get.fields)


@pytest.mark.parametrize("construction", ["memory", "store"])
@pytest.mark.parametrize("coding", ["br", "gzip", "zstd"])
def test_what_is_sent_is_compressed_anew(root: Path, construction: str, coding: str) -> None:
    client = serve(root, construction=construction, rewrite=True)
    answer = client.get(PREFIX + "css/app.css", {"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    if coding == "br":
        assert brotli.decompress(answer.body) == client.get(PREFIX + "css/app.css").body
    assert len(answer.body) < len(FILES["css/app.css"]) / 2


@every_construction
def test_siblings_are_of_the_file_as_it_is_and_so_only_for_what_is_sent_as_it_is(
    root: Path, construction: str
) -> None:
    siblings = {f"{name}.br": brotli.compress(FILES[name]) for name in ("css/app.css", "plain.css")}
    client = serve(plant(root, siblings), construction=construction, rewrite=True)
    plain = client.get(PREFIX + "plain.css", {"Accept-Encoding": "br"})
    if construction != "memory_limit=0":
        assert plain.body == siblings["plain.css.br"]
    app = client.get(PREFIX + "css/app.css", {"Accept-Encoding": "br"})
    assert app.body != siblings["css/app.css.br"]
    identity = brotli.decompress(app.body) if app.headers["Content-Encoding"] else app.body
    assert identity == client.get(PREFIX + "css/app.css").body


@every_construction
def test_a_change_of_what_is_referred_to_changes_the_version_of_all_above_it_and_of_nothing_else(
    tmp_path: Path, construction: str
) -> None:
    one = serve(plant(tmp_path / "one", FILES), construction=construction, rewrite=True)
    two = serve(
        plant(tmp_path / "two", {**FILES, "img/logo.png": b"\x89PNG two"}), construction=construction, rewrite=True
    )
    changed = {name for name in FILES if url_for(one, name) != url_for(two, name)}
    assert changed == {"css/app.css", "css/base.css", "img/logo.png", "site.webmanifest"}


def test_versions_are_alike_wherever_and_however_the_files_are_indexed(tmp_path: Path) -> None:
    found = [
        [url_for(serve(plant(tmp_path / name, FILES), construction=name, rewrite=True), file) for file in FILES]
        for name in CONSTRUCTIONS
    ]
    assert all(urls == found[0] for urls in found)


@every_construction
def test_files_that_refer_to_each_other_have_versions_too(tmp_path: Path, construction: str) -> None:
    files = {
        "a.css": b"@import 'b.css';@import 'a.css';",
        "b.css": b"@import 'c.css';",
        "c.css": b"@import 'a.css';.x{background:url(x.png)}",
        "x.png": b"1",
    }
    one = serve(plant(tmp_path / "one", files), construction=construction, rewrite=True)
    for name in ("a.css", "b.css", "c.css"):
        for reference in re.findall(rb"'([^']+)'", sent(one, name)):
            assert client_has(one, reference.decode())
    two = serve(plant(tmp_path / "two", {**files, "x.png": b"2"}), construction=construction, rewrite=True)
    assert [name for name in files if url_for(one, name) == url_for(two, name)] == []


def client_has(client: Client, name: str) -> bool:
    assert split_version(name) is not None
    return client.get(PREFIX + name).headers["Cache-Control"] == FOREVER


@every_construction
def test_the_date_is_that_of_the_latest_file_that_matters(root: Path, construction: str) -> None:
    plant(root, {"img/logo.png": FILES["img/logo.png"]}, MODIFIED + 3600)
    client = serve(root, construction=construction, rewrite=True)
    assert client.get(PREFIX + "css/app.css").headers["Last-Modified"] == "Tue, 14 Nov 2023 23:13:20 GMT"
    assert client.get(PREFIX + "js/app.js").headers["Last-Modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"


@every_construction
def test_roots_refer_to_each_other_in_any_order(tmp_path: Path, construction: str) -> None:
    one = plant(tmp_path / "one", {"a.css": b"a{b:url(../two/x.png)}"})
    two = plant(tmp_path / "two", {"x.png": b"1", "b.css": b"a{b:url(/one/a.css)}"})
    for roots in ([(one, "/one/"), (two, "/two/")], [(two, "/two/"), (one, "/one/")]):
        wm = construct(construction)
        for path, prefix in roots:
            wm.add_files(path, prefix)
        client = Client(wm)
        assert client.get("/one/a.css").body == f"a{{b:url(../two/x.{version_of(b'1')}.png)}}".encode()
        assert client.get("/two/b.css").body.decode() == f"a{{b:url({wm.url_for('/one/a.css')})}}"


@every_construction
def test_of_two_roots_at_one_prefix_the_later_ones_file_is_meant(tmp_path: Path, construction: str) -> None:
    wm = construct(construction)
    wm.add_files(plant(tmp_path / "one", {"a.css": b"a{b:url(x.png)}", "x.png": b"1"}), "/s/")
    wm.add_files(plant(tmp_path / "two", {"x.png": b"2"}), "/s/")
    assert Client(wm).get("/s/a.css").body == f"a{{b:url(x.{version_of(b'2')}.png)}}".encode()


@every_construction
def test_bytes_that_were_added_are_referred_to_as_files_are(tmp_path: Path, construction: str) -> None:
    wm = construct(construction)
    wm.add_files(plant(tmp_path, {"a.css": b"a{b:url(x.png)}"}), "/s/")
    wm.add_bytes("/s/x.png", b"1")
    assert Client(wm).get("/s/a.css").body == f"a{{b:url(x.{version_of(b'1')}.png)}}".encode()


@every_construction
def test_it_is_an_option_of_a_root(tmp_path: Path, construction: str) -> None:
    files = {"a.css": b"a{b:url(x.png)}", "x.png": b"1"}
    wm = WhiteMedia(application, plant(tmp_path / "one", files), "/one/", **CONSTRUCTIONS[construction])
    wm.add_files(plant(tmp_path / "two", files), "/two/", rewrite=True)
    client = Client(wm)
    assert client.get("/one/a.css").body == files["a.css"]
    assert client.get("/two/a.css").body != files["a.css"]


@every_construction
def test_what_is_excepted_is_sent_as_it_is(root: Path, construction: str) -> None:
    client = serve(root, construction=construction, rewrite=True, rewrite_except=["css/b*", "**.js"])
    assert [name for name in REFERRING if client.get(PREFIX + name).body == FILES[name]] == [
        "css/base.css",
        "js/app.js",
    ]
    assert url_for(client, "css/base.css") == f"/static/css/base.{version_of(FILES['css/base.css'])}.css"


@every_construction
def test_what_has_a_hashed_name_already_is_neither_edited_nor_named_anew(
    tmp_path: Path, construction: str
) -> None:
    files = {
        "a.css": b"a{b:url(i-BmZkq3Xy.css)}",
        "i-BmZkq3Xy.css": b"a{b:url(x.png)}",
        "x.png": b"1",
        "p.html": b"<p>",
        "q.css": b"a{b:url(p.html)}",
    }
    client = serve(plant(tmp_path, files), construction=construction, rewrite=True, immutable="vite")
    for name, data in files.items():
        assert client.get(PREFIX + name).body == data


@every_construction
def test_what_others_wrote_is_asked_once_for_each_file(root: Path, construction: str) -> None:
    asked: list[str] = []

    def add(headers: Headers, path: str, url: str) -> None:
        asked.append(url)
        headers["X-Own"] = url

    client = serve(root, construction=construction, rewrite=True, add_headers_function=add)
    starts = 2 if construction == "store" else 1
    whitemedia_of(client).add_bytes("/other", b"1")
    for name in FILES:
        assert client.get(PREFIX + name).headers["X-Own"] == PREFIX + name
        client.get(url_for(client, name), {"Accept-Encoding": "br"})
    asked.remove("/other")
    assert sorted(asked) == sorted([PREFIX + name for name in FILES] * starts)


@every_construction
def test_an_allow_list_of_origins_holds_for_what_is_edited(root: Path, construction: str) -> None:
    client = serve(root, construction=construction, rewrite=True, cors=["https://a.example"])
    for path in (PREFIX + "css/app.css", url_for(client, "css/app.css")):
        answer = client.get(path, {"Origin": "https://a.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
