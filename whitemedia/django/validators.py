"""What is wrong with an upload, told by forms before anything is saved."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible

from whitemedia.assets.sniffing import HEAD_LENGTH, ask_libmagic
from whitemedia.media import upload_errors as errors
from whitemedia.media.acceptance import Acceptance
from whitemedia.media.filenames import safe_name
from whitemedia.media.upload_options import UploadOptions
from whitemedia.options import replace_options

_CODES: Final = {
    errors.UploadTooLarge: "too_large",
    errors.QuotaExceeded: "quota_exceeded",
    errors.WrongType: "wrong_type",
    errors.ImageTooLarge: "image_too_large",
    errors.BrokenImage: "broken_image",
    errors.UploadInterrupted: "interrupted",
    errors.StorageFull: "storage_full",
}


@deconstructible(path="whitemedia.django.media.MediaValidator")
class MediaValidator:
    """A validator of file fields, of models and of forms: the content is of the type that the name says, and not too large.

    `accept` and `max_size` are those of a `MediaStore`; what is not given is, of a model's field, as its MediaStorage
    has it, with the quota. Raises `OptionError`.
    """

    def __init__(self, accept: Any = None, max_size: int | None = None) -> None:
        given = {"accept": accept, "max_size": max_size}
        self._given = {name: value for name, value in given.items() if value is not None}
        replace_options(UploadOptions(), self._given)

    def __call__(self, value: Any) -> None:
        """Raises ValidationError. A file that is stored already was judged when it came."""
        if getattr(value, "_committed", False):
            return
        storage = getattr(value, "storage", None)
        own = getattr(storage, "options", None)
        options = replace_options(own if isinstance(own, UploadOptions) else UploadOptions(), self._given)
        name, size = value.name.replace("\\", "/").rpartition("/")[2], value.size
        if size > options.max_size:
            raise as_validation_error(errors.UploadTooLarge(name, options.max_size))
        _check_type(name, value, options)
        if isinstance(own, UploadOptions) and storage is not None and not storage.has_room(size):
            raise as_validation_error(errors.QuotaExceeded(name, size, own.quota or 0))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MediaValidator) and self._given == other._given

    __hash__ = None  # type: ignore[assignment]


def as_validation_error(error: errors.UploadError) -> ValidationError:
    """What a store found wrong, as forms tell it; its `code` is a key of a form field's `error_messages`."""
    limit = getattr(error, "limit", None)
    is_bytes = isinstance(error, errors.UploadTooLarge | errors.QuotaExceeded)
    params = {
        "filename": error.filename,
        "limit": errors.format_size(limit) if is_bytes and limit else limit,
        "accepted": ", ".join(getattr(error, "accepted", ())),
    }
    code = _CODES.get(type(error), "invalid")
    return ValidationError(str(error).replace("%", "%%"), code=code, params=params)


def _check_type(name: str, file: Any, options: UploadOptions) -> None:
    file.seek(0)
    head = file.read(HEAD_LENGTH)
    file.seek(0)
    judgement = Acceptance(options.accept, options.mimetypes).judge(safe_name(name), head, ask_libmagic(head))
    if not judgement.is_accepted:
        found = judgement.media_type
        raise as_validation_error(errors.WrongType(name, found, options.accept, by_content=judgement.by_content))
