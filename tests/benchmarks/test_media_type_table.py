"""The committed media-type table is what its inputs say, and what browsers expect."""

from __future__ import annotations

import hashlib
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.browsers import EXPECTED_PAIRS
from whitemedia.http.media_type_table import COMPRESSIBLE, EXTENSIONS

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "media_types"
GENERATOR: dict[str, Any] = runpy.run_path(str(FOLDER / "generate.py"))
INPUTS = GENERATOR["read_inputs"]()
TYPE_ROWS = INPUTS.overrides["extensions"]
CODING_ROWS = INPUTS.overrides["compressible"] + INPUTS.overrides["incompressible"]

# WHATWG MIME Sniffing, section 4.6, "JavaScript MIME type"
SCRIPT_TYPES = re.compile(
    r"(application|text)/(x-)?(java|ecma)script|text/(javascript1\.[0-5]|jscript|livescript)"
)

WORTH_COMPRESSING = [
    "application/geo+json",
    "application/json",
    "application/manifest+json",
    "application/vnd.apple.mpegurl",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/xml",
    "font/collection",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/svg+xml",
    "image/x-icon",
    "model/gltf-binary",
    "model/gltf+json",
    "text/css",
    "text/html",
    "text/javascript",
    "text/markdown",
    "text/plain",
    "text/vtt",
]

NOT_WORTH_COMPRESSING = [
    "application/gzip",
    "application/java-archive",
    "application/octet-stream",
    "application/pdf",
    "application/vnd.rar",
    "application/x-7z-compressed",
    "application/x-brotli",
    "application/zip",
    "application/zstd",
    "audio/mpeg",
    "audio/ogg",
    "font/woff",
    "font/woff2",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "model/vnd.usdz+zip",
    "video/mp4",
    "video/webm",
]


def type_without_override(extension: str) -> str | None:
    """Return what the inputs alone say; None if they say nothing."""
    rows = [{**row, "extensions": " ".join(set(row["extensions"].split()) - {extension})} for row in TYPE_ROWS]
    inputs = INPUTS._replace(overrides={**INPUTS.overrides, "extensions": rows})
    try:
        types: dict[str, str] = GENERATOR["extension_types"](inputs)
    except GENERATOR["UnsettledTieError"]:
        return "tied"
    return types.get(extension)


def test_the_committed_table_is_what_the_generator_writes() -> None:
    assert GENERATOR["TABLE"].read_text("utf-8") == GENERATOR["format_table"](INPUTS)


def test_check_passes_on_the_committed_table() -> None:
    assert GENERATOR["main"](["--check"]) == 0


def test_check_fails_on_a_table_that_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main = GENERATOR["main"]
    monkeypatch.setitem(main.__globals__, "TABLE", tmp_path / "table.py")
    assert "is not what its inputs say" in main(["--check"])
    assert main([]) == 0
    assert main(["--check"]) == 0
    (tmp_path / "table.py").write_text("EXTENSIONS = {}\n", "utf-8")
    assert "is not what its inputs say" in main(["--check"])


def test_the_readme_pins_the_inputs_by_version_and_digest() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert f"`mime-db` {GENERATOR['MIME_DB_VERSION']}," in readme
    assert f"`media-types` {GENERATOR['DEBIAN_VERSION']}," in readme
    for name in ("mime-db.json", "mime.types"):
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() in readme


@pytest.mark.parametrize(("extension", "media_type"), EXPECTED_PAIRS)
def test_an_extension_has_the_type_browsers_expect(extension: str, media_type: str) -> None:
    assert EXTENSIONS[extension] == media_type


def test_the_expectations_cover_what_the_web_is_made_of() -> None:
    assert len(EXPECTED_PAIRS) == len(dict(EXPECTED_PAIRS)) >= 80


def test_every_extension_is_lower_case_and_without_a_dot() -> None:
    assert [name for name in EXTENSIONS if not re.fullmatch(r"[a-z0-9][a-z0-9_+-]*", name)] == []


def test_every_type_is_lower_case_and_without_parameters() -> None:
    well_formed = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
    assert [kind for kind in EXTENSIONS.values() if not well_formed.fullmatch(kind)] == []


def test_extensions_are_sorted() -> None:
    assert list(EXTENSIONS) == sorted(EXTENSIONS)


def test_scripts_have_one_type_and_only_script_extensions_have_it() -> None:
    scripts = {name: kind for name, kind in EXTENSIONS.items() if SCRIPT_TYPES.fullmatch(kind)}
    assert scripts == dict.fromkeys(("cjs", "ecma", "es", "js", "mjs"), "text/javascript")


def test_only_html_extensions_are_html() -> None:
    assert [name for name, kind in EXTENSIONS.items() if kind == "text/html"] == [
        "htm",
        "html",
        "shtml",
    ]


@pytest.mark.parametrize("extension", ["hta", "scr", "bak", "old"])
def test_what_is_better_left_unknown_is_not_in_the_table(extension: str) -> None:
    assert extension not in EXTENSIONS


def test_every_compressible_type_is_the_type_of_some_extension() -> None:
    assert set(EXTENSIONS.values()) >= COMPRESSIBLE


def test_every_text_type_is_compressible() -> None:
    text = {kind for kind in EXTENSIONS.values() if re.fullmatch(r"text/.*|.*\+(json|xml)", kind)}
    assert text <= COMPRESSIBLE


@pytest.mark.parametrize("media_type", WORTH_COMPRESSING)
def test_a_loose_format_is_worth_compressing(media_type: str) -> None:
    assert media_type in COMPRESSIBLE


@pytest.mark.parametrize("media_type", NOT_WORTH_COMPRESSING)
def test_a_dense_format_is_not_worth_compressing(media_type: str) -> None:
    assert media_type in EXTENSIONS.values()
    assert media_type not in COMPRESSIBLE


def test_no_picture_sound_or_film_is_compressible_but_the_bare_ones() -> None:
    dense = re.compile(r"(image|audio|video)/(?!.*\+xml)")
    assert {kind for kind in COMPRESSIBLE if dense.match(kind)} == {
        "audio/x-mpegurl",
        "image/bmp",
        "image/vnd.adobe.photoshop",
        "image/vnd.ms-dds",
        "image/x-icon",
        "image/x-portable-bitmap",
        "image/x-portable-graymap",
        "image/x-portable-pixmap",
    }


def test_every_override_gives_its_reason() -> None:
    assert all(len(row["reason"].split()) > 2 for row in TYPE_ROWS + CODING_ROWS)


def test_no_extension_is_overridden_twice() -> None:
    names = [name for row in TYPE_ROWS for name in row["extensions"].split()]
    assert len(names) == len(set(names))


def test_every_override_still_changes_its_extension() -> None:
    """A row that the inputs have come to agree with is dead, and goes."""
    ours = GENERATOR["overridden_types"](TYPE_ROWS)
    assert [name for name, kind in ours.items() if kind == type_without_override(name)] == []


def test_every_coding_override_still_names_a_type_of_the_table() -> None:
    names = {name for row in CODING_ROWS for name in row["types"].split()}
    assert names <= set(EXTENSIONS.values())


def test_a_better_source_wins_whatever_the_order() -> None:
    mime_db = {
        "application/javascript": {"source": "apache", "extensions": ["js"]},
        "text/javascript": {"source": "iana", "extensions": ["js"]},
        "text/x-js": {"extensions": ["js"]},
    }
    assert GENERATOR["mime_db_types"](mime_db, frozenset()) == {"js": "text/javascript"}


def test_a_tie_that_no_override_settles_stops_the_generator() -> None:
    mime_db = {
        "application/mp4": {"source": "iana", "extensions": ["mp4"]},
        "video/mp4": {"source": "iana", "extensions": ["mp4"]},
    }
    with pytest.raises(GENERATOR["UnsettledTieError"], match="mp4: application/mp4 or video/mp4"):
        GENERATOR["mime_db_types"](mime_db, frozenset())
    assert GENERATOR["mime_db_types"](mime_db, frozenset({"mp4"})) == {}


def test_debian_s_list_gives_the_first_type_and_no_dotted_names() -> None:
    text = "# a comment\nimage/x-A  PGB pgb # here\n\ntext/b\ntext/c pgb td.json td\n"
    assert GENERATOR["debian_types"](text) == {"pgb": "image/x-a", "td": "text/c"}
