"""What a store holds is counted as it is on disk, by whoever may read it, and nothing changes by it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.assets.damages import DAMAGES, LOST, Damage, flip
from tests.assets.failing import fail_with
from tests.assets.keeping import KEY, digest, names, packs
from tests.assets.starting import ALL, Cache
from tests.refusals import assert_refused
from whitemedia.assets import stores, validators
from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.index_file import MAGIC
from whitemedia.assets.store import NOT_WORTH
from whitemedia.assets.stores import open_store
from whitemedia.store import StoredBodies, StoreSummary, describe_store, prune_store

POSIX = hasattr(os, "geteuid")
NOTHING = tuple(StoredBodies(coding, 0, 0, 0) for coding in ("br", "zstd", "gzip"))

Use = Callable[[Any], object]
every_use = pytest.mark.parametrize("use", [describe_store, prune_store], ids=["describe", "prune"])


def fill(directory: Path) -> None:
    """Three bodies and two that are not worth it, of two file states."""
    store = DiskStore(directory)
    store.remember(KEY, digest("one"))
    store.remember(KEY._replace(ino=9), digest("two"))
    store.mark_verified(KEY, digest("one"), digest("own"))
    store.keep_media_type(digest("one"), "image/gif")
    store.keep(digest("one"), "br", 5, b"x" * 100)
    store.keep(digest("two"), "br", 5, b"y" * 11)
    store.keep(digest("one"), "gzip", 5, b"z" * 2000)
    store.keep(digest("noise"), "gzip", 5, NOT_WORTH)
    store.keep(digest("noise"), "zstd", 5, NOT_WORTH)
    store.commit()


def contents(directory: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in directory.iterdir()}


# What it counts


def test_files_bodies_bytes_and_what_is_not_worth_it_are_counted_by_coding(tmp_path: Path) -> None:
    fill(tmp_path)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    codings = (StoredBodies("br", 2, 111, 0), StoredBodies("zstd", 0, 0, 1), StoredBodies("gzip", 1, 2000, 1))
    assert describe_store(tmp_path) == StoreSummary(str(tmp_path), size, 2, codings)
    assert describe_store(str(tmp_path)) == describe_store(tmp_path)


def test_a_body_that_was_kept_again_counts_once_and_its_bytes_twice(tmp_path: Path) -> None:
    """The first is in its pack until that is moved."""
    fill(tmp_path)
    before = describe_store(tmp_path)
    store = DiskStore(tmp_path)
    store.keep(digest("one"), "br", 11, b"x" * 90)
    store.commit()
    after = describe_store(tmp_path)
    assert after.codings == (StoredBodies("br", 2, 101, 0), *before.codings[1:])
    assert after.bytes > before.bytes + 90


def test_what_a_start_remembers_is_what_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validators, "SETTLED_NS", 0)
    cache = Cache(tmp_path)
    assert cache.start() == ALL
    summary = describe_store(cache.directory)
    assert summary.files == len(cache.site)
    of_sibling = {"br": 1}
    for stored in summary.codings:
        coded = sum(name.endswith(f" {stored.coding}") for name in ALL)
        assert stored.bodies == coded - of_sibling.get(stored.coding, 0)
        assert stored.not_worth == 0
    assert 0 < sum(stored.bytes for stored in summary.codings) < cache.pack.stat().st_size < summary.bytes


def test_whose_it_is_unless_another_is_given_is_the_user_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "user_cache", lambda environ: tmp_path)
    fill(tmp_path)
    assert describe_store() == describe_store("auto") == describe_store(tmp_path)


def test_a_relative_directory_is_told_as_a_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert describe_store("cache").directory == str(tmp_path / "cache")


# What is empty, missing or damaged


@pytest.mark.parametrize(
    "kind", ["empty", "missing", "beneath what is missing", "a broken link", "beneath a file"]
)
def test_a_store_with_nothing_in_it_holds_nothing_and_is_not_made(tmp_path: Path, kind: str) -> None:
    directory = tmp_path / "cache"
    if kind == "empty":
        directory.mkdir(0o700)
    elif kind == "a broken link":
        directory.symlink_to("nothing")
    elif kind == "beneath a file":
        directory.touch()
    if kind.startswith("beneath"):
        directory /= "deeper"
    before = sorted(tmp_path.rglob("*"))
    assert describe_store(directory) == StoreSummary(str(directory), 0, 0, NOTHING)
    assert sorted(tmp_path.rglob("*")) == before


UNBELIEVED: dict[str, Damage] = {
    **{name: damage for name, damage in LOST.items() if POSIX or name != "written by others"},
    "a bit of it": flip(100),
    "of later days": lambda path: path.write_bytes(MAGIC.replace(b"1", b"2") + path.read_bytes()[len(MAGIC) :]),
}


@pytest.mark.parametrize("damage", UNBELIEVED.values(), ids=UNBELIEVED)
def test_of_an_index_that_is_damaged_only_bytes_are_told(tmp_path: Path, damage: Damage) -> None:
    fill(tmp_path)
    [pack] = packs(tmp_path)
    damage(tmp_path / "index")
    summary = describe_store(tmp_path)
    assert (summary.files, summary.codings) == (0, NOTHING)
    assert summary.bytes >= pack.stat().st_size


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_packs_are_not_read(tmp_path: Path, damage: Damage) -> None:
    """What the index tells is told, in the time that it takes to read it."""
    fill(tmp_path)
    before = describe_store(tmp_path)
    damage(packs(tmp_path)[0])
    after = describe_store(tmp_path)
    assert (after.files, after.codings) == (before.files, before.codings)


def test_describing_writes_nothing_and_waits_for_nobody(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "lock").unlink()
    (tmp_path / f"{'0' * 32}.pack").touch()
    before = contents(tmp_path)
    describe_store(tmp_path)
    assert contents(tmp_path) == before
    store = open_store(str(tmp_path))
    with store.exclusive(0):
        assert describe_store(tmp_path).files == 2


# What is refused


@every_use
@pytest.mark.parametrize(
    "cache_dir", [None, "", "a\0b", 5, True, b"cache", ["cache"], object()], ids=lambda value: type(value).__name__
)
def test_what_is_no_directory_s_name_is_refused(use: Use, cache_dir: object) -> None:
    assert_refused("cache_dir", cache_dir, lambda: use(cache_dir))


@every_use
@pytest.mark.parametrize("error", [RuntimeError("no home"), KeyError("uid")], ids=["no home", "no user"])
def test_without_a_home_the_user_s_cache_is_refused(
    use: Use, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def home() -> Path:
        raise error

    monkeypatch.setattr(Path, "home", home)
    assert_refused("cache_dir", "auto", lambda: use("auto"))


@every_use
@pytest.mark.parametrize(
    ("kind", "mode"),
    [("a file", 0o600), *[("a directory", mode) for mode in (0o777, 0o770, 0o702, 0o1777) if POSIX]],
)
def test_what_is_no_directory_of_one_s_own_is_refused_and_left_alone(
    tmp_path: Path, use: Use, kind: str, mode: int
) -> None:
    path = tmp_path / "cache"
    path.touch() if kind == "a file" else path.mkdir()
    path.chmod(mode)
    assert_refused("cache_dir", str(path), lambda: use(str(path)))
    assert names(tmp_path) == ["cache"]
    assert path.is_file() or names(path) == []


@every_use
@pytest.mark.skipif(not POSIX, reason="owners are POSIX's")
def test_a_directory_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: Use) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 2, 2)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    assert_refused("cache_dir", str(tmp_path), lambda: use(str(tmp_path)))
    assert names(tmp_path) == []


@every_use
def test_a_name_that_is_too_long_for_the_system_is_refused(tmp_path: Path, use: Use) -> None:
    cache_dir = str(tmp_path / ("x" * 5000))
    assert_refused("cache_dir", cache_dir, lambda: use(cache_dir))


@every_use
def test_what_only_another_user_may_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: Use
) -> None:
    """As what root's start left in an image: to say that it holds nothing would be no help."""
    monkeypatch.setattr(Path, "open", fail_with(errno.EACCES))
    assert_refused("cache_dir", str(tmp_path), lambda: use(str(tmp_path)))


@every_use
@pytest.mark.skipif(not POSIX or os.geteuid() == 0, reason="nothing is denied to root")
def test_what_may_not_be_looked_at_is_refused(tmp_path: Path, use: Use) -> None:
    (tmp_path / "closed").mkdir(0o000)
    cache_dir = str(tmp_path / "closed" / "cache")
    assert_refused("cache_dir", cache_dir, lambda: use(cache_dir))
