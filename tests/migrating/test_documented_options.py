"""What whitenoise documents of its options: base.rst, "Configuration attributes". Each claim holds of both."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import pytest
from whitenoise import WhiteNoise

from tests.conftest import PREFIX, plant
from tests.migrating.sites import FILES, Maker, Site, unquoted
from whitemedia.options import Options

FOREVER = re.compile(r"max-age=[0-9]{8,}, public, immutable")


@pytest.mark.parametrize(
    "option", inspect.signature(WhiteNoise).parameters.values(), ids=lambda option: option.name
)
def test_every_option_of_whitenoise_is_here_with_its_default(option: inspect.Parameter) -> None:
    """base.rst, `:default:` of each attribute."""
    if option.name in ("application", "root", "prefix"):
        return
    ours = {field.name: field.default for field in dataclasses.fields(Options)}
    assert ours[option.name] == option.default


# max_age


def test_max_age_is_60_by_default(site: Site) -> None:
    """base.rst, max_age: ":default: 60", and "on all responses it sends"."""
    for name in FILES.keys() - {"app.js.gz", "app.js.br"}:
        assert site.head(PREFIX + name).headers["Cache-Control"] == "max-age=60, public"


@pytest.mark.parametrize("seconds", [0, 1000])
def test_max_age_is_configured(make: Maker, root: Path, seconds: int) -> None:
    """base.rst: "You can configure this by passing a max_age keyword argument"."""
    site = make(root, PREFIX, max_age=seconds)
    assert site.head("/static/style.css").headers["Cache-Control"] == f"max-age={seconds}, public"


def test_max_age_none_sends_no_cache_control_but_for_immutable_files(make: Maker, root: Path) -> None:
    """base.rst, max_age: "Set to None to disable setting any Cache-Control header on non-versioned files"."""
    site = make(root, PREFIX, max_age=None, immutable_file_test=r"\.[0-9a-f]{12}\.")
    assert site.head("/static/style.css").headers["Cache-Control"] is None
    assert FOREVER.fullmatch(site.head("/static/app.db8f2edc0c8a.js").headers["Cache-Control"] or "")


# mimetypes and charset


def test_mimetypes_are_given_by_extension_and_by_file_name(make: Maker, tmp_path: Path) -> None:
    """base.rst, mimetypes: `{'.foo': 'application/x-foo'}`, `{'some-special-file': 'application/x-custom-type'}`."""
    types = {".foo": "application/x-foo", "some-special-file": "application/x-custom-type"}
    site = make(plant(tmp_path, {"a.foo": b"", "A.FOO": b"", "some-special-file": b""}), PREFIX, mimetypes=types)
    found = [site.head(PREFIX + name).headers["Content-Type"] for name in ("a.foo", "A.FOO", "some-special-file")]
    assert found == ["application/x-foo", "application/x-foo", "application/x-custom-type"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.avif", "image/avif"),
        ("a.odt", "application/vnd.oasis.opendocument.text"),
        ("a.odp", "application/vnd.oasis.opendocument.presentation"),
        ("a.ods", "application/vnd.oasis.opendocument.spreadsheet"),
        ("a.odg", "application/vnd.oasis.opendocument.graphics"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.md", "text/markdown; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.woff2", "font/woff2"),
        ("a.json", "application/json"),
        ("a.svg", "image/svg+xml"),
        ("a.CSS", "text/css; charset=utf-8"),
    ],
)
def test_media_types_are_those_of_a_table_not_of_the_system(
    make: Maker, tmp_path: Path, name: str, media_type: str
) -> None:
    """base.rst, mimetypes: "does not use the system-supplied ones"; changelog 6.0, 5.3, 5.2, 4.1.2, 2.0."""
    site = make(plant(tmp_path, {name: b""}), PREFIX)
    assert unquoted(site.head(PREFIX + name).headers["Content-Type"]) == media_type


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_the_charset_is_added_to_types_that_allow_one(make: Maker, root: Path, charset: str) -> None:
    """base.rst, charset: "for all files whose mimetype allows a charset"; ":default: utf-8"."""
    for options in [{"charset": charset}, *([{}] if charset == "utf-8" else [])]:
        site = make(root, PREFIX, **options)
        assert unquoted(site.head("/static/style.css").headers["Content-Type"]) == f"text/css; charset={charset}"
        assert site.head("/static/report.pdf").headers["Content-Type"] == "application/pdf"


# allow_all_origins


@pytest.mark.parametrize(("options", "sent"), [({}, "*"), ({"allow_all_origins": False}, None)], ids=str)
def test_all_origins_are_allowed_unless_it_is_turned_off(
    make: Maker, root: Path, options: dict[str, Any], sent: str | None
) -> None:
    """base.rst, allow_all_origins: "Toggles whether to send an Access-Control-Allow-Origin: * header"."""
    for name in ("style.css", "report.pdf"):
        assert make(root, PREFIX, **options).head(PREFIX + name).headers["Access-Control-Allow-Origin"] == sent


# add_headers_function


def test_a_function_modifies_the_headers_of_each_file(make: Maker, root: Path) -> None:
    """base.rst, add_headers_function, its example."""

    def force_download_pdfs(headers: Headers, path: str, url: str) -> None:
        assert isinstance(headers, Headers)
        if path.endswith(".pdf"):
            headers["Content-Disposition"] = "attachment"

    site = make(root, PREFIX, add_headers_function=force_download_pdfs)
    assert site.head("/static/report.pdf").headers["Content-Disposition"] == "attachment"
    assert site.head("/static/style.css").headers["Content-Disposition"] is None


def test_a_function_of_headers_may_replace_and_delete_them(make: Maker, root: Path) -> None:
    """base.rst, add_headers_function: "which you can treat just as a dict"."""

    def modify(headers: Headers, path: str, url: str) -> None:
        headers["Cache-Control"] = "private"
        headers["Last-Modified"] = "Wed, 15 Nov 2023 00:00:00 GMT"
        del headers["Access-Control-Allow-Origin"]

    headers = make(root, PREFIX, add_headers_function=modify).head("/static/style.css").headers
    assert headers["Cache-Control"] == "private"
    assert headers["Last-Modified"] == "Wed, 15 Nov 2023 00:00:00 GMT"
    assert headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("option", ["add_headers_function", "immutable_file_test"])
def test_functions_are_given_the_files_path_and_its_url(make: Maker, root: Path, option: str) -> None:
    """base.rst: "The absolute path to the local file", "The host-relative URL of the file"."""
    asked = set()

    def ask(*arguments: Any) -> None:
        asked.add(arguments[-2:])

    site = make(root, PREFIX, **{option: ask})
    site.get("/static/deep/er/file.txt")
    assert (str(root / "deep" / "er" / "file.txt"), "/static/deep/er/file.txt") in asked


# immutable_file_test


def _as_documented(path: str, url: str) -> re.Match[str] | None:
    return re.match(r"^.+\.[0-9a-f]{12}\..+$", url)


@pytest.mark.parametrize(
    "test",
    [
        pytest.param(_as_documented, id="the documented function"),
        pytest.param(r"^.+\.[0-9a-f]{12}\..+$", id="a string"),
        pytest.param(re.compile(r"\.[0-9A-F]{12}\.", re.IGNORECASE), id="a compiled expression"),
        pytest.param(r"^/static/app\.db", id="the URL's beginning"),
    ],
)
def test_immutable_files_are_cached_for_ever(make: Maker, root: Path, test: Any) -> None:
    """base.rst: "any files which are flagged as immutable will have "cache forever" headers set"."""
    site = make(root, PREFIX, immutable_file_test=test)
    assert FOREVER.fullmatch(site.head("/static/app.db8f2edc0c8a.js").headers["Cache-Control"] or "")
    assert site.head("/static/app.js").headers["Cache-Control"] == "max-age=60, public"


def test_no_file_is_immutable_by_default(site: Site) -> None:
    """base.rst, immutable_file_test: ":default: return False"."""
    assert site.head("/static/app.db8f2edc0c8a.js").headers["Cache-Control"] == "max-age=60, public"


def test_a_regular_expression_is_searched_anywhere_in_the_url(make: Maker, tmp_path: Path) -> None:
    r"""test_whitenoise.py: `immutable_file_test=r"\.test$"`."""
    site = make(plant(tmp_path, {"myfile.test": b"", "file.test.txt": b""}), immutable_file_test=r"\.test$")
    assert FOREVER.fullmatch(site.head("/myfile.test").headers["Cache-Control"] or "")
    assert site.head("/file.test.txt").headers["Cache-Control"] == "max-age=60, public"
