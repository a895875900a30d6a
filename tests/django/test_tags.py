"""Tags for templates: the integrity of what a page loads, and links that have it loaded early."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from django.template import Context, Engine

from tests.django.collecting import MANIFEST, PLAIN, site
from tests.django.project import MIDDLEWARE

CSS = b"a { background: url(logo.svg) }"
FILES = {"app.css": CSS, "logo.svg": b"<svg/>", "font.woff2": b"wOF2", "a&b.js": b"1"}


def render(text: str) -> str:
    engine = Engine(libraries={"whitemedia": "whitemedia.django.templatetags.whitemedia"})
    rendered: str = engine.from_string("{% load whitemedia %}" + text).render(Context())
    return rendered


def sri(data: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.parametrize("middleware", [[], [MIDDLEWARE]], ids=["storage", "middleware"])
def test_integrity_is_that_of_the_file_that_pages_load(tmp_path: Path, middleware: list[str]) -> None:
    with site(tmp_path, MIDDLEWARE=middleware) as made:
        made.plant(FILES)
        made.collect()
        loaded = (made.root / made.manifest()["app.css"]).read_bytes()
        assert loaded != CSS
        assert render('{% integrity "app.css" %}') == sri(loaded)


@pytest.mark.parametrize("middleware", [[], [MIDDLEWARE]], ids=["storage", "middleware"])
def test_without_hashed_names_it_is_that_of_the_file(tmp_path: Path, middleware: list[str]) -> None:
    with site(tmp_path, PLAIN, MIDDLEWARE=middleware) as made:
        made.plant(FILES)
        made.collect()
        assert render('{% integrity "app.css" %}') == sri(CSS)


@pytest.mark.parametrize("middleware", [[], [MIDDLEWARE]], ids=["storage", "middleware"])
def test_in_development_it_is_that_of_the_source(tmp_path: Path, middleware: list[str]) -> None:
    with site(tmp_path, MANIFEST, DEBUG=True, MIDDLEWARE=middleware) as made:
        made.plant(FILES)
        assert render('{% integrity "app.css" %}') == sri(CSS)


def test_integrity_follows_the_file(tmp_path: Path) -> None:
    with site(tmp_path, PLAIN, MIDDLEWARE=[]) as made:
        made.plant(FILES)
        made.collect()
        assert render('{% integrity "app.css" %}') == sri(CSS)
        (made.root / "app.css").write_bytes(b"longer than it was, so that it is another state" + CSS)
        assert render('{% integrity "app.css" %}') != sri(CSS)


@pytest.mark.parametrize("middleware", [[], [MIDDLEWARE]], ids=["storage", "middleware"])
def test_what_is_not_there_has_no_integrity(tmp_path: Path, middleware: list[str]) -> None:
    with site(tmp_path, PLAIN, MIDDLEWARE=middleware) as made:
        made.plant(FILES)
        made.collect()
        with pytest.raises(FileNotFoundError):
            render('{% integrity "gone.css" %}')


def test_preload_is_a_link_to_the_hashed_file(tmp_path: Path) -> None:
    with site(tmp_path) as made:
        made.plant(FILES)
        made.collect()
        expected = f'<link rel="preload" href="/static/{made.manifest()["app.css"]}" as=style>'
        assert render('{% preload "app.css" %}') == expected


@pytest.mark.parametrize(
    ("name", "link"),
    {
        "font.woff2": '<link rel="preload" href="/static/font.woff2" as=font crossorigin>',
        "a&b.js": '<link rel="preload" href="/static/a%26b.js" as=script>',
    }.items(),
)
def test_a_link_says_what_is_loaded(tmp_path: Path, name: str, link: str) -> None:
    with site(tmp_path, PLAIN):
        assert render(f'{{% preload "{name}" %}}') == link
