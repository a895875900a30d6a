"""Where the system finds a file by other names than its own, only its own is answered: `hidden` and the like hold."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.autorefresh.alike import Alike
from tests.autorefresh.changing import plant_root
from tests.conftest import SECRET, plant
from whitemedia.assets import files, scan


def real_path(path: str, root: Path) -> str:
    """Where a system that folds case and ignores final dots finds a path, if beneath `root`."""
    if not Path(path).is_relative_to(root):
        return path
    found = str(root)
    for name in Path(path).relative_to(root).parts:
        folded = name.rstrip(". ").lower()
        there = [other for other in os.listdir(found) if other == name or other.lower() == folded]
        found = os.path.join(found, max(there, key=lambda other: other == name, default=name))
    return found


@pytest.fixture
def folding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system that folds names, where directories cannot be opened."""

    def fold(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda path, *args, **named: function(real_path(os.fspath(path), tmp_path), *args, **named)

    monkeypatch.setattr(scan, "_FOLDS_NAMES", True)
    monkeypatch.setattr(files, "_STEPWISE", False)
    for name in ("lstat", "stat", "open"):
        monkeypatch.setattr(os, name, fold(getattr(os, name)))


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    root = plant(plant_root(tmp_path), {".env": SECRET, "notes.bak": SECRET, "private~/a.css": SECRET})
    return Alike(root, index_file=True, clean_urls=True)


@pytest.mark.usefixtures("folding", "either_age")
@pytest.mark.parametrize(
    "name",
    [
        *("A.CSS", "a.CSS", "a.css.", "a.css...", "a.css ", "SUB/", "SUB", "Sub/index.html", "sub/INDEX.html"),
        *("PAGE", "Page", "coded.css.GZ", "CODED.css", "sub./", "sub /index.html", "bare./a.css", "BARE/a.css"),
    ],
)
def test_another_name_of_a_file_is_not_found(alike: Alike, name: str) -> None:
    assert alike.ask(name).is_the_applications


@pytest.mark.usefixtures("folding")
@pytest.mark.parametrize("name", [".ENV", ".env.", "NOTES.BAK", "notes.bak.", "PRIVATE~/a.css", "private~./a.css"])
def test_another_name_of_what_is_hidden_is_no_way_to_it(alike: Alike, name: str) -> None:
    assert SECRET not in alike.ask(name).body


@pytest.mark.usefixtures("folding", "either_age")
def test_a_file_s_own_name_is_found(alike: Alike) -> None:
    for name in ("a.css", "sub/", "sub", "sub/index.html", "page", "coded.css", "bare/a.css", "large.bin"):
        assert alike.ask(name).status in (200, 302)
    alike.ask_all()


@pytest.mark.usefixtures("folding")
def test_a_file_that_is_renamed_in_case_alone_has_its_new_name(alike: Alike) -> None:
    assert alike.ask("a.css").status == 200
    (alike.root / "a.css").rename(alike.root / "A.css")
    assert alike.ask("A.css").status == 200
    assert alike.ask("a.css").is_the_applications
