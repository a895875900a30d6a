"""A change is seen at once: the answer is that of a table built now, whatever was answered before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assets.walked import OTHER, TEXT
from tests.autorefresh.alike import Alike
from tests.autorefresh.changing import CHANGES, CODED_CHANGES, UNCHANGED, Change, plant_root, relink
from tests.conftest import MODIFIED, SECRET, plant
from whitemedia.assets import files

pytestmark = pytest.mark.usefixtures("either_age")


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    return Alike(plant_root(tmp_path), index_file=True, clean_urls=True)


@pytest.mark.parametrize(
    ("name", "change"),
    [pytest.param(*case, id=title) for title, case in CHANGES.items()],
)
def test_a_change_is_seen_at_once(alike: Alike, name: str, change: Change) -> None:
    before = alike.ask(name)
    alike.ask_all()
    change(alike.root)
    after = alike.ask(name)
    alike.ask_all()
    assert (after.status, after.body) != (before.status, before.body)
    assert after.headers["ETag"] is None or after.headers["ETag"] != before.headers["ETag"]
    assert SECRET not in after.body


@pytest.mark.parametrize("change", CODED_CHANGES.values(), ids=CODED_CHANGES)
def test_a_change_of_a_sibling_is_seen_at_once(alike: Alike, change: Change) -> None:
    alike.ask_all()
    change(alike.root)
    alike.ask_all()


@pytest.mark.parametrize("change", UNCHANGED.values(), ids=UNCHANGED)
def test_a_file_with_the_same_bytes_keeps_its_tag_and_tells_its_new_time(alike: Alike, change: Change) -> None:
    before = alike.ask("a.css")
    change(alike.root)
    after = alike.ask("a.css")
    moved = int((alike.root / "a.css").stat().st_mtime) != MODIFIED
    assert (after.body, after.etag) == (before.body, before.etag)
    assert (after.headers["Last-Modified"] != before.headers["Last-Modified"]) == moved


def test_what_is_put_back_is_answered_as_before(alike: Alike) -> None:
    before = alike.ask("a.css")
    (alike.root / "a.css").rename(alike.root / "aside")
    assert alike.ask("a.css").is_the_applications
    (alike.root / "aside").rename(alike.root / "a.css")
    assert alike.ask("a.css").headers.items() == before.headers.items()


def test_a_root_that_is_not_there_yet_is_served_when_it_is(tmp_path: Path) -> None:
    alike = Alike(tmp_path / "root", index_file=True)
    assert alike.ask("a.css").is_the_applications
    plant_root(tmp_path)
    assert alike.ask("a.css").body == TEXT
    alike.ask_all()


def test_a_root_that_is_a_link_is_served_from_where_it_points_now(tmp_path: Path) -> None:
    for number in (b"1", b"2"):
        plant(tmp_path / "releases" / number.decode(), {"a.css": number, "sub/a.css": number})
    relink(tmp_path / "current", "releases/1")
    alike = Alike(tmp_path / "current")
    assert alike.ask("sub/a.css").body == b"1"
    relink(tmp_path / "current", "releases/2")
    assert alike.ask("sub/a.css").body == b"2"
    alike.ask_all()


@pytest.mark.parametrize("follows", [True, False])
def test_a_link_is_judged_when_it_is_asked_for(tmp_path: Path, *, follows: bool) -> None:
    alike = Alike(plant_root(tmp_path), follow_symlinks=follows)
    relink(alike.root / "link.css", "a.css")
    relink(alike.root / "link", "bare")
    assert (alike.ask("link.css").body, alike.ask("link/a.css").body) == (TEXT, OTHER)
    relink(alike.root / "link.css", "../outside/a.css")
    relink(alike.root / "link", "../outside")
    for name in ("link.css", "link/a.css", "link/index.html"):
        assert (alike.ask(name).body == SECRET) == follows


@pytest.mark.parametrize("stepwise", [True, False])
def test_what_changed_is_seen_however_files_are_opened(
    alike: Alike, monkeypatch: pytest.MonkeyPatch, *, stepwise: bool
) -> None:
    monkeypatch.setattr(files, "_STEPWISE", stepwise and files._STEPWISE)
    for name, change in (CHANGES["large, replaced"], CHANGES["beneath what is now a link outward"]):
        alike.ask(name)
        change(alike.root)
        alike.ask(name)
        alike.ask_all()
