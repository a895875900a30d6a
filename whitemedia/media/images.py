"""Pictures: encoded anew without metadata, and made smaller. Needs Pillow, from the extra `images`.

A picture is measured before it is decoded: a few bytes can say that they are a thousand million pixels.
"""

from __future__ import annotations

import errno
import importlib
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from whitemedia.media.filenames import split_extension
from whitemedia.media.tiff import most_pieces
from whitemedia.media.upload_errors import BrokenImage, ImageTooLarge, UploadError

if TYPE_CHECKING:
    from PIL.Image import Image

WEBP: Final = "image/webp"
_QUALITY: Final = 80  # of WebP: a third smaller than a JPEG that looks alike
_JPEG: Final = "JPEG"
_JPEG_QUALITY: Final = 90

_FORMATS: Final = ("GIF", "JPEG", "PNG", "TIFF", "WEBP", "AVIF")
"""Formats that are read; Pillow's others have had more faults than users. It looks for them in this order, and goes no
further than to one that it lacks, as AVIF before 11.3."""

_HIGHEST: Final = 16_383  # pixels of a WebP
_LEAST_PIXELS: Final = 50_000
"""What each further frame counts as, at least: a small one takes time too."""

_MAX_SCANS: Final = 100
_SCAN: Final = re.compile(rb"\xff\xda\0(?:\x06\0|\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")
"""How one begins: its marker, its header's length, and how many components it draws (ITU T.81, B.2.3). The marker alone
stands by chance in the films that telephones append to their pictures."""

_SCAN_LENGTH: Final = 5
_MAX_PIECES: Final = 32_768  # of a page; each takes 2 KB while it is decoded
_BLOCK: Final = 1 << 20
_OF_THE_SYSTEM: Final = frozenset({errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.ENOMEM})

_THUMBNAIL: Final = re.compile(r"\.[0-9]+w\.webp\Z")

_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "AVIF": {"quality": 80},
    _JPEG: {"quality": _JPEG_QUALITY, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": _JPEG_QUALITY},
}

_ENCODED: Final = frozenset(
    {"background", "blend", "compression", "default_image", "disposal", "duration", "loop", "transparency"}
)
"""What encoders take of what was beside a picture; comments and the like they would take too."""


def is_picture(media_type: str) -> bool:
    """Whether a camera may have written something into it; `clean` and `thumbnails` refuse those they cannot read."""
    return media_type.startswith("image/") and media_type != "image/svg+xml"


def clean(file: BinaryIO, name: str, max_pixels: int) -> bytes:
    """The picture in `file` encoded anew in its own format: upright, with its colours, and without any metadata.

    `name` is for messages. Raises `ImageTooLarge`, `BrokenImage`.
    """
    with _decoding(file, name, max_pixels) as picture:
        form = _JPEG if _is_jpeg(picture) else str(picture.format)
        first, *others = _frames(picture, name, max_pixels)
        made = io.BytesIO()
        moving = _moving(form, [first, *others]) if others else {}
        first.save(made, form, **_OPTIONS.get(form, {}), **moving, **_colours(picture), exif=b"")
        return made.getvalue()


def thumbnails(file: BinaryIO, name: str, widths: Iterable[int], max_pixels: int) -> tuple[tuple[int, bytes], ...]:
    """WebPs of the picture in `file`, of each width that is less than its own. Raises as `clean` does."""
    with _decoding(file, name, max_pixels) as picture:
        upright = _upright(picture)
        smaller = [width for width in widths if width < upright.width and _height(upright, width) <= _HIGHEST]
        colours = _colours(picture) if upright.mode in ("RGB", "RGBA", "P") else {}  # else of inks, or of greys
        shown = _in_rgb(upright)
        return tuple((width, _scaled(shown, width, colours)) for width in smaller)


def thumbnail_name(name: str, width: int) -> str:
    """What the thumbnail of a picture is called: "photo.jpg" has "photo_jpg.320w.webp" beside it.

    And no other's is called so: what has no extension, as "photo_jpg", would have "photo_jpg_.320w.webp".
    """
    stem, extension = split_extension(name)
    told = f"{stem}_{extension[1:]}" if extension and "_" not in extension else f"{name}_"
    return f"{told}.{width}w.webp"


def is_thumbnail_name(name: str) -> bool:
    """Whether it is what a thumbnail would be called, and nothing else is."""
    return _THUMBNAIL.search(name) is not None


def _scaled(picture: Image, width: int, colours: dict[str, Any]) -> bytes:
    made = io.BytesIO()
    picture.resize((width, _height(picture, width)), _pillow("Image").Resampling.LANCZOS).save(
        made, "WEBP", quality=_QUALITY, **colours
    )
    return made.getvalue()


def _height(picture: Image, width: int) -> int:
    return max(round(picture.height * width / picture.width), 1)


@contextmanager
def _decoding(file: BinaryIO, name: str, max_pixels: int) -> Iterator[Image]:
    """A picture; whatever is wrong with it while it is decoded is an error that its user can be told."""
    image = _pillow("Image")
    try:
        _check_pieces(file, name, max_pixels)
        with image.open(file, formats=_FORMATS) as picture:
            _check_pixels(picture.width * picture.height, name, max_pixels)
            if _is_jpeg(picture):
                _check_scans(file, name)
            yield picture
    except (image.DecompressionBombError, image.DecompressionBombWarning) as error:
        own = image.MAX_IMAGE_PIXELS * (1 if isinstance(error, Warning) else 2)  # it warns before it refuses
        limit = min(max_pixels, own)
        raise ImageTooLarge(name, limit + 1, limit) from None
    except (UploadError, ImportError, MemoryError):
        raise
    except Exception as error:  # struct.error, RuntimeError: each decoder has its own
        if getattr(error, "errno", None) in _OF_THE_SYSTEM:
            raise
        raise BrokenImage(name) from error


def _check_pixels(pixels: int, name: str, max_pixels: int) -> None:
    if pixels > max_pixels:
        raise ImageTooLarge(name, pixels, max_pixels)


def _check_pieces(file: BinaryIO, name: str, max_pixels: int) -> None:
    """A TIFF may be of more strips than it has pixels; real ones have one for each line, at most."""
    if most_pieces(file, pages=max_pixels // _LEAST_PIXELS + 1) > _MAX_PIECES:
        raise BrokenImage(name)


def _check_scans(file: BinaryIO, name: str) -> None:
    """A JPEG may draw all of itself as often as it likes, in a few bytes each time; real ones do so some ten times."""
    position = file.tell()
    file.seek(0)
    last, scans = b"", 0
    while block := file.read(_BLOCK):
        block = last + block
        scans += len(_SCAN.findall(block))
        last = block[1 - _SCAN_LENGTH :]
    file.seek(position)
    if scans > _MAX_SCANS:
        raise BrokenImage(name)


def _frames(picture: Image, name: str, max_pixels: int) -> Iterator[Image]:
    """All that it shows, upright; each may be larger than those before, and costs something however small it is.

    Of a JPEG that is one: what it has beside are previews, and its depth or brightness.
    """
    pixels = 0
    for number in itertools.count():
        try:
            picture.seek(number)
        except EOFError:
            return
        if number and _is_jpeg(picture):
            return
        pixels += max(picture.width * picture.height, _LEAST_PIXELS if number else 0)
        _check_pixels(pixels, name, max_pixels)
        picture.load()
        frame = _upright(picture)
        frame.info = {key: value for key, value in frame.info.items() if key in _ENCODED}
        yield frame


def _moving(form: str, frames: list[Image]) -> dict[str, Any]:
    """How frames follow each other: encoders do not ask each of them."""
    moving: dict[str, Any] = {"save_all": True, "append_images": frames[1:]}
    if all("duration" in frame.info for frame in frames):
        moving["duration"] = [round(frame.info["duration"]) for frame in frames]
    if form == "GIF" and any(_is_transparent(frame) for frame in frames):
        moving["disposal"] = 2  # each frame is all that is seen: none is drawn on the one before
    if "loop" in frames[0].info:
        moving["loop"] = frames[0].info["loop"]
    return moving


def _is_jpeg(picture: Image) -> bool:
    return picture.format in (_JPEG, "MPO")


def _upright(picture: Image) -> Image:
    """Turned as its camera was: that is metadata too."""
    turned: Image = _pillow("ImageOps").exif_transpose(picture)
    return turned


def _colours(picture: Image) -> dict[str, Any]:
    profile = picture.info.get("icc_profile")
    return {"icc_profile": profile} if profile else {}


def _in_rgb(picture: Image) -> Image:
    """In what a WebP has."""
    if picture.mode.startswith("I;16"):  # converted as it is, all but the darkest would be white
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    mode = "RGBA" if _is_transparent(picture) else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _is_transparent(picture: Image) -> bool:
    return "A" in picture.mode or "transparency" in picture.info


def _pillow(module: str) -> Any:
    try:
        return importlib.import_module(f"PIL.{module}")
    except ImportError:
        raise ImportError("pictures need Pillow: pip install 'whitemedia[images]'") from None
