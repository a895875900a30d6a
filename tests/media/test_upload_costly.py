"""What is small to send and would take minutes to look at is refused, or not looked at."""

from __future__ import annotations

import errno
import io
import itertools
import struct
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.media.uploading import encode, left_in, paint, upload
from whitemedia.media import images
from whitemedia.media.filenames import LONGEST, safe_name
from whitemedia.media.images import clean, thumbnail_name, thumbnails
from whitemedia.media.tiff import most_pieces
from whitemedia.media.upload_errors import BrokenImage, ImageTooLarge, UploadTooLarge
from whitemedia.media.uploads import MediaStore


def test_only_the_end_of_a_name_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """To put thousands of accents in order takes the square of their number."""
    looked_at: list[int] = []
    real = unicodedata.normalize

    def normalize(form: Any, text: str) -> str:
        looked_at.append(len(text))
        return str(real(form, text))

    monkeypatch.setattr(unicodedata, "normalize", normalize)
    name = safe_name("a" + "\u0301" * 50_000 + "\u0323" * 50_000 + ".png")
    assert max(looked_at) <= 1000
    assert name.endswith(".png")
    assert len(name.encode()) <= LONGEST


def test_many_small_frames_count_for_more_than_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [paint("1", (1, 1))] * 300
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    seen = itertools.count()
    real = Image.Image.load

    def load(picture: Image.Image) -> Any:
        next(seen)
        return real(picture)

    monkeypatch.setattr(Image.Image, "load", load)
    with pytest.raises(ImageTooLarge):
        clean(io.BytesIO(data), "a.tif", 1_000_000)
    assert next(seen) < len(pages)


def with_scans(count: int) -> io.BytesIO:
    """A progressive JPEG that draws its last scan again and again."""
    made = io.BytesIO()
    paint("L", (64, 64)).save(made, "JPEG", progressive=True)
    data = made.getvalue()
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    return io.BytesIO(data[:last] + scan * count + data[-2:])


def test_a_jpeg_that_draws_itself_too_often_is_refused() -> None:
    assert clean(with_scans(5), "a.jpg", 1_000_000)
    with pytest.raises(BrokenImage):
        clean(with_scans(200), "a.jpg", 1_000_000)
    with pytest.raises(BrokenImage):
        thumbnails(with_scans(200), "a.jpg", [10], 1_000_000)


def test_scans_are_counted_from_block_to_block(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in range(1, 12):
        monkeypatch.setattr(images, "_BLOCK", size)
        assert clean(with_scans(5), "a.jpg", 1_000_000)
        with pytest.raises(BrokenImage):
            clean(with_scans(100), "a.jpg", 1_000_000)


def test_a_film_that_a_telephone_appended_is_no_scan() -> None:
    """Ten seconds of it have the two bytes of a scan's marker by chance, some hundred times."""
    picture = with_scans(1).getvalue()
    film = b"\0\0\0\x18ftypmp42" + b"\xff\xda\x9f" * 500
    cleaned = clean(io.BytesIO(picture + film), "a.jpg", 1_000_000)
    assert len(cleaned) < len(picture + film)
    assert thumbnails(io.BytesIO(picture + film), "a.jpg", [10], 1_000_000)


def with_strips(*pages: int, order: str = "<", big: bool = False) -> io.BytesIO:
    """A TIFF of such pages, each with so many strips, as far as its fields tell."""
    start, of_field, of_offset = (16, "HHQQ", "Q") if big else (8, "HHLL", "L")
    version = struct.pack(order + "H", 43 if big else 42) + (struct.pack(order + "HH", 8, 0) if big else b"")
    data = {"<": b"II", ">": b"MM"}[order] + version + struct.pack(order + of_offset, start)
    for number, strips in enumerate(pages, 1):
        fields = struct.pack(order + ("Q" if big else "H"), 1) + struct.pack(order + of_field, 273, 4, strips, 0)
        following = len(data) + len(fields) + struct.calcsize("=" + of_offset)
        data += fields + struct.pack(order + of_offset, following if number < len(pages) else 0)
    return io.BytesIO(data)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("pages", "most"), [((1,), 1), ((3, 70_000, 5), 70_000), ((), 0)])
def test_strips_are_counted_on_every_page(pages: tuple[int, ...], most: int, order: str, big: bool) -> None:
    assert most_pieces(with_strips(*pages, order=order, big=big), pages=9) == most


def test_a_bigtiff_that_pillow_reads_as_a_classic_one_is_counted_as_both() -> None:
    data = with_strips(1, order=">", big=True).getvalue()
    (offset,) = struct.unpack_from(">L", data, 4)
    data = data.ljust(offset, b"\0") + struct.pack(">HHHLLL", 1, 273, 4, 70_000, 0, 0)
    assert most_pieces(io.BytesIO(data), pages=9) == 70_000


def test_no_more_pages_are_counted_than_will_be_looked_at() -> None:
    assert most_pieces(with_strips(1, 2, 3, 4), pages=2) == 2


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"II*", b"II*\0", b"II*\0\x08\0\0\0", b"II*\0\xff\xff\xff\xff", b"MM\0+", b"\x89PNG\r\n\x1a\n"),
        *(b"II*\0\x08\0\0\0\0\0\x08\0\0\0", b"II+\0\x08\0\0\0" + b"\xff" * 8),
    ],
)
def test_what_is_cut_off_or_leads_back_to_itself_is_counted_to_its_end(data: bytes) -> None:
    assert most_pieces(io.BytesIO(data), pages=99) == 0


@pytest.mark.parametrize("make", [clean, lambda *given: thumbnails(given[0], given[1], (320,), given[2])])
def test_a_picture_of_very_many_strips_is_refused_before_it_is_opened(
    make: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each a decoder keeps more than there is in the file."""
    monkeypatch.setattr(Image, "open", lambda *args, **named: pytest.fail("opened"))
    with pytest.raises(BrokenImage):
        make(with_strips(500_000), "a.tif", 50_000_000)


def test_a_tall_picture_has_no_thumbnail_that_is_taller_than_one_can_be() -> None:
    made = io.BytesIO()
    paint("1", (400, 30_000)).save(made, "PNG")
    assert [width for width, _ in thumbnails(made, "a.png", [100, 320], 50_000_000)] == [100]


def test_what_a_decoder_calls_an_error_of_the_system_is_the_pictures() -> None:
    with pytest.raises(BrokenImage):
        clean(io.BytesIO(b"II+\0\x08\0\0\0" + (2**62).to_bytes(8, "little") + bytes(100)), "a.tif", 1_000_000)


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EMFILE])
def test_an_error_of_the_disk_stays_one(code: int) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(code, "failed")

    with pytest.raises(OSError, match="failed"):
        clean(Failing(), "a.png", 1_000_000)


def test_what_is_larger_once_it_is_clean_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "clean", lambda *arguments: b"1" * 1001)
    store = MediaStore(tmp_path, accept="image/*", max_size=1000)
    made = io.BytesIO()
    paint("L", (4, 4)).save(made, "PNG")
    with pytest.raises(UploadTooLarge):
        upload(store, "a.png", made.getvalue(), clean=True)
    assert left_in(tmp_path) == []


def test_a_thumbnail_that_is_made_while_its_picture_goes_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MediaStore(tmp_path, accept="image/*", widths=(10,))
    made = io.BytesIO()
    paint("L", (40, 40)).save(made, "PNG")
    name = upload(store, "a.png", made.getvalue()).name
    delete = store._delete

    def late(deleted: str, ledger: Any) -> bool:
        if deleted == name:
            store.thumbnails(name)
        return delete(deleted, ledger)

    monkeypatch.setattr(store, "_delete", late)
    assert store.delete(name)
    assert not store.exists(thumbnail_name(name, 10))
    assert left_in(tmp_path) == []
