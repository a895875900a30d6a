"""What is uploaded in these tests, and what must hold of a root afterwards."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image, PngImagePlugin, TiffImagePlugin

from whitemedia.media.uploads import MediaStore, StoredFile

SECRET: Final = b"taken at home"
"""What a camera wrote into a picture."""

SIZE: Final = (40, 20)
ORIENTATION: Final = 0x0112
SIDEWAYS: Final = 6
"""An orientation: a picture of SIZE is upright when it is turned by a quarter."""


def paint(mode: str = "RGB", size: tuple[int, int] = SIZE, colour: Any = 0) -> Image.Image:
    return Image.new(mode, size, colour)


def encode(picture: Image.Image, form: str, **options: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, form, **options)
    return made.getvalue()


def make_picture(form: str, mode: str = "RGB", size: tuple[int, int] = SIZE, **options: Any) -> bytes:
    return encode(paint(mode, size), form, **options)


def animate(form: str, **options: Any) -> bytes:
    """Three frames."""
    first, *others = [paint(colour=(60 * number, 0, 0)) for number in range(3)]
    return encode(first, form, save_all=True, append_images=others, **options)


def exif() -> Image.Exif:
    """As a camera writes it that was held upright, with a place."""
    made = Image.Exif()
    made[ORIENTATION] = SIDEWAYS
    made[0x010E] = SECRET.decode()
    return made


def png_texts() -> PngImagePlugin.PngInfo:
    """A text of each kind."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET.decode())
    texts.add_text("Packed", SECRET.decode(), zip=True)
    texts.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return texts


def tiff_tags() -> TiffImagePlugin.ImageFileDirectory_v2:
    """XMP, IPTC, what Photoshop adds, a description, and an orientation."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for number in (700, 33723, 34377):
        tags[number] = SECRET
    tags[270] = SECRET.decode()
    tags[ORIENTATION] = SIDEWAYS
    return tags


def upload(store: MediaStore, name: str | None, data: bytes, *, clean: bool = False) -> StoredFile:
    """Save `data` as a file that its user calls `name`."""
    return store.save(io.BytesIO(data), filename=name, clean=clean)


def left_in(root: Path) -> Sequence[str]:
    """What is in a root, hidden or not, but for the count of a quota."""
    return sorted(path.name for path in root.iterdir() if not path.name.startswith(".whitemedia-quota"))


def in_threads(count: int, work: Callable[[int], object]) -> None:
    """Do it in so many threads at once; all of them must succeed."""
    failed: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
