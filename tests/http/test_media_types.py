"""Media types by name, and what follows from a type. The table itself is judged where it is generated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.media_type_table import COMPRESSIBLE, EXTENSIONS
from whitemedia.http.media_types import is_compressible, media_type_by_name, with_charset


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        pytest.param("app.css", "text/css", id="an extension"),
        pytest.param("APP.CSS", "text/css", id="capitals"),
        pytest.param("app.min.js", "text/javascript", id="the last of two extensions"),
        pytest.param("font.woff2", "font/woff2", id="what the standard library lacks"),
        pytest.param("a.b.", None, id="an empty extension"),
        pytest.param("css", None, id="a name that is an extension"),
        pytest.param(".css", None, id="a name that is only an extension"),
        pytest.param("a.unknown-extension", None, id="an unknown extension"),
        pytest.param("README", None, id="no extension"),
        pytest.param("", None, id="no name"),
        pytest.param(".", None, id="a dot"),
        pytest.param("..css", "text/css", id="a dot as the stem"),
        pytest.param("données.css", "text/css", id="a name beyond ASCII"),
        ("apple-app-site-association", "application/json"),
        ("x-apple-app-site-association", None),
    ],
)
def test_a_name_has_the_type_of_its_extension(name: str, media_type: str | None) -> None:
    assert media_type_by_name(name, {}) == media_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        pytest.param("app.css", "x/extension", id="by extension, before the table"),
        pytest.param("App.CSS", "x/extension", id="by extension in capitals"),
        pytest.param("apple-app-site-association", "x/name", id="by name"),
        pytest.param("special.css", "x/special", id="by name, before the extension"),
        pytest.param("Special.css", "x/special", id="by name in capitals"),
        pytest.param("not-special.css", "x/extension", id="by no part of a name"),
        pytest.param("a.new", "x/new", id="an extension the table lacks"),
        pytest.param("a.js", "text/javascript", id="what is not overridden stays"),
    ],
)
def test_overrides_are_asked_first(name: str, media_type: str) -> None:
    overrides = {
        ".css": "x/extension",
        "special.css": "x/special",
        "apple-app-site-association": "x/name",
        ".new": "x/new",
    }
    assert media_type_by_name(name, overrides) == media_type


@given(st.text(min_size=1), st.sampled_from(sorted(EXTENSIONS)))
def test_whatever_the_stem_the_extension_decides(stem: str, extension: str) -> None:
    assert media_type_by_name(f"{stem}.{extension}", {}) == EXTENSIONS[extension]


@given(st.text())
def test_no_name_raises(name: str) -> None:
    assert media_type_by_name(name, {}) in {None, *EXTENSIONS.values()}


@pytest.mark.parametrize(
    ("media_type", "sent"),
    [
        pytest.param("text/css", "text/css; charset=utf-8", id="text"),
        pytest.param("Text/CSS", "Text/CSS; charset=utf-8", id="text in capitals"),
        pytest.param(
            "text/plain; format=flowed", "text/plain; format=flowed; charset=utf-8", id="another parameter"
        ),
        pytest.param("text/css; charset=latin-1", "text/css; charset=latin-1", id="a charset of its own"),
        pytest.param("text/css;CHARSET=latin-1", "text/css;CHARSET=latin-1", id="a charset in capitals"),
        pytest.param("application/json", "application/json", id="json needs none"),
        pytest.param("image/svg+xml", "image/svg+xml", id="svg needs none"),
        pytest.param("application/x-text/html", "application/x-text/html", id="text elsewhere"),
    ],
)
def test_text_is_sent_with_a_charset(media_type: str, sent: str) -> None:
    """HTTP.md, line 45."""
    assert with_charset(media_type, "utf-8") == sent


def test_the_charset_is_the_one_asked_for() -> None:
    assert with_charset("text/html", "iso-8859-1") == "text/html; charset=iso-8859-1"


@pytest.mark.parametrize(
    "media_type",
    [
        pytest.param("text/css", id="text"),
        pytest.param("text/x-unheard-of", id="text that the table lacks"),
        pytest.param("TEXT/HTML", id="capitals"),
        pytest.param("application/json", id="json"),
        pytest.param("application/wasm", id="wasm"),
        pytest.param("image/svg+xml", id="svg"),
        pytest.param("image/svg+xml ; charset=utf-8", id="parameters"),
        pytest.param("application/x-unheard-of+json", id="the suffix json"),
        pytest.param("application/x-unheard-of+xml", id="the suffix xml"),
        pytest.param("application/x-unheard-of+text", id="the suffix text"),
    ],
)
def test_loose_types_are_compressible(media_type: str) -> None:
    """HTTP.md, line 36."""
    assert is_compressible(media_type)


@pytest.mark.parametrize(
    "media_type",
    [
        pytest.param("image/png", id="png"),
        pytest.param("font/woff2", id="woff2"),
        pytest.param("application/zip", id="zip"),
        pytest.param("application/octet-stream", id="unknown bytes"),
        pytest.param("application/x-unheard-of+zip", id="the suffix zip"),
        pytest.param("application/x-json", id="no suffix"),
        pytest.param("image/png; note=text/css+json", id="a parameter"),
        pytest.param("", id="nothing"),
    ],
)
def test_dense_types_are_not_compressible(media_type: str) -> None:
    """HTTP.md, line 36."""
    assert not is_compressible(media_type)


@pytest.mark.parametrize("parameters", ["", ";charset=utf-8", " ; a=b"])
def test_every_compressible_type_of_the_table_is(parameters: str) -> None:
    assert [media_type for media_type in COMPRESSIBLE if not is_compressible(media_type + parameters)] == []


@given(st.text())
def test_no_text_raises_and_parameters_do_not_matter(text: str) -> None:
    essence = text.partition(";")[0]
    assert is_compressible(text) == is_compressible(essence)
    assert with_charset(text, "utf-8").startswith(text)
