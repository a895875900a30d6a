"""`whitemedia store` in this process: what it says, how it fails, and that a start after it is right."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tests.assets.damages import DAMAGES, Damage
from tests.assets.keeping import KEY, SetDay, days_from_now, digest, keep, names, packs
from tests.assets.starting import ALL, Cache, check
from tests.cli.conftest import Run
from tests.conftest import serve
from whitemedia import store as store_module
from whitemedia.assets import stores, validators
from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.locking import FileLock
from whitemedia.assets.store import NOT_WORTH
from whitemedia.cli import main
from whitemedia.store import describe_store


@pytest.fixture
def set_day(monkeypatch: pytest.MonkeyPatch) -> SetDay:
    return days_from_now(monkeypatch)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A store that knows 1,234 files and a few bodies, two of them of megabytes."""
    path = tmp_path / "cache"
    path.mkdir(0o700)
    store = DiskStore(path)
    for number in range(1234):
        store.remember(KEY._replace(ino=number), digest("one"))
    store.keep(digest("one"), "br", 5, bytes(1_000_000))
    store.keep(digest("two"), "br", 5, bytes(550_000))
    store.keep(digest("one"), "gzip", 5, bytes(2_000_000))
    store.keep(digest("two"), "gzip", 5, NOT_WORTH)
    store.commit()
    return path


# What it says

TABLE = """\
coding      bodies    compressed  not worth it
br               2        1.6 MB             0
zstd             0        0.0 MB             0
gzip             1        2.0 MB             1""".splitlines()
EMPTY = [TABLE[0], *(f"{coding:8}         0        0.0 MB             0" for coding in ("br", "zstd", "gzip"))]


def test_what_a_store_holds_is_a_line_and_a_table(directory: Path, run: Run) -> None:
    ran = run("store", "--cache-dir", directory)
    assert (ran.code, ran.errors) == (0, "")
    assert ran.lines == [f"whitemedia: {directory} holds 3.6 MB and knows 1,234 files", *TABLE]


def test_a_store_that_is_not_there_holds_nothing_and_is_not_made(tmp_path: Path, run: Run) -> None:
    for more in ([], ["--prune"], ["--prune", "--days", "0"]):
        ran = run("store", "--cache-dir", tmp_path / "none", *more)
        assert (ran.code, ran.errors) == (0, "")
        assert ran.lines[:5] == [f"whitemedia: {tmp_path / 'none'} holds 0.0 MB and knows 0 files", *EMPTY]
    assert names(tmp_path) == []


def test_it_is_the_user_s_unless_another_is_given(
    directory: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "user_cache", lambda environ: directory)
    assert run("store").lines == run("store", "--cache-dir", directory).lines


def test_a_directory_with_a_hostile_name_is_named_in_one_line(tmp_path: Path, run: Run) -> None:
    ran = run("store", "--cache-dir", tmp_path / "new\nline\x1b[31m")
    assert ran.lines[0].endswith(r"/new\nline\x1b[31m holds 0.0 MB and knows 0 files")
    assert len(ran.lines) == 5


def test_with_prune_what_is_left_is_told_and_what_was_freed(directory: Path, run: Run, set_day: SetDay) -> None:
    set_day(89)
    assert run("store", "--cache-dir", directory, "--prune").lines[1:] == [*TABLE, "whitemedia: freed 0.0 MB"]
    set_day(90)
    ran = run("store", "--cache-dir", directory, "--prune")
    assert (ran.code, ran.errors) == (0, "")
    first = f"whitemedia: {directory} holds 0.0 MB and knows 0 files"
    assert ran.lines == [first, *EMPTY, "whitemedia: freed 3.6 MB"]


@pytest.mark.parametrize(("days", "left"), [("10", 0), ("11", 1234), ("0", 0)])
def test_days_are_those_given(directory: Path, run: Run, set_day: SetDay, days: str, left: int) -> None:
    set_day(10)
    assert run("store", "--cache-dir", directory, "--prune", "--days", days).code == 0
    assert describe_store(directory).files == left


@pytest.mark.parametrize("days", [[], ["--days", "0"]], ids=["by default", "0 days"])
def test_without_prune_nothing_changes(directory: Path, run: Run, set_day: SetDay, days: list[str]) -> None:
    set_day(1000)
    before = {path: path.read_bytes() for path in directory.iterdir()}
    assert run("store", "--cache-dir", directory, *days).lines[1:] == TABLE
    assert {path: path.read_bytes() for path in directory.iterdir()} == before


@pytest.mark.parametrize("prune", [False, True], ids=["shown", "pruned"])
def test_json_is_what_the_python_api_tells(directory: Path, run: Run, prune: bool) -> None:
    before = describe_store(directory)
    ran = run("store", "--cache-dir", directory, "--json", *(["--prune", "--days", "0"] if prune else []))
    assert (ran.code, ran.errors) == (0, "")
    told = json.loads("\n".join(ran.lines))
    after = describe_store(directory)
    assert told.pop("freed", None) == (before.bytes - after.bytes if prune else None)
    assert told == json.loads(json.dumps(dataclasses.asdict(after)))
    assert list(told) == ["directory", "bytes", "files", "codings"]
    assert [list(stored) for stored in told["codings"]] == [["coding", "bodies", "bytes", "not_worth"]] * 3


# How it fails


MISUSES: dict[str, tuple[list[str], str]] = {
    "no directory's name": (["--cache-dir", ""], "cache_dir='': "),
    "a file": (["--cache-dir", __file__], f"cache_dir={__file__!r}: "),
    "less than no days": (["--prune", "--days", "-1"], "days=-1: "),
}


@pytest.mark.parametrize(("argv", "message"), MISUSES.values(), ids=MISUSES)
def test_what_is_wrong_is_one_line_and_2(directory: Path, run: Run, argv: list[str], message: str) -> None:
    ran = run("store", "--cache-dir", directory, *argv)
    assert (ran.code, ran.lines) == (2, [])
    assert ran.errors.startswith(f"whitemedia store: {message}")
    assert ran.errors.count("\n") == 1


@pytest.mark.parametrize(
    "argv", [["--days", "many"], ["--days", "1.5"], ["--days"], ["DIR"], ["--pr"]], ids=" ".join
)
def test_what_is_no_argument_is_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["store", *argv])
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_a_store_that_others_write_to_all_the_time_is_one_line_and_1(
    directory: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "WAIT_SECONDS", 0)
    with FileLock(directory / "lock", 0):
        ran = run("store", "--cache-dir", directory, "--prune", "--json")
        assert run("store", "--cache-dir", directory).code == 0
    assert (ran.code, ran.lines) == (1, [])
    assert ran.errors == f"whitemedia store: {str(directory)!r} is being written to by other processes\n"


# A start after it


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """A store that knows all of a site, and what two of its files were before."""
    monkeypatch.setattr(validators, "SETTLED_NS", 0)
    cache = Cache(tmp_path)
    assert cache.start() == ALL
    for name in ("app.css", "page.html"):
        cache.change(name)
    assert cache.start() == ALL
    cache.encoded.clear()
    return cache


def prune(run: Run, cache: Cache, days: int) -> None:
    assert run("store", "--cache-dir", cache.directory, "--prune", "--days", str(days)).code == 0


RECODABLE = {name: damage for name, damage in DAMAGES.items() if name != "a directory"}


@pytest.mark.parametrize("days", [5, 30], ids=["forgotten", "kept"])
@pytest.mark.parametrize("damage", RECODABLE.values(), ids=RECODABLE)
def test_whatever_was_damaged_before_no_answer_is_wrong_after_it(
    cache: Cache, run: Run, set_day: SetDay, days: int, damage: Damage
) -> None:
    damage(packs(cache.directory)[0])
    set_day(10)
    client = serve(cache.root, cache_dir=str(cache.directory))
    prune(run, cache, days)
    assert check(client, cache.site) <= ALL
    cache.start()
    assert cache.start() == ALL


@pytest.mark.parametrize("remote", [False, True], ids=["mapped", "read"])
def test_what_is_used_is_not_coded_again_and_who_serves_it_goes_on(
    cache: Cache, run: Run, set_day: SetDay, monkeypatch: pytest.MonkeyPatch, remote: bool
) -> None:
    monkeypatch.setattr("whitemedia.assets.stores._is_remote", lambda directory: remote)
    set_day(10)
    client = serve(cache.root, cache_dir=str(cache.directory))
    before = describe_store(cache.directory)
    prune(run, cache, 5)
    assert describe_store(cache.directory).bytes < before.bytes
    coded = check(client, cache.site)
    assert coded <= ALL if remote else coded == ALL
    assert [cache.start() for _ in range(2)] == [ALL] * 2
    assert cache.encoded == []


def test_what_was_forgotten_is_coded_once(cache: Cache, run: Run) -> None:
    client = serve(cache.root, cache_dir=str(cache.directory))
    prune(run, cache, 0)
    assert packs(cache.directory) == []
    assert check(client, cache.site) == ALL
    assert [cache.start() for _ in range(2)] == [ALL] * 2
    assert len(cache.encoded) == len(ALL) - 1  # of one there is a sibling


def test_what_another_root_uses_stays(cache: Cache, run: Run, set_day: SetDay) -> None:
    set_day(10)
    keep(cache.directory, "another")
    prune(run, cache, 5)
    assert describe_store(cache.directory).codings[0].bodies == 1
    assert cache.start() == ALL
