"""A picture has smaller ones beside it, made once, and gone with it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from tests.media.uploading import SECRET, animate, encode, exif, left_in, make_picture, paint, upload
from whitemedia.media import images
from whitemedia.media.upload_errors import BrokenImage, QuotaExceeded
from whitemedia.media.uploads import MediaStore

ALL = ["a_png.10w.webp", "a_png.20w.webp"]


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path, accept="image/*", widths=(20, 10, 400))


def small(data: bytes, width: int = 10) -> Any:
    """What is made of a picture, to be looked at."""
    [(_, made)] = images.thumbnails(io.BytesIO(data), "a", [width], 1_000_000)
    return Image.open(io.BytesIO(made))


def test_they_are_of_each_width_that_is_less_than_its_own(store: MediaStore, tmp_path: Path) -> None:
    upload(store, "a.png", make_picture("PNG"))
    made = store.thumbnails("a.png")
    assert [thumbnail.name for thumbnail in made] == ALL
    assert [Image.open(io.BytesIO((tmp_path / name).read_bytes())).size for name in ALL] == [(10, 5), (20, 10)]
    assert {(thumbnail.media_type, thumbnail.url) for thumbnail in made} == {
        ("image/webp", f"/media/{name}") for name in ALL
    }
    assert [thumbnail.size for thumbnail in made] == [(tmp_path / name).stat().st_size for name in ALL]


def test_they_are_not_made_again(store: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(store, "a.png", make_picture("PNG"))
    (tmp_path / ALL[0]).write_bytes(b"mine")
    first = store.thumbnails("a.png")
    monkeypatch.setattr(images, "_scaled", None)
    assert store.thumbnails("a.png") == first
    assert (tmp_path / ALL[0]).read_bytes() == b"mine"


def test_they_are_gone_with_it_and_no_other_s(store: MediaStore, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        upload(store, name, make_picture("PNG"))
        store.thumbnails(name)
    assert store.delete("a.png")
    assert left_in(tmp_path) == ["b.png", "b_png.10w.webp", "b_png.20w.webp"]


def test_they_are_not_gone_with_what_is_called_alike(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, widths=(20, 10))
    upload(store, "a.png", make_picture("PNG"))
    store.thumbnails("a.png")
    assert upload(store, "a_png", b"text").name == "a_png"
    assert store.thumbnail_url("a_png", 10) == "/media/a_png"
    assert store.delete("a_png")
    assert left_in(tmp_path) == ["a.png", *ALL]


def test_they_are_no_names_of_users(store: MediaStore) -> None:
    upload(store, "a.png", make_picture("PNG"))
    store.thumbnails("a.png")
    assert store.names() == ["a.png"]
    assert upload(store, ALL[0], make_picture("WEBP")).name == "a_png_10w.webp"


def test_where_there_is_none_the_picture_has_its_url(store: MediaStore) -> None:
    upload(store, "a ü.png", make_picture("PNG"))
    assert store.thumbnail_url("a ü.png", 10) == "/media/a%20%C3%BC.png"
    store.thumbnails("a ü.png")
    assert store.thumbnail_url("a ü.png", 10) == "/media/a%20%C3%BC_png.10w.webp"
    assert store.thumbnail_url("a ü.png", 400) == "/media/a%20%C3%BC.png"


@pytest.mark.parametrize("name", ["a\udcff", "a.\udcff", "../a.png", "a\0.png", "", ".png", "x" * 300 + ".png"])
def test_a_hostile_name_has_none(store: MediaStore, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        store.thumbnails(name)
    assert not store.delete(name)
    assert store.thumbnail_url(name, 10) == store.url(name)


def test_they_count(tmp_path: Path) -> None:
    data = make_picture("PNG")
    store = MediaStore(tmp_path, accept="image/*", widths=(10,), quota=len(data) + 10)
    upload(store, "a.png", data)
    with pytest.raises(QuotaExceeded) as caught:
        store.thumbnails("a.png")
    assert caught.value.filename == "a.png"
    assert left_in(tmp_path) == ["a.png"]


def test_their_room_is_given_back(tmp_path: Path) -> None:
    data = make_picture("PNG")
    store = MediaStore(tmp_path, accept="image/*", widths=(10,), quota=len(data) + 150)
    for _ in range(3):
        upload(store, "a.png", data)
        assert [made.name for made in store.thumbnails("a.png")] == ["a_png.10w.webp"]
        assert store.delete("a.png")
    assert (tmp_path / ".whitemedia-quota").read_bytes() == b"0"


def test_what_is_no_picture_has_none(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, accept=".txt", widths=(10,))
    upload(store, "a.txt", b"text")
    with pytest.raises(BrokenImage):
        store.thumbnails("a.txt")
    with pytest.raises(FileNotFoundError):
        store.thumbnails("b.txt")
    assert left_in(tmp_path) == ["a.txt"]


def test_it_is_upright_and_says_nothing_of_a_camera() -> None:
    [(width, made)] = images.thumbnails(io.BytesIO(make_picture("JPEG", exif=exif())), "a", [10, 20], 1_000_000)
    assert (width, Image.open(io.BytesIO(made)).size) == (10, (10, 20))
    assert SECRET not in made


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP", "AVIF"])
def test_of_what_moves_it_is_the_first_frame(form: str) -> None:
    picture = small(animate(form, duration=100))
    assert (getattr(picture, "n_frames", 1), picture.size) == (1, (10, 5))
    assert picture.convert("RGB").getpixel((1, 1))[0] < 30


@pytest.mark.parametrize(
    ("form", "mode", "colour", "shown"),
    [
        ("PNG", "RGB", (200, 100, 50), (200, 100, 50)),
        ("PNG", "L", 100, (100, 100, 100)),
        ("PNG", "1", 1, (255, 255, 255)),
        ("PNG", "I;16", 100 * 256, (100, 100, 100)),
        ("TIFF", "I;16B", 100 * 256, (100, 100, 100)),
        ("JPEG", "CMYK", (0, 255, 255, 0), (255, 0, 0)),
    ],
    ids=str,
)
def test_it_looks_like_its_picture(form: str, mode: str, colour: Any, shown: tuple[int, int, int]) -> None:
    """Pictures of 16 bits were white."""
    found = small(encode(paint(mode, colour=colour), form)).convert("RGB").getpixel((5, 2))
    assert all(abs(one - other) < 8 for one, other in zip(found, shown, strict=True)), found


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("PNG", "RGBA", {}),
        ("PNG", "LA", {}),
        ("PNG", "P", {"transparency": 0}),
        ("PNG", "RGB", {"transparency": (0, 0, 0)}),
    ],
    ids=str,
)
def test_what_is_transparent_stays_so(form: str, mode: str, options: dict[str, Any]) -> None:
    assert small(make_picture(form, mode, **options)).getpixel((5, 2))[3] == 0


@pytest.mark.parametrize(
    ("space", "mode", "is_kept"),
    [(b"RGB ", "RGB", True), (b"CMYK", "CMYK", False), (b"GRAY", "L", False)],
    ids=str,
)
def test_a_profile_of_other_colours_is_not_its(space: bytes, mode: str, is_kept: bool) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile[:16] + space + profile[20:]
    assert small(make_picture("JPEG", mode, icc_profile=profile)).info.get("icc_profile") == (
        profile if is_kept else None
    )


@pytest.mark.parametrize("size", [(5000, 1), (11, 3000), (10, 10), (1, 1)], ids=str)
def test_it_has_the_shape_of_its_picture_and_one_row_at_least(store: MediaStore, size: tuple[int, int]) -> None:
    upload(store, "a.png", make_picture("PNG", size=size))
    for made in store.thumbnails("a.png"):
        with store.open(made.name) as file, Image.open(file) as picture:
            assert picture.width < size[0]
            assert picture.height == max(round(size[1] * picture.width / size[0]), 1)
