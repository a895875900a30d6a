"""What is accepted is of an accepted type by its name, and nothing else by its content."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tests.media.upload_contents import CONTENTS
from tests.media.uploading import left_in, upload
from tests.refusals import assert_refused
from whitemedia.assets import sniffing
from whitemedia.media import uploads
from whitemedia.media.upload_errors import WrongType
from whitemedia.media.upload_options import UploadOptions
from whitemedia.media.uploads import MediaStore

SHOWN = UploadOptions().accept
OFFICE = ".doc,.docx,.odt,.epub,.xls,.rtf,.zip,.gz,.7z"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OCTETS = "application/octet-stream"

GOOD: list[tuple[str, str | None, Any, str, str]] = [
    ("PNG", "a.png", SHOWN, "a.png", "image/png"),
    ("PNG", "A.PNG", "image/*", "A.PNG", "image/png"),
    ("JPEG", "a.jpeg", ".jpeg", "a.jpeg", "image/jpeg"),
    ("JPEG", "a.png", "image/*", "a.png", "image/png"),  # a picture is a picture
    ("GIF", "a.gif", "image/gif", "a.gif", "image/gif"),
    ("WebP", "a.webp", SHOWN, "a.webp", "image/webp"),
    ("AVIF", "a.avif", SHOWN, "a.avif", "image/avif"),
    ("TIFF", "a.tif", SHOWN, "a.tif", "image/tiff"),
    ("BMP", "a.bmp", SHOWN, "a.bmp", "image/bmp"),
    ("HEIC", "a.heic", SHOWN, "a.heic", "image/heic"),
    ("PDF", "a.pdf", ".pdf", "a.pdf", "application/pdf"),
    ("MP4", "a.mp4", "video/*", "a.mp4", "video/mp4"),
    ("MP4", "a.m4a", "audio/*", "a.m4a", "audio/mp4"),
    ("QuickTime", "a.mov", SHOWN, "a.mov", "video/quicktime"),
    ("WebM", "a.webm", SHOWN, "a.webm", "video/webm"),
    ("MP3", "a.mp3", SHOWN, "a.mp3", "audio/mpeg"),
    ("MP3 without a tag", "a.mp3", SHOWN, "a.mp3", "audio/mpeg"),
    ("WAV", "a.wav", SHOWN, "a.wav", "audio/wav"),
    ("Ogg", "a.ogg", SHOWN, "a.ogg", "audio/ogg"),
    ("FLAC", "a.flac", SHOWN, "a.flac", "audio/flac"),
    ("noise", "a.mp4", SHOWN, "a.mp4", "video/mp4"),  # libmagic does not know every one
    ("TrueType", "a.ttf", "font/*", "a.ttf", "font/ttf"),
    ("OpenType", "a.otf", ".otf", "a.otf", "font/otf"),
    ("WOFF2", "a.woff2", "font/woff2", "a.woff2", "font/woff2"),
    ("ZIP", "a.zip", OFFICE, "a.zip", "application/zip"),
    ("Word", "a.zip", OFFICE, "a.zip", "application/zip"),
    ("Word", "a.docx", OFFICE, "a.docx", WORD),
    ("ZIP", "a.docx", OFFICE, "a.docx", WORD),
    ("OpenDocument", "a.odt", OFFICE, "a.odt", "application/vnd.oasis.opendocument.text"),
    ("EPUB", "a.epub", OFFICE, "a.epub", "application/epub+zip"),
    ("OLE", "a.doc", OFFICE, "a.doc", "application/msword"),
    ("RTF", "a.doc", OFFICE, "a.doc", "application/msword"),
    ("RTF", "a.rtf", OFFICE, "a.rtf", "application/rtf"),
    ("CSV", "a.xls", OFFICE, "a.xls", "application/vnd.ms-excel"),
    ("7z", "a.7z", OFFICE, "a.7z", "application/x-7z-compressed"),
    ("gzip", "a.tar.gz", OFFICE, "a_tar.gz", "application/gzip"),
    ("text", "a.txt", SHOWN, "a.txt", "text/plain"),
    ("nothing", "a.txt", SHOWN, "a.txt", "text/plain"),
    ("HTML", "a.txt", SHOWN, "a.txt", "text/plain"),  # that is shown as the text it is
    ("script", "a.csv", ".csv", "a.csv", "text/csv"),
    ("CSV", "a.csv", "text/*", "a.csv", "text/csv"),
    ("JSON", "a.json", "application/json", "a.json", "application/json"),
    ("noise", "a.qqq", ".qqq", "a.qqq", OCTETS),
    ("noise", "a.qqq", OCTETS, "a.qqq", OCTETS),
    ("SVG", "a.svg", ".svg", "a.svg", "image/svg+xml"),
    ("SVG", "a.svg", "image/svg+xml", "a.svg", "image/svg+xml"),
    ("HTML", "a.html", "text/html", "a.html", "text/html"),
    ("PHP", "a.php", ".php", "a.php", "text/plain"),
    ("PNG", None, SHOWN, "upload.png", "image/png"),
    ("JPEG", "photo", "image/*", "photo.jpg", "image/jpeg"),
    ("PNG", "blob", ".png,.pdf", "blob.png", "image/png"),  # what a script sends is called so
    ("PDF", ".pdf", SHOWN, "pdf.pdf", "application/pdf"),
    ("WAV", "sound", "audio/*", "sound.wav", "audio/wav"),
    ("M4A", "sound", "audio/*", "sound.m4a", "audio/mp4"),
    ("HEIC", "photo", SHOWN, "photo.heic", "image/heic"),
    ("text", "README", SHOWN, "README", "text/plain"),
    ("noise", "noise", OCTETS, "noise", OCTETS),
    ("PNG", "Mr. Smith", SHOWN, "Mr. Smith.png", "image/png"),
    ("text", "a.bak", ".bak", "a_bak", OCTETS),  # which would be hidden
    ("GIF and script", "a.gif", SHOWN, "a.gif", "image/gif"),  # a picture, and served as one
    ("PDF and HTML", "a.pdf", SHOWN, "a.pdf", "application/pdf"),
    ("PNG and HTML", "a.png", SHOWN, "a.png", "image/png"),
    ("PNG and ZIP", "a.png", SHOWN, "a.png", "image/png"),
]

BY_NAME: list[tuple[str, str | None, Any, str]] = [
    ("PNG", "a.png", ".jpg", "image/png"),
    ("PNG", "a.png", "image/jpeg,.pdf", "image/png"),
    ("HTML", "a.html", SHOWN, "text/html"),
    ("HTML", "a.HTM", "text/*", "text/html"),
    ("PNG", "a.html", "image/*", "text/html"),
    ("SVG", "a.svg", SHOWN, "image/svg+xml"),
    ("SVG", "a.svg", "image/*", "image/svg+xml"),
    ("SVG", "a.svgz", "image/*", "image/svg+xml"),
    ("script", "a.js", "text/*", "text/javascript"),
    ("XHTML", "a.xhtml", "application/*", "application/xhtml+xml"),
    ("WebAssembly", "a.wasm", "application/*", "application/wasm"),
    ("Flash", "a.swf", "application/*", "application/x-shockwave-flash"),
    ("ZIP", "a.jar", "application/*", "application/java-archive"),
    ("PE", "a.exe", SHOWN, OCTETS),
    ("noise", "a.qqq", SHOWN, OCTETS),
    ("PHP", "a.php", SHOWN, "text/plain"),
    ("text", "a.PHP5", "application/*," + OCTETS, OCTETS),
    ("text", "a.php", "text/*", "text/plain"),
    ("shell script", "a.sh", "text/plain", "text/plain"),
    ("text", "a.py", "text/*", "text/x-python"),
    ("text", "a.jsp", OCTETS, OCTETS),
    ("text", "a.phtm", OCTETS, OCTETS),
    ("text", "a.cshtml", OCTETS, OCTETS),
    ("text", "web.config", SHOWN, OCTETS),
    ("nothing", "a", SHOWN, OCTETS),
    ("nothing", None, SHOWN, OCTETS),
    ("HTML", "a", SHOWN, "text/html"),
    ("PNG", "blob", ".pdf", "image/png"),
    ("HTML", "a", "text/*", "text/html"),
    ("SVG", "a", "image/*", "image/svg+xml"),
    ("PHP", "a", SHOWN, "text/x-php"),
    ("ELF", None, SHOWN, "application/x-sharedlib"),
    ("PE", "a", SHOWN, ""),
    ("script", "a", SHOWN, ""),
    ("Flash", "a", SHOWN, "application/x-shockwave-flash"),
]

BY_CONTENT: list[tuple[str, str, Any, str]] = [
    *[
        (content, name, SHOWN if name in ("a.png", "a.jpg", "a.pdf", "a.mp4") else OFFICE, "")
        for content in (
            "HTML",
            "HTML behind spaces",
            "SVG",
            "SVG behind a comment",
            "Flash",
            "ELF",
            "PE",
            "script",
        )
        for name in ("a.png", "a.jpg", "a.pdf", "a.mp4", "a.docx", "a.zip")
    ],
    ("HTML in UTF-16", "a.png", SHOWN, "text/html"),
    ("HTML behind NULs", "a.png", SHOWN, OCTETS),
    ("HTML and PDF", "a.png", SHOWN, "application/pdf"),
    ("XHTML", "a.png", SHOWN, "text/xml"),
    ("ELF", "a.csv", ".csv", "application/x-sharedlib"),
    ("PE", "a.txt", SHOWN, ""),
    ("Flash", "a.txt", SHOWN, "application/x-shockwave-flash"),
    ("PNG", "a.txt", SHOWN, "image/png"),
    ("CSV in UTF-16", "a.csv", ".csv", "text/plain"),
    ("JSON", "a.png", SHOWN, "application/json"),
    ("noise", "a.json", ".json", OCTETS),
    ("Mach-O", "a.qqq", ".qqq", "application/x-mach-binary"),
    ("HTML", "a.qqq", OCTETS, "text/html"),
    ("Java class", "a.bin", OCTETS, "application/x-java-applet"),
    ("shortcut", "a.mp4", SHOWN, "application/x-ms-shortcut"),
    ("PNG", "a.pdf", SHOWN, "image/png"),
    ("PDF", "a.png", SHOWN, "application/pdf"),
    ("MP4", "a.png", SHOWN, "video/mp4"),
    ("PNG", "a.mp4", SHOWN, "image/png"),
    ("PDF", "a.docx", OFFICE, "application/pdf"),
    ("ZIP", "a.doc", OFFICE, "application/zip"),
    ("OLE", "a.docx", OFFICE, "application/x-ole-storage"),
    ("HTML", "a.ttf", "font/*", "text/html"),
    ("noise", "a.png", SHOWN, OCTETS),
    ("noise", "a.pdf", SHOWN, OCTETS),
    *[
        ("nothing", name, f"{OFFICE},image/*,video/*,.qqq", OCTETS)
        for name in ("a.png", "a.mp4", "a.zip", "a.qqq")
    ],
]


def row_id(row: tuple[Any, ...]) -> str:
    accept = "what is shown" if row[2] == SHOWN else row[2]
    return f"{row[0]} as {row[1]} where {accept} is accepted"


@pytest.mark.parametrize("row", GOOD, ids=row_id)
def test_what_it_is_called_and_what_it_contains_agree(tmp_path: Path, row: tuple[str, str, Any, str, str]) -> None:
    content, name, accept, stored, media_type = row
    saved = upload(MediaStore(tmp_path, accept=accept), name, CONTENTS[content])
    assert (saved.name, saved.media_type) == (stored, media_type)
    assert (tmp_path / stored).read_bytes() == CONTENTS[content]


def refuse(root: Path, content: str, name: str | None, accept: Any) -> WrongType:
    store = MediaStore(root, accept=accept)
    with pytest.raises(WrongType) as caught:
        upload(store, name, CONTENTS[content])
    assert left_in(root) == []
    error = caught.value
    assert (error.code, error.filename, error.accepted) == (415, name or "upload", store.options.accept)
    return error


@pytest.mark.parametrize(("content", "name", "accept", "found"), BY_NAME, ids=map(row_id, BY_NAME))
def test_what_is_called_something_else_is_refused(
    tmp_path: Path, content: str, name: str | None, accept: Any, found: str
) -> None:
    """Or not at all, as what a form has where no file was chosen. `found` is not told where versions of libmagic differ."""
    error = refuse(tmp_path, content, name, accept)
    assert (error.found, error.by_content) == (found or error.found, False)
    assert str(error).startswith(f"“{name or 'upload'}” is no file of an accepted type. Accepted: ")


@pytest.mark.parametrize(("content", "name", "accept", "found"), BY_CONTENT, ids=map(row_id, BY_CONTENT))
def test_what_contains_something_else_is_refused(
    tmp_path: Path, content: str, name: str, accept: Any, found: str
) -> None:
    error = refuse(tmp_path, content, name, accept)
    assert error.by_content
    assert error.found == (found or error.found)
    assert str(error).startswith(f"“{name}” does not contain what its name says. Accepted: ")


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        *[("PNG", "a.png", "image/png"), ("HTML", "a.png", "image/png"), ("MP4", "a.mp4", "video/mp4")],
        *[("ZIP", "a.docx", WORD), ("text", "a.txt", "text/plain"), ("noise", "a", None), ("PNG", "a", None)],
        *[("ELF", "a.txt", None), ("HTML", "a.html", None), ("nothing", "a.png", None)],
    ],
    ids=str,
)
def test_without_libmagic_the_name_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, name: str, media_type: str | None
) -> None:
    """And what is served does not run all the same."""
    monkeypatch.setattr(sniffing._local, "magic", None, raising=False)
    accept = [*SHOWN, ".docx"]
    if media_type is None:
        refuse(tmp_path, content, name, accept)
    else:
        assert upload(MediaStore(tmp_path, accept=accept), name, CONTENTS[content]).media_type == media_type


def test_types_of_one_s_own_count(tmp_path: Path) -> None:
    store = MediaStore(
        tmp_path, accept="model/step,image/*", mimetypes={".stp": "model/step", ".png": "text/html"}
    )
    assert upload(store, "a.stp", b"ISO-10303-21;").media_type == "model/step"
    with pytest.raises(WrongType):
        upload(store, "a.png", CONTENTS["PNG"])


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_type_is_told_from_as_much_as_short_reads_give(tmp_path: Path, size: int) -> None:
    class Slow(io.BytesIO):
        def read(self, length: int | None = -1, /) -> bytes:
            return super().read(min(length or 0, size))

    data = CONTENTS["HTML behind spaces"]
    with pytest.raises(WrongType):
        MediaStore(tmp_path, accept="image/*").save(Slow(data), filename="a.png")
    assert MediaStore(tmp_path, accept=".txt").save(Slow(data), filename="a.txt").size == len(data)


@pytest.mark.parametrize(
    "value",
    [
        "",
        [],
        "png",
        "*/*",
        "*",
        "image/",
        "/png",
        ".",
        "image/*,",
        "a b/c",
        ["image/png", 1],
        ".tar.gz",
        "image/p*",
    ],
)
def test_what_is_no_accept_attribute_is_refused_with_its_word(tmp_path: Path, value: Any) -> None:
    assert_refused("accept", value, lambda: MediaStore(tmp_path, accept=value))


@pytest.mark.parametrize("value", [b"image/png", 1, None, 1.5])
def test_what_is_no_text_is_no_accept_attribute(tmp_path: Path, value: Any) -> None:
    assert_refused("accept", value, lambda: MediaStore(tmp_path, accept=value))


@pytest.mark.parametrize(
    ("given", "html"),
    [("image/*, .PDF", "image/*,.pdf"), (["text/plain", ".csv"], "text/plain,.csv"), ((".svg",), ".svg")],
)
def test_it_is_told_for_html_as_it_was_given(tmp_path: Path, given: Any, html: str) -> None:
    assert MediaStore(tmp_path, accept=given).accept == html


def test_what_is_asked_of_libmagic_is_no_more_than_a_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(uploads, "ask_libmagic", lambda head: (asked.append(len(head)), "image/png")[1])  # type: ignore[func-returns-value]
    upload(MediaStore(tmp_path), "a.png", bytes(100_000))
    assert asked == [4096]
