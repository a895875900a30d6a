"""What the options of a media root change of the policy, and the fields that a presentation becomes."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.media.contents import HONEST, HOSTILE
from whitemedia.http.media_types import OCTET_STREAM
from whitemedia.media.policy import SANDBOX, SAVED, SHOWN, Policy, Presentation, runs

CONTENTS: Final = {**HONEST, **HOSTILE}
TYPE: Final = "Content-Type"
DISPOSITION: Final = "Content-Disposition"
CSP: Final = ("Content-Security-Policy", SANDBOX)


def present(name: str, content: str, *, sniffed: str = "", **options: Any) -> Presentation:
    return Policy(**{"media_types": {}, "charset": "utf-8", **options}).present(
        name, CONTENTS[content], lambda _: sniffed
    )


# Types by the names that the application gives

MIMETYPES: Final = {
    ".foo": "text/html",
    ".bar": "Image/PNG",
    ".baz": "text/javascript; charset=utf-8",
    ".log": "text/plain; charset=iso-8859-1",
    ".text": "text/plain",
    ".png": "application/zip",
    "feed": "text/csv; header=present",
    ".svg": "image/png",
}


@pytest.mark.parametrize(
    ("name", "content", "media_type", "is_shown"),
    [
        pytest.param("a.foo", "html", OCTET_STREAM, False, id="a page stays what it is"),
        pytest.param("a.baz", "js", OCTET_STREAM, False, id="a script stays what it is"),
        pytest.param("a.bar", "png", "Image/PNG", True, id="of an image, in any case of letters"),
        pytest.param("a.log", "text", "text/plain; charset=iso-8859-1", True, id="with a charset of its own"),
        pytest.param("a.text", "text", "text/plain; charset=utf-8", True, id="with the charset of all"),
        pytest.param("a.png", "png", "application/zip", False, id="of what would be shown, to be saved"),
        pytest.param("feed", "csv", "text/csv; header=present; charset=utf-8", False, id="with a parameter"),
        pytest.param("FEED", "csv", "text/csv; header=present; charset=utf-8", False, id="of a whole name"),
        pytest.param("a.svg", "svg", OCTET_STREAM, False, id="that the content contradicts"),
    ],
)
def test_a_given_type_is_taken_as_the_name_s_and_judged_like_any(
    name: str, content: str, media_type: str, is_shown: bool
) -> None:
    sniffed = {"png": "image/png", "svg": "image/svg+xml"}.get(content, "")
    assert present(name, content, sniffed=sniffed, media_types=MIMETYPES) == Presentation(media_type, is_shown)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_text_has_the_charset_of_the_option_and_nothing_else_has(charset: str) -> None:
    assert present("a.txt", "text", charset=charset).media_type == f"text/plain; charset={charset}"
    assert present("a.csv", "csv", charset=charset).media_type == f"text/csv; charset={charset}"
    assert (
        present("a", "text", sniffed="text/html", charset=charset).media_type == f"text/plain; charset={charset}"
    )
    assert present("a.json", "json", charset=charset).media_type == "application/json"
    assert present("a.png", "png", charset=charset).media_type == "image/png"


# Shown or not

UNSAFE: Final = frozenset({"image/svg+xml", "text/html"})


@pytest.mark.parametrize(
    ("name", "content", "media_type", "is_shown"),
    [
        ("a.svg", "svg", "image/svg+xml", True),
        ("a.svg", "html", "image/svg+xml", True),
        ("A.SVG", "svg", "image/svg+xml", True),
        ("a.html", "html", "text/html; charset=utf-8", True),
        ("a.xhtml", "xhtml", OCTET_STREAM, False),
        ("a", "svg", OCTET_STREAM, False),
        ("a.js", "js", OCTET_STREAM, False),
        ("a.png", "png", "image/png", True),
        ("a.zip", "zip", "application/zip", False),
    ],
)
def test_unsafe_types_are_shown_where_the_name_has_them_and_no_others(
    name: str, content: str, media_type: str, is_shown: bool
) -> None:
    assert present(name, content, unsafe_types=UNSAFE) == Presentation(media_type, is_shown)


@pytest.mark.parametrize("unsafe_types", [frozenset(), UNSAFE], ids=["no unsafe types", "unsafe types"])
@pytest.mark.parametrize("name", ["a.png", "a.pdf", "a.txt", "a.svg", "a.html", "a.mp4", "a.zip", "a"])
def test_an_attachment_is_never_shown_and_has_its_type(name: str, unsafe_types: frozenset[str]) -> None:
    shown = present(name, "text", unsafe_types=unsafe_types)
    saved = present(name, "text", unsafe_types=unsafe_types, shows=False)
    assert saved == Presentation(shown.media_type, is_shown=False)
    assert any(field.startswith("attachment; ") for name, field in saved.headers("a") if name == DISPOSITION)


@pytest.mark.parametrize(
    ("media_type", "runs_it"),
    [
        ("text/javascript", True),
        ("Application/JavaScript; charset=utf-8", True),
        ("application/x-javascript", True),
        ("text/ecmascript", True),
        ("text/jscript", True),
        ("text/livescript", True),
        ("text/javascript1.5", True),
        ("application/wasm", True),
        ("text/vbscript", True),
        ("application/postscript", False),
        ("text/html", False),
        ("image/svg+xml", False),
        ("application/json", False),
        ("text/plain; charset=javascript", False),
    ],
)
def test_types_of_scripts_and_of_web_assembly_run(media_type: str, runs_it: bool) -> None:
    assert (runs(["text/plain", media_type]) == media_type) == runs_it


# Fields


@pytest.mark.parametrize("media_type", sorted(SHOWN | SAVED | {OCTET_STREAM, "text/html", "image/svg+xml"}))
def test_all_but_what_a_viewer_shows_is_in_a_sandbox(media_type: str) -> None:
    needs_viewer = media_type == "application/pdf" or media_type.startswith(("audio/", "video/"))
    shown = Presentation(media_type, is_shown=True).headers("a")
    assert shown == ((TYPE, media_type), *(() if needs_viewer and media_type in SHOWN else (CSP,)))
    saved = Presentation(media_type, is_shown=False).headers("a")
    assert saved == ((TYPE, media_type), (DISPOSITION, 'attachment; filename="a"'), CSP)


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("report.zip", 'attachment; filename="report.zip"'),
        ('a";b.zip', "attachment; filename=\"a__b.zip\"; filename*=UTF-8''a%22%3Bb.zip"),
        (
            "a\r\nSet-Cookie: b.zip",
            "attachment; filename=\"a__Set-Cookie_ b.zip\"; filename*=UTF-8''a__Set-Cookie%3A%20b.zip",
        ),
        ("\u202egpj.zip", 'attachment; filename="_gpj.zip"'),
        ("文書.zip", "attachment; filename=\"__.zip\"; filename*=UTF-8''%E6%96%87%E6%9B%B8.zip"),
        ("\udcff.zip", 'attachment; filename="_.zip"'),
        (".htaccess", 'attachment; filename="htaccess"'),
        ("...", 'attachment; filename="download"'),
        ("a" * 255, f'attachment; filename="{"a" * 240}"'),
    ],
    ids=["plain", "quote", "line", "bidi", "CJK", "surrogate", "hidden", "dots", "long"],
)
def test_what_is_saved_has_a_name_that_ends_no_field_and_hides_nothing(name: str, disposition: str) -> None:
    fields = dict(Presentation(OCTET_STREAM, is_shown=False).headers(name))
    assert fields[DISPOSITION] == disposition
