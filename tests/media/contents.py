"""Contents of files: honest ones, small and valid, of each kind that is shown or saved, and hostile ones of all kinds."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
import zlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0\xff")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 8)
    return file.getvalue()


def _zip(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"<?xml version='1.0'?><x/>")
    return file.getvalue()


def _webp() -> bytes:
    data = b"\x2f\0\0\0\0\x07\x10\xfd\x8f\xfe\x07\x22\xa2\xff\x01"
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data + b"\0"
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


SCRIPT: Final = b"alert(document.domain)"
HTML: Final = b"<!doctype html><html><body><script>" + SCRIPT + b"</script></body></html>"
GIF: Final = (
    b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
)
PDF: Final = (
    b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>"
    b"endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)

HONEST: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "png": _png(),
        "gif": GIF,
        "jpeg": bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + b"\x10" * 64 + b"\xff\xd9",
        "webp": _webp(),
        "bmp": b"BM"
        + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 2835, 2835, 0, 0)
        + b"\0" * 4,
        "ico": b"\0\0\x01\0\x01\0\x01\x01\0\0\x01\0\x20\0\x30\0\0\0\x16\0\0\0" + b"\x28\0\0\0" + b"\0" * 44,
        "tiff": b"II*\0\x08\0\0\0\x01\0\0\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0",
        "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 32,
        "pdf": PDF,
        "mp4": b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + b"\0\0\0\x08free" + b"\0\0\0\x10mdat" + b"\0" * 8,
        "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webmB\x87\x81\x02B\x85\x81\x02",
        "mp3": b"ID3\x03\0\0\0\0\0\x0a" + b"\0" * 10 + (b"\xff\xfb\x90\x64" + b"\0" * 413) * 3,
        "ogg": b"OggS\0\x02"
        + b"\0" * 20
        + b"\x01\x1e\x01vorbis\0\0\0\0\x01\x44\xac\0\0"
        + b"\0" * 12
        + b"\xb8\x01",
        "wav": _wav(),
        "flac": b"fLaC\0\0\0\x22\x10\0\x10\0\0\0\0\0\0\0\x0a\xc4\x42\xf0" + b"\0" * 20,
        "zip": _zip("a.txt"),
        "docx": _zip("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
        "text": "Ein Satz über Füße.\n".encode(),
        "csv": b"name,number\na,1\nb,2\n",
        "json": b'{"a": [1, 2, 3]}',
    }
)
"""By what they are."""

HOSTILE: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "nothing": b"",
        "html": HTML,
        "html behind 4 KiB of spaces": b" " * 4096 + HTML,
        "html behind a BOM": b"\xef\xbb\xbf" + HTML,
        "html behind a comment": b"<!--" + b"x" * 2000 + b"-->" + HTML,
        "html in UTF-16": HTML.decode().encode("utf-16"),
        "html in UTF-7": b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "svg with a declaration": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "xhtml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>'
        + SCRIPT
        + b"</script></html>",
        "xslt": b'<?xml-stylesheet type="text/xsl" href="#"?><xsl:stylesheet version="1.0"/>',
        "mhtml": b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        + HTML,
        "js": b"'use strict';\nfunction run() { " + SCRIPT + b" }\nrun();\n",
        "js behind #!": b"#!/usr/bin/env node\n" + SCRIPT,
        "js in UTF-16": SCRIPT.decode().encode("utf-16"),
        "css": b"@import url(//evil.example/);\nbody { background: url(//evil.example/) }\n",
        "wasm": b"\0asm\x01\0\0\0",
        "swf": b"FWS\x09\x20\0\0\0\x48\x01\x40\0\x5a\0\0\x18\x01\0",
        "elf": b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\0\x3e\0\x01\0\0\0" + b"\0" * 40,
        "pe": b"MZ" + b"\0" * 58 + b"\x40\0\0\0PE\0\0\x64\x86\x01\0" + b"\0" * 60,
        "java class": b"\xca\xfe\xba\xbe\0\0\0\x34\0\x10" + b"\0" * 16,
        "php": b"<?php system($_GET['c']); ?>",
        "gif and js": b"GIF89a/*" + b"\0" * 20 + b"*/=1;" + SCRIPT,
        "gif and html": GIF + HTML,
        "pdf and html": b"<!doctype html><script>" + SCRIPT + b"</script><!--\n" + PDF + b"-->",
        "pdf and js": b"/*%PDF-1.4 */" + SCRIPT,
        "jpeg and js": b"\xff\xd8\xff\xe0/*JFIF" + b"\0" * 20 + b"*/=1;" + SCRIPT,
        "zip and html": HTML + _zip("a.class"),
        "octets": b"\x00\x01\x02\x03" * 8,
    }
)
"""What attackers upload, by what it is."""
