"""A sibling counts only if it decodes to its file."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.assets.replacements import BECOME
from tests.assets.walked import CODED, GZIP, OTHER, TEXT, Walked
from whitemedia.assets import reading
from whitemedia.assets.files import Opened, StatKey
from whitemedia.assets.roots import Why
from whitemedia.assets.store import MemoryStore

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder, Spy


pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")


@pytest.mark.parametrize("suffix", list(CODED))
def test_a_sibling_that_decodes_to_its_file_is_used(
    folder: Folder, walk: Callable[[], Walked], suffix: str
) -> None:
    folder.file("app.css", TEXT)
    path = folder.file(f"app.css{suffix}", CODED[suffix])
    walked = walk()
    [(coding, checked)] = walked.found().facts.siblings.items()
    assert coding == {".br": "br", ".gz": "gzip"}.get(suffix, "zstd")
    assert checked.digest == hashlib.sha256(CODED[suffix]).digest()
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
    facts, data = walked.found()
    assert (data, set(facts.siblings)) == (TEXT, {"br"})
    assert walked.reasons == [("app.css.gz", Why.BAD_SIBLING)]


def test_a_sibling_that_saves_nothing_is_left_alone(folder: Folder, walk: Callable[[], Walked]) -> None:
    noise = random.Random(1).randbytes(5_000)
    folder.file("app.css", noise)
    folder.file("app.css.gz", gzip.compress(noise))
    walked = walk()
    assert (walked.found().facts.siblings, walked.skipped) == ({}, [])


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
    assert walked.found().facts.siblings["zstd"].sibling.path.endswith(f"app.css{used}")
    assert walked.reasons == reasons


@pytest.mark.usefixtures("no_zstd")
def test_without_a_decoder_its_siblings_are_skipped_and_the_others_used(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    folder.file("app.css", TEXT)
    for suffix in (".zst", ".gz"):
        folder.file(f"app.css{suffix}", CODED[suffix])
    walked = walk()
    assert walked.found().facts.siblings.keys() == {"gzip"}
    assert walked.reasons == [("app.css.zst", Why.NO_DECODER)]


def test_a_sibling_that_cannot_be_opened_is_skipped(
    folder: Folder, walk: Callable[[], Walked], deny: Deny
) -> None:
    folder.file("app.css", TEXT)
    deny(folder.file("app.css.gz", GZIP))
    walked = walk()
    assert walked.found().facts.siblings == {}
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
    assert walked.found().facts.siblings == {}
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
    assert walked.found().facts.siblings == {}
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
    assert walked.found().facts.siblings["gzip"].sibling.stat_key == StatKey.of(path.stat())


@pytest.mark.usefixtures("settled")
def test_a_sibling_is_decoded_once_as_long_as_it_and_its_file_stay_the_same(
    folder: Folder, walk: Callable[[], Walked], spy: Spy
) -> None:
    folder.file("app.css", TEXT)
    path = folder.file("app.css.gz", GZIP, mtime=1_000_000_000)
    decodings = spy(reading, "decodes_to")
    first, second = walk().found(), walk().found()
    assert first.facts.siblings == second.facts.siblings
    assert len(decodings) == 1
    path.unlink()
    path.write_bytes(GZIP)
    walk().found()
    assert len(decodings) == 2


@pytest.mark.usefixtures("settled")
def test_a_sibling_that_was_right_is_not_taken_for_another_content(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    path = folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    walk().found()
    path.write_bytes(OTHER)
    walked = walk()
    assert walked.found().facts.siblings == {}
    assert walked.reasons == [("app.css.gz", Why.BAD_SIBLING)]


@pytest.mark.usefixtures("settled")
def test_a_sibling_that_went_is_not_an_empty_body_though_the_store_knew_it(
    folder: Folder, store: MemoryStore
) -> None:
    """A second root over one directory: the store has seen the sibling decode to its file."""
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    assert "gzip" in Walked(folder.path, store).found().facts.siblings
    walked = Walked(folder.path, store)
    (folder.path / "app.css.gz").unlink()
    assert walked.found().facts.siblings == {}
    assert [item.why for item in walked.skipped] == [Why.BAD_SIBLING]
