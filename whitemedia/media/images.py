"""Pictures: encoded anew without metadata, and made smaller. Needs Pillow, from the extra `images`.

A picture is measured before it is decoded: a few bytes can say that they are a thousand million pixels.
"""

from __future__ import annotations

import importlib
import io
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from whitemedia.media.filenames import split_extension
from whitemedia.media.upload_errors import BrokenImage, ImageTooLarge

if TYPE_CHECKING:
    from PIL.Image import Image

WEBP: Final = "image/webp"
_QUALITY: Final = 80  # of WebP: a third smaller than a JPEG that looks alike
_JPEG_QUALITY: Final = 90

_FORMATS: Final = {
    "image/avif": "AVIF",
    "image/gif": "GIF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
}
"""Formats that are read; Pillow's others have had more faults than users."""

_THUMBNAIL: Final = re.compile(r"\.[0-9]+w\.webp\Z")

_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "AVIF": {"quality": 80},
    "JPEG": {"quality": _JPEG_QUALITY, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": _JPEG_QUALITY},
}


def is_picture(media_type: str) -> bool:
    """Whether `clean` and `thumbnails` can read it."""
    return media_type in _FORMATS


def clean(file: BinaryIO, name: str, max_pixels: int) -> bytes:
    """The picture in `file` encoded anew in its own format: upright, with its colours, and without any metadata.

    `name` is for messages. Raises `ImageTooLarge`, `BrokenImage`.
    """
    with _decoding(file, name, max_pixels) as picture:
        form = str(picture.format)
        frames = {"save_all": True} if getattr(picture, "is_animated", False) else {}
        upright = picture if frames else _upright(picture)
        made = io.BytesIO()
        upright.save(made, form, **_OPTIONS.get(form, {}), **frames, **_colours(picture), exif=b"")
        return made.getvalue()


def thumbnails(file: BinaryIO, name: str, widths: Iterable[int], max_pixels: int) -> tuple[tuple[int, bytes], ...]:
    """WebPs of the picture in `file`, of each width that is less than its own. Raises as `clean` does."""
    with _decoding(file, name, max_pixels) as picture:
        upright = _upright(picture)
        if upright.mode not in ("RGB", "RGBA"):
            upright = upright.convert("RGBA" if _is_transparent(upright) else "RGB")
        smaller = [width for width in widths if width < upright.width]
        return tuple((width, _scaled(upright, width, _colours(picture))) for width in smaller)


def thumbnail_name(name: str, width: int) -> str:
    """What the thumbnail of a picture is called: "photo.jpg" has "photo_jpg.320w.webp" beside it."""
    stem, extension = split_extension(name)
    return f"{stem}{extension.replace('.', '_')}.{width}w.webp"


def is_thumbnail_name(name: str) -> bool:
    """Whether it is what a thumbnail would be called, and nothing else is."""
    return _THUMBNAIL.search(name) is not None


def _scaled(picture: Image, width: int, colours: dict[str, Any]) -> bytes:
    made = io.BytesIO()
    height = max(round(picture.height * width / picture.width), 1)
    picture.resize((width, height), _pillow("Image").Resampling.LANCZOS).save(
        made, "WEBP", quality=_QUALITY, **colours
    )
    return made.getvalue()


@contextmanager
def _decoding(file: BinaryIO, name: str, max_pixels: int) -> Iterator[Image]:
    """A picture; whatever is wrong with it while it is decoded is an error that its user can be told."""
    image = _pillow("Image")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, and of bombs, which are measured here
            with image.open(file, formats=tuple(_FORMATS.values())) as picture:
                pixels = picture.width * picture.height * getattr(picture, "n_frames", 1)
                if pixels > max_pixels:
                    raise ImageTooLarge(name, pixels, max_pixels)
                yield picture
    except image.DecompressionBombError:
        raise ImageTooLarge(name, max_pixels + 1, max_pixels) from None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError) as error:
        raise BrokenImage(name) from error


def _upright(picture: Image) -> Image:
    """Turned as its camera was: that is metadata too."""
    turned: Image = _pillow("ImageOps").exif_transpose(picture)
    return turned


def _colours(picture: Image) -> dict[str, Any]:
    profile = picture.info.get("icc_profile")
    return {"icc_profile": profile} if profile else {}


def _is_transparent(picture: Image) -> bool:
    return "A" in picture.mode or "transparency" in picture.info


def _pillow(module: str) -> Any:
    try:
        return importlib.import_module(f"PIL.{module}")
    except ImportError:
        raise ImportError("pictures need Pillow: pip install 'whitemedia[images]'") from None
