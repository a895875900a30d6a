"""A picture's thumbnails are its own: none of one that was deleted is ever shown for another of the same name."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from tests.integration.server import require
from whitemedia.media import images
from whitemedia.media.uploads import MediaStore

WIDTHS = (10, 20)
THUMBNAILS = ["a_png.10w.webp", "a_png.20w.webp"]


def picture(colour: str) -> io.BytesIO:
    require("PIL")
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(made, "PNG")
    made.seek(0)
    return made


def save(store: MediaStore, colour: str = "red") -> str:
    return store.save(picture(colour), filename="a.png").name


@pytest.mark.parametrize("last", range(3))
def test_a_deletion_that_is_interrupted_leaves_no_thumbnail_without_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    store = MediaStore(tmp_path, widths=WIDTHS)
    store.thumbnails(save(store))
    unlinked: list[str] = []
    unlink = os.unlink

    def unlink_some(path: str) -> None:
        if len(unlinked) == last:
            raise KeyboardInterrupt
        unlinked.append(path)
        unlink(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", unlink_some)
        with pytest.raises(KeyboardInterrupt):
            store.delete("a.png")
    assert store.exists("a.png")
    assert len(store.thumbnails("a.png")) == len(WIDTHS)


def test_thumbnails_that_are_made_while_their_picture_is_deleted_do_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker makes them, which takes its time, and a user deletes the picture meanwhile."""
    store = MediaStore(tmp_path, widths=WIDTHS)
    save(store)
    make = images.thumbnails

    def make_slowly(*arguments: object) -> object:
        made = make(*arguments)  # type: ignore[arg-type]
        assert store.delete("a.png")
        return made

    with monkeypatch.context() as patch:
        patch.setattr(images, "thumbnails", make_slowly)
        with pytest.raises(FileNotFoundError):
            store.thumbnails("a.png")
    assert os.listdir(tmp_path) == []
