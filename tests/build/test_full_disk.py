"""A disk may be full at any call: the error says so, what was written is right and known, and the next build goes on."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from tests.build.site import A, B, C, Site
from tests.failing_disk import FailingDisk
from whitemedia.build import BuildError, BuildResult, Failure
from whitemedia.build.working import CHECKPOINT_SECONDS

FILES = {"app.css": A, "copy.css": A, "lib.js": B, "page.html": C}
ENCODINGS = sorted(["br 5", "gzip 6"] * 3)
SIBLINGS = len(FILES) * 2


class Disk(FailingDisk):
    """One on which files are made, and half of a write may be done."""

    def fdopen(self, descriptor: int, mode: str) -> Any:
        """A file that may fail when half of a write is done."""
        disk = self

        class Written(FileIO):
            def write(self, data: Any, /) -> int:
                try:
                    disk.call("write")
                except OSError:
                    super().write(memoryview(data)[: len(data) // 2])
                    raise
                return super().write(data)

        return io.BufferedWriter(Written(descriptor, mode), 1 << 16)


@contextmanager
def on(disk: Disk) -> Iterator[None]:
    """Every call that takes room on a disk may fail."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fdopen", disk.fdopen)
        patch.setattr(os, "fsync", disk.guard("fsync", os.fsync))
        patch.setattr(tempfile, "mkstemp", disk.guard("mkstemp", tempfile.mkstemp))
        patch.setattr(Path, "replace", disk.guard("replace", Path.replace))
        patch.setattr(Path, "mkdir", disk.guard("mkdir", Path.mkdir))
        yield


def sites(folder: Path) -> Iterator[tuple[int, Site]]:
    """A fresh site for each call that may fail."""
    for number in range(100):
        yield number, Site(folder / str(number), FILES)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS], ids=errno.errorcode.get)
@pytest.mark.parametrize("stays", [True, False], ids=["from then on", "once"])
def test_a_disk_may_be_full_at_any_call(tmp_path: Path, code: int, stays: bool) -> None:
    seen = set()
    for number, site in sites(tmp_path):
        disk = Disk(number, code, stays=stays)
        with on(disk):
            if not _builds(site, disk, code):
                break
        there = len(site.siblings())
        assert site.wrong() == []
        assert site.build().is_complete
        assert (len(site.siblings()), site.wrong()) == (SIBLINGS, [])
        assert there <= SIBLINGS
        seen.add(disk.failing)
    assert seen == {"mkdir", "mkstemp", "write", "replace", "fsync"}
    assert number > 3 * SIBLINGS


def _builds(site: Site, disk: Disk, code: int) -> bool:
    """Whether a build fails, with a message that names the root and the reason."""
    why = _attempt(site)
    if not isinstance(why, str):
        assert not disk.failed
        return False
    assert os.strerror(code) in why
    assert str(site.path) in why
    return True


def _attempt(site: Site) -> BuildResult | str:
    """The result of a build, or why it stopped."""
    try:
        return site.build(threads=1)
    except BuildError as error:
        return str(error)


def test_what_was_written_before_the_disk_was_full_is_counted_and_known(tmp_path: Path) -> None:
    """Of every file that is whole, also where another of the same job could not be written."""
    for number, site in sites(tmp_path):
        disk = Disk(number, errno.ENOSPC, stays=False)
        with on(disk):
            if not _builds(site, disk, errno.ENOSPC):
                break
        if disk.calls[number:].count("replace") > 1 and disk.failing != "mkdir":  # the records were written then
            assert site.unrecorded() == [], disk.calls
    assert number > 3 * SIBLINGS


@pytest.mark.parametrize("number", range(1, 26, 4))
def test_the_message_tells_how_many_files_were_written(site: Site, number: int) -> None:
    for name, data in FILES.items():
        site.write(name, data)
    with on(Disk(number, errno.ENOSPC, stays=True)), pytest.raises(BuildError) as raised:
        site.build(threads=1)
    assert f"the {len(site.siblings())} files that were written are valid" in str(raised.value)


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.EPERM], ids=errno.errorcode.get)
def test_what_fails_for_one_file_alone_is_a_failure_and_others_are_built(tmp_path: Path, code: int) -> None:
    for number, site in sites(tmp_path):
        disk = Disk(number, code, stays=False)
        with on(disk):
            result = _attempt(site)
        if isinstance(result, str):  # of the folder, or of the records
            assert os.strerror(code) in result
            assert disk.failing in ("mkdir", "fsync") or len(site.siblings()) == SIBLINGS
            continue
        if not disk.failed:
            break
        [failure] = result.failures
        assert failure.reason == os.strerror(code)
        assert not (site.path / failure.path).exists()
        assert len(site.siblings()) == SIBLINGS - 1
        assert (site.wrong(), site.unrecorded()) == ([], [])
        assert site.build().is_complete
    assert number > 3 * SIBLINGS


def test_a_root_that_cannot_be_written_is_an_error_before_anything_is_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr("whitemedia.build.building.survey", None)
    with pytest.raises(BuildError) as raised:
        site.build()
    assert str(raised.value) == f"cannot make {str(site.index.parent)!r}: {os.strerror(errno.EACCES)}"


@pytest.mark.parametrize(
    "make", [Path.touch, lambda path: path.symlink_to("nothing")], ids=["a file", "a broken link"]
)
def test_what_is_in_the_place_of_the_folder_is_an_error(site: Site, make: Callable[[Path], object]) -> None:
    make(site.index.parent)
    with pytest.raises(BuildError, match="cannot make"):
        site.build()
    assert site.siblings() == []


def test_records_that_cannot_be_replaced_are_an_error_and_siblings_stay(site: Site) -> None:
    site.index.mkdir(parents=True)
    with pytest.raises(BuildError, match="cannot write the records of"):
        site.build()
    assert (len(site.siblings()), site.wrong()) == (4, [])
    site.index.rmdir()
    assert site.build().is_complete


def test_records_that_cannot_be_written_meanwhile_stop_the_build(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whitemedia.build.working.CHECKPOINT_SECONDS", 0)
    site.index.mkdir(parents=True)
    with pytest.raises(BuildError, match="cannot write the records of"):
        site.build(threads=1)
    assert site.wrong() == []


def test_records_are_written_meanwhile(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a kill, or a loss of power, takes is no more than a few seconds' work."""
    assert CHECKPOINT_SECONDS <= 10
    monkeypatch.setattr("whitemedia.build.working.CHECKPOINT_SECONDS", 0)
    known: list[int] = []
    site.build(threads=1, progress=lambda done, length: known.append(len(site.recorded())))
    assert known == [0, 0, 2]
    assert len(site.recorded()) == 4


def test_a_failure_is_a_path_and_a_reason() -> None:
    assert Failure("a", "b") == ("a", "b")
