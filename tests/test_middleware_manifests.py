"""Sources by their names: what a bundler built of them, where it is served, and what a page needs besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assets.manifest_files import NAMES, read_json
from tests.conftest import CONSTRUCTIONS, every_construction, plant, serve, whitemedia_of
from tests.manifest_site import Tags, built, urls, with_manifest
from whitemedia import WhiteMedia
from whitemedia.assets.manifests import parse_manifest
from whitemedia.naming import Entry

FOREVER = "max-age=31536000, public, immutable"


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
    for _, attributes in Tags(wm.tags("src/lazy.js", integrity=True)).found:
        url = attributes.get("href") or attributes.get("src")
        assert attributes["integrity"] == wm.integrity(str(url))
        assert "crossorigin" not in attributes


def test_integrity_of_another_origin_is_asked_for_with_cors(tmp_path: Path) -> None:
    """Else a browser cannot check it."""
    wm = whitemedia_of(built(tmp_path, "vite8"))
    found = Tags(wm.tags("src/main.js", integrity=True, host="https://cdn.example")).found
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
