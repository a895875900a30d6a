"""A source is read once, in one state; a sibling counts only if it decodes to it; what changed meanwhile is found out."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import brotli
import pytest

from whitemedia.assets import reading
from whitemedia.assets.codings import CODINGS
from whitemedia.assets.files import Opened, StatKey
from whitemedia.assets.reading import Read, Reader
from whitemedia.assets.representation import Source
from whitemedia.assets.scan import DirectoryRoot, Skipped, Why
from whitemedia.assets.sniffing import HEAD_LENGTH
from whitemedia.assets.store import MemoryStore
from whitemedia.options import Options

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder, Spy

pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")

TEXT = b"".join(b".p%d { margin: %dpx }\n" % (number, number * number) for number in range(500))
OTHER = TEXT.replace(b"margin", b"border")
GZIP = gzip.compress(TEXT)
CODED = {
    ".br": brotli.compress(TEXT),
    ".gz": GZIP,
    ".zst": CODINGS[1].encode(TEXT, 3),
    ".zstd": CODINGS[1].encode(TEXT, 5),
}
assert len({len(coded) for coded in CODED.values()}) == len(CODED)


class Walked:
    """A directory as the walk saw it; `read` reads a file of it as it is now."""

    def __init__(self, path: Path, store: MemoryStore) -> None:
        self.store = store
        self.skipped: list[Skipped] = []
        root = DirectoryRoot(str(path), Options().hidden, follow_symlinks=False)
        self._sources = {item.url_path: item for item in root.sources() if isinstance(item, Source)}

    def read(self, name: str = "app.css", **mimetypes: str) -> Read | None:
        return Reader(mimetypes, self.store, self.skipped.append).read(self._sources[name])

    def found(self, name: str = "app.css", **mimetypes: str) -> Read:
        read = self.read(name, **mimetypes)
        assert read is not None
        return read

    @property
    def reasons(self) -> list[tuple[str, Why]]:
        return [(item.url_path, item.why) for item in self.skipped]


@pytest.fixture
def store() -> MemoryStore:
    """What readings of the same files share."""
    return MemoryStore()


@pytest.fixture
def walk(folder: Folder, store: MemoryStore) -> Callable[[], Walked]:
    """See the directory as it is now."""
    return lambda: Walked(folder.path, store)


# The file


@pytest.mark.parametrize("data", [b"", b"x", TEXT], ids=["empty", "one byte", "text"])
def test_a_file_is_read_whole_with_its_digest_which_the_store_remembers(
    folder: Folder, walk: Callable[[], Walked], store: MemoryStore, data: bytes
) -> None:
    path = folder.file("app.css", data)
    read = walk().found()
    assert (read.data, read.digest, read.siblings) == (data, hashlib.sha256(data).digest(), {})
    assert store.digest(StatKey.of(path.stat())) == read.digest


@pytest.mark.parametrize("name", ["feed", "dir/FEED", "a.custom", "a.b.Custom"])
def test_given_types_come_before_the_table_by_name_or_extension(
    folder: Folder, walk: Callable[[], Walked], name: str
) -> None:
    folder.file(name, TEXT)
    given = {"feed": "application/atom+xml", ".custom": "application/atom+xml"}
    assert walk().found(name, **given).media_type == "application/atom+xml"


def test_a_known_extension_decides_whatever_the_bytes_look_like(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    folder.file("app.css", b"<!doctype html>")
    assert walk().found().media_type == "text/css"


@pytest.mark.parametrize("limit", [1 << 20, 10], ids=["read", "over the limit"])
def test_only_the_first_bytes_of_an_unknown_file_are_sniffed(
    folder: Folder, walk: Callable[[], Walked], monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    heads = []

    def sniff(head: bytes) -> str:
        heads.append(head)
        return "image/gif"

    monkeypatch.setattr(reading, "READ_LIMIT", limit)
    monkeypatch.setattr(reading, "sniff_media_type", sniff)
    folder.file("unknown", TEXT)
    assert walk().found("unknown").media_type == "image/gif"
    assert heads == [TEXT[:HEAD_LENGTH]]


@pytest.mark.parametrize(("spare", "read_whole"), [(0, True), (-1, False)])
def test_a_file_over_the_limit_is_not_read_and_its_siblings_are_not_used(
    folder: Folder, walk: Callable[[], Walked], monkeypatch: pytest.MonkeyPatch, spare: int, read_whole: bool
) -> None:
    monkeypatch.setattr(reading, "READ_LIMIT", len(TEXT) + spare)
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    walked = walk()
    read = walked.found()
    if read_whole:
        assert (read.data, set(read.siblings), walked.reasons) == (TEXT, {"gzip"}, [])
    else:
        assert (read.data, read.digest, read.siblings) == (None, None, {})
        assert walked.reasons == [("app.css.gz", Why.UNCHECKED_SIBLING)]
        assert not read.is_worth_coding


def test_a_file_that_never_stands_still_has_no_digest_and_no_siblings(
    folder: Folder, walk: Callable[[], Walked], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    monkeypatch.setattr(Opened, "read_whole", lambda self: None)
    walked = walk()
    assert walked.found()[1:3] == (None, None)
    assert walked.reasons == [("app.css.gz", Why.UNCHECKED_SIBLING)]


@pytest.mark.parametrize(
    ("name", "data", "worth"),
    [
        ("app.css", TEXT, True),
        ("app.css", TEXT[:100], False),
        ("app.png", TEXT, False),
        ("app.svg", TEXT, True),
        ("app.svgz", TEXT, True),
        ("app.svgz", GZIP, False),
    ],
)
def test_long_text_that_is_not_coded_yet_is_worth_coding(
    folder: Folder, walk: Callable[[], Walked], name: str, data: bytes, worth: bool
) -> None:
    folder.file(name, data)
    assert walk().found(name).is_worth_coding is worth


@pytest.mark.parametrize(
    ("name", "data", "coding"),
    [
        ("a.svgz", GZIP, "gzip"),
        ("a.SVGZ", GZIP, "gzip"),
        ("a.svgz", TEXT, "identity"),
        ("a.svgz", b"", "identity"),
        ("a.svg", GZIP, "identity"),
        ("a.gz", GZIP, "identity"),
    ],
)
def test_the_bytes_of_a_real_svgz_alone_are_coded_already(
    folder: Folder, walk: Callable[[], Walked], name: str, data: bytes, coding: str
) -> None:
    folder.file(name, data)
    assert walk().found(name).stored_coding == coding


# What changed since the walk


def test_a_file_rewritten_since_the_walk_is_read_as_it_is_now(
    folder: Folder, outside: Folder, walk: Callable[[], Walked]
) -> None:
    path = folder.file("app.css", TEXT)
    walked = walk()
    outside.file("new", OTHER + b"more").rename(path)
    read = walked.found()
    assert (read.data, read.source.stat_key) == (OTHER + b"more", StatKey.of(path.stat()))


def test_a_file_that_became_a_link_in_the_root_is_read(folder: Folder, walk: Callable[[], Walked]) -> None:
    path = folder.file("app.css", TEXT)
    folder.file("new.css", OTHER)
    walked = walk()
    path.unlink()
    path.symlink_to("new.css")
    assert walked.found().data == OTHER


def become_nothing(path: Path, outside: Path) -> None:
    pass


def become_directory(path: Path, outside: Path) -> None:
    path.mkdir()


def become_fifo(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def become_outward_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def become_outward_link_to_fifo(path: Path, outside: Path) -> None:
    os.mkfifo(outside.with_name("fifo"))
    path.symlink_to(outside.with_name("fifo"))


BECOME = [become_nothing, become_directory, become_fifo, become_outward_link, become_outward_link_to_fifo]


@pytest.mark.parametrize("become", BECOME, ids=lambda become: become.__name__)
def test_a_file_that_is_no_longer_one_in_the_root_is_skipped(
    folder: Folder, outside: Folder, walk: Callable[[], Walked], become: Callable[[Path, Path], None]
) -> None:
    path = folder.file("app.css", TEXT)
    secret = outside.file("secret", OTHER)
    walked = walk()
    path.unlink()
    become(path, secret)
    assert walked.read() is None
    assert walked.reasons == [("app.css", Why.GONE)]


def test_a_file_that_cannot_be_opened_is_skipped(folder: Folder, walk: Callable[[], Walked], deny: Deny) -> None:
    deny(folder.file("app.css", TEXT))
    walked = walk()
    assert walked.read() is None
    assert walked.reasons == [("app.css", Why.UNREADABLE)]


def test_a_file_that_cannot_be_read_is_skipped(
    folder: Folder, walk: Callable[[], Walked], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Opened) -> bytes:
        raise OSError(5, "Input/output error")

    folder.file("app.css", TEXT)
    monkeypatch.setattr(Opened, "read_whole", fail)
    walked = walk()
    assert walked.read() is None
    assert walked.reasons == [("app.css", Why.UNREADABLE)]


# Siblings


@pytest.mark.parametrize("suffix", list(CODED))
def test_a_sibling_that_decodes_to_its_file_is_used(
    folder: Folder, walk: Callable[[], Walked], suffix: str
) -> None:
    folder.file("app.css", TEXT)
    path = folder.file(f"app.css{suffix}", CODED[suffix])
    walked = walk()
    [(coding, checked)] = walked.found().siblings.items()
    assert coding == {".br": "br", ".gz": "gzip"}.get(suffix, "zstd")
    assert (checked.data, checked.digest) == (CODED[suffix], hashlib.sha256(CODED[suffix]).digest())
    assert checked.sibling == (coding, str(path), StatKey.of(path.stat()))
    assert walked.skipped == []


class Bad(NamedTuple):
    """What stands where a sibling should."""

    title: str
    coded: bytes


BAD = [
    Bad("stale", gzip.compress(OTHER)),
    Bad("of the beginning", gzip.compress(TEXT[:-1])),
    Bad("of more", gzip.compress(TEXT + b"x")),
    Bad("truncated", GZIP[:-1]),
    Bad("with garbage behind", GZIP + b"x"),
    Bad("of two members", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
    Bad("corrupt", GZIP[:50] + bytes([GZIP[50] ^ 1]) + GZIP[51:]),
    Bad("of another coding", CODED[".br"]),
    Bad("foreign", b"not coded at all"),
    Bad("empty", b""),
    Bad("a bomb", gzip.compress(bytes(1_000_000))),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.title)
def test_a_sibling_that_does_not_decode_to_its_file_is_skipped_and_the_file_served(
    folder: Folder, walk: Callable[[], Walked], bad: Bad
) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", bad.coded)
    folder.file("app.css.br", CODED[".br"])
    walked = walk()
    read = walked.found()
    assert (read.data, set(read.siblings)) == (TEXT, {"br"})
    assert walked.reasons == [("app.css.gz", Why.BAD_SIBLING)]


def test_a_sibling_that_saves_nothing_is_left_alone(folder: Folder, walk: Callable[[], Walked]) -> None:
    noise = random.Random(1).randbytes(5_000)
    folder.file("app.css", noise)
    folder.file("app.css.gz", gzip.compress(noise))
    walked = walk()
    assert (walked.found().siblings, walked.skipped) == ({}, [])


@pytest.mark.parametrize(
    ("zst", "used", "reasons"),
    [
        (CODED[".zst"], ".zst", []),
        (b"foreign", ".zstd", [("app.css.zst", Why.BAD_SIBLING)]),
    ],
    ids=["both right", "zst wrong"],
)
def test_zst_comes_before_zstd_if_it_is_right(
    folder: Folder, walk: Callable[[], Walked], zst: bytes, used: str, reasons: list[tuple[str, Why]]
) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.zstd", CODED[".zstd"])
    folder.file("app.css.zst", zst)
    walked = walk()
    assert walked.found().siblings["zstd"].data == CODED[used]
    assert walked.reasons == reasons


@pytest.mark.usefixtures("no_zstd")
def test_without_a_decoder_its_siblings_are_skipped_and_the_others_used(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    folder.file("app.css", TEXT)
    for suffix in (".zst", ".gz"):
        folder.file(f"app.css{suffix}", CODED[suffix])
    walked = walk()
    assert walked.found().siblings.keys() == {"gzip"}
    assert walked.reasons == [("app.css.zst", Why.NO_DECODER)]


def test_a_sibling_that_cannot_be_opened_is_skipped(
    folder: Folder, walk: Callable[[], Walked], deny: Deny
) -> None:
    folder.file("app.css", TEXT)
    deny(folder.file("app.css.gz", GZIP))
    walked = walk()
    assert walked.found().siblings == {}
    assert walked.reasons == [("app.css.gz", Why.UNREADABLE)]


@pytest.mark.parametrize("become", BECOME, ids=lambda become: become.__name__)
def test_a_sibling_that_is_no_longer_a_file_in_the_root_is_skipped(
    folder: Folder, outside: Folder, walk: Callable[[], Walked], become: Callable[[Path, Path], None]
) -> None:
    """Not even one of the right content is read from outside."""
    folder.file("app.css", TEXT)
    path = folder.file("app.css.gz", GZIP)
    secret = outside.file("secret", GZIP)
    walked = walk()
    path.unlink()
    become(path, secret)
    assert walked.found().siblings == {}
    assert walked.reasons == [("app.css.gz", Why.BAD_SIBLING)]


def test_a_sibling_that_grew_since_the_walk_is_not_read(
    folder: Folder, walk: Callable[[], Walked], spy: Spy
) -> None:
    """Its size was judged by then; what it has grown to may not fit in memory."""
    folder.file("app.css", TEXT)
    path = folder.file("app.css.gz", GZIP)
    walked = walk()
    path.write_bytes(GZIP + bytes(100_000))
    reads = spy(Opened, "read_whole")
    assert walked.found().siblings == {}
    assert [opened.length for (opened,) in reads] == [len(TEXT)]
    assert walked.reasons == [("app.css.gz", Why.BAD_SIBLING)]


def test_a_sibling_rewritten_in_the_same_size_since_the_walk_is_judged_as_it_is_now(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    folder.file("app.css", TEXT)
    path = folder.file("app.css.gz", bytes(len(GZIP)))
    walked = walk()
    path.unlink()
    path.write_bytes(GZIP)
    assert walked.found().siblings["gzip"].sibling.stat_key == StatKey.of(path.stat())


def test_a_sibling_is_decoded_once_as_long_as_it_and_its_file_stay_the_same(
    folder: Folder, walk: Callable[[], Walked], spy: Spy
) -> None:
    folder.file("app.css", TEXT)
    path = folder.file("app.css.gz", GZIP, mtime=1_000_000_000)
    decodings = spy(reading, "decodes_to")
    first, second = walk().found(), walk().found()
    assert first.siblings == second.siblings
    assert len(decodings) == 1
    path.unlink()
    path.write_bytes(GZIP)
    walk().found()
    assert len(decodings) == 2


def test_a_sibling_that_was_right_is_not_taken_for_another_content(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    path = folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    walk().found()
    path.write_bytes(OTHER)
    walked = walk()
    assert walked.found().siblings == {}
    assert walked.reasons == [("app.css.gz", Why.BAD_SIBLING)]


def test_a_sibling_that_went_is_not_an_empty_body_though_the_store_knew_it(
    folder: Folder, store: MemoryStore
) -> None:
    """A second root over one directory: the store has seen the sibling decode to its file."""
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    assert "gzip" in Walked(folder.path, store).found().siblings
    walked = Walked(folder.path, store)
    (folder.path / "app.css.gz").unlink()
    assert walked.found().siblings == {}
    assert [item.why for item in walked.skipped] == [Why.BAD_SIBLING]
