"""A resource is kept as long as its file's and siblings' state says that it is the same, within what may be kept."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.assets.conftest import open_root
from tests.assets.walked import CODED, OTHER, TEXT
from whitemedia.assets import rebuilding
from whitemedia.assets.building import HELD_LIMIT
from whitemedia.assets.compression import Budget
from whitemedia.assets.rebuilding import Rebuilder
from whitemedia.assets.representation import Source
from whitemedia.assets.resource import Resource
from whitemedia.assets.validators import SETTLED_NS
from whitemedia.options import Options, build_options

if TYPE_CHECKING:
    from tests.assets.conftest import Folder

SECOND = 1_000_000_000
YOUNG, SETTLED = -30 * SECOND, 30 * SECOND
"""By how much a clock is ahead for which what is written now is one or the other, however slow the machine."""

either_age = pytest.mark.parametrize("ahead", [YOUNG, SETTLED], ids=["young", "settled"])


class Clock:
    """A clock that a test sets, in nanoseconds after now."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = 0
        now_ns = time.time_ns
        monkeypatch.setattr(time, "time_ns", lambda: now_ns() + self.ahead)


class Rebuilding:
    """A rebuilder of a directory's files, its budget, and the URLs for which the user's function was called."""

    def __init__(self, path: Path, limit: int = 1 << 20, **given: Any) -> None:
        self.called: list[str] = []
        self.options: Options = build_options(
            {"add_headers_function": lambda headers, path, url: self.called.append(url), **given}
        )
        self.budget = Budget(limit)
        self.root = open_root(path, self.options)
        self.rebuilder = Rebuilder("/static/", self.options, self.budget, threading.RLock())

    def source(self, name: str) -> Source:
        found = self.root.look(name)
        assert isinstance(found, Source)
        return found

    def resource(self, name: str = "a.css") -> Resource:
        resource = self.rebuilder.resource(self.source(name))
        assert resource is not None
        return resource

    @property
    def held(self) -> int:
        """Bytes of the bodies that are kept, or will be when they have been read."""
        kept = [kept.resource for kept in self.rebuilder._kept.values()]
        return sum(resource.contents[coding].length for resource in kept for coding in resource.held)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def rebuilding_of(folder: Folder) -> Callable[..., Rebuilding]:
    return lambda limit=1 << 20, **given: Rebuilding(folder.path, limit, **given)


Make = Callable[..., Rebuilding]


@either_age
def test_an_unchanged_file_is_the_same_resource(
    folder: Folder, rebuilding_of: Make, clock: Clock, ahead: int
) -> None:
    folder.file("a.css", TEXT)
    clock.ahead, files = ahead, rebuilding_of()
    first = files.resource()
    assert files.resource() is files.resource() is first
    assert files.called == ["/static/a.css"]
    assert first.select("").body == TEXT


@pytest.mark.parametrize(("ahead", "reads"), [(YOUNG, 3), (SETTLED_NS, 1)], ids=["young", "settled"])
def test_a_file_is_read_again_until_it_has_settled(
    folder: Folder, rebuilding_of: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch, *, ahead: int, reads: int
) -> None:
    folder.file("a.css", TEXT, mtime=1_700_000_000)  # its change is young, whatever its time says
    clock.ahead, files, opened, open_ = ahead, rebuilding_of(), [], os.open

    def count(path: Any, *arguments: Any, **keywords: Any) -> int:
        opened.append(os.path.basename(path))
        return open_(path, *arguments, **keywords)

    monkeypatch.setattr(os, "open", count)
    for _ in range(3):
        files.resource()
    assert opened.count("a.css") == reads


def test_a_source_of_an_earlier_look_gives_what_is_there_now(
    folder: Folder, rebuilding_of: Make, clock: Clock
) -> None:
    """Two threads look at two states of a file; the one that looked first may come last."""
    folder.file("a.css", TEXT)
    clock.ahead, files = SETTLED, rebuilding_of()
    early = files.source("a.css")
    folder.file("a.css", OTHER + b"more")
    late = files.resource()
    assert files.rebuilder.resource(early) is late
    assert files.resource() is late
    assert len(files.called) == 1


@pytest.mark.parametrize("name", ["a.css", "a.css.gz", "a.css.br"])
def test_a_young_file_that_changed_without_a_trace_is_built_again(
    folder: Folder, rebuilding_of: Make, clock: Clock, name: str
) -> None:
    clock.ahead = YOUNG
    for suffix in ("", ".gz", ".br"):
        folder.file(f"a.css{suffix}", CODED.get(suffix, TEXT))
    files = rebuilding_of()
    first = files.resource()
    data = (folder.path / name).read_bytes()
    with (folder.path / name).open("r+b") as file:
        file.write(data[:-1] + bytes([data[-1] ^ 1]))
    kept = files.rebuilder._kept["a.css"]
    same = files.source("a.css")
    files.rebuilder._kept["a.css"] = kept._replace(source=same)  # as if no state had changed
    assert files.rebuilder.resource(same) is not first


def test_what_cannot_be_read_is_none_and_built_when_it_can_be(folder: Folder, rebuilding_of: Make) -> None:
    path = folder.file("a.css", TEXT)
    files = rebuilding_of()
    files.resource()
    source = files.source("a.css")
    path.unlink()
    assert files.rebuilder.resource(source) is None
    assert (files.held, files.budget.spent) == (0, 0)
    folder.file("a.css", OTHER)
    assert files.resource().select("").body == OTHER


def test_a_file_that_is_gone_is_forgotten_and_its_memory_given_back(folder: Folder, rebuilding_of: Make) -> None:
    for suffix in ("", ".gz", ".br"):
        folder.file(f"a.css{suffix}", CODED.get(suffix, TEXT))
    files = rebuilding_of()
    files.resource()
    assert files.budget.spent == files.held == len(TEXT) + len(CODED[".gz"]) + len(CODED[".br"])
    files.rebuilder.drop("a.css")
    files.rebuilder.drop("a.css")
    files.rebuilder.drop("missing")
    assert (files.budget.spent, files.held) == (0, 0)


@pytest.mark.parametrize(
    ("limit", "length", "held"),
    [
        (100, 100, True),
        (99, 100, False),
        (0, 1, False),
        (1 << 30, HELD_LIMIT, True),
        (1 << 30, HELD_LIMIT + 1, False),
    ],
)
def test_a_body_is_held_if_it_is_small_and_the_budget_allows(
    folder: Folder, rebuilding_of: Make, limit: int, length: int, *, held: bool
) -> None:
    folder.file("a.bin", bytes(length))
    files = rebuilding_of(limit)
    assert isinstance(files.resource("a.bin").select("").body, bytes) == held
    assert files.budget.spent == length * held


@pytest.mark.parametrize("ahead", [YOUNG, SETTLED], ids=["young", "settled"])
def test_the_budget_is_what_is_held_over_a_thousand_changing_files(
    folder: Folder, rebuilding_of: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    monkeypatch.setattr(rebuilding, "MAX_KEPT", 30)
    clock.ahead, files = ahead, rebuilding_of(limit := 20_000)
    for number in range(1_000):
        name = f"{number * 7 % 40}.css"
        folder.file(name, b"x" * (number * 37 % 2_000))
        if number % 3 == 0:
            folder.file(f"{name}.gz", b"bad")
        files.resource(name)
        files.resource("0.css")
        if number % 10 == 0:
            assert files.budget.spent == files.held <= limit
            assert len(files.rebuilder._kept) <= 30
    for name in os.listdir(folder.path):
        files.rebuilder.drop(name)
    assert files.budget.spent == 0


def test_a_function_that_fails_costs_no_budget(folder: Folder) -> None:
    folder.file("a.css", TEXT)
    folder.file("a.css.gz", CODED[".gz"])

    def fail(headers: Any, path: str, url: str) -> None:
        raise ZeroDivisionError

    files = Rebuilding(folder.path, add_headers_function=fail)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            files.resource()
    assert files.budget.spent == 0


def test_the_budget_is_shared_by_all_roots(folder: Folder, outside: Folder) -> None:
    folder.file("a.css", TEXT)
    outside.file("a.css", TEXT)
    files, others = Rebuilding(folder.path), Rebuilding(outside.path)
    budget = Budget(len(TEXT))
    for each in (files, others):
        each.rebuilder = Rebuilder("/", each.options, budget, threading.RLock())
    assert isinstance(files.resource().select("").body, bytes)
    assert not isinstance(others.resource().select("").body, bytes)
    files.rebuilder.drop("a.css")
    (outside.path / "a.css").write_bytes(OTHER[: len(TEXT)])
    assert isinstance(others.resource().select("").body, bytes)
