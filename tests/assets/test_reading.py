"""A source is read once, in one state; what changed since the walk is found out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.assets.replacements import BECOME
from tests.assets.walked import GZIP, OTHER, TEXT, Walked
from whitemedia.assets import reading
from whitemedia.assets.files import Opened, StatKey
from whitemedia.assets.roots import Why
from whitemedia.assets.sniffing import HEAD_LENGTH
from whitemedia.assets.validators import SETTLED_NS

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder


pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")


# The file


@pytest.mark.parametrize("data", [b"", b"x", TEXT], ids=["empty", "one byte", "text"])
def test_a_file_is_read_whole_with_its_digest(folder: Folder, walk: Callable[[], Walked], data: bytes) -> None:
    folder.file("app.css", data)
    facts, read = walk().found()
    assert (read, facts.digest, facts.siblings) == (data, hashlib.sha256(data).digest(), {})


@pytest.mark.parametrize("written", [-3600, 3600], ids=["moved here lately", "written lately"])
@pytest.mark.parametrize("settled", [False, True])
def test_a_digest_is_remembered_once_a_later_change_must_show(
    folder: Folder, walk: Callable[[], Walked], monkeypatch: pytest.MonkeyPatch, written: int, settled: bool
) -> None:
    """A file that was just written may be written again without a trace in its state."""
    status = folder.file("app.css", TEXT, mtime=time.time() + written).stat()
    latest = max(status.st_mtime_ns, status.st_ctime_ns)
    monkeypatch.setattr(time, "time_ns", lambda: latest + SETTLED_NS - (not settled))
    walked = walk()
    digest = walked.found().facts.digest
    assert walked.store.digest(StatKey.of(status)) == (digest if settled else None)


@pytest.mark.parametrize("name", ["feed", "dir/FEED", "a.custom", "a.b.Custom"])
def test_given_types_come_before_the_table_by_name_or_extension(
    folder: Folder, walk: Callable[[], Walked], name: str
) -> None:
    folder.file(name, TEXT)
    given = {"feed": "application/atom+xml", ".custom": "application/atom+xml"}
    assert walk().found(name, **given).facts.media_type == "application/atom+xml"


def test_a_known_extension_decides_whatever_the_bytes_look_like(
    folder: Folder, walk: Callable[[], Walked]
) -> None:
    folder.file("app.css", b"<!doctype html>")
    assert walk().found().facts.media_type == "text/css"


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
    assert walk().found("unknown").facts.media_type == "image/gif"
    assert heads == [TEXT[:HEAD_LENGTH]]


@pytest.mark.parametrize(("spare", "read_whole"), [(0, True), (-1, False)])
def test_a_file_over_the_limit_is_not_read_and_its_siblings_are_not_used(
    folder: Folder, walk: Callable[[], Walked], monkeypatch: pytest.MonkeyPatch, spare: int, read_whole: bool
) -> None:
    monkeypatch.setattr(reading, "READ_LIMIT", len(TEXT) + spare)
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    walked = walk()
    facts, data = walked.found()
    if read_whole:
        assert (data, set(facts.siblings), walked.reasons) == (TEXT, {"gzip"}, [])
    else:
        assert (data, facts.digest, facts.siblings) == (None, None, {})
        assert walked.reasons == [("app.css.gz", Why.UNCHECKED_SIBLING)]
        assert not facts.is_worth_coding


def test_a_file_that_never_stands_still_has_no_digest_and_no_siblings(
    folder: Folder, walk: Callable[[], Walked], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", GZIP)
    monkeypatch.setattr(Opened, "read_whole", lambda self: None)
    walked = walk()
    facts, data = walked.found()
    assert (data, facts.digest, facts.siblings) == (None, None, {})
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
    assert walk().found(name).facts.is_worth_coding is worth


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
    assert walk().found(name).facts.stored_coding == coding


# What changed since the walk


def test_a_file_rewritten_since_the_walk_is_read_as_it_is_now(
    folder: Folder, outside: Folder, walk: Callable[[], Walked]
) -> None:
    path = folder.file("app.css", TEXT)
    walked = walk()
    outside.file("new", OTHER + b"more").rename(path)
    facts, data = walked.found()
    assert (data, facts.source.stat_key) == (OTHER + b"more", StatKey.of(path.stat()))


def test_a_file_that_became_a_link_in_the_root_is_read(folder: Folder, walk: Callable[[], Walked]) -> None:
    path = folder.file("app.css", TEXT)
    folder.file("new.css", OTHER)
    walked = walk()
    path.unlink()
    path.symlink_to("new.css")
    assert walked.found().data == OTHER


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
