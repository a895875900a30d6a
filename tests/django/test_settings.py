"""Settings: whitenoise's suffixes and defaults, every option of ours, and what is none."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.conftest import plant
from tests.django.project import Project
from whitemedia import OptionError
from whitemedia.django.options import ProjectOptions
from whitemedia.django.serving import served
from whitemedia.django.settings import SUFFIXES, prefix_of, read_settings, skipping
from whitemedia.options import Options

WHITENOISES = (
    *("ROOT", "AUTOREFRESH", "USE_FINDERS", "MAX_AGE", "INDEX_FILE", "MIMETYPES", "CHARSET", "ALLOW_ALL_ORIGINS"),
    *("SKIP_COMPRESS_EXTENSIONS", "ADD_HEADERS_FUNCTION", "IMMUTABLE_FILE_TEST", "STATIC_PREFIX"),
    *("KEEP_ONLY_HASHED_FILES", "MANIFEST_STRICT"),
)


@pytest.mark.parametrize("suffix", WHITENOISES)
def test_whitenoises_settings_have_the_same_endings(suffix: str) -> None:
    assert suffix in SUFFIXES


@pytest.mark.parametrize("option", [field.name for field in dataclasses.fields(Options)])
def test_every_option_is_a_setting(option: str) -> None:
    assert option.upper() in SUFFIXES


@pytest.mark.parametrize(
    ("debug", "autorefresh", "max_age", "use_finders"), [(True, True, 0, True), (False, False, 60, False)]
)
def test_defaults_follow_debug_as_whitenoises_do(
    debug: bool, autorefresh: bool, max_age: int, use_finders: bool
) -> None:
    with override_settings(DEBUG=debug):
        read = read_settings()
    assert (read.options.autorefresh, read.options.max_age, read.use_finders) == (
        autorefresh,
        max_age,
        use_finders,
    )


@pytest.mark.parametrize("debug", [True, False])
def test_what_is_set_counts_before_debug(debug: bool) -> None:
    with override_settings(
        DEBUG=debug, WHITEMEDIA_MAX_AGE=7, WHITEMEDIA_AUTOREFRESH=False, WHITEMEDIA_USE_FINDERS=True
    ):
        read = read_settings()
    assert (read.options.autorefresh, read.options.max_age, read.use_finders) == (False, 7, True)


@pytest.mark.parametrize(
    ("url", "script_name", "prefix"),
    [
        ("/static/", None, "/static/"),
        ("https://cdn.example.com/static/", None, "/static/"),
        ("//cdn.example.com/assets/", None, "/assets/"),
        ("/my-app/static/", "/my-app", "/static/"),
        ("/my-app/static/", "/my-app/", "/static/"),
        ("/my-application/static/", "/my-app", "/my-application/static/"),
        ("https://cdn.example.com/my-app/static/", "/my-app", "/static/"),
        (None, None, ""),
    ],
)
def test_the_prefix_is_the_path_of_the_url_without_the_mount_point(
    url: str | None, script_name: str | None, prefix: str
) -> None:
    assert prefix_of(url, script_name) == prefix


@override_settings(STATIC_URL="static/", FORCE_SCRIPT_NAME="/app")
def test_a_relative_static_url_is_beneath_the_mount_point() -> None:
    assert read_settings().static_prefix == "/static/"


def test_static_prefix_counts_before_static_url(tmp_path: Path) -> None:
    plant(tmp_path, {"a.txt": b"a"})
    project = Project(
        STATIC_ROOT=tmp_path, STATIC_URL="https://cdn.example.com/x/", WHITEMEDIA_STATIC_PREFIX="assets"
    )
    assert project.get("/assets/a.txt").body == b"a"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"WHITEMEDIA_MAX_AEG": 5}, r"^WHITEMEDIA_MAX_AEG=5: no such setting; did you mean WHITEMEDIA_MAX_AGE"),
        ({"WHITEMEDIA_MAX_AGE": "5"}, r"^WHITEMEDIA_MAX_AGE='5': expected a whole number"),
        ({"WHITEMEDIA_USE_FINDERS": 1}, r"^WHITEMEDIA_USE_FINDERS=1: expected True or False"),
        ({"WHITEMEDIA_ROOT": 1}, r"^WHITEMEDIA_ROOT=1: expected the path of a directory"),
        ({"WHITEMEDIA_STATIC_PREFIX": 1}, r"^WHITEMEDIA_STATIC_PREFIX=1: expected a URL path"),
        (
            {"WHITEMEDIA_SKIP_COMPRESS_EXTENSIONS": "map"},
            r"^WHITEMEDIA_SKIP_COMPRESS_EXTENSIONS='map': expected a seq",
        ),
        (
            {"WHITEMEDIA_SKIP_COMPRESS_EXTENSIONS": [1]},
            r"^WHITEMEDIA_SKIP_COMPRESS_EXTENSIONS=\[1\]: an extension",
        ),
        ({"WHITEMEDIA_MEDIA_OPTIONS": 1}, r"^WHITEMEDIA_MEDIA_OPTIONS=1: expected a mapping"),
        ({"WHITEMEDIA_PRIVATE_ROOTS": ["/x"]}, r"^WHITEMEDIA_PRIVATE_ROOTS=\['/x'\]: expected a mapping"),
        (
            {"WHITEMEDIA_COMPRESSOR_CLASS": "x.Y"},
            r"^WHITEMEDIA_COMPRESSOR_CLASS='x.Y': there is no class to replace",
        ),
        ({"STATIC_ROOT": 1}, r"^STATIC_ROOT=1: expected the path of a directory"),
        ({"STATIC_URL": "/a/../b/", "STATIC_ROOT": "/srv"}, r"^STATIC_URL='/a/../b/': a prefix has no"),
        (
            {"WHITEMEDIA_SERVE_MEDIA": True},
            r"^WHITEMEDIA_SERVE_MEDIA=True: there is nothing to serve without MEDIA_ROOT",
        ),
        ({"WHITEMEDIA_SERVE_MEDIA": True, "MEDIA_ROOT": "/srv"}, r"without MEDIA_URL"),
        (
            {
                "WHITEMEDIA_SERVE_MEDIA": True,
                "MEDIA_ROOT": "/srv",
                "MEDIA_URL": "/media/",
                "WHITEMEDIA_MEDIA_OPTIONS": {"max_aeg": 1},
            },
            r"^WHITEMEDIA_MEDIA_OPTIONS MAX_AEG='…': no such option; did you mean max_age",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_setting(given: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Project(**given)


def test_a_root_that_is_a_file_is_named_by_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match=r"^STATIC_ROOT=.*is a file"):
        Project(STATIC_ROOT=str(tmp_path / "file"))


def test_extensions_are_left_out_before_the_projects_own_test_is_asked() -> None:
    asked: list[str] = []
    choose = skipping(["map"], lambda path, media_type, length: not asked.append(path))  # type: ignore[func-returns-value]
    assert (choose("a.MAP", "application/json", 1000), choose("a.js", "text/javascript", 1000)) == (False, True)
    assert asked == ["a.js"]


def test_skipped_extensions_are_not_compressed_at_startup(tmp_path: Path) -> None:
    plant(tmp_path, {"app.map": b'{"a": 1}' * 100, "app.js": b"var a;" * 100})
    project = Project(STATIC_ROOT=str(tmp_path), WHITEMEDIA_SKIP_COMPRESS_EXTENSIONS=[".map"])
    accepting = {"Accept-Encoding": "br, gzip"}
    codings = [project.get(f"/static/app.{name}", accepting).headers["Content-Encoding"] for name in ("map", "js")]
    assert codings == [None, "br"]


def test_the_project_can_ask_for_urls(tmp_path: Path) -> None:
    plant(tmp_path, {"css/app.css": b"a{}"})
    with override_settings(STATIC_ROOT=str(tmp_path)):
        url = served().url_for("css/app.css")
        project = Project()
    assert url.startswith("/static/css/app.")
    assert "immutable" in str(project.get(url).headers["Cache-Control"])


def test_only_a_project_has_these_options() -> None:
    assert not {field.name for field in dataclasses.fields(Options)} & {
        field.name for field in dataclasses.fields(ProjectOptions)
    }
