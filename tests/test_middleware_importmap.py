"""Import maps: modules that import each other by plain names get the versions that there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.conftest import every_construction, plant, serve, whitemedia_of
from whitemedia import OptionError, WhiteMedia
from whitemedia.assets.table import Table

FILES = {
    "js/app.js": b'import "./parts/menu.js"',
    "js/parts/menu.js": b"export {}",
    "js/parts/list.mjs": b"export {}",
    "js/parts/data.json": b"{}",
    "js/page.html": b"<!doctype html>",
    "js/.hidden.js": b"secret",
    "js2/other.js": b"export {}",
    "vendor/vue.js": b"export {}",
    "vendor/über uns.js": b"export {}",
}


@pytest.fixture(params=["memory", "autorefresh"])
def wm(request: pytest.FixtureRequest, tmp_path: Path) -> WhiteMedia:
    return whitemedia_of(serve(plant(tmp_path, FILES), construction=request.param))


def imports(text: str) -> dict[str, str]:
    value: dict[str, dict[str, str]] = json.loads(text)
    return value["imports"]


def test_the_plain_url_of_a_script_leads_to_its_version(wm: WhiteMedia) -> None:
    assert imports(wm.importmap("js/app.js")) == {"/static/js/app.js": wm.url_for("js/app.js")}
    assert wm.url_for("js/app.js") != "/static/js/app.js"


@pytest.mark.parametrize("folder", ["js/", "/static/js/"])
def test_a_folder_stands_for_all_scripts_beneath_it(wm: WhiteMedia, folder: str) -> None:
    names = ["js/app.js", "js/parts/list.mjs", "js/parts/menu.js"]
    for _ in range(2):
        assert imports(wm.importmap(folder)) == {f"/static/{name}": wm.url_for(name) for name in names}


def test_a_bare_name_leads_to_the_version_too(wm: WhiteMedia) -> None:
    url = wm.url_for("vendor/vue.js")
    assert imports(wm.importmap({"vue": "vendor/vue.js"})) == {"vue": url, "/static/vendor/vue.js": url}


def test_a_name_for_a_folder_begins_the_names_of_all_in_it(wm: WhiteMedia) -> None:
    found = imports(wm.importmap({"app/": "js/parts/"}))
    assert found["app/menu.js"] == found["/static/js/parts/menu.js"] == wm.url_for("js/parts/menu.js")
    assert set(found) == {
        "app/menu.js",
        "app/list.mjs",
        "/static/js/parts/menu.js",
        "/static/js/parts/list.mjs",
    }


def test_many_names_are_one_map(wm: WhiteMedia) -> None:
    assert len(imports(wm.importmap("js/", "js2/other.js", {"vue": "vendor/vue.js"}))) == 6


def test_mount_point_and_host_stand_before_both(wm: WhiteMedia) -> None:
    """For a module that came from there resolves what it imports against its own URL."""
    found = imports(wm.importmap("js/", environ={"SCRIPT_NAME": "/app"}, host="https://cdn.example"))
    assert len(found) == 3
    assert all(url.startswith("https://cdn.example/app/static/js/") for pair in found.items() for url in pair)


def test_urls_are_percent_encoded_as_browsers_resolve_them(wm: WhiteMedia) -> None:
    [(key, url)] = imports(wm.importmap("vendor/über uns.js")).items()
    assert key == "/static/vendor/%C3%BCber%20uns.js"
    assert unquote(url).startswith("/static/vendor/über uns.")


def test_integrity_is_of_the_urls_that_are_loaded(wm: WhiteMedia) -> None:
    value = json.loads(wm.importmap("js/", {"vue": "vendor/vue.js"}, integrity=True))
    names = ["js/app.js", "js/parts/list.mjs", "js/parts/menu.js", "vendor/vue.js"]
    assert value["integrity"] == {wm.url_for(name): wm.integrity(name) for name in names}
    assert "integrity" not in json.loads(wm.importmap("js/"))


def test_every_url_of_a_map_is_answered_for_ever(tmp_path: Path) -> None:
    client = serve(plant(tmp_path, FILES))
    for url in imports(whitemedia_of(client).importmap("js/")).values():
        answer = client.get(url)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "max-age=31536000, public, immutable")


def test_after_a_refresh_the_map_is_another(tmp_path: Path) -> None:
    wm = whitemedia_of(serve(plant(tmp_path, FILES)))
    before = wm.importmap("js/")
    plant(tmp_path, {"js/new.js": b"1", "js/app.js": b"2"}, 1_700_000_009)
    assert wm.importmap("js/") == before
    wm.refresh()
    after = imports(wm.importmap("js/"))
    assert after["/static/js/new.js"] == wm.url_for("js/new.js")
    assert after["/static/js/app.js"] != imports(before)["/static/js/app.js"]


def test_a_map_is_made_once_for_all_pages_that_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wm = whitemedia_of(serve(plant(tmp_path, FILES)))
    wm.url_for("js/app.js")  # from the first that is handed out on, versions are answered
    looked: list[str] = []

    def look(table: Table, folder: str) -> tuple[str, ...]:
        looked.append(folder)
        return ("/static/js/app.js",)

    monkeypatch.setattr(Table, "scripts_beneath", look)
    maps = {wm.importmap("js/", host=host) for host in ("", "https://cdn.example") for _ in range(5)}
    assert (len(maps), looked) == (2, ["/static/js/"] * 2)


def test_what_has_a_hashed_name_already_needs_no_entry_but_for_its_bare_name(tmp_path: Path) -> None:
    wm = whitemedia_of(serve(plant(tmp_path, {"a-BmZkq3Xy.js": b"1"}), immutable="vite"))
    assert imports(wm.importmap("/static/")) == {}
    assert imports(wm.importmap({"a": "a-BmZkq3Xy.js"})) == {"a": "/static/a-BmZkq3Xy.js"}


def test_the_root_that_was_added_last_is_asked_first(tmp_path: Path) -> None:
    wm = whitemedia_of(serve(plant(tmp_path / "a", {"js/a.js": b"1"})))
    wm.add_files(plant(tmp_path / "b", {"js/b.js": b"2"}), "/b/")
    assert set(imports(wm.importmap("js/"))) == {"/b/js/b.js"}
    assert set(imports(wm.importmap("/static/js/"))) == {"/static/js/a.js"}


@every_construction
def test_versions_of_before_are_in_no_map(tmp_path: Path, construction: str) -> None:
    wm = whitemedia_of(serve(plant(tmp_path, FILES), construction=construction))
    keys = imports(wm.importmap("/static/"))
    assert set(keys) == {
        "/static/js/app.js",
        "/static/js/parts/list.mjs",
        "/static/js/parts/menu.js",
        "/static/js2/other.js",
        "/static/vendor/vue.js",
        "/static/vendor/%C3%BCber%20uns.js",
    }


@pytest.mark.parametrize(("name", "missing"), [("js/gone.js", "js/gone.js"), ("none/", "none/")])
def test_what_is_missing_is_a_warning_and_with_strict_an_error(
    tmp_path: Path, name: str, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    plant(tmp_path, FILES)
    assert imports(whitemedia_of(serve(tmp_path)).importmap(name)) == {}
    assert [record.getMessage() for record in caplog.records] == [f"no static file is called {missing!r}"]
    with pytest.raises(KeyError, match=missing):
        whitemedia_of(serve(tmp_path, strict=True)).importmap(name)


def test_a_bare_name_of_what_is_missing_leads_to_its_plain_url(wm: WhiteMedia) -> None:
    assert imports(wm.importmap({"gone": "js/gone.js"})) == {"gone": "/static/js/gone.js"}


@pytest.mark.parametrize("names", [None, 1, b"js/", ["js/"], {"a": None}, {1: "js/app.js"}, {"app": "js/"}])
def test_what_is_no_name_is_refused(wm: WhiteMedia, names: Any) -> None:
    with pytest.raises(OptionError, match=r"^names="):
        wm.importmap(names)


def test_no_name_can_end_the_script_that_it_stands_in(wm: WhiteMedia) -> None:
    text = wm.importmap({"</script><!--": "js/app.js"})
    assert "<" not in text
    assert "</script><!--" in imports(text)
