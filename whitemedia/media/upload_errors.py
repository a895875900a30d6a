"""What can be wrong with an upload. Werkzeug's exceptions, so that Flask answers with 413, 415 or 507 by itself; each
says in a sentence what a user may be told, and carries what was found and what is accepted."""

from __future__ import annotations

import copyreg

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, UnsupportedMediaType

_READ = 8  # types that a message names
_UNITS = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB"))


class UploadError(HTTPException):
    """Something is wrong with an upload; `filename` is what its user called it."""

    def __init__(self, filename: str, message: str) -> None:
        super().__init__(message)
        self.filename = filename

    def __str__(self) -> str:
        return self.description or ""

    def __reduce__(self) -> tuple[object, ...]:
        """From another process, too: one that cannot be read there ends a whole pool of workers."""
        return copyreg.__newobj__, (type(self),), self.__dict__  # type: ignore[attr-defined]


class UploadTooLarge(UploadError, RequestEntityTooLarge):
    """More bytes than `limit`."""

    def __init__(self, filename: str, limit: int) -> None:
        super().__init__(filename, f"“{filename}” is larger than {format_size(limit)}.")
        self.limit = limit


class QuotaExceeded(UploadError, RequestEntityTooLarge):
    """The root would hold more than `limit` bytes; `found` is what it would hold."""

    def __init__(self, filename: str, found: int, limit: int) -> None:
        super().__init__(filename, f"There is no room left for “{filename}”.")
        self.found = found
        self.limit = limit


class WrongType(UploadError, UnsupportedMediaType):
    """`found` is the media type of the name or, if that is accepted or tells none, of the content; `accepted` is what
    would be. `by_content` tells whether the name was."""

    def __init__(self, filename: str, found: str, accepted: tuple[str, ...], *, by_content: bool) -> None:
        what = "does not contain what its name says" if by_content else "is no file of an accepted type"
        super().__init__(filename, f"“{filename}” {what}. Accepted: {', '.join(_shortened(accepted))}.")
        self.found = found
        self.accepted = accepted
        self.by_content = by_content


class ImageTooLarge(UploadError, RequestEntityTooLarge):
    """A picture of more than `limit` pixels; `found` is how many it has."""

    def __init__(self, filename: str, found: int, limit: int) -> None:
        pixels = f"{limit / 1_000_000:.1f}".removesuffix(".0") + " million" if limit >= 1_000_000 else f"{limit}"
        super().__init__(filename, f"“{filename}” has more than {pixels} pixels.")
        self.found = found
        self.limit = limit


class BrokenImage(UploadError, UnsupportedMediaType):
    """What is called a picture, but cannot be read as one."""

    def __init__(self, filename: str) -> None:
        super().__init__(filename, f"“{filename}” is no picture that can be read.")


class UploadInterrupted(UploadError):
    """Fewer bytes came than were to come."""

    code = 400

    def __init__(self, filename: str) -> None:
        super().__init__(filename, f"The upload of “{filename}” was interrupted.")


class StorageFull(UploadError):
    """The disk has no room."""

    code = 507

    def __init__(self, filename: str) -> None:
        super().__init__(filename, f"There is no room left for “{filename}”.")


def _shortened(accepted: tuple[str, ...]) -> list[str]:
    """What is accepted, by kind where it is more than a user would read."""
    if len(accepted) <= _READ:
        return list(accepted)
    kinds = [word.partition("/")[0] for word in accepted if "/" in word]
    told = (
        f"{word.partition('/')[0]}/*" if kinds.count(word.partition("/")[0]) > 1 else word for word in accepted
    )
    return list(dict.fromkeys(told))


def format_size(length: int) -> str:
    """Bytes as a user reads them, such as "10 MB"."""
    for unit, name in _UNITS:
        if length >= unit:
            return f"{length / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{length} bytes"
