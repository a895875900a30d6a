"""Sources by their names: what a bundler built of them, where it is served, and what a page needs besides."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.assets.manifest_files import NAMES, manifest_path, read_json
from tests.conftest import CONSTRUCTIONS, PREFIX, Client, every_construction, plant, serve
from whitemedia import OptionError, WhiteMedia
from whitemedia.assets.manifests import parse_manifest
from whitemedia.naming import Entry

FOREVER = "max-age=31536000, public, immutable"


def whitemedia_of(client: Client) -> WhiteMedia:
    assert isinstance(client.application, WhiteMedia)
    return client.application


def built(folder: Path, name: str, **options: Any) -> Client:
    """A site with all files that a real manifest names."""
    files = {
        file.removeprefix("/static/").removeprefix("dist/") for file in parse_manifest(read_json(name)).files()
    }
    root = plant(folder / "root", {file: file.encode() * 9 for file in files})
    return serve(root, manifest=manifest_path(name), **options)


def with_manifest(folder: Path, value: object, files: Mapping[str, bytes], **options: Any) -> Client:
    plant(folder, {"manifest.json": json.dumps(value).encode()})
    return serve(plant(folder / "root", files), manifest=folder / "manifest.json", **options)


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def urls(html: str) -> list[str]:
    """What each element leads to."""
    found = (attributes.get("href") or attributes.get("src") for _, attributes in _Tags(html).found)
    return [url for url in found if url is not None]


@pytest.mark.parametrize("name", NAMES)
@every_construction
def test_every_source_of_a_real_manifest_leads_to_its_file(tmp_path: Path, name: str, construction: str) -> None:
    client = built(tmp_path, name, construction=construction, strict=True)
    for source, chunk in parse_manifest(read_json(name)).chunks.items():
        answer = client.get(whitemedia_of(client).url_for(source))
        assert answer.status == 200
        file = chunk.file.removeprefix("/static/").removeprefix("dist/")
        assert answer.body == file.encode() * 9


@pytest.mark.parametrize("name", NAMES)
@every_construction
def test_a_name_that_is_hashed_is_kept_for_ever_and_not_hashed_again(
    tmp_path: Path, name: str, construction: str
) -> None:
    client = built(tmp_path, name, construction=construction)
    url = whitemedia_of(client).url_for(
        {"parcel": "img/logo.svg"}.get(name, "main.js" if "pack" in name else "src/main.js")
    )
    assert url.removeprefix("/static/") in {
        path.relative_to(tmp_path / "root").as_posix() for path in (tmp_path / "root").rglob("*")
    }
    assert client.get(url).headers["Cache-Control"] == FOREVER


@every_construction
def test_a_name_that_is_not_hashed_has_our_version(tmp_path: Path, construction: str) -> None:
    """Parcel's entries keep their names, and so does what a bundler is told not to hash."""
    client = built(tmp_path, "parcel", construction=construction)
    url = whitemedia_of(client).url_for("main.js")
    assert url != "/static/main.js"
    assert client.get(url).headers["Cache-Control"] == FOREVER


@every_construction
def test_a_module_that_others_import_keeps_the_name_that_they_ask_for(tmp_path: Path, construction: str) -> None:
    """Under two names it would run twice."""
    value = {
        "src/main.js": {"file": "main.js", "imports": ["_shared.js"], "dynamicImports": ["src/lazy.js"]},
        "src/lazy.js": {"file": "lazy.js", "imports": ["src/main.js"]},
        "_shared.js": {"file": "shared.js"},
        "src/other.js": {"file": "other.js", "imports": ["_shared.js"]},
    }
    files = dict.fromkeys(["main.js", "lazy.js", "shared.js", "other.js"], b"1")
    wm = whitemedia_of(with_manifest(tmp_path, value, files, construction=construction))
    for name in ("src/main.js", "main.js", "src/lazy.js", "_shared.js", "/static/shared.js"):
        assert wm.url_for(name).count(".") == 1
    assert wm.url_for("src/other.js").count(".") == 2


def test_an_option_that_says_otherwise_of_hashed_names_is_followed(tmp_path: Path) -> None:
    wm = whitemedia_of(built(tmp_path, "webpack-manifest-plugin", immutable="esbuild"))
    assert wm.url_for("main.js") != "/static/main.f60c723f6c28c17b3da1.js"


def test_a_file_of_the_root_has_its_own_name_still(tmp_path: Path) -> None:
    client = with_manifest(tmp_path, {"a.js": "a.1.js"}, {"a.1.js": b"1", "b.css": b"b{}"})
    assert whitemedia_of(client).url_for("b.css").startswith("/static/b.")


def test_a_name_of_a_source_goes_before_a_file_of_that_name(tmp_path: Path) -> None:
    wm = whitemedia_of(with_manifest(tmp_path, {"a.js": "built-a.js"}, {"a.js": b"1", "built-a.js": b"2"}))
    assert wm.url_for("a.js").startswith("/static/built-a.")
    assert wm.url_for("/static/a.js").startswith("/static/built-a.")


def test_where_the_built_file_is_not_there_the_file_of_that_name_is(tmp_path: Path) -> None:
    wm = whitemedia_of(
        with_manifest(tmp_path, {"a.js": "gone.js", "b.js": "b.1.js"}, {"a.js": b"1", "b.1.js": b"2"})
    )
    assert wm.url_for("a.js").startswith("/static/a.")


def test_each_root_has_its_own_manifest(tmp_path: Path) -> None:
    wm = whitemedia_of(
        with_manifest(tmp_path / "a", {"a.js": "a.1.js", "b.js": "b.1.js"}, {"a.1.js": b"1", "b.1.js": b"1"})
    )
    plant(tmp_path / "b", {"manifest.json": b'{"a.js": "a.2.js"}', "a.2.js": b"2", "c.css": b"c"})
    wm.add_files(tmp_path / "b", "/b/", manifest=tmp_path / "b" / "manifest.json")
    assert wm.url_for("a.js").startswith("/b/a.2.")
    assert wm.url_for("b.js").startswith("/static/b.1.")
    assert wm.url_for("/static/a.js").startswith("/static/a.1.")


def test_a_manifest_for_all_roots_counts_where_its_files_are(tmp_path: Path) -> None:
    """As in Flask, where blueprints have folders of their own."""
    plant(
        tmp_path,
        {
            "manifest.json": b'{"a.js": "a.0123456789abcdef.js"}',
            "one/a.0123456789abcdef.js": b"1",
            "two/b.css": b"b{}",
        },
    )
    wm = WhiteMedia(lambda environ, start_response: [], manifest=tmp_path / "manifest.json", strict=True)
    wm.add_files(tmp_path / "one", "/one/")
    wm.add_files(tmp_path / "two", "/two/")
    assert wm.url_for("a.js") == "/one/a.0123456789abcdef.js"


# What goes with it


@pytest.mark.parametrize("construction", CONSTRUCTIONS)
def test_an_entry_tells_all_that_a_page_needs(tmp_path: Path, construction: str) -> None:
    wm = whitemedia_of(built(tmp_path, "vite8", construction=construction))
    main = "/static/assets/main-BT-gWqKz.js"
    styles = ("/static/assets/main-P2O4dZ-A.css", "/static/assets/shared-CfcCuSQr.css")
    assert wm.entry("src/main.js") == Entry(main, (main,), styles, ("/static/assets/shared-D2FuaKJl.js",), True)


def test_tags_are_in_the_order_of_vites_documentation(tmp_path: Path) -> None:
    wm = whitemedia_of(built(tmp_path, "vite8"))
    assert wm.tags("src/main.js").split("\n") == [
        '<link rel="stylesheet" href="/static/assets/main-P2O4dZ-A.css">',
        '<link rel="stylesheet" href="/static/assets/shared-CfcCuSQr.css">',
        '<script type="module" src="/static/assets/main-BT-gWqKz.js"></script>',
        '<link rel="modulepreload" href="/static/assets/shared-D2FuaKJl.js">',
    ]


def test_an_entry_of_webpack_has_scripts_that_are_no_modules_in_the_order_that_they_run_in(tmp_path: Path) -> None:
    wm = whitemedia_of(built(tmp_path, "webpack-assets-manifest-entrypoints"))
    assert wm.tags("admin").split("\n") == [
        '<link rel="stylesheet" href="/static/775.9958005684e920740d44.css">',
        '<link rel="stylesheet" href="/static/admin.f81c422ceefc6edc7245.css">',
        '<script defer src="/static/runtime.5ce5ef10a610f9bfce1f.js"></script>',
        '<script defer src="/static/775.d385fff3297a27fdcb5e.js"></script>',
        '<script defer src="/static/admin.f7f97744054aecc8a64e.js"></script>',
    ]


def test_a_stylesheet_that_is_an_entry_has_no_script(tmp_path: Path) -> None:
    wm = whitemedia_of(built(tmp_path, "vite8"))
    assert wm.tags("src/plain.css") == '<link rel="stylesheet" href="/static/assets/plain-TZrNw7dA.css">'


def test_a_picture_has_a_url_and_no_tags(tmp_path: Path) -> None:
    wm = whitemedia_of(built(tmp_path, "vite8"))
    assert wm.entry("src/img/logo.svg") == Entry("/static/assets/logo-B5DEqtIf.svg", (), (), (), True)
    assert wm.tags("src/img/logo.svg") == ""


@every_construction
def test_integrity_is_that_of_the_files(tmp_path: Path, construction: str) -> None:
    client = built(tmp_path, "vite8", construction=construction)
    wm = whitemedia_of(client)
    for _, attributes in _Tags(wm.tags("src/lazy.js", integrity=True)).found:
        url = attributes.get("href") or attributes.get("src")
        assert attributes["integrity"] == wm.integrity(str(url))
        assert "crossorigin" not in attributes


def test_integrity_of_another_origin_is_asked_for_with_cors(tmp_path: Path) -> None:
    """Else a browser cannot check it."""
    wm = whitemedia_of(built(tmp_path, "vite8"))
    found = _Tags(wm.tags("src/main.js", integrity=True, host="https://cdn.example")).found
    assert len(found) == 4
    assert all("crossorigin" in attributes for _, attributes in found)


def test_mount_point_and_host_stand_before_every_url(tmp_path: Path) -> None:
    wm = whitemedia_of(built(tmp_path, "vite8"))
    found = urls(wm.tags("src/main.js", environ={"SCRIPT_NAME": "/my app"}, host="https://cdn.example"))
    assert len(found) == 4
    assert all(url.startswith("https://cdn.example/my%20app/static/assets/") for url in found)


@pytest.mark.parametrize(
    ("name", "source", "link"),
    [
        ("vite8", "src/main.js", "</static/assets/main-BT-gWqKz.js>; rel=modulepreload"),
        ("vite8", "src/plain.css", "</static/assets/plain-TZrNw7dA.css>; rel=preload; as=style"),
        ("webpack-manifest-plugin", "main.js", "</static/main.f60c723f6c28c17b3da1.js>; rel=preload; as=script"),
    ],
)
def test_a_module_is_loaded_at_once_as_a_module(tmp_path: Path, name: str, source: str, link: str) -> None:
    """As a script it would be loaded once more."""
    assert whitemedia_of(built(tmp_path, name)).preload(source) == link


def test_without_a_manifest_an_entry_is_the_file_alone(tmp_path: Path) -> None:
    wm = whitemedia_of(serve(plant(tmp_path, {"app.js": b"1", "app.css": b"a{}"})))
    url = wm.url_for("app.js")
    assert wm.entry("app.js") == Entry(url, (url,), (), (), True)
    assert wm.tags("app.css") == f'<link rel="stylesheet" href="{wm.url_for("app.css")}">'


def test_what_is_on_another_host_has_its_url(tmp_path: Path) -> None:
    value = {"a.js": "https://cdn.example/a.js", "a.css": "//cdn.example/a.css", "b.js": "b.1.js"}
    wm = whitemedia_of(with_manifest(tmp_path, value, {"b.1.js": b"1"}))
    assert wm.url_for("a.js", host="https://other.example", environ={"SCRIPT_NAME": "/app"}) == value["a.js"]
    assert urls(wm.tags("a.js", integrity=True)) == ["https://cdn.example/a.css", "https://cdn.example/a.js"]


# What is wrong


@pytest.mark.parametrize("name", [None, 1, b"src/main.js", ["src/main.js"]])
def test_what_is_no_name_is_refused(tmp_path: Path, name: Any) -> None:
    wm = whitemedia_of(built(tmp_path, "vite8"))
    for call in (wm.entry, wm.tags):
        with pytest.raises(OptionError, match=r"^name="):
            call(name)


@pytest.mark.parametrize("name", ["https://evil.example/a.js", "//evil.example/a.js", "javascript:alert(1)//a.js"])
def test_a_name_is_never_a_url_elsewhere(tmp_path: Path, name: str) -> None:
    wm = whitemedia_of(built(tmp_path, "vite8"))
    mounted = {"SCRIPT_NAME": "/app"}
    for url in [wm.url_for(name, environ=mounted), *urls(wm.tags(name, environ=mounted))]:
        assert url.startswith("/app/")


@every_construction
def test_what_a_manifest_says_reaches_nothing_outside_the_root(tmp_path: Path, construction: str) -> None:
    value = {
        **{str(number): {"file": "../" * number + "secret.js"} for number in range(1, 5)},
        "absolute": {"file": str(tmp_path / "secret.js")},
        "script": {"file": "javascript:alert(1)", "css": ['"><script>alert(1)</script>.css']},
        "dot": {"file": ".env"},
        "right": {"file": "a.js"},
    }
    plant(tmp_path, {"secret.js": b"secret"})
    client = with_manifest(tmp_path, value, {"a.js": b"1", ".env": b"secret"}, construction=construction)
    for name in value:
        html = whitemedia_of(client).tags(name)
        assert "<script>" not in html
        for url in [*urls(html), whitemedia_of(client).url_for(name)]:
            assert url.startswith("/static/")
            assert client.get(url).body != b"secret"


@pytest.mark.parametrize("construction", ["memory", "autorefresh"])
def test_a_missing_name_is_one_warning_and_with_strict_an_error_that_names_what_is_near(
    tmp_path: Path, construction: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    wm = whitemedia_of(built(tmp_path, "vite8", construction=construction))
    assert urls(wm.tags("src/mian.js")) == ["/static/src/mian.js"]
    assert [record.getMessage() for record in caplog.records] == ["no static file is called 'src/mian.js'"]
    wm = whitemedia_of(built(tmp_path, "vite8", construction=construction, strict=True))
    for call in (wm.url_for, wm.entry, wm.tags):
        with pytest.raises(KeyError, match=r"'src/mian\.js'; near it are src/main\.js"):
            call("src/mian.js")


@every_construction
def test_a_wrong_manifest_is_one_warning_and_with_strict_an_error(
    tmp_path: Path, construction: str, caplog: pytest.LogCaptureFixture
) -> None:
    root = plant(tmp_path / "root", {"a.js": b"1"})
    wm = whitemedia_of(serve(root, construction=construction, manifest=tmp_path / "none.json"))
    for _ in range(2):
        assert wm.url_for("a.js") != "/static/a.js"
    assert {record.getMessage() for record in caplog.records} == {
        f"manifest {str(tmp_path / 'none.json')!r}: there is no such file"
    }
    with pytest.raises(OptionError, match=r"^manifest="):
        serve(root, construction=construction, manifest=tmp_path / "none.json", strict=True)


def test_a_manifest_is_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {"dist/.vite/manifest.json": b'{"a.js": {"file": "a.1.js"}}', "dist/a.1.js": b"1"})
    monkeypatch.chdir(tmp_path)
    wm = whitemedia_of(serve(Path("dist"), manifest="dist/.vite/manifest.json"))
    monkeypatch.chdir("/")
    wm.refresh()
    assert wm.url_for("a.js").startswith("/static/a.1.")


# When it changes


def release(folder: Path, number: int) -> None:
    """A build: its files, then its manifest."""
    manifest = json.dumps({"a.js": f"a.{number:08x}a.js"}).encode()
    plant(folder, {f"root/a.{number:08x}a.js": b"%d" % number, "manifest.json": manifest}, 1_700_000_000 + number)


def test_refresh_reads_it_again(tmp_path: Path) -> None:
    release(tmp_path, 1)
    wm = whitemedia_of(serve(tmp_path / "root", manifest=tmp_path / "manifest.json"))
    first = wm.url_for("a.js")
    release(tmp_path, 2)
    assert wm.url_for("a.js") == first == "/static/a.00000001a.js"
    wm.refresh()
    assert wm.url_for("a.js") == "/static/a.00000002a.js"


def test_a_refresh_that_cannot_read_it_keeps_what_was_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A bundler may be at work just then."""
    release(tmp_path, 1)
    plain = whitemedia_of(serve(tmp_path / "root", manifest=tmp_path / "manifest.json"))
    strict = whitemedia_of(serve(tmp_path / "root", manifest=tmp_path / "manifest.json", strict=True))
    (tmp_path / "manifest.json").write_bytes(b'{"a.js":')
    for _ in range(2):
        plain.refresh()
        assert plain.url_for("a.js") == "/static/a.00000001a.js"
    with pytest.raises(OptionError, match=r"^manifest="):
        strict.refresh()
    assert strict.url_for("a.js") == "/static/a.00000001a.js"
    assert len(caplog.records) == 2
    release(tmp_path, 2)
    plain.refresh()
    assert plain.url_for("a.js") == "/static/a.00000002a.js"


def test_files_that_come_after_their_manifest_are_found_by_a_refresh(tmp_path: Path) -> None:
    plant(tmp_path, {"manifest.json": b'{"a.js": "/public/a.0123456789ab.js"}', "root/b.css": b"b{}"})
    wm = whitemedia_of(serve(tmp_path / "root", manifest=tmp_path / "manifest.json"))
    assert wm.url_for("a.js") == "/static/a.js"
    plant(tmp_path, {"root/a.0123456789ab.js": b"1"})
    wm.refresh()
    assert wm.url_for("a.js") == "/static/a.0123456789ab.js"


def test_in_development_it_may_come_later_and_change(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    client = serve(tmp_path / "root", construction="autorefresh", manifest=tmp_path / "manifest.json")
    assert whitemedia_of(client).url_for("a.js") == "/static/a.js"
    for number in (1, 2):
        release(tmp_path, number)
        url = whitemedia_of(client).url_for("a.js")
        assert url.startswith(f"/static/a.{number:08x}a.")
        assert client.get(url).body == b"%d" % number


def test_a_manifest_of_thousands_is_served(tmp_path: Path) -> None:
    value = {f"src/{n}.js": {"file": f"{n}.js", "imports": [f"src/{(n + 1) % 10_000}.js"]} for n in range(10_000)}
    wm = whitemedia_of(with_manifest(tmp_path, value, {f"{number}.js": b"1" for number in range(20)}))
    entry = wm.entry("src/0.js")
    assert (entry.url, len(entry.preloads)) == ("/static/0.js", 9_999)


@pytest.mark.skipif(os.name == "nt", reason="names on Windows are decoded otherwise")
def test_names_that_are_not_ascii_are_found(tmp_path: Path) -> None:
    client = with_manifest(
        tmp_path, {"über uns.js": "über uns.0123456789ab.js"}, {"über uns.0123456789ab.js": b"1"}
    )
    url = whitemedia_of(client).url_for("über uns.js")
    assert url == "/static/%C3%BCber%20uns.0123456789ab.js"
    assert client.get(PREFIX + "über uns.0123456789ab.js").status == 200
