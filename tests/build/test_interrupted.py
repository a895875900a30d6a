"""A build may be interrupted, or killed, at any time; what it did is not done again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.build.site import Site, make_text, names, snapshot, written
from whitemedia.assets.locking import FileLock
from whitemedia.assets.records import FOLDER, TEMPORARY
from whitemedia.build import BuildError, working

COUNT = 6
FILES = {f"{number}.css": make_text(number, 60) for number in range(COUNT)}


class Interrupting:
    """Progress that raises when it is called for the last time."""

    def __init__(self, calls: int, error: type[BaseException]) -> None:
        self._left = calls
        self._error = error

    def __call__(self, done: int, length: int) -> None:
        self._left -= 1
        if not self._left:
            raise self._error


@pytest.fixture
def many(tmp_path: Path) -> Site:
    """Some files, and nothing built yet."""
    return Site(tmp_path / "site", FILES)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit], ids=lambda error: error.__name__)
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("calls", range(1, COUNT + 2))
def test_what_was_done_is_known_and_only_the_rest_is_done_next(
    many: Site, calls: int, threads: int, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        many.build(threads=threads, progress=Interrupting(calls, error))
    done, there = many.encoded, many.siblings()
    assert len(there) == len(done) >= 2 * (calls - 1)
    assert (many.wrong(), many.unrecorded()) == ([], [])
    before = snapshot(many.path)
    assert many.build(threads=threads).is_complete
    assert len(many.encoded) == 2 * COUNT - len(done)
    assert written(before, many.path) == [name for name in many.siblings() if name not in there]


@pytest.mark.parametrize("submitted", [1, 2, COUNT - 1])
def test_what_was_done_while_jobs_were_still_handed_out_is_known(
    many: Site, monkeypatch: pytest.MonkeyPatch, submitted: int
) -> None:
    """Of a large tree that takes a while, and threads begin at once."""

    class Interrupted(ThreadPoolExecutor):
        left = submitted

        def submit(self, *arguments: Any, **keywords: Any) -> Any:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            future = super().submit(*arguments, **keywords)
            future.exception()  # it is done
            return future

    monkeypatch.setattr(working, "ThreadPoolExecutor", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        many.build(threads=1)
    monkeypatch.undo()
    assert len(many.siblings()) == 2 * submitted
    assert (many.wrong(), many.unrecorded()) == ([], [])


def test_what_is_interrupted_does_not_forget_what_was_known(many: Site) -> None:
    many.build()
    many.write("new.css", make_text(99))
    with pytest.raises(KeyboardInterrupt):
        many.build(progress=Interrupting(1, KeyboardInterrupt))
    many.build()
    assert many.encoded == ["br 5", "gzip 6"]


def test_an_interrupted_build_does_not_lock_the_next_one_out(many: Site) -> None:
    with pytest.raises(KeyboardInterrupt):
        many.build(progress=Interrupting(2, KeyboardInterrupt))
    with FileLock(many.index.parent / "lock", 0) as lock:
        assert lock.held


@pytest.mark.parametrize(
    "place", ["", "folder/", ".well-known/", f"{FOLDER}/"], ids=["root", "folder", "well-known", "own"]
)
@pytest.mark.parametrize("hidden", [None, ["*.bak"]], ids=["hidden by default", "nothing hidden"])
def test_what_a_killed_build_left_is_removed_by_the_next(many: Site, place: str, hidden: list[str] | None) -> None:
    many.build()
    left = many.write(f"{place}{TEMPORARY}abc123", b"half of a sib")
    assert many.check().is_complete
    assert left.exists()
    many.build(hidden=hidden)
    assert not left.exists()


@pytest.mark.parametrize("name", [f"{TEMPORARY}folder/a.css", ".hidden", ".whitemediary.css"])
def test_what_no_build_left_is_not_removed(many: Site, name: str) -> None:
    kept = many.write(name, make_text())
    many.build(prune=True)
    assert kept.read_bytes() == make_text()


def test_what_another_build_is_writing_is_not_removed(many: Site) -> None:
    left = many.write(f"{TEMPORARY}abc123", b"half of a sib")
    many.build()
    left.write_bytes(b"")
    with FileLock(many.index.parent / "lock", 0), pytest.raises(BuildError):
        many.build()
    assert left.exists()


def test_of_two_builds_at_once_the_second_is_an_error(many: Site) -> None:
    errors: list[str] = []

    def progress(done: int, length: int) -> None:
        before = names(many.path)
        with pytest.raises(BuildError) as raised:
            Site(many.path, {}).build()
        errors.append(str(raised.value))
        assert names(many.path) == before or done

    assert many.build(threads=1, progress=progress).is_complete
    assert set(errors) == {f"another build of {str(many.path)!r} is running"}
    assert many.build().is_complete


def test_a_check_needs_no_turn(many: Site) -> None:
    many.build()
    with FileLock(many.index.parent / "lock", 0):
        assert many.check().is_complete
