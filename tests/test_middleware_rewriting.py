"""With `rewrite`, files are sent with the versions of what they refer to, whichever way they are indexed and held."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import re
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import brotli
import pytest

from tests.conftest import CONSTRUCTIONS, MODIFIED, PREFIX, Client, application, every_construction, plant, serve
from whitemedia import OptionError, WhiteMedia
from whitemedia.assets import validators
from whitemedia.http.versions import split_version

PADDING = b".x { margin: 0 }\n" * 40
FILES = {
    "css/app.css": b'@import "base.css";\n.a { background: url("../img/logo.png?v#x") }\n' + PADDING,
    "css/base.css": b".b { background: url(/static/img/logo.png), url(no.png) }\n/*# sourceMappingURL=no.map */",
    "img/logo.png": b"\x89PNG one",
    "js/app.js": b"run();\n" * 50 + b"//# sourceMappingURL=app.js.map\n",
    "js/app.js.map": b'{"version": 3}',
    "site.webmanifest": b'{"icons": [{"src": "img/logo.png"}]}',
    "plain.css": b".c { color: red }\n" + PADDING,
}
REFERRING = ["css/app.css", "css/base.css", "js/app.js", "site.webmanifest"]
FOREVER = "max-age=31536000, public, immutable"


def version_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def whitemedia_of(client: Client) -> WhiteMedia:
    assert isinstance(client.application, WhiteMedia)
    return client.application


def url_for(client: Client, name: str) -> str:
    return whitemedia_of(client).url_for(name)


def construct(construction: str) -> WhiteMedia:
    options: dict[str, Any] = {"rewrite": True, **CONSTRUCTIONS[construction]}
    return WhiteMedia(application, **options)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", FILES)


@pytest.fixture(params=CONSTRUCTIONS)
def client(request: pytest.FixtureRequest, root: Path) -> Client:
    return serve(root, construction=request.param, rewrite=True)


def sent(client: Client, name: str) -> bytes:
    """Under its versioned name, as it is under its plain one."""
    versioned, plain = client.get(url_for(client, name)), client.get(PREFIX + name)
    assert versioned.body == plain.body
    assert (versioned.headers["Cache-Control"], plain.headers["Cache-Control"]) == (FOREVER, "max-age=60, public")
    return versioned.body


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


def test_a_file_that_changes_after_the_start_is_answered_as_it_is_now_where_it_is_not_held(root: Path) -> None:
    client = serve(root, construction="compress=off", rewrite=True)
    url = url_for(client, "css/app.css")
    (root / "css/app.css").write_bytes(b".new{}")
    for path in (PREFIX + "css/app.css", url):
        answer = client.get(path)
        assert (answer.body, answer.headers["Cache-Control"]) == (b".new{}", "no-cache")
    (root / "css/app.css").unlink()
    assert client.get(url).status == 404


def test_what_was_read_is_answered_as_it_was_indexed_until_a_refresh(root: Path) -> None:
    client = serve(root, construction="memory", rewrite=True)
    before = sent(client, "css/app.css")
    plant(root, {"css/app.css": b".new{background:url(../img/logo.png)}", "img/logo.png": b"\x89PNG two"})
    assert client.get(PREFIX + "css/app.css").body == before
    whitemedia_of(client).refresh()
    logo = version_of(b"\x89PNG two")
    assert client.get(PREFIX + "css/app.css").body == f".new{{background:url(../img/logo.{logo}.png)}}".encode()


def test_a_change_of_what_is_referred_to_is_seen_at_once_in_development(root: Path) -> None:
    client = serve(root, construction="autorefresh", rewrite=True)
    before = url_for(client, "css/app.css")
    plant(root, {"img/logo.png": b"\x89PNG two"}, MODIFIED + 5)
    after = url_for(client, "css/app.css")
    assert after != before
    assert version_of(b"\x89PNG two").encode() in client.get(after).body
    plant(root, {"css/no.png": b"1"})
    assert b"no." + version_of(b"1").encode() in client.get(PREFIX + "css/base.css").body


@pytest.mark.parametrize("construction", ["memory", "store"])
def test_an_earlier_edition_is_answered_with_its_bytes(
    root: Path, tmp_path: Path, construction: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validators, "SETTLED_NS", 0)
    options: dict[str, Any] = {"rewrite": True, "cache_dir": tmp_path / "cache"}
    first = Client(WhiteMedia(application, root, PREFIX, **options))
    url, body = url_for(first, "css/app.css"), sent(first, "css/app.css")
    plant(root, {"img/logo.png": b"\x89PNG two"}, MODIFIED + 5)
    second = Client(WhiteMedia(application, root, PREFIX, **options))
    assert url_for(second, "css/app.css") != url
    answer = second.get(url)
    assert (answer.body, answer.headers["Cache-Control"]) == (body, FOREVER)


@pytest.mark.parametrize("is_gone", [True, False])
def test_what_only_files_name_is_answered_in_the_next_release_too(
    root: Path, tmp_path: Path, *, is_gone: bool
) -> None:
    options: dict[str, Any] = {"rewrite": True, "cache_dir": tmp_path / "cache"}
    first = WhiteMedia(application, root, PREFIX, **options)
    logo = f"{PREFIX}img/logo.{version_of(FILES['img/logo.png'])}.png"
    assert Client(first).get(logo).body == FILES["img/logo.png"]
    if is_gone:
        (root / "img/logo.png").unlink()
    else:
        plant(root, {"img/logo.png": b"\x89PNG two"})
    answer = Client(WhiteMedia(application, root, PREFIX, **options)).get(logo)
    assert (answer.body, answer.headers["Cache-Control"]) == (FILES["img/logo.png"], FOREVER)


def test_what_leads_nowhere_is_told_once_with_file_and_line(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    wm = whitemedia_of(serve(root, rewrite=True))
    wm.add_bytes("/other", b"1")
    path = str(root / "css" / "base.css")
    [record] = caplog.records
    message = f"2 references, 1 of them to source maps, lead nowhere: 'no.png' in {path!r}, line 1, 'no.map' in {path!r}, line 2"
    assert record.getMessage() == message
    assert [(one.file, one.line, one.url, one.is_map) for one in wm.unresolved] == [
        (path, 1, "no.png", False),
        (path, 2, "no.map", True),
    ]


def test_in_development_it_is_told_when_the_file_is_asked_for(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = serve(root, construction="autorefresh", rewrite=True)
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        client.get(PREFIX + "css/app.css")
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "2 references, 1 of them to source maps, lead nowhere"
    ]


@pytest.mark.parametrize(
    ("prefix", "reference"),
    [("/", "/api/picture"), ("/static/", "/api/picture"), ("/static/", "../api/picture"), ("/static/", "/static")],
)
def test_what_may_be_the_applications_is_not_told(tmp_path: Path, prefix: str, reference: str) -> None:
    root = plant(tmp_path, {"a.css": f"a{{b:url({reference})}}".encode()})
    assert WhiteMedia(application, root, prefix, rewrite=True, cache_dir=None).unresolved == ()


def test_what_is_users_is_not_told(tmp_path: Path) -> None:
    root = plant(tmp_path / "static", {"css/a.css": b"a{b:url(../media/x.png)}"})
    wm = WhiteMedia(application, rewrite=True, cache_dir=None)
    (tmp_path / "media").mkdir()
    wm.add_media(tmp_path / "media", "/media/")
    wm.add_files(root, "/")
    assert wm.unresolved == ()


def test_strict_raises_for_it_and_leaves_what_was_served(root: Path) -> None:
    other = plant(root.parent / "other", {"a.css": b"1"})
    wm = WhiteMedia(application, other, "/other/", rewrite=True, strict=True, cache_dir=None)
    with pytest.raises(OptionError, match=r"rewrite=True: strict, and 1 references.*no\.png.*line 1"):
        wm.add_files(root, PREFIX)
    assert Client(wm).get(PREFIX + "css/app.css").is_the_applications
    assert Client(wm).get("/other/a.css").status == 200


def test_strict_bears_a_source_map_that_is_missing(tmp_path: Path) -> None:
    root = plant(tmp_path, {"a.js": b"//# sourceMappingURL=a.js.map"})
    WhiteMedia(application, root, PREFIX, rewrite=True, strict=True, cache_dir=None)


def test_a_second_start_reads_no_file(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validators, "SETTLED_NS", 0)
    options: dict[str, Any] = {"rewrite": True, "cache_dir": tmp_path / "cache"}
    first = WhiteMedia(application, root, PREFIX, **options)
    urls = [first.url_for(name) for name in FILES]
    before = Client(first).get(PREFIX + "css/app.css", {"Accept-Encoding": "br"})

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    with monkeypatch.context() as patch:
        patch.setattr("whitemedia.assets.rewriting.read_in_state", refuse)
        patch.setattr("whitemedia.assets.reading.Opened.read_whole", refuse)
        second = WhiteMedia(application, root, PREFIX, **options)
        assert [second.url_for(name) for name in FILES] == urls
        after = Client(second).get(PREFIX + "css/app.css", {"Accept-Encoding": "br"})
    assert (after.body, after.fields) == (before.body, before.fields)


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_whatever_becomes_of_the_store_what_is_sent_is_right(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(validators, "SETTLED_NS", 0)
    options: dict[str, Any] = {"rewrite": True, "cache_dir": tmp_path / "cache"}
    expected = {name: sent(Client(WhiteMedia(application, root, PREFIX, **options)), name) for name in FILES}
    for pack in (tmp_path / "cache").glob("*.pack"):
        data = pack.read_bytes()
        pack.chmod(0o600)
        if damage == "gone":
            pack.unlink()
        elif damage == "cut":
            pack.write_bytes(data[: len(data) // 2])
        else:
            pack.write_bytes(bytes(byte ^ 1 for byte in data[:-64]) + data[-64:])
    for _ in range(2):
        client = Client(WhiteMedia(application, root, PREFIX, **options))
        for name, data in expected.items():
            assert sent(client, name) == data
            answer = client.get(PREFIX + name, {"Accept-Encoding": "br"})
            assert (brotli.decompress(answer.body) if answer.headers["Content-Encoding"] else answer.body) == data
