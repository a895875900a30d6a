"""Manifests that are wrong, missing or change, and names that lead nowhere."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PREFIX, every_construction, plant, serve, whitemedia_of
from tests.manifest_site import built, urls, with_manifest
from whitemedia import OptionError


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
