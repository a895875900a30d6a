"""What was built is not built again, whatever became of times, names and levels; what is not right any more is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.build.site import LEVELS, A, B, C, Site, both, encode, snapshot, written
from whitemedia.assets.records import FOLDER

ONE = ["br 5", "gzip 6"]
BOTH = ["br 5", "br 5", "gzip 6", "gzip 6"]
APP = ["app.css.br", "app.css.gz"]
ALL = [*APP, "js/lib.js.br", "js/lib.js.gz"]


class Change(NamedTuple):
    """What becomes of a built site, with which levels it is built again, what is coded then, and what is written."""

    act: Callable[[Site], object]
    encoded: list[str]
    written: list[str]
    levels: dict[str, int] = LEVELS
    leftover: list[str] = []  # noqa: RUF012 - a row's own, that nobody changes


def nothing(site: Site) -> None:
    pass


def swap(site: Site) -> None:
    site.write("app.css", B)
    site.write("js/lib.js", A)


def become(name: str, data: bytes) -> Callable[[Site], object]:
    return lambda site: site.write(name, data)


def rename(*names: str) -> Callable[[Site], object]:
    return lambda site: [(site.path / name).rename(site.path / name.replace("app", "main")) for name in names]


def copy(*names: str) -> Callable[[Site], object]:
    return lambda site: [site.write(name.replace("app", "main"), site.read(name)) for name in names]


def flip(name: str) -> Callable[[Site], object]:
    def flip(site: Site) -> None:
        data = bytearray(site.read(name))
        data[len(data) // 2] ^= 0x10
        site.write(name, bytes(data))

    return flip


def copy_of_another(site: Site) -> None:
    """The records of a site with other texts."""
    other = Site(site.path.with_name("other"), {"app.css": C})
    other.build()
    shutil.copy(other.index, site.index)


def as_after_checkout(site: Site) -> None:
    """New inodes, new times, other modes."""
    copied = site.path.with_name("copied")
    shutil.copytree(site.path, copied)
    shutil.rmtree(site.path)
    for path in copied.rglob("*"):
        os.utime(path, (2_000_000_000, 2_000_000_000))
    copied.rename(site.path)


CHANGES = {
    "nothing": Change(nothing, [], []),
    "a file's content": Change(become("app.css", C), ONE, APP),
    "a file's length alone": Change(become("app.css", A + b"\n"), ONE, APP),
    "a file's time": Change(lambda site: os.utime(site.path / "app.css", (2e9, 2e9)), [], []),
    "a file's mode": Change(lambda site: (site.path / "app.css").chmod(0o600), [], []),
    "every inode and time": Change(as_after_checkout, [], []),
    "a file is another's now": Change(become("app.css", B), [], APP),
    "two files have changed places": Change(swap, BOTH, ALL),
    "a file is short now": Change(become("app.css", b"short"), [], [], leftover=APP),
    "a file is gone": Change(lambda site: site.remove("app.css"), [], [], leftover=APP),
    "a file and its siblings are gone": Change(lambda site: site.remove("app.css", *APP), [], []),
    "a new file": Change(become("new.css", C), ONE, ["new.css.br", "new.css.gz"]),
    "a copy": Change(copy("app.css"), [], ["main.css.br", "main.css.gz"]),
    "a copy with its siblings": Change(copy("app.css", *APP), [], []),
    "a new name": Change(rename("app.css"), ONE, ["main.css.br", "main.css.gz"], leftover=APP),
    "a new name, and the siblings'": Change(rename("app.css", *APP), [], []),
    "a sibling is gone": Change(lambda site: site.remove("app.css.br"), ["br 5"], ["app.css.br"]),
    "all siblings are gone": Change(lambda site: site.remove(*ALL), BOTH, ALL),
    "a byte of br": Change(flip("app.css.br"), ["br 5"], ["app.css.br"]),
    "a byte of gzip": Change(flip("app.css.gz"), ["gzip 6"], ["app.css.gz"]),
    "an empty sibling": Change(become("app.css.br", b""), ["br 5"], ["app.css.br"]),
    "a sibling cut short": Change(
        lambda site: os.truncate(site.path / "app.css.gz", 50), ["gzip 6"], ["app.css.gz"]
    ),
    "a sibling longer than its file": Change(become("app.css.gz", A + A), ["gzip 6"], ["app.css.gz"]),
    "a sibling of another file": Change(become("app.css.gz", encode("gzip", 6, B)), ["gzip 6"], ["app.css.gz"]),
    "a sibling's time": Change(lambda site: os.utime(site.path / "app.css.br", (1, 1)), [], []),
    "a smaller sibling of others": Change(become("app.css.br", encode("br", 11, A)), ["br 5"], []),
    "a larger sibling of others": Change(become("app.css.br", encode("br", 1, A)), ["br 5"], ["app.css.br"]),
    "a level raised": Change(nothing, ["br 9", "br 9"], ["app.css.br", "js/lib.js.br"], {"br": 9, "gzip": 6}),
    "levels raised": Change(nothing, ["br 9", "br 9", "gzip 9", "gzip 9"], ALL, {"br": 9, "gzip": 9}),
    "a level lowered": Change(nothing, [], [], {"br": 2, "gzip": 6}),
    "a coding more": Change(
        nothing, ["zstd 3", "zstd 3"], ["app.css.zst", "js/lib.js.zst"], {"br": 5, "zstd": 3, "gzip": 6}
    ),
    "a coding less": Change(nothing, [], [], {"br": 5}, leftover=["app.css.gz", "js/lib.js.gz"]),
    "no records": Change(lambda site: site.index.unlink(), BOTH, []),
    "nothing of the folder": Change(lambda site: shutil.rmtree(site.path / FOLDER), BOTH, []),
    "records cut short": Change(lambda site: os.truncate(site.index, 100), BOTH, []),
    "empty records": Change(lambda site: os.truncate(site.index, 0), BOTH, []),
    "records of another site": Change(copy_of_another, BOTH, []),
    "no records, and a file has changed": Change(
        both(lambda site: site.index.unlink(), become("app.css", C)), BOTH, APP
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("threads", [1, 3])
def test_only_what_is_not_right_is_coded_and_only_what_differs_written(
    built: Site, change: Change, threads: int
) -> None:
    change.act(built)
    before = snapshot(built.path)
    options: dict[str, Any] = {"codings": tuple(change.levels), "levels": change.levels, "threads": threads}
    result = built.build(**options)
    assert built.encoded == change.encoded
    assert written(before, built.path) == change.written
    assert list(result.leftover) == change.leftover
    assert sum(total.written for total in result.totals) == len(change.written)
    assert result.is_complete
    assert set(built.wrong()) <= set(change.leftover)
    _is_settled(built, options)


def _is_settled(site: Site, options: dict[str, Any]) -> None:
    """What there is, is there to stay."""
    assert site.check(**options).is_complete
    before = snapshot(site.path)
    site.build(**options)
    assert (site.encoded, written(before, site.path)) == ([], [])


def test_a_level_that_makes_nothing_smaller_is_tried_once(site: Site) -> None:
    dull = b"a" * 1_000
    assert len(encode("gzip", 8, dull)) == len(encode("gzip", 9, dull))
    site.remove("js/lib.js")
    site.write("app.css", dull)
    site.build(codings=["gzip"], levels={"gzip": 8})
    for encoded in (["gzip 9"], []):
        before = snapshot(site.path)
        assert site.build(codings=["gzip"], levels={"gzip": 9}).is_complete
        assert (site.encoded, written(before, site.path)) == (encoded, [])


@pytest.mark.parametrize("position", range(0, 300, 23))
def test_records_of_which_one_byte_has_changed_are_not_believed(built: Site, position: int) -> None:
    data = bytearray(built.index.read_bytes())
    assert len(data) > 300
    data[position] ^= 0x40
    built.index.write_bytes(data)
    before = snapshot(built.path)
    assert built.build().is_complete
    assert (built.encoded, written(before, built.path)) == (BOTH, [])
    _is_settled(built, {})


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to(path)], ids=["a directory", "a loop"])
def test_records_that_are_no_file_are_none(built: Site, make: Callable[[Path], object]) -> None:
    built.index.unlink()
    make(built.index)
    assert built.check().is_complete
    assert not any(one.files == 0 for one in built.check().totals)


def test_what_a_choice_leaves_out_is_not_forgotten_while_it_is_there(built: Site) -> None:
    """Left out once, and asked for again: nothing is coded anew."""
    left = built.build(compress_test=lambda path, media_type, length: path != "app.css")
    assert list(left.leftover) == APP
    built.build()
    assert (built.encoded, built.wrong()) == ([], [])


def test_of_zst_and_zstd_that_are_right_the_smaller_is_kept_and_none_is_written_twice(site: Site) -> None:
    levels = {"zstd": 3}
    site.remove("js/lib.js")
    site.write("app.css.zstd", encode("zstd", 3, A))
    site.build(codings=["zstd"], levels=levels)
    assert site.siblings() == ["app.css.zstd"]
    before = snapshot(site.path)
    site.build(codings=["zstd"], levels=levels)
    assert (site.encoded, written(before, site.path)) == ([], [])


def test_of_duplicates_a_smaller_sibling_that_was_found_is_for_all(tmp_path: Path) -> None:
    """What is current beside the one does not stand in for what is better beside the other."""
    site = Site(tmp_path / "site", {"a.css": A})
    site.build(codings=["br"])
    site.write("copy.css", A)
    better = encode("br", 9, A)
    site.write("copy.css.br", better)
    site.build(codings=["br"])
    assert site.encoded == []
    assert site.read("a.css.br") == site.read("copy.css.br") == better
