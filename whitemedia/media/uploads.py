"""Uploads: from a form's file to a file beneath a media prefix, under a name and of a type that are safe to serve.

A file has its name only when it is whole: until then, and if anything goes wrong, there is nothing to be served. Nothing
is ever overwritten, whoever saves at the same time.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, Protocol
from urllib.parse import quote

from whitemedia.arguments import checked_live_prefix, checked_root
from whitemedia.assets.files import open_unlinked
from whitemedia.assets.sniffing import HEAD_LENGTH, ask_libmagic
from whitemedia.media import images
from whitemedia.media.acceptance import Acceptance
from whitemedia.media.drafts import Draft, remove_abandoned
from whitemedia.media.filenames import safe_name, shown_name, split_extension, with_suffix
from whitemedia.media.names import compile_hidden, is_plain
from whitemedia.media.quota import Ledger, Quota
from whitemedia.media.upload_errors import QuotaExceeded, StorageFull, UploadInterrupted, UploadTooLarge, WrongType
from whitemedia.media.upload_options import UploadFields, UploadOptions
from whitemedia.options import OptionError, Options, replace_options

if TYPE_CHECKING:
    from typing_extensions import Unpack

_BLOCK: Final = 256 * 1024
_DIGITS: Final = 32  # of a SHA-256 in a name: half of it tells any two files apart
_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})
_is_hidden = compile_hidden(Options.hidden)


class StoredFile(NamedTuple):
    """A file that was saved: its name in the root, the URL path it is served at, its bytes, its media type, and its
    SHA-256 in hexadecimal."""

    name: str
    url: str
    size: int
    media_type: str
    sha256: str


class Upload(Protocol):
    """What is asked of an upload: Werkzeug's `FileStorage` is one, and so is a binary file if its name is given."""

    def read(self, size: int, /) -> bytes: ...


class MediaStore:
    """Saves uploads in the directory `root`, which `WhiteMedia.add_media(root, prefix)` serves.

    The options are those of `whitemedia.media.upload_options.UploadOptions`. `root` is made if it is missing; what was
    left there by a process that was ended in the middle is removed. Raises `OptionError`.
    """

    def __init__(
        self, root: str | os.PathLike[str], prefix: str = "/media/", **options: Unpack[UploadFields]
    ) -> None:
        self.root = checked_root(root)
        self.prefix = checked_live_prefix(prefix)
        self.options = replace_options(UploadOptions(), options)
        try:
            os.makedirs(self.root, exist_ok=True)
        except OSError as error:
            raise OptionError("root", root, f"cannot be made: {error.strerror}") from None
        self._acceptance = Acceptance(self.options.accept, self.options.mimetypes)
        self._quota = Quota(self.root, self.options.quota)
        remove_abandoned(self.root)

    @property
    def accept(self) -> str:
        """What is accepted, for HTML: `<input type="file" accept="{{ store.accept }}">`."""
        return ",".join(self.options.accept)

    def save(
        self, file: Upload, *, filename: str | None = None, clean: bool = False, length: int | None = None
    ) -> StoredFile:
        """Save what an upload contains, from where it is read to its end, and return what became of it.

        `filename` is what its user calls it, by default its `filename`. With `clean` a picture is encoded anew, without
        what a camera wrote into it (extra `images`). `length` is how many bytes there are to be, where a stream that ends
        too early does not tell, as a request's own content. Raises an `UploadError`, which a framework answers with 413, 415
        or 507, or OSError; nothing is left behind then.
        """
        original = getattr(file, "filename", None) if filename is None else filename
        given, name = shown_name(original), safe_name(original)
        head = _read_head(file)
        judgement = self._acceptance.judge(name, head, ask_libmagic(head))
        if not judgement.is_accepted:
            raise WrongType(given, judgement.media_type, self.options.accept, by_content=judgement.by_content)
        naming = _Naming(given, _unhidden(name + judgement.extension), judgement.media_type)
        with _telling_of_full_disks(given), self._draft() as draft:
            self._copy(file, head, draft, given)
            if length not in (None, draft.size):
                raise UploadInterrupted(given)
            if not (clean and images.is_picture(judgement.media_type)):
                return self._keep(draft, naming)
            with draft.read() as picture, self._draft() as cleaned:
                cleaned.write(images.clean(picture, given, self.options.max_pixels))
                if cleaned.size > self.options.max_size:
                    raise UploadTooLarge(given, self.options.max_size)
                return self._keep(cleaned, naming)

    def thumbnails(self, name: str) -> tuple[StoredFile, ...]:
        """Make smaller WebPs of the picture called `name`, of each of the option's `widths` that is less than its own,
        beside it, and return them. Those that are there already are not made again. Extra `images`.

        It takes its time: call it from a worker where a request would have to wait. Raises `UploadError`, OSError, and
        FileNotFoundError where there is no such file.
        """
        named = {width: images.thumbnail_name(name, width) for width in self.options.widths}
        missing = [width for width in named if not self.exists(named[width])]
        with self.open(name) as picture:
            for width, data in images.thumbnails(picture, name, missing, self.options.max_pixels):
                self._keep_thumbnail(named[width], data, name)
            if not self._is_called(name, picture):  # it was deleted: they shall not be shown of another
                with self._quota.ledger() as ledger:
                    self._delete_thumbnails(name, ledger)
                raise _missing(name)
        return tuple(self._told(thumbnail) for thumbnail in named.values() if self.exists(thumbnail))

    def thumbnail_url(self, name: str, width: int) -> str:
        """The URL path of a picture's thumbnail or, where that was not made, of the picture."""
        thumbnail = images.thumbnail_name(name, width)
        return self.url(thumbnail if self.exists(thumbnail) else name)

    def names(self) -> list[str]:
        """The names of all files but thumbnails, in order; of those that came by other means, such as are text."""
        with os.scandir(self.root) as entries:
            found = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        shown = [name for name in found if not _is_hidden(name) and not images.is_thumbnail_name(name)]
        return [name for name in shown if name.encode(errors="ignore").decode() == name]

    def open(self, name: str) -> BinaryIO:
        """The file called `name`, open for reading. Raises FileNotFoundError."""
        opened = (
            open_unlinked(self.root, name) if is_plain(name) and "/" not in name and not _is_hidden(name) else None
        )
        if opened is None:
            raise _missing(name)
        return opened.file

    def exists(self, name: str) -> bool:
        """Whether there is a file called `name`."""
        return self._length(name) is not None

    def url(self, name: str) -> str:
        """The URL path at which a file called `name` is served, percent-encoded."""
        return quote(self.prefix + name, errors="surrogateescape")

    def delete(self, name: str) -> bool:
        """Delete the file called `name`, and its thumbnails. Whether there was one. Raises OSError."""
        with self._quota.ledger() as ledger:
            self._delete_thumbnails(name, ledger)  # first: whoever is ended leaves none without its picture
            was_there = self._delete(name, ledger)
            self._delete_thumbnails(name, ledger)  # and again: those that were made meanwhile
        return was_there

    def _draft(self) -> Draft:
        return Draft(self.root, self.options.mode)

    def _copy(self, file: Upload, head: bytes, draft: Draft, given: str) -> None:
        """The limit counts while it is copied: what it says of its own length is its client's word."""
        block = head
        while block:
            if draft.size + len(block) > self.options.max_size:
                raise UploadTooLarge(given, self.options.max_size)
            draft.write(block)
            block = file.read(_BLOCK)

    def _keep(self, draft: Draft, naming: _Naming) -> StoredFile:
        """Give a draft a name that nothing has; equal content that is there already keeps its own."""
        draft.finish()
        name = naming.name
        if self.options.name == "content":
            name = draft.sha256[:_DIGITS] + split_extension(name)[1].lower()
        if not self._is_kept(name, draft):
            name = self._name(draft, name, naming.given)
        return StoredFile(name, self.url(name), draft.size, naming.media_type, draft.sha256)

    def _name(self, draft: Draft, wanted: str, given: str) -> str:
        name = wanted
        with self._quota.ledger() as ledger:
            if self._is_kept(wanted, draft):  # another was faster
                return wanted
            self._take(ledger, draft.size, given)
            while not draft.name(name):
                if self._is_kept(name, draft):  # and there is no quota, whose lock all would have waited for
                    return name
                name = with_suffix(wanted, f"-{secrets.token_hex(4)}")
        return name

    def _is_kept(self, name: str, draft: Draft) -> bool:
        """Whether files are named by their content, and this one is there: something else may be called so."""
        if self.options.name != "content" or self._length(name) != draft.size:
            return False
        digest = hashlib.sha256()
        with suppress(FileNotFoundError), self.open(name) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest() == draft.sha256

    def _keep_thumbnail(self, name: str, data: bytes, given: str) -> None:
        with _telling_of_full_disks(given), self._draft() as draft:
            draft.write(data)
            draft.finish()
            with self._quota.ledger() as ledger:
                if not self.exists(name):
                    self._take(ledger, draft.size, given)
                    draft.name(name)

    def _told(self, thumbnail: str) -> StoredFile:
        with self.open(thumbnail) as file:
            data = file.read()
        return StoredFile(thumbnail, self.url(thumbnail), len(data), images.WEBP, hashlib.sha256(data).hexdigest())

    def _take(self, ledger: Ledger, length: int, given: str) -> None:
        if not ledger.take(length):
            raise QuotaExceeded(given, ledger.used + length, self.options.quota or 0)

    def _length(self, name: str) -> int | None:
        """Bytes of the file called `name`; None if there is none."""
        try:
            with self.open(name) as file:
                return os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return None

    def _is_called(self, name: str, file: BinaryIO) -> bool:
        """Whether an open file still has its name."""
        try:
            with self.open(name) as other:
                return os.path.samestat(os.fstat(file.fileno()), os.fstat(other.fileno()))
        except FileNotFoundError:
            return False

    def _delete_thumbnails(self, name: str, ledger: Ledger) -> None:
        for width in self.options.widths:
            self._delete(images.thumbnail_name(name, width), ledger)

    def _delete(self, name: str, ledger: Ledger) -> bool:
        length = self._length(name)
        if length is None:
            return False
        try:
            os.unlink(os.path.join(self.root, name))
        except FileNotFoundError:
            return False
        ledger.give_back(length)
        return True


class _Naming(NamedTuple):
    """What a user calls an upload, what it is to be called, and its media type."""

    given: str
    name: str
    media_type: str


def _missing(name: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def _read_head(file: Upload) -> bytes:
    """The first bytes, as many as tell a type if there are as many; a read may return less."""
    head = b""
    while len(head) < HEAD_LENGTH and (more := file.read(HEAD_LENGTH - len(head))):
        head += more
    return head


def _unhidden(name: str) -> str:
    """`name`, or one like it that is not hidden when it is served."""
    return name.replace(".", "_") if _is_hidden(name) else name


@contextmanager
def _telling_of_full_disks(given: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(given) from error
        raise
