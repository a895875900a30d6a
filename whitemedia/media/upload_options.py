"""Options of a `MediaStore`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypedDict

from whitemedia import checks
from whitemedia.media.acceptance import parse_accept
from whitemedia.media.policy import SHOWN
from whitemedia.options import CheckedOptions, MiB, option_field

MAX_PIXELS: Final = 50_000_000
"""Of a picture: more than any camera in a telephone takes, 200 MB when it is decoded."""

MAX_WIDTH: Final = 16_383
"""Pixels that a WebP can be wide."""


class UploadFields(TypedDict, total=False):
    """The keyword arguments of `MediaStore`, for type checkers; `UploadOptions` documents them."""

    accept: str | Iterable[str]
    max_size: int
    quota: int | None
    name: Literal["original", "content"]
    widths: Iterable[int]
    max_pixels: int
    mode: int
    mimetypes: Mapping[str, str] | None


def _widths(value: object) -> tuple[int, ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise ValueError("expected a sequence of widths in pixels, such as (320, 960)")
    widths = tuple(value)
    for width in widths:
        if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= MAX_WIDTH:
            raise ValueError(f"{width!r} is no width in pixels, from 1 to {MAX_WIDTH:,}")
    return tuple(sorted(set(widths)))


def _mode(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value & ~0o666 or not value & 0o400:
        raise ValueError("expected permissions that its owner can read and nobody can execute, such as 0o644")
    return value


@dataclasses.dataclass(frozen=True, kw_only=True)
class UploadOptions(CheckedOptions):
    """Options of a `MediaStore`. A wrong one raises `OptionError`."""

    accept: tuple[str, ...] = option_field(
        tuple(sorted(SHOWN)), parse_accept, "What HTML's accept takes; by default what is shown rather than saved."
    )
    max_size: int = option_field(100 * MiB, checks.whole_number, "Bytes of one upload.")
    quota: int | None = option_field(
        None, checks.optional(checks.whole_number), "Bytes of all files in the root; None sets no limit."
    )
    name: str = option_field(
        "original",
        checks.one_of("original", "content"),
        "Name files as their users do, or by their content, so that equal ones are kept once.",
    )
    widths: tuple[int, ...] = option_field(
        (), _widths, "Widths in pixels of the thumbnails that `thumbnails` makes."
    )
    max_pixels: int = option_field(
        MAX_PIXELS, checks.whole_number, "Pixels of a picture that is decoded, to be encoded anew or made smaller."
    )
    mode: int = option_field(0o644, _mode, "Permissions of the files.")
    mimetypes: Mapping[str, str] = option_field(None, checks.media_types, "Media types by extension or name.")
