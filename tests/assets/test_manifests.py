"""Manifests are known by their content, and tell what was built of each source and what goes with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assets.manifest_files import NAMES, read_json
from whitemedia.assets.manifests import Chunk, Manifest, parse_manifest

MAIN_8 = "assets/main-BT-gWqKz.js"
SHARED_8 = "assets/shared-D2FuaKJl.js"


def parse(name: str) -> Manifest:
    return parse_manifest(read_json(name))


@pytest.mark.parametrize(
    ("name", "tool", "is_modules"),
    [
        (
            name,
            name.partition("-")[0].rstrip("0123456789").replace("parcel", "webpack"),
            not name.startswith(kinds),
        )
        for name in NAMES
        for kinds in [("webpack", "parcel")]
    ],
)
def test_the_format_is_told_by_the_content(name: str, tool: str, is_modules: bool) -> None:
    """Parcel's is a flat one as webpack's plugins write it, and its hashes are such as webpack has."""
    manifest = parse(name)
    assert (manifest.tool, manifest.is_modules) == (tool, is_modules)


@pytest.mark.parametrize(
    ("name", "source", "file"),
    [
        ("vite3", "src/main.js", "assets/main.433c0432.js"),
        ("vite4", "src/plain.css", "assets/plain-6d606818.css"),
        ("vite5-legacy", "src/main-legacy.js", "assets/main-legacy-YymAn30m.js"),
        ("vite5-legacy", "vite/legacy-polyfills-legacy", "assets/polyfills-legacy-DOsRDnSl.js"),
        ("vite8", "src/main.js", MAIN_8),
        ("vite8", "src/img/logo.svg", "assets/logo-B5DEqtIf.svg"),
        ("esbuild", "src/main.js", "dist/main-IZA6P2HX.js"),
        ("esbuild", "src/plain.css", "dist/plain-GBTLDLDI.css"),
        ("esbuild", "src/img/logo.svg", "dist/assets/logo-4U5V6DCM.svg"),
        ("webpack-manifest-plugin", "img/logo.svg", "img/logo.cadd08fdd7b88640823e.svg"),
        ("webpack-manifest-plugin-public-path", "main.js", "/static/main.f60c723f6c28c17b3da1.js"),
        ("webpack-assets-manifest", "main.css", "main.53a515a66427f7816677.css"),
        ("webpack-assets-manifest-entrypoints", "main", "/static/main.f60c723f6c28c17b3da1.js"),
        ("webpack-assets-manifest-objects", "img/logo.svg", "img/logo.cadd08fdd7b88640823e.svg"),
        ("parcel", "img/logo.svg", "/static/logo.bb13fb76.svg"),
    ],
)
def test_a_source_has_its_file(name: str, source: str, file: str) -> None:
    assert parse(name).chunks[source].file == file


@pytest.mark.parametrize(
    ("name", "source", "styles", "imported"),
    [
        ("vite8", "src/main.js", ["assets/main-P2O4dZ-A.css", "assets/shared-CfcCuSQr.css"], [SHARED_8]),
        (
            "vite8",
            "src/lazy.js",
            ["assets/lazy-qT5KriRI.css", "assets/shared-CfcCuSQr.css", "assets/main-P2O4dZ-A.css"],
            [SHARED_8, MAIN_8],
        ),
        ("vite8", "src/plain.css", [], []),
        ("vite5-legacy", "src/main-legacy.js", [], ["assets/shared-legacy-Cqxnixvo.js"]),
        (
            "esbuild",
            "src/main.js",
            ["dist/main-STA6VUUK.css"],
            ["dist/chunks/chunk-ORBOI4WO.js", "dist/chunks/chunk-LHB33I2F.js"],
        ),
        ("webpack-manifest-plugin", "main.js", ["main.53a515a66427f7816677.css"], []),
        ("webpack-manifest-plugin", "runtime.js", [], []),
        (
            "webpack-assets-manifest-objects",
            "main",
            ["775.52d7d712beb6dfbc0aa4.css", "main.53a515a66427f7816677.css"],
            [],
        ),
    ],
)
def test_its_styles_come_before_those_of_what_it_imports_and_imports_before_what_imports_them(
    name: str, source: str, styles: list[str], imported: list[str]
) -> None:
    manifest = parse(name)
    found = [style.replace("9958005684e920740d44", "52d7d712beb6dfbc0aa4") for style in manifest.styles_of(source)]
    found = [style.replace("3ae18850b8a23e3397cc", "53a515a66427f7816677") for style in found]
    assert found == styles
    assert [chunk.file for chunk in manifest.imported_by(source)] == imported


@pytest.mark.parametrize("source", ["main", "main.js"])
def test_an_entry_point_has_the_scripts_that_run_before_it(source: str) -> None:
    """As webpack-assets-manifest tells; so has its file under its own name."""
    chunk = parse("webpack-assets-manifest-objects").chunks[source]
    assert chunk.before == ("runtime.5ce5ef10a610f9bfce1f.js", "775.d385fff3297a27fdcb5e.js")


@pytest.mark.parametrize(
    ("name", "imported"),
    [
        ("vite8", {MAIN_8, SHARED_8, "assets/lazy-C0_gcty8.js"}),
        (
            "esbuild",
            {"dist/chunks/chunk-LHB33I2F.js", "dist/chunks/chunk-ORBOI4WO.js", "dist/chunks/lazy-QVN65HAL.js"},
        ),
        ("webpack-assets-manifest", set()),
    ],
)
def test_what_other_modules_ask_for_is_known(name: str, imported: set[str]) -> None:
    assert parse(name).imported == imported


@pytest.mark.parametrize(
    ("value", "name", "chunk"),
    [
        pytest.param(
            {
                "entrypoints": {
                    "app": {"js": ["/build/runtime.1.js", "/build/app.2.js"], "css": ["/build/app.3.css"]}
                }
            },
            "app",
            Chunk("/build/app.2.js", ("/build/app.3.css",), before=("/build/runtime.1.js",)),
            id="Encore's entrypoints.json",
        ),
        pytest.param(
            {"files": {"main.js": "/s/main.1.js", "main.css": "/s/main.2.css"}, "entrypoints": ["s/main.1.js"]},
            "main.js",
            Chunk("/s/main.1.js", ("/s/main.2.css",)),
            id="Create React App's",
        ),
        pytest.param({"files": "files.1.js"}, "files", Chunk("files.1.js"), id="a source called files"),
        pytest.param({"file": {"src": "file.1.js"}}, "file", Chunk("file.1.js"), id="a source called file"),
        pytest.param(
            {"entrypoints": {"print": {"assets": {"css": ["a.css", "print.css"]}}}},
            "print",
            Chunk("print.css", ("a.css",)),
            id="an entry point of stylesheets",
        ),
    ],
)
def test_what_others_write_alike_is_read_too(value: Any, name: str, chunk: Chunk) -> None:
    assert parse_manifest(value).chunks[name] == chunk


def test_a_circle_of_imports_ends() -> None:
    value = {name: {"file": f"{name}.js", "imports": [other]} for name, other in ("ab", "bc", "ca")}
    manifest = parse_manifest(value)
    assert [chunk.file for chunk in manifest.imported_by("a")] == ["c.js", "b.js"]


def test_a_long_chain_of_imports_needs_no_stack() -> None:
    value = {str(number): {"file": f"{number}.js", "imports": [str(number + 1)]} for number in range(10_000)}
    assert len(parse_manifest(value).imported_by("0")) == 9_999


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(value, id=repr(value)[:60])
        for value in list[object](
            [
                [],
                None,
                "main.js",
                1,
                {},
                {"a": None},
                {"a": 1},
                {"a": {}},
                {"a": ""},
                {"a": {"file": ""}},
                {"a": {"file": 1}},
                {"a": {"file": ["a.js"]}},
                {"a": {"src": None}},
                {"inputs": {}, "outputs": {}},
                {"entrypoints": {"a": {"assets": {"js": [], "css": "a.css"}}}},
                {"entrypoints": {"a": {"assets": {"js": [{}, None, 1]}}}},
            ]
        )
    ],
)
def test_what_names_no_file_is_no_manifest(value: object) -> None:
    with pytest.raises(ValueError, match=r"manifest|names no file"):
        parse_manifest(value)


@pytest.mark.parametrize(
    "other",
    [{"css": "a.css"}, {"css": [1, None, "", {}]}, {"imports": [["b"], 1, "gone"]}, {"imports": {"b": 1}}],
)
def test_what_is_of_the_wrong_type_is_passed_over(other: dict[str, Any]) -> None:
    manifest = parse_manifest({"a": {"file": "a.js", **other}, "b": 1, "c": [], "d": {"file": None}})
    assert set(manifest.chunks) == {"a"}
    assert (manifest.styles_of("a"), manifest.imported_by("a")) == ([], [])
