"""An immutable name outlives its file where its bytes are at hand, at the price of holding them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assets.damages import flip
from tests.assets.keeping import packs
from tests.conftest import application, plain, plant
from whitemedia import WhiteMedia
from whitemedia.assets.compression import Budget
from whitemedia.assets.outliving import held_by, outliving
from whitemedia.assets.resource import Resource

TEXT = b".a { margin: 0 }\n" * 100
PICTURE = bytes(range(256)) * 4
NAMES = {"app.abc123.css": TEXT, "app.css": TEXT, "a.abc123.png": PICTURE, "short.abc123.css": b"a {}"}
PATH = "/static/app.abc123.css"


def build(tmp_path: Path, **options: object) -> WhiteMedia:
    root = plant(tmp_path / "root", NAMES)
    given = {"cache_dir": str(tmp_path / "cache"), "immutable_file_test": r"\.[0-9a-f]{6}\.", **options}
    return WhiteMedia(application, root, "/static/", **given)  # type: ignore[arg-type]


def outlived(whitemedia: WhiteMedia, limit: int = 1 << 20) -> dict[str, object]:
    """What outlives all files."""
    return dict(outliving(plain(whitemedia.table.entries), (), Budget(limit)))


@pytest.mark.parametrize("cache", [True, False], ids=["store", "memory"])
def test_what_is_immutable_and_coded_outlives_its_file(tmp_path: Path, cache: bool) -> None:
    """Pictures, and what is too short, have no bytes but their file's."""
    whitemedia = build(tmp_path, **({} if cache else {"cache_dir": None}))
    assert outlived(whitemedia).keys() == {PATH}
    resource = whitemedia.table.entries[PATH]
    assert isinstance(resource, Resource)
    assert resource.contents["identity"].body == TEXT


def test_for_a_list_of_origins_too(tmp_path: Path) -> None:
    assert outlived(build(tmp_path, cors=["https://a.example"])).keys() == {PATH}


def test_what_is_still_there_does_not_outlive_itself(tmp_path: Path) -> None:
    assert outliving(plain(build(tmp_path).table.entries), {PATH}, Budget(1 << 20)) == {}


@pytest.mark.parametrize(("limit", "outlives"), [(len(TEXT), True), (len(TEXT) - 1, False)])
def test_it_takes_its_length_of_the_budget(tmp_path: Path, limit: int, outlives: bool) -> None:
    assert bool(outlived(build(tmp_path), limit)) is outlives


def test_what_is_in_memory_is_counted(tmp_path: Path) -> None:
    whitemedia = build(tmp_path)
    assert held_by(outliving(plain(whitemedia.table.entries), (), Budget(1 << 20))) == len(TEXT)
    assert held_by({}) == 0


def test_a_damaged_body_is_not_decoded(tmp_path: Path) -> None:
    """Nor what decodes to something else: where one is damaged, another may do."""
    whitemedia = build(tmp_path)
    [pack] = packs(tmp_path / "cache")
    for position in range(pack.stat().st_size):
        flip(position)(pack)
    assert outlived(whitemedia) == {}
