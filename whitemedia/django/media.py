"""Media of Django's file fields, saved by the rules of `whitemedia.media.uploads.MediaStore`.

STORAGES = {"default": {"BACKEND": "whitemedia.django.media.MediaStorage", "OPTIONS": {"accept": "image/*"}}, …}
picture = models.ImageField(upload_to="pictures/", validators=[MediaValidator()])
"""

from __future__ import annotations

import dataclasses
import functools
import os
import posixpath
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from whitemedia.assets.scan import OWN_NAMES
from whitemedia.django.validators import MediaValidator, as_validation_error
from whitemedia.media import images
from whitemedia.media.filenames import safe_name, split_extension
from whitemedia.media.quota import Quota
from whitemedia.media.upload_errors import UploadError
from whitemedia.media.upload_options import UploadFields, UploadOptions
from whitemedia.media.uploads import MediaStore, StoredFile
from whitemedia.options import OptionError, replace_options

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["MediaStorage", "MediaValidator"]

_ADDED: Final = len("-12345678.webp")
"""Characters that a name may get: where it is taken, and where it had no extension."""

_BY_CONTENT: Final = 32
"""Characters of a name by content, before its extension."""

_OPEN_FOLDERS: Final = 64
_PREFIX: Final = "/media/"  # of no consequence: URLs are Django's


@deconstructible(path="whitemedia.django.media.MediaStorage")
class MediaStorage(FileSystemStorage):
    """Django's `FileSystemStorage` with the rules of a `MediaStore`, whose options it takes beside Django's own.

    Names are safe, contents are of the type that the name says, nothing is overwritten, and files are whole or not there.
    `quota` counts all files beneath `location`. With `clean` pictures are saved without what a camera wrote into them.
    What breaks a rule is a ValidationError; a `MediaValidator` on the field has forms tell of it. Raises `OptionError`.
    """

    def __init__(
        self,
        location: Any = None,
        base_url: str | None = None,
        file_permissions_mode: int | None = None,
        directory_permissions_mode: int | None = None,
        *,
        clean: bool = False,
        **options: Unpack[UploadFields],
    ) -> None:
        if not isinstance(clean, bool):
            raise OptionError("clean", clean, "expected True or False")
        self.options = replace_options(UploadOptions(), options)
        self.clean = clean
        self._has_mode = "mode" in options
        self._folder = functools.lru_cache(_OPEN_FOLDERS)(self._open_folder)
        self._quota = functools.lru_cache(_OPEN_FOLDERS)(self._open_quota)
        super().__init__(location, base_url, file_permissions_mode, directory_permissions_mode)

    @property
    def accept(self) -> str:
        """What is accepted, for HTML's `<input type="file" accept="…">`."""
        return ",".join(self.options.accept)

    def has_room(self, length: int) -> bool:
        """Whether the quota has room for so many bytes more."""
        with self._at("").quota.ledger() as ledger:
            return ledger.has_room(length)

    def thumbnails(self, name: str) -> tuple[StoredFile, ...]:
        """Make thumbnails of a picture beside it, as `MediaStore.thumbnails` does. Raises ValidationError, OSError."""
        folder, base = posixpath.split(name)
        try:
            made = self._at(folder).thumbnails(base)
        except UploadError as error:
            raise as_validation_error(error) from error
        return tuple(
            one._replace(name=posixpath.join(folder, one.name), url=self.url(posixpath.join(folder, one.name)))
            for one in made
        )

    def thumbnail_url(self, name: str, width: int) -> str:
        """The URL of a picture's thumbnail or, where that was not made, of the picture."""
        folder, base = posixpath.split(name)
        thumbnail = posixpath.join(folder, images.thumbnail_name(base, width))
        url: str = self.url(thumbnail if self.exists(thumbnail) else name)
        return url

    def get_valid_name(self, name: str) -> str:
        return safe_name(name)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name, as far as the field has room for it and for what may be added; whether it is free is told on saving."""
        folder, base = posixpath.split(str(name).replace("\\", "/"))
        if ".." in folder.split("/"):
            raise SuspiciousFileOperation(f"{name!r} leads out of its directory")
        base = self.get_valid_name(base)
        if max_length is None:
            return posixpath.join(folder, base)
        stem, extension = split_extension(base)
        room = max_length - len(posixpath.join(folder, "")) - len(extension)
        if room < (_BY_CONTENT + _ADDED if self.options.name == "content" else _ADDED + 1):
            raise SuspiciousFileOperation(f"no name for {name!r} fits the field's max_length of {max_length}")
        return posixpath.join(folder, stem[: room - _ADDED] + extension)

    def _open(self, name: str, mode: str = "rb") -> Any:
        if mode.strip("bt") != "r":
            raise ValueError(f"{name!r} cannot be opened with mode {mode!r}: save a new file instead")
        return super()._open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        """Save a file under its name, or one like it. Raises ValidationError, OSError."""
        folder, base = posixpath.split(name)
        if content.seekable():
            content.seek(0)
        store = self._at(folder)
        try:
            stored = store.save(_Bytes(content), filename=base, clean=self.clean)
        except UploadError as error:
            raise as_validation_error(error) from error
        self._ensure_location_group_id(self.path(posixpath.join(folder, stored.name)))
        return posixpath.join(folder, stored.name)

    def delete(self, name: str) -> None:
        """Delete a file, with its thumbnails, or an empty directory."""
        path = self.path(name)
        if not name or os.path.isdir(path) or not os.path.lexists(path):
            super().delete(name)
            return
        folder, base = posixpath.split(os.path.relpath(path, self.location).replace("\\", "/"))
        self._at(folder).delete(base)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Directories and files, without what is ours."""
        directories, files = super().listdir(path)
        return directories, [name for name in files if not name.startswith(OWN_NAMES)]

    def _make(self, folder: str) -> None:
        """Make a directory, with the mode that directories have."""
        above = ""
        for segment in ("", *folder.split("/")):
            above = posixpath.join(above, segment)
            path = self.path(above)
            if not os.path.isdir(path):
                os.makedirs(path, exist_ok=True)
                if self.directory_permissions_mode is not None:
                    os.chmod(path, self.directory_permissions_mode)

    def _at(self, folder: str) -> _Folder:
        if not self.base_location:  # which Django takes for the working directory
            raise ImproperlyConfigured("there is nowhere to save files: set MEDIA_ROOT, or the storage's location")
        self._make(folder)
        return self._folder(self.location, folder)

    def _open_folder(self, location: str, folder: str) -> _Folder:
        options = self.options
        if not self._has_mode and self.file_permissions_mode is not None:
            options = replace_options(options, {"mode": self.file_permissions_mode})
        return _Folder(os.path.join(location, folder), options, self._quota(location))

    def _open_quota(self, location: str) -> Quota:
        return Quota(location, self.options.quota, recursive=True)


class _Folder(MediaStore):
    """A directory beneath a location, whose quota it counts against."""

    def __init__(self, root: str, options: UploadOptions, quota: Quota) -> None:
        given: Any = {field.name: getattr(options, field.name) for field in dataclasses.fields(options)}
        super().__init__(root, _PREFIX, **given)
        self.quota = self._quota = quota


class _Bytes:
    """A file of Django's, which may be text, as bytes."""

    def __init__(self, content: Any) -> None:
        self._content = content

    def read(self, size: int) -> bytes:
        data = self._content.read(size)
        return data.encode() if isinstance(data, str) else data
