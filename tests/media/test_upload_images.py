"""A picture is encoded anew, upright and without a word of its camera's; one that would fill the memory is not decoded."""

from __future__ import annotations

import errno
import io
import random
import struct
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from tests.assets.failing import fail_with
from tests.media.uploading import (
    SECRET,
    SIZE,
    animate,
    encode,
    exif,
    left_in,
    make_picture,
    paint,
    png_texts,
    tiff_tags,
    upload,
)
from whitemedia.media import images
from whitemedia.media.upload_errors import BrokenImage, ImageTooLarge, UploadError
from whitemedia.media.uploads import MediaStore

UPRIGHT = (SIZE[1], SIZE[0])
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LIMIT = 1_000_000


def clean(data: bytes, limit: int = LIMIT) -> bytes:
    return images.clean(io.BytesIO(data), "holiday", limit)


def read(data: bytes) -> Any:
    return Image.open(io.BytesIO(data))


def preview() -> dict[str, Any]:
    return {"save_all": True, "append_images": [paint(size=(8, 4))]}


OF_CAMERAS: dict[str, tuple[Callable[[], bytes], tuple[int, int]]] = {
    "JPEG": (lambda: make_picture("JPEG", exif=exif(), comment=SECRET, xmp=SECRET), UPRIGHT),
    "JPEG in CMYK": (lambda: make_picture("JPEG", "CMYK", exif=exif(), comment=SECRET), UPRIGHT),
    "JPEG with a preview": (lambda: make_picture("MPO", exif=exif(), comment=SECRET, **preview()), UPRIGHT),
    "PNG": (lambda: make_picture("PNG", exif=exif(), pnginfo=png_texts()), UPRIGHT),
    "PNG that moves": (lambda: animate("PNG", exif=exif(), pnginfo=png_texts(), duration=100), UPRIGHT),
    "WebP": (lambda: make_picture("WEBP", exif=exif(), xmp=SECRET), UPRIGHT),
    "WebP that moves": (lambda: animate("WEBP", exif=exif(), xmp=SECRET, duration=100), UPRIGHT),
    "AVIF": (lambda: make_picture("AVIF", exif=exif(), xmp=SECRET), UPRIGHT),
    "GIF": (lambda: make_picture("GIF", "P", comment=SECRET), SIZE),
    "GIF that moves": (lambda: animate("GIF", comment=SECRET, duration=100), SIZE),
    "TIFF": (lambda: make_picture("TIFF", tiffinfo=tiff_tags()), UPRIGHT),
    "TIFF of pages": (lambda: animate("TIFF", tiffinfo=tiff_tags()), UPRIGHT),
}


@pytest.mark.parametrize(("make", "size"), OF_CAMERAS.values(), ids=OF_CAMERAS)
def test_nothing_of_a_camera_is_left_and_the_picture_is_upright(
    make: Callable[[], bytes], size: tuple[int, int]
) -> None:
    data = make()
    assert SECRET in data
    cleaned = clean(data)
    picture = read(cleaned)
    assert SECRET not in cleaned
    assert SECRET.decode() not in str(picture.info)
    assert (picture.size, picture.getexif().get(274, 1)) == (size, 1)
    assert picture.format == read(data).format.replace("MPO", "JPEG")


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        *[("JPEG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGBA"), ("AVIF", "RGBA"), ("GIF", "P")],
        *[("PNG", mode) for mode in ("1", "L", "LA", "P", "RGBA", "I;16")],
        *[("TIFF", mode) for mode in ("F", "I;16", "CMYK", "LAB")],
    ],
)
def test_what_its_pixels_are_made_of_stays(form: str, mode: str) -> None:
    picture = read(clean(make_picture(form, mode)))
    assert (picture.format, picture.mode, picture.size) == (form, mode, SIZE)


def test_a_transparent_colour_of_a_palette_stays() -> None:
    assert read(clean(make_picture("PNG", "P", transparency=0))).info["transparency"] == 0


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_its_colours_stay_what_they_mean(form: str) -> None:
    assert read(clean(make_picture(form, icc_profile=PROFILE))).info["icc_profile"] == PROFILE


def png_of(width: int, height: int) -> bytes:
    """The header of a picture, and nothing that it says."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def gif_of(*sizes: tuple[int, int]) -> bytes:
    """A screen of one pixel, and frames that say they are larger."""
    frames = [b"," + struct.pack("<HHHHB", 0, 0, *size, 0) + b"\x02\x02D\x01\x00" for size in sizes]
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + b"".join(frames) + b";"


def pages(*sizes: tuple[int, int]) -> bytes:
    first, *others = [paint("1", size) for size in sizes]
    return encode(first, "TIFF", save_all=True, append_images=others, compression="group4")


BOMBS = {
    "a PNG of 10000 by 10000": png_of(10_000, 10_000),
    "a PNG of 60000 by 60000": png_of(60_000, 60_000),
    "a PNG as large as can be said": png_of(2**31 - 1, 2**31 - 1),
    "one pixel more": png_of(1001, 1000),
    "many frames": animate("GIF"),
    "a frame that is larger than the first": gif_of((1, 1), (9000, 9000)),
    "a page that is larger than the first": pages((1, 1), (3000, 3000)),
}
LIMITS = {"many frames": 3 * SIZE[0] * SIZE[1] - 1}


@pytest.mark.parametrize("name", BOMBS)
def test_a_picture_of_more_pixels_than_may_be_is_not_decoded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = LIMITS.get(name, LIMIT)
    loaded: list[tuple[int, int]] = []
    real = Image.Image.load

    def load(picture: Image.Image) -> Any:
        loaded.append(picture.size)
        return real(picture)

    monkeypatch.setattr(Image.Image, "load", load)
    with pytest.raises(ImageTooLarge) as caught:
        clean(BOMBS[name], limit)
    assert (caught.value.code, caught.value.limit, caught.value.found > limit) == (413, limit, True)
    assert sum(width * height for width, height in set(loaded)) <= limit
    assert len(BOMBS[name]) < 5000


def test_the_limit_that_pillow_has_is_told_where_it_is_less() -> None:
    """It told of 500 million pixels that a picture of 178,956,971 had too many."""
    with pytest.raises(ImageTooLarge, match="more than 179 million pixels") as caught:
        clean(png_of(178_956_971, 1), 500_000_000)
    assert caught.value.limit == 2 * (Image.MAX_IMAGE_PIXELS or 0)


@pytest.mark.parametrize(
    ("limit", "words"), [(50_000_000, "50 million"), (1_500_000, "1.5 million"), (900, "900")]
)
def test_the_limit_is_told_as_it_is(limit: int, words: str) -> None:
    assert f"more than {words} pixels" in str(ImageTooLarge("a.png", limit + 1, limit))


@pytest.mark.parametrize("make", [images.clean, images.thumbnails], ids=["cleaned", "made smaller"])
def test_a_picture_at_the_limit_is_decoded(make: Callable[..., Any]) -> None:
    more = ([10],) if make is images.thumbnails else ()
    assert make(io.BytesIO(make_picture("PNG")), "a", *more, SIZE[0] * SIZE[1])


def damaged(data: bytes, seed: int) -> bytes:
    """Some bytes are others, and some are missing."""
    chance = random.Random(seed)
    made = bytearray(data)
    for _ in range(chance.choice([1, 2, 5])):
        made[chance.randrange(min(len(made), chance.choice([60, 600])))] = chance.choice([0, 255, 6])
    return bytes(made[: chance.randrange(len(made))] if chance.random() < 0.3 else made)


DAMAGED = {
    "JPEG": make_picture("JPEG", exif=exif(), comment=SECRET),
    "JPEG with a preview": make_picture("MPO", exif=exif(), **preview()),
    "PNG": make_picture("PNG", exif=exif(), pnginfo=png_texts()),
    "WebP": make_picture("WEBP", exif=exif()),
    "AVIF": make_picture("AVIF", exif=exif()),
    "GIF that moves": animate("GIF", duration=100),
    "TIFF": make_picture("TIFF", tiffinfo=tiff_tags()),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_whatever_is_wrong_with_a_picture_its_user_is_told(data: bytes) -> None:
    """Decoders fail with errors of all kinds: struct.error in EXIF, RuntimeError in AVIF."""
    refused = 0
    for seed in range(200):
        for make in (clean, lambda data: images.thumbnails(io.BytesIO(data), "a", (10,), LIMIT)):
            try:
                make(damaged(data, seed))
            except UploadError:
                refused += 1
    assert refused > 20


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"no picture", b"%!PS-Adobe-3.0"], ids=repr
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenImage) as caught:
        clean(data)
    assert (caught.value.code, str(caught.value)) == (415, "“holiday” is no picture that can be read.")


def test_a_disk_that_fails_is_no_broken_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO(make_picture("PNG"))
    monkeypatch.setattr(Image, "open", fail_with(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        images.clean(file, "a", LIMIT)


def test_warnings_of_a_picture_are_no_user_s() -> None:
    odd = make_picture("PNG", "P", transparency=bytes(256))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clean(odd)
    assert caught == []


def test_a_picture_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, accept="image/*")
    with pytest.raises(BrokenImage):
        upload(store, "a.png", make_picture("PNG")[:60], clean=True)
    with pytest.raises(ImageTooLarge):
        upload(store, "a.png", png_of(60_000, 60_000), clean=True)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("name", ["a.png", "a.apng", "a.heic", "a.jxl", "a", "a.jpg"])
def test_whatever_a_picture_is_called_it_is_cleaned(tmp_path: Path, name: str) -> None:
    """Else a place could be kept by another extension."""
    stored = upload(MediaStore(tmp_path, accept="image/*"), name, make_picture("JPEG", exif=exif()), clean=True)
    assert SECRET not in (tmp_path / stored.name).read_bytes()


def test_a_picture_that_cannot_be_cleaned_is_not_kept_as_it_is(tmp_path: Path) -> None:
    heic = struct.pack(">I", 24) + b"ftypheic\x00\x00\x00\x00mif1heic" + SECRET * 100
    with pytest.raises(BrokenImage):
        upload(MediaStore(tmp_path, accept="image/*"), "a.heic", heic, clean=True)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("name", ["a.txt", "a.svg"])
def test_what_no_camera_took_is_kept_as_it_is(tmp_path: Path, name: str) -> None:
    data = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    stored = upload(MediaStore(tmp_path, accept=".txt,.svg"), name, data, clean=True)
    assert (tmp_path / stored.name).read_bytes() == data


def test_without_pillow_an_error_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MediaStore(tmp_path, accept="image/*")
    data = make_picture("PNG")
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(ImportError, match=r"pip install 'whitemedia\[images\]'"):
        upload(store, "a.png", data, clean=True)
    assert left_in(tmp_path) == []
    assert upload(store, "a.png", data).name == "a.png"
