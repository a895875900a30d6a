"""A picture that moves is cleaned frame by frame, and moves as it did."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image

from tests.media.uploading import animate, encode, make_picture
from whitemedia.media import images
from whitemedia.media.upload_errors import BrokenImage


def clean(data: bytes) -> bytes:
    return images.clean(io.BytesIO(data), "holiday", 1_000_000)


def timing(data: bytes) -> tuple[list[int], int]:
    """How long each frame is shown, and how often all of them."""
    picture: Any = Image.open(io.BytesIO(data))
    durations = []
    for number in range(picture.n_frames):
        picture.seek(number)
        picture.load()
        durations.append(round(picture.info["duration"]))
    return durations, picture.info.get("loop", 0)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_it_moves_on_as_long_and_as_often(form: str) -> None:
    data = animate(form, duration=[100, 200, 300], loop=3)
    assert timing(clean(data)) == timing(data) == ([100, 200, 300], 3)


def test_an_avif_moves_on_as_long() -> None:
    assert timing(clean(animate("AVIF", duration=[100, 200, 300])))[0] == [100, 200, 300]


def seen(data: bytes) -> list[bytes]:
    """Each frame before a grey wall."""
    picture: Any = Image.open(io.BytesIO(data))
    shown = []
    for number in range(picture.n_frames):
        picture.seek(number)
        wall = Image.new("RGBA", picture.size, (99, 99, 99, 255))
        wall.alpha_composite(picture.convert("RGBA"))
        shown.append(wall.tobytes())
    return shown


def dots(mode: str) -> list[Image.Image]:
    """Frames that are transparent but for some dots, each in other places."""
    chance = random.Random(3)
    frames = []
    for number in range(1, 5):
        frame = Image.new(mode, (16, 16))
        if mode == "P":
            frame.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9] + [0] * 753)
        for _ in range(60):
            place = chance.randrange(16), chance.randrange(16)
            frame.putpixel(place, number if mode == "P" else (255, 40 * number, 0, 255))
        frames.append(frame)
    return frames


@pytest.mark.parametrize(
    ("form", "options"),
    [
        *[("GIF", {"disposal": disposal, "transparency": 0}) for disposal in range(4)],
        *[("GIF", {"disposal": disposal}) for disposal in range(4)],
        *[("PNG", {"disposal": disposal, "blend": blend}) for disposal in range(3) for blend in range(2)],
        ("PNG", {"default_image": True}),
    ],
    ids=str,
)
def test_each_frame_is_what_was_seen(form: str, options: dict[str, Any]) -> None:
    """Where frames of a GIF went before the next, those behind shone through."""
    first, *others = dots("P" if form == "GIF" else "RGBA")
    data = encode(first, form, save_all=True, append_images=others, duration=100, **options)
    assert seen(clean(data)) == seen(data)
    assert len(seen(data)) == 4


def test_a_pillow_without_avif_reads_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """As before 11.3: it stops where it is asked for a format that it lacks."""
    made = {form: make_picture(form) for form in ("AVIF", "GIF", "JPEG", "PNG", "TIFF", "WEBP")}
    monkeypatch.delitem(Image.OPEN, "AVIF")
    with pytest.raises(BrokenImage):
        clean(made.pop("AVIF"))
    assert all(clean(data) for data in made.values())
