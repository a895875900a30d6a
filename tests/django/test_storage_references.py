"""A reference that leads nowhere is told with file, line and what to do; a missing source map is only noted."""

from __future__ import annotations

import logging
from pathlib import Path

import django
import pytest
from django.contrib.staticfiles.storage import staticfiles_storage

from tests.django.collecting import MANIFEST, site
from whitemedia.django.storage import CompressedManifestStaticFilesStorage, MissingFileError

BROKEN = {
    "relative": (b"a{}\nb { background: url('img/logo.png?v=1#x') }", "css/img/logo.png"),
    "from above": (b"a{}\nb { background: url(../img/logo%20two.png) }", "img/logo two.png"),
    "absolute": (b"a{}\n@import '/static/lib/base.css';", "lib/base.css"),
    "out of the root": (b"a{}\nb { background: url(../../../etc/passwd) }", "../../etc/passwd"),
}


@pytest.mark.parametrize(("css", "missing"), BROKEN.values(), ids=list(BROKEN))
def test_a_missing_file_is_told_with_who_refers_to_it_and_where(tmp_path: Path, css: bytes, missing: str) -> None:
    with site(tmp_path) as made:
        made.plant({"css/app.css": css})
        with pytest.raises(MissingFileError, match=r"^css/app\.css, line 2: ") as caught:
            made.collect()
        assert f"could not be found: {missing}\n" in str(caught.value)


def test_a_file_of_that_name_elsewhere_is_named(tmp_path: Path) -> None:
    with site(tmp_path) as made:
        made.plant({"css/app.css": b"a { background: url(logo.png) }", "img/logo.png": b"1"})
        with pytest.raises(MissingFileError, match=r"A file of that name is img/logo\.png"):
            made.collect()


def test_it_is_a_value_error_as_whitenoises_is() -> None:
    assert issubclass(MissingFileError, ValueError)


@pytest.mark.parametrize(
    ("name", "data"),
    {
        "app.js": b"let a = 1\n//# sourceMappingURL=app.js.map",
        "app.css": b"a{}\n/*# sourceMappingURL=app.js.map */",
    }.items(),
)
def test_a_missing_source_map_is_noted_and_the_file_collected_as_it_is(
    tmp_path: Path, name: str, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with site(tmp_path) as made, caplog.at_level(logging.WARNING, "whitemedia"):
        made.plant({name: data})
        made.collect()
        assert (made.root / made.manifest()[name]).read_bytes() == data
        assert [record.message for record in caplog.records] == [
            f"source maps that are missing, and left as they are referred to: {name} → app.js.map"
        ]


def test_a_source_map_that_is_there_is_hashed(tmp_path: Path) -> None:
    with site(tmp_path) as made:
        made.plant({"app.js": b"let a = 1\n//# sourceMappingURL=app.js.map", "app.js.map": b"{}"})
        made.collect()
        script = (made.root / made.manifest()["app.js"]).read_text()
        assert script.endswith("=" + made.manifest()["app.js.map"])


@pytest.mark.skipif(django.VERSION < (5,), reason="Django 4.2 raises it before it is told which file it was")
def test_what_is_not_utf_8_is_named(tmp_path: Path) -> None:
    with site(tmp_path) as made:
        made.plant({"old.css": b"/* \xe9 */"})
        with pytest.raises(ValueError, match=r"^old\.css is not UTF-8: .* at byte 3\.$"):
            made.collect()


def test_a_name_that_is_not_in_the_manifest_is_told_with_what_to_do(tmp_path: Path) -> None:
    with site(tmp_path) as made:
        made.plant({"app.css": b"a{}"})
        made.collect()
        with pytest.raises(MissingFileError, match=r"manifest entry for 'nope\.css': run collectstatic"):
            staticfiles_storage.url("nope.css")


def test_where_the_manifest_is_not_strict_names_are_made_of_files(tmp_path: Path) -> None:
    with site(tmp_path, WHITEMEDIA_MANIFEST_STRICT=False) as made:
        made.plant({"app.css": b"a{}"})
        made.collect()
        (made.root / "later.css").write_bytes(b"b{}")
        assert staticfiles_storage.url("later.css").startswith("/static/later.")


class WithModules(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True


def test_imports_of_modules_are_followed_where_django_is_asked_to(tmp_path: Path) -> None:
    with site(tmp_path, f"{__name__}.{WithModules.__name__}") as made:
        made.plant({"app.js": b'\nimport "./gone.js";'})
        with pytest.raises(MissingFileError, match=r"^app\.js, line 2: '\./gone\.js' .* found: gone\.js"):
            made.collect()


def test_what_is_no_reference_is_left_alone(tmp_path: Path) -> None:
    css = b"a { background: url(data:image/png;base64,AAAA) } b { background: url(#x) url(//cdn/x.png) url(/other.png) }"
    with site(tmp_path, MANIFEST) as made:
        made.plant({"app.css": css})
        made.collect()
        assert b"url(/other.png)" in (made.root / made.manifest()["app.css"]).read_bytes()
