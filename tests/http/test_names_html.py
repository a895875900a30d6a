"""Whether an Accept field names text/html, as browsers do where they navigate (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.negotiation import names_html

CHROMIUM = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(CHROMIUM, id="Chromium navigates"),
        pytest.param(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", id="Firefox and Safari navigate"
        ),
        pytest.param("text/html", id="alone"),
        pytest.param("text/html, application/xhtml+xml, image/jxr, */*", id="with space"),
        pytest.param("*/*, text/html", id="after a wildcard"),
        pytest.param("TEXT/Html", id="in another case"),
        pytest.param(" ,\ttext/html\t, ", id="between empty members and tabs"),
        pytest.param("text/html;charset=utf-8", id="with a parameter"),
        pytest.param("text/html ; level=1 ; q=0.1", id="at a low q"),
        pytest.param("text/html;q=0.001", id="at the lowest"),
        pytest.param("text/html;q=1.000", id="at the highest"),
        pytest.param("text/html;q", id="at a q that is none"),
        pytest.param("text/html;", id="with an empty parameter"),
        pytest.param("text/html;fq=0", id="with a parameter that ends in q"),
        pytest.param("text/html;q=0, text/html;level=1", id="refused but in one form"),
    ],
)
def test_a_browser_that_navigates_names_it(field: str) -> None:
    assert names_html(field)


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("", id="absent"),
        pytest.param("*/*", id="a script, a font, or curl"),
        pytest.param("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", id="a picture"),
        pytest.param("text/css,*/*;q=0.1", id="a stylesheet"),
        pytest.param("application/json, text/plain, */*", id="a script that fetches"),
        pytest.param("text/*", id="a wildcard of text"),
        pytest.param("text/html;q=0", id="refused"),
        pytest.param("text/html;Q=0", id="refused in another case"),
        pytest.param("text/html; level=1; q=0", id="refused after a parameter"),
        pytest.param("text/html;q=0;level=1", id="refused before a parameter"),
        pytest.param("text/html\t;\tq=0.000", id="refused with three digits and tabs"),
        pytest.param("text/html;q=0.", id="refused with a dot"),
        pytest.param("text/htmlx, xtext/html, text/html+xml, x/text/html", id="others that contain it"),
        pytest.param("text /html, text/ html", id="space within it"),
        pytest.param("text/plain;text/html", id="as a parameter"),
        pytest.param("text/html\x0b, text/html\n", id="with what is no space"),
    ],
)
def test_what_loads_something_else_does_not_name_it(field: str) -> None:
    assert not names_html(field)


@pytest.mark.parametrize(
    "unit", ["text/html;q=0,", "text/html;", "a;q=0.", ",", " ", "x/y;a=b;", "text/html;q=0.000;"]
)
def test_a_field_of_any_length_is_read(unit: str) -> None:
    assert names_html(unit * (100_000 // len(unit)) + ",text/html")


@given(st.text())
def test_whatever_else_is_listed_it_is_named_if_it_stands_there(text: str) -> None:
    assert names_html(f"{text},text/html")
    assert names_html(text) <= ("text/html" in text.lower())
