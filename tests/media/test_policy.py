"""What users wrote is shown only where it is what it says it is, and never as what a browser runs."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media.contents import HONEST, HOSTILE
from whitemedia.assets.sniffing import HEAD_LENGTH, ask_libmagic
from whitemedia.http.media_types import OCTET_STREAM
from whitemedia.media.policy import SAVED, SHOWN, Policy, Presentation, essence_of, runs

POLICY: Final = Policy({}, "utf-8")
PLAIN: Final = "text/plain; charset=utf-8"
CONTENTS: Final = {**HONEST, **HOSTILE}
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def present(name: str, content: str, policy: Policy = POLICY) -> Presentation:
    return policy.present(name, CONTENTS[content][:HEAD_LENGTH], ask_libmagic)


@pytest.fixture(scope="module", autouse=True)
def _magic() -> None:
    pytest.importorskip("magic", exc_type=ImportError)


# Shown

HONESTLY_SHOWN: Final = [
    ("a.png", "png", "image/png"),
    ("a.gif", "gif", "image/gif"),
    ("a.jpg", "jpeg", "image/jpeg"),
    ("A.JPEG", "jpeg", "image/jpeg"),
    ("a.webp", "webp", "image/webp"),
    ("a.bmp", "bmp", "image/bmp"),
    ("a.ico", "ico", "image/x-icon"),
    ("a.tif", "tiff", "image/tiff"),
    ("a.avif", "avif", "image/avif"),
    ("a.pdf", "pdf", "application/pdf"),
    ("a.mp4", "mp4", "video/mp4"),
    ("a.webm", "webm", "video/webm"),
    ("a.mp3", "mp3", "audio/mpeg"),
    ("a.ogg", "ogg", "audio/ogg"),
    ("a.wav", "wav", "audio/wav"),
    ("a.flac", "flac", "audio/flac"),
    ("a.txt", "text", PLAIN),
    ("a.log", "text", PLAIN),
    ("a.m4a", "mp4", "audio/mp4"),  # of one container, sound and pictures
    ("a.jpg", "png", "image/jpeg"),  # browsers look at an image themselves
    ("page.html.png", "png", "image/png"),
    ("png", "png", "image/png"),
    (".png", "png", "image/png"),
    ("a", "gif", "image/gif"),
    ("a.unknown", "jpeg", "image/jpeg"),
    ("a.png.", "png", "image/png"),
    ("a", "pdf", "application/pdf"),
    ("a", "wav", "audio/wav"),
    ("a", "ico", "image/x-icon"),
    ("README", "text", PLAIN),
    ("a", "csv", PLAIN),
    ("a", "json", PLAIN),
]

HARMLESSLY_SHOWN: Final = [
    ("a.txt", "html", PLAIN),
    ("a.txt", "svg", PLAIN),
    ("a.txt", "js", PLAIN),
    ("a.html.txt", "html", PLAIN),
    ("a.php", "php", PLAIN),
    ("a.txt", "html behind a BOM", PLAIN),
    ("a.txt", "html in UTF-7", PLAIN),
    ("a.txt", "nothing", PLAIN),
    ("a", "html", PLAIN),
    ("html", "html", PLAIN),
    (".html", "html", PLAIN),
    (".HTML", "html", PLAIN),
    ("a.html.", "html", PLAIN),
    ("a.html ", "html", PLAIN),
    ("a", "html behind 4 KiB of spaces", PLAIN),
    ("a", "html behind a comment", PLAIN),
    ("a", "xhtml", PLAIN),
    ("a", "xslt", PLAIN),
    ("a", "js", PLAIN),
    ("a", "css", PLAIN),
    ("a", "mhtml", PLAIN),
    ("a.gif", "gif and js", "image/gif"),
    ("a", "gif and js", "image/gif"),
    ("a.gif", "gif and html", "image/gif"),
    ("a", "pdf and js", "application/pdf"),
    ("a.jpg", "jpeg and js", "image/jpeg"),
    ("a.png", "nothing", "image/png"),
    ("a.png", "octets", "image/png"),
]
"""What no browser runs as it is sent: text that is plain, and what an image or a PDF has in it besides."""


def ids(row: object) -> str | None:
    return repr(row) if isinstance(row, str) else None


@pytest.mark.parametrize(("name", "content", "media_type"), HONESTLY_SHOWN + HARMLESSLY_SHOWN, ids=ids)
def test_what_is_as_its_name_says_or_harmless_is_shown(name: str, content: str, media_type: str) -> None:
    assert present(name, content) == Presentation(media_type, is_shown=True)


# Saved

HONESTLY_SAVED: Final = [
    ("a.zip", "zip", "application/zip"),
    ("a.docx", "docx", WORD),
    ("a.csv", "csv", "text/csv; charset=utf-8"),
    ("a.md", "text", "text/markdown; charset=utf-8"),
    ("a.json", "json", "application/json"),
    ("a.woff2", "octets", "font/woff2"),
    ("page.html.gz", "octets", "application/gzip"),
    ("a.js.zip", "zip", "application/zip"),
    ("a.csv", "html", "text/csv; charset=utf-8"),
    ("a.vtt", "html", "text/vtt; charset=utf-8"),
    ("a.json", "html", "application/json"),
    ("a.zip", "zip and html", "application/zip"),
]

AS_OCTETS: Final = [
    ("a.html", "html"),
    ("a.HTML", "html"),
    ("a.htm", "png"),
    ("a.shtml", "html"),
    ("a.png.html", "png"),
    ("a.png%00.html", "png"),
    ("a.xhtml", "xhtml"),
    ("a.xht", "xhtml"),
    ("a.xml", "xhtml"),
    ("a.xsl", "xslt"),
    ("a.rdf", "xhtml"),
    ("a.svg", "svg"),
    ("a.SVG", "svg with a declaration"),
    ("a.svgz", "octets"),
    ("a.svg", "png"),
    ("a.mht", "mhtml"),
    ("a.mhtml", "mhtml"),
    ("a.eml", "mhtml"),
    ("a.js", "js"),
    ("a.mjs", "js"),
    ("a.cjs", "js"),
    ("a.js", "gif and js"),
    ("a.js", "nothing"),
    ("a.js.br", "octets"),
    ("a.css", "css"),
    ("a.css", "png"),
    ("a.htc", "html"),
    ("a.py", "js behind #!"),
    ("a.wasm", "wasm"),
    ("a.wasm", "png"),
    ("a.swf", "swf"),
    ("a.spl", "swf"),
    ("a.exe", "pe"),
    ("a.so", "elf"),
    ("a.class", "java class"),
    ("a.jar", "zip"),
    ("a.jnlp", "xhtml"),
    ("a.application", "xhtml"),
    ("a.xbap", "xhtml"),
    ("a.xap", "zip"),
    ("a.xpi", "zip"),
    ("a.crx", "zip"),
    ("a.lnk", "octets"),
    ("a.webmanifest", "json"),
    ("a.appcache", "text"),
    ("a.ps", "text"),
    ("a", "svg"),
    ("svg", "svg with a declaration"),
    (".svg", "svg"),
    ("a.svg.", "svg"),
    ("a.hta", "octets"),
    ("a", "wasm"),
    ("a", "swf"),
    ("a", "elf"),
    ("a", "pe"),
    ("a", "java class"),
    ("a", "zip"),
    ("a", "docx"),
    ("a", "nothing"),
    ("", "nothing"),
    ("a", "html in UTF-16"),
    ("a", "js in UTF-16"),
    ("a.txt", "html in UTF-16"),
    ("a.txt", "wasm"),
    ("a.txt", "java class"),
]

FALSELY_NAMED: Final = [
    *(
        (f"a.{extension}", "html")
        for extension in ("png", "gif", "jpg", "webp", "pdf", "mp4", "mp3", "ogg", "avif")
    ),
    *(("a.png", content) for content in ("svg", "svg with a declaration", "xhtml", "js", "css", "mhtml", "php")),
    *(("a.png", content) for content in ("wasm", "swf", "elf", "pe", "java class", "zip", "pdf", "mp4")),
    *(("a.pdf", content) for content in ("pdf and html", "png", "gif and js", "html behind 4 KiB of spaces")),
    *(("a.mp4", content) for content in ("png", "pdf", "swf", "html behind a BOM", "html in UTF-16")),
    ("a.gif", "html behind 4 KiB of spaces"),
    ("a.gif", "html behind a comment"),
    ("page.html.gif", "html"),
]


@pytest.mark.parametrize(("name", "content", "media_type"), HONESTLY_SAVED, ids=ids)
def test_documents_and_archives_are_saved_as_what_they_are(name: str, content: str, media_type: str) -> None:
    assert present(name, content) == Presentation(media_type, is_shown=False)


@pytest.mark.parametrize(("name", "content"), AS_OCTETS + FALSELY_NAMED, ids=ids)
def test_what_may_run_is_on_no_list_or_is_not_as_its_name_says_is_octets_to_save(name: str, content: str) -> None:
    assert present(name, content) == Presentation(OCTET_STREAM, is_shown=False)


# Whatever it is

HARMLESS: Final = SHOWN | SAVED | {OCTET_STREAM}
EXTENSIONS: Final = sorted({name.rpartition(".")[2] for name, *_ in HONESTLY_SHOWN + HONESTLY_SAVED + AS_OCTETS})
names = st.one_of(st.text(max_size=20), st.tuples(st.text(max_size=9), st.sampled_from(EXTENSIONS)).map(".".join))
heads = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(sorted(CONTENTS.values())),
    st.tuples(st.sampled_from(sorted(CONTENTS.values())), st.binary(max_size=20)).map(b"".join),
)
found = st.one_of(
    st.just(""),
    st.sampled_from(sorted(HARMLESS)),
    st.text(max_size=20),
    st.just("image/svg+xml"),
    st.just("text/html"),
)


def assert_harmless(presentation: Presentation) -> None:
    essence = essence_of(presentation.media_type)
    assert essence in HARMLESS
    assert runs([presentation.media_type]) is None
    assert presentation.is_shown == (essence in SHOWN)


@given(name=names, head=heads)
def test_no_name_and_no_content_makes_a_type_that_is_on_no_list(name: str, head: bytes) -> None:
    assert_harmless(POLICY.present(name, head, ask_libmagic))


@given(name=names, head=heads, sniffed=found)
def test_nothing_that_is_found_in_it_makes_a_type_that_is_on_no_list(name: str, head: bytes, sniffed: str) -> None:
    assert_harmless(POLICY.present(name, head, lambda _: sniffed))


@pytest.mark.parametrize("content", HOSTILE)
def test_a_hostile_content_is_harmless_under_every_extension(content: str) -> None:
    for extension in EXTENSIONS:
        assert_harmless(present(f"a.{extension}", content))


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_without_libmagic_the_name_alone_says_no_more_than_a_list_allows(extension: str) -> None:
    for content in CONTENTS.values():
        assert_harmless(POLICY.present(f"a.{extension}", content, lambda _: ""))


@pytest.mark.parametrize("content", CONTENTS)
def test_without_libmagic_what_has_no_extension_is_octets(content: str) -> None:
    presentation = POLICY.present("a", CONTENTS[content], lambda _: "")
    assert presentation == Presentation(OCTET_STREAM, is_shown=False)


def test_no_type_that_is_sent_as_it_is_runs() -> None:
    assert runs(HARMLESS) is None
    assert not any(media_type.endswith("xml") and media_type != "application/dash+xml" for media_type in HARMLESS)
    assert "text/html" not in HARMLESS
    assert "text/css" not in HARMLESS
    assert set() == SHOWN & SAVED
