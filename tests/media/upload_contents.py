"""The first bytes of files of many kinds, as short as libmagic knows them, and of files that are two things at once."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tests.media.uploading import make_picture


def pack(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def _wave() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes(100))
    return made.getvalue()


def _box(brand: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\2\0isom" + brand


HTML: Final = b"<!doctype html><script>alert(document.cookie)</script>"
SVG: Final = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
PDF: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
ELF: Final = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\0\0\0" + bytes(100)
PE: Final = b"MZ\x90\0" + bytes(56) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0\x64\x86" + bytes(200)

CONTENTS: Final = MappingProxyType(
    {
        "PNG": make_picture("PNG"),
        "JPEG": make_picture("JPEG"),
        "GIF": make_picture("GIF", "P"),
        "WebP": make_picture("WEBP"),
        "AVIF": make_picture("AVIF"),
        "TIFF": make_picture("TIFF"),
        "BMP": make_picture("BMP"),
        "HEIC": _box(b"heic"),
        "PDF": PDF,
        "MP4": _box(b"isom"),
        "M4A": _box(b"M4A "),
        "QuickTime": struct.pack(">I", 20) + b"ftypqt  \0\0\2\0qt  ",
        "WebM": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
        "MP3": b"ID3\x04\0\0\0\0\0\0" + (b"\xff\xfb\x90\x64" + bytes(413)) * 2,
        "MP3 without a tag": (b"\xff\xfb\x90\x64" + bytes(413)) * 4,
        "WAV": _wave(),
        "Ogg": b"OggS\0\x02" + bytes(8) + b"\1\0\0\0" + bytes(8) + b"\x01\x1e\x01vorbis" + bytes(30),
        "FLAC": b'fLaC\0\0\0"' + bytes(40),
        "TrueType": b"\x00\x01\x00\x00\x00\x0f\x00\x80\x00\x03\x00pDSIG" + bytes(100),
        "OpenType": b"OTTO\x00\x0b\x00\x80\x00\x03\x000CFF " + bytes(100),
        "WOFF2": b"wOF2\x00\x01\x00\x00" + bytes(40),
        "ZIP": pack({"a.txt": b"a"}),
        "Word": pack({"[Content_Types].xml": b"<x/>", "_rels/.rels": b"x", "word/document.xml": b"<x/>"}),
        "OpenDocument": pack({"mimetype": b"application/vnd.oasis.opendocument.text"}),
        "EPUB": pack({"mimetype": b"application/epub+zip"}),
        "OLE": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\3\0\xfe\xff\x09\0" + bytes(500),
        "RTF": b"{\\rtf1\\ansi hi}",
        "7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(50),
        "gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\3" + bytes(20),
        "text": b"just some words, f\xc3\xbcr",
        "CSV": b"a,b\n1,2\n",
        "CSV in UTF-16": "a,b\n1,2\n".encode("utf-16"),
        "JSON": b'{"a": 1}',
        "nothing": b"",
        "noise": b"\x00\x01\x02\x03" * 8,
        "HTML": HTML,
        "HTML behind spaces": b" " * 4096 + HTML,
        "HTML behind NULs": bytes(64) + HTML,
        "HTML in UTF-16": HTML.decode().encode("utf-16"),
        "XHTML": b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script/></html>",
        "SVG": SVG,
        "SVG behind a comment": b"<!-- " + b"x" * 5000 + b" -->" + SVG,
        "script": b"(function(){var a=1;})();",
        "shell script": b"#!/bin/sh\necho",
        "PHP": b"<?php echo 1;",
        "Flash": b"CWS\x0a\x00\x10\0\0x\x9c" + bytes(50),
        "ELF": ELF,
        "PE": PE,
        "Mach-O": b"\xcf\xfa\xed\xfe\x07\0\0\1\3\0\0\0\2\0\0\0" + bytes(100),
        "Java class": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(40),
        "WebAssembly": b"\0asm\1\0\0\0" + bytes(20),
        "shortcut": b"L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0\x46" + bytes(80),
        "GIF and script": b"GIF89a/*\x01\x00\x01\0\0\0\0\0*/=1;alert(1)",
        "PDF and HTML": b"%PDF-1.4\n" + HTML,
        "HTML and PDF": b"<html>%PDF-1.4\n",
        "PNG and HTML": make_picture("PNG") + HTML,
        "PNG and ZIP": make_picture("PNG") + pack({"a.class": b"a"}),
    }
)
