"""What is said, and what is refused, when it is constructed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.autorefresh.alike import behind
from tests.autorefresh.asked import make
from tests.autorefresh.changing import plant_root, relink
from tests.conftest import PREFIX, call, plant
from tests.refusals import assert_refused
from whitemedia import WhiteMedia

DIRT: dict[str, Callable[[Path], object]] = {
    "broken link": lambda root: relink(root / "new", "missing"),
    "link loop": lambda root: relink(root / "new", "."),
    "link out of the root": lambda root: relink(root / "new", "../outside"),
    "compressed sibling that does not decode": lambda root: plant(root, {"a.css.gz": b"stale"}),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant_root(tmp_path)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    """What was logged since it was last asked for."""
    caplog.set_level(logging.DEBUG, logger="whitemedia")

    def lines() -> list[tuple[str, str]]:
        found = [(record.levelname, record.getMessage()) for record in caplog.records]
        caplog.clear()
        return found

    return lines


def serve(root: Path, **options: Any) -> WhiteMedia:
    return WhiteMedia(behind, root, PREFIX, autorefresh=True, **options)


def test_a_root_is_one_line_and_requests_are_none(root: Path, lines: Callable[[], list[tuple[str, str]]]) -> None:
    live = serve(root)
    [(level, message)] = lines()
    assert level == "INFO"
    assert repr(str(root)) in message
    assert repr(PREFIX) in message
    for name in ("a.css", "coded.css", "large.bin", "missing", ".env", "bare", "bare/"):
        call(live, make("GET", PREFIX + name, {}))
    assert lines() == []


def test_nothing_is_read_before_it_is_asked_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    serve(root, add_headers_function=lambda headers, path, url: calls.append(url))
    assert calls == []


@pytest.mark.usefixtures("earlier")
def test_a_bad_sibling_is_one_warning_for_each_state_of_it(
    root: Path, lines: Callable[[], list[tuple[str, str]]]
) -> None:
    live = serve(root)
    lines()
    for content in (b"bad", b"worse"):
        plant(root, {"a.css.gz": content})
        for _ in range(3):
            call(live, make("GET", f"{PREFIX}a.css", {}))
        [(level, message)] = lines()
        assert level == "WARNING"
        assert repr(str(root / "a.css.gz")) in message


@pytest.mark.parametrize(("why", "make_dirty"), DIRT.items(), ids=DIRT)
def test_with_strict_a_dirty_tree_is_refused(root: Path, why: str, make_dirty: Callable[[Path], object]) -> None:
    assert_clean(root)
    make_dirty(root)
    assert why in assert_refused("root", str(root), lambda: serve(root, strict=True))
    serve(root)


def test_with_strict_a_root_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "missing")
    assert "does not exist" in assert_refused("root", path, lambda: serve(tmp_path / "missing", strict=True))


def test_with_strict_changes_are_seen_at_once_too(root: Path) -> None:
    live = serve(root, strict=True)
    plant(root, {"new.css": b"new"})
    relink(root / "broken", "missing")
    assert call(live, make("GET", f"{PREFIX}new.css", {})).body == b"new"
    assert call(live, make("GET", f"{PREFIX}broken", {})).status == 404


def test_with_strict_nothing_is_compressed_or_held_at_construction(
    root: Path, lines: Callable[[], list[tuple[str, str]]]
) -> None:
    live = serve(root, strict=True)
    [(_, message)] = lines()
    assert "(br 1, gzip 1)" in message
    assert live._budget.spent == 0


def assert_clean(root: Path) -> None:
    serve(root, strict=True)
