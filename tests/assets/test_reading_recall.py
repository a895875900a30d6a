"""What the store remembers of a file is as good as reading it: of all else nothing is recalled."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

from tests.assets.walked import CODED, GZIP, TEXT, Walked
from whitemedia.assets import reading, sniffing
from whitemedia.assets.files import StatKey
from whitemedia.assets.store import MemoryStore
from whitemedia.http.media_types import OCTET_STREAM, PLAIN_TEXT

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Spy


pytestmark = pytest.mark.usefixtures("settled")

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"


@pytest.mark.parametrize("suffixes", [[], [".br"], [".gz", ".zstd"], [".zst", ".zstd"], list(CODED)], ids=str)
def test_what_was_read_is_recalled_equal_and_nothing_is_opened(
    folder: Folder, walk: Callable[[], Walked], spy: Spy, suffixes: Sequence[str]
) -> None:
    folder.file("app.css", TEXT)
    for suffix in suffixes:
        folder.file(f"app.css{suffix}", CODED[suffix])
    walked = walk()
    assert walked.recall() is None
    facts = walked.found().facts
    opened = spy(os, "open")
    assert walked.recall() == facts
    assert opened == []


@pytest.mark.parametrize("name", ["app.css", "app.css.gz"])
def test_a_file_or_sibling_in_another_state_is_not_recalled(
    folder: Folder, walk: Callable[[], Walked], name: str
) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    walk().found()
    os.utime(folder.path / name, (1, 1))
    assert walk().recall() is None


def test_a_sibling_that_came_since_is_not_recalled_and_one_that_went_is_not_missed(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    walk().found()
    folder.file("app.css.br", CODED[".br"])
    assert walk().recall() is None
    (folder.path / "app.css.br").unlink()
    (folder.path / "app.css.gz").unlink()
    facts = walk().recall()
    assert facts is not None
    assert facts.siblings == {}


def test_a_sibling_that_was_right_for_other_bytes_is_not_recalled(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    path = folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    walked = walk()
    assert walked.found().facts.siblings.keys() == {"gzip"}
    walked.store.remember(StatKey.of(path.stat()), b"the digest of other bytes")
    assert walked.recall() is None


def test_what_has_a_wrong_sibling_is_read_each_time_so_that_it_is_told(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", b"foreign")
    walk().found()
    assert walk().recall() is None


def test_a_sibling_that_saves_nothing_does_not_keep_its_file_from_being_recalled(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", bytes(len(TEXT)))
    walked = walk()
    assert walked.found().facts == walked.recall()


@pytest.mark.parametrize("data", [TEXT, GZIP], ids=["plain", "coded"])
def test_an_svgz_is_not_recalled_for_its_bytes_tell_whether_it_is_coded(
    folder: Folder, walk: Callable[[], Walked], data: bytes
) -> None:
    folder.file("a.SVGZ", data)
    walk().found("a.SVGZ")
    assert walk().recall("a.SVGZ") is None


def test_a_file_over_the_limit_is_not_recalled(
    folder: Folder, walk: Callable[[], Walked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READ_LIMIT", len(TEXT) - 1)
    folder.file("app.css", TEXT)
    walk().found()
    assert walk().recall() is None


# Media types


@pytest.mark.parametrize(
    ("data", "media_type"), [(PNG, "image/png"), (b"some words", PLAIN_TEXT)], ids=["picture", "text"]
)
def test_a_type_that_was_found_in_the_bytes_is_recalled(
    folder: Folder, walk: Callable[[], Walked], spy: Spy, data: bytes, media_type: str
) -> None:
    pytest.importorskip("magic", exc_type=ImportError)
    folder.file("unknown", data)
    walked = walk()
    facts = walked.found("unknown").facts
    sniffed = spy(reading, "sniff_media_type")
    assert walked.recall("unknown") == facts
    assert (facts.media_type, sniffed) == (media_type, [])


@pytest.mark.usefixtures("no_libmagic_open_yet")
def test_a_type_that_was_not_looked_for_is_looked_for_at_the_next_start(
    folder: Folder, walk: Callable[[], Walked], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once libmagic has been installed."""
    folder.file("unknown", PNG)
    monkeypatch.setattr(sniffing._local, "magic", None, raising=False)
    assert walk().found("unknown").facts.media_type == OCTET_STREAM
    assert walk().recall("unknown") is None


def test_without_a_type_by_name_or_bytes_nothing_is_recalled(
    folder: Folder, walk: Callable[[], Walked], store: MemoryStore
) -> None:
    path = folder.file("unknown", TEXT)
    store.remember(StatKey.of(path.stat()), b"digest")
    assert walk().recall("unknown") is None


def test_a_type_that_is_given_now_goes_over_what_was_found_then(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    folder.file("unknown", PNG)
    walk().found("unknown")
    facts = walk().recall("unknown", unknown="application/x-own")
    assert facts is not None
    assert facts.media_type == "application/x-own"
