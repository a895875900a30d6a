"""A link is followed within the root, or skipped; no link makes a walk endless or long."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.assets.walk import walk
from whitemedia.assets.files import StatKey
from whitemedia.assets.roots import Why
from whitemedia.assets.scan import MAX_LINK_DEPTH, MAX_NESTED_VISITS

if TYPE_CHECKING:
    from tests.assets.conftest import Folder


def test_links_that_stay_in_the_root_are_followed(folder: Folder) -> None:
    path = folder.file("d/e/a")
    folder.link("file", "d/e/a")
    folder.link("absolute", path)
    folder.link("directory", "d")
    folder.link("chain", "directory")
    found = walk(folder.path)
    assert found.skipped == {}
    assert found.served == {"d/e/a", "file", "absolute", "directory/e/a", "chain/e/a"}
    assert {source.stat_key for source in found.sources.values()} == {StatKey.of(path.stat())}


def test_a_mounted_kubernetes_volume_is_served(folder: Folder) -> None:
    """Its files are links through `..data`, a link that is swapped when the volume changes; its name is hidden."""
    folder.file("..2026_11_01/app.css")
    folder.file("..2026_11_01/fonts/a.woff2")
    folder.link("..data", "..2026_11_01")
    folder.link("app.css", "..data/app.css")
    folder.link("fonts", "..data/fonts")
    found = walk(folder.path)
    assert found.served == {"app.css", "fonts/a.woff2"}
    assert found.skipped == {"..2026_11_01": (Why.HIDDEN, True), "..data": (Why.HIDDEN, True)}


def test_a_link_is_judged_by_its_own_name_not_by_its_target_s(folder: Folder) -> None:
    folder.file(".hidden/a")
    folder.link("shown", ".hidden")
    folder.link(".dot", "shown/a")
    found = walk(folder.path)
    assert found.served == {"shown/a"}
    assert found.skipped.keys() == {".hidden", ".dot"}


def test_a_root_that_is_a_link_is_walked(folder: Folder, outside: Folder) -> None:
    folder.file("a")
    folder.link("b", "a")
    outside.link("current", folder.path)
    assert walk(outside.path / "current").served == {"a", "b"}


def test_follow_symlinks_serves_what_lies_outside(folder: Folder, outside: Folder) -> None:
    outside.file("d/a")
    folder.link("file", outside.path / "d" / "a")
    folder.link("directory", outside.path)
    found = walk(folder.path, follow_symlinks=True)
    assert (found.served, found.skipped) == ({"file", "directory/d/a"}, {})


def test_follow_symlinks_ends_at_links_that_lead_back(folder: Folder, outside: Folder) -> None:
    outside.file("a")
    outside.link("back", folder.path)
    outside.link("around", outside.path / "to-outside")
    outside.link("to-outside", outside.path)
    folder.link("out", outside.path)
    folder.link("up", folder.path.parent)
    found = walk(folder.path, follow_symlinks=True)
    assert found.served == {"out/a"}
    loops = ("up", "out/back", "out/around", "out/to-outside")
    assert found.skipped == dict.fromkeys(loops, (Why.LINK_LOOP, True))


def test_directories_that_link_to_each_other_end_at_a_few_links(folder: Folder) -> None:
    """Six directories that link to each other have two thousand paths without a loop; in all of them are files."""
    names = "abcdef"
    for name in names:
        folder.file(f"{name}/file")
        for other in names.replace(name, ""):
            folder.link(f"{name}/to-{other}", f"../{other}")
    found = walk(folder.path)
    assert found.served >= {f"{name}/file" for name in names}
    assert max(url_path.count("to-") for url_path in found.served) == MAX_LINK_DEPTH
    assert {why for why, _ in found.skipped.values()} == {Why.LINK_LOOP}


def test_links_to_files_are_followed_where_no_further_directory_is(folder: Folder) -> None:
    for number in range(MAX_LINK_DEPTH + 1):
        folder.link(f"{number}/to", f"../{number + 1}")
        folder.link(f"{number}/file-link", "../file")
    folder.file(f"{MAX_LINK_DEPTH + 1}/file")
    folder.file("file")
    found = walk(folder.path)
    deepest = "0/" + "to/" * MAX_LINK_DEPTH
    assert f"{deepest}file-link" in found.served
    assert found.skipped == {f"{deepest}to": (Why.LINK_LOOP, True)}


def test_a_directory_that_links_below_itself_is_not_a_loop(folder: Folder) -> None:
    folder.file("d/e/f/a")
    folder.link("d/short", "e/f")
    found = walk(folder.path)
    assert (found.served, found.skipped) == ({"d/e/f/a", "d/short/a"}, {})


@pytest.mark.parametrize("count", [4, 12])
def test_a_few_directories_that_link_to_each_other_do_not_stand_for_thousands_of_paths(
    folder: Folder, count: int
) -> None:
    """Twelve such directories once stood for a million paths, and a start of a minute and a half."""
    for number in range(count):
        folder.file(f"{number}/served.txt")
        for other in set(range(count)) - {number}:
            folder.link(f"{number}/to{other}", f"../{other}")
    found = walk(folder.path)
    assert {f"{number}/to{(number + 1) % count}/served.txt" for number in range(count)} <= found.served
    assert len(found.served) <= count * (count + MAX_NESTED_VISITS)


def test_a_link_that_goes_while_it_is_resolved_is_skipped(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.file("served.txt")
    folder.link("link", "served.txt")
    resolve = os.path.realpath

    def resolve_too_late(path: str) -> str:
        if path.endswith("link"):
            raise FileNotFoundError(errno.ENOENT, "", path)
        return resolve(path)

    monkeypatch.setattr(os.path, "realpath", resolve_too_late)
    found = walk(folder.path)
    assert (found.served, found.skipped) == ({"served.txt"}, {"link": (Why.BROKEN_LINK, True)})


def test_a_windows_junction_is_judged_as_a_link(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a link to a directory anywhere, though its mode says that it is a directory."""
    folder.file("junction/a")
    look, resolve = os.lstat, os.path.realpath

    class Junction(NamedTuple):
        st_mode: int
        st_reparse_tag: int = 0xA0000003

    def look_at_a_junction(path: str) -> Any:
        status = look(path)
        return Junction(status.st_mode) if path.endswith("junction") else status

    monkeypatch.setattr(os, "lstat", look_at_a_junction)
    monkeypatch.setattr(
        os.path, "realpath", lambda path: "/elsewhere" if path.endswith("junction") else resolve(path)
    )
    found = walk(folder.path)
    assert (found.served, found.skipped) == (set(), {"junction": (Why.OUTWARD_LINK, True)})
