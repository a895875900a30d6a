"""A storage of media to save in, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.media.uploading import make_picture
from whitemedia.django.media import MediaStorage

PAGE = b"<!doctype html><script>alert(1)</script>"
PNG = make_picture("PNG")


def files_in(root: Path) -> dict[str, int]:
    """All but what is ours, with their lengths."""
    found = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".whitemedia"))
    return {str(path.relative_to(root)): path.stat().st_size for path in found}


def storage(tmp_path: Path, **options: Any) -> MediaStorage:
    return MediaStorage(location=tmp_path, base_url="/media/", **options)


def read(made: MediaStorage, name: str) -> bytes:
    with made.open(name) as file:
        data: bytes = file.read()
    return data


Refused = tuple[dict[str, Any], str, bytes, str, str]


REFUSED: dict[str, Refused] = {
    "another type": ({"accept": "image/*"}, "a.txt", b"1", "wrong_type", "is no file of an accepted type"),
    "another content": ({"accept": "image/*"}, "a.png", PAGE, "wrong_type", "does not contain what its name says"),
    "too large": ({"max_size": 9}, "a.txt", b"1" * 10, "too_large", "is larger than 9 bytes"),
    "no room": ({"quota": 9}, "a.txt", b"1" * 10, "quota_exceeded", "There is no room left"),
}
