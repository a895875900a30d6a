"""A sibling that records vouch for is not decoded; whatever else there is, is. What is worth coding can be chosen."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.assets.walked import CODED, GZIP, OTHER, TEXT
from whitemedia.assets import reading
from whitemedia.assets.compression import Choice
from whitemedia.assets.reading import Read, Reader
from whitemedia.assets.records import Record, Records
from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Skipped, Why
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.options import Options

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Spy

pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


VOUCHED: Records = {(digest(TEXT), "gzip"): Record(9, digest(GZIP))}


class Reading:
    """Readings of one directory with records, which are counted when they are asked for."""

    def __init__(
        self, path: Path, records: Records, *, store: MemoryStore | None = None, choose: Choice | None = None
    ) -> None:
        self.asked = 0
        self.skipped: list[Skipped] = []
        self._records = records
        root = DirectoryRoot(str(path), Options().hidden, follow_symlinks=False)
        self._sources = {item.url_path: item for item in root.sources() if isinstance(item, Source)}
        self._reader = Reader({}, store or MemoryStore(), self.skipped.append, choose=choose, records=self._ask)

    def read(self, name: str = "app.css") -> Read:
        read = self._reader.read(self._sources[name])
        assert read is not None
        return read

    def siblings(self, name: str = "app.css") -> list[str]:
        return sorted(self.read(name).facts.siblings)

    def _ask(self) -> Records:
        self.asked += 1
        return self._records


def test_a_sibling_that_is_vouched_for_is_not_decoded(folder: Folder, spy: Spy) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    decodings = spy(reading, "decodes_to")
    found = Reading(folder.path, VOUCHED)
    assert found.read().facts.siblings["gzip"].digest == digest(GZIP)
    assert (decodings, found.skipped) == ([], [])


WRONG: dict[str, tuple[Records, bytes, bytes]] = {
    "of no file": ({}, TEXT, GZIP),
    "of another file": ({(digest(OTHER), "gzip"): Record(9, digest(GZIP))}, TEXT, GZIP),
    "of another coding": ({(digest(TEXT), "br"): Record(9, digest(GZIP))}, TEXT, GZIP),
    "of another sibling": ({(digest(TEXT), "gzip"): Record(9, digest(CODED[".br"]))}, TEXT, GZIP),
    "that there is none worth having": ({(digest(TEXT), "gzip"): Record(9, None)}, TEXT, GZIP),
    "of what the file was": (VOUCHED, OTHER, GZIP),
    "of what the sibling was": (VOUCHED, TEXT, GZIP[:-1]),
}


@pytest.mark.parametrize(("records", "file", "sibling"), WRONG.values(), ids=WRONG)
def test_a_sibling_that_is_not_vouched_for_is_decoded(
    folder: Folder, spy: Spy, records: Records, file: bytes, sibling: bytes
) -> None:
    folder.file("app.css", file)
    folder.file("app.css.gz", sibling)
    decodings = spy(reading, "decodes_to")
    found = Reading(folder.path, records)
    right = (file, sibling) == (TEXT, GZIP)
    assert found.siblings() == ["gzip"] * right
    assert len(decodings) == 1
    assert [item.why for item in found.skipped] == [Why.BAD_SIBLING] * (not right)


def test_nothing_makes_an_empty_sibling_right(folder: Folder) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", b"")
    found = Reading(folder.path, {(digest(TEXT), "gzip"): Record(9, digest(b""))})
    assert found.siblings() == []


def test_records_are_asked_for_once_if_there_is_a_sibling_and_else_never(folder: Folder) -> None:
    for name in ("app.css", "b.css", "c.css"):
        folder.file(name, TEXT)
    found = Reading(folder.path, VOUCHED)
    assert [found.siblings(name) for name in ("app.css", "b.css", "c.css")] == [[], [], []]
    assert found.asked == 0
    folder.file("app.css.gz", GZIP)
    folder.file("app.css.br", CODED[".br"])
    folder.file("b.css.gz", GZIP)
    found = Reading(folder.path, VOUCHED)
    assert [found.siblings(name) for name in ("app.css", "b.css", "c.css")] == [["br", "gzip"], ["gzip"], []]
    assert found.asked == 1


@pytest.mark.usefixtures("settled")
def test_records_are_not_asked_for_what_the_store_knows(folder: Folder) -> None:
    store = MemoryStore()
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    for asked in (1, 0):
        found = Reading(folder.path, {}, store=store)
        assert (found.siblings(), found.asked) == (["gzip"], asked)


@pytest.mark.usefixtures("settled")
def test_what_was_vouched_for_is_known_to_the_store(folder: Folder, spy: Spy) -> None:
    store = MemoryStore()
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    decodings = spy(reading, "decodes_to")
    for records in (VOUCHED, {}):
        assert Reading(folder.path, records, store=store).siblings() == ["gzip"]
    assert decodings == []


def test_what_is_worth_coding_can_be_chosen_by_path_type_and_length(folder: Folder) -> None:
    asked: list[tuple[str, str, int]] = []

    def choose(path: str, media_type: str, length: int) -> bool:
        asked.append((path, media_type, length))
        return media_type == "image/png"

    folder.file("js/app.css", TEXT)
    folder.file("a.png", b"short")
    found = Reading(folder.path, {}, choose=choose)
    worth = {name: found.read(name).facts.is_worth_coding for name in ("js/app.css", "a.png")}
    assert worth == {"js/app.css": False, "a.png": True}
    assert asked == [("js/app.css", "text/css", len(TEXT)), ("a.png", "image/png", 5)]


def test_what_is_coded_already_or_too_large_is_not_asked_about(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READ_LIMIT", len(TEXT))
    folder.file("large.css", TEXT + b"x")
    folder.file("drawing.svgz", GZIP)
    found = Reading(folder.path, {}, choose=lambda *_: pytest.fail("was asked"))
    assert [found.read(name).facts.is_worth_coding for name in ("large.css", "drawing.svgz")] == [False, False]


def test_whatever_a_choice_returns_it_is_yes_or_no(folder: Folder) -> None:
    folder.file("app.css", TEXT)
    for answer, worth in ((1, True), ("yes", True), (None, False), (0, False)):
        found = Reading(folder.path, {}, choose=lambda *_, answer=answer: answer)
        assert found.read().facts.is_worth_coding is worth
