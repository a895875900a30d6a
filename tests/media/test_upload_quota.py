"""A root holds no more than its quota, exactly, whoever puts files there; files named by their content count once."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path

import pytest

from tests.assets.failing import fail_with
from tests.media.uploading import in_threads, left_in, make_picture, upload
from whitemedia.media import quota
from whitemedia.media.drafts import Draft
from whitemedia.media.upload_errors import QuotaExceeded, StorageFull
from whitemedia.media.uploads import MediaStore

TEN = b"0123456789"
COUNT = ".whitemedia-quota"


def wait_until_counted_again(root: Path) -> None:
    """A count of the root, where it took long, is not repeated at once: until then what it told holds."""
    lock = root / quota.LOCK
    while lock.stat().st_mtime > time.time():
        time.sleep(0.01)


def open_store(root: Path, limit: int = 30) -> MediaStore:
    return MediaStore(root, accept=".txt", quota=limit)


def fill(store: MediaStore, times: int) -> list[str]:
    return [upload(store, "a.txt", TEN).name for _ in range(times)]


def refuse(store: MediaStore, data: bytes = b"1") -> QuotaExceeded:
    before = left_in(Path(store.root))
    with pytest.raises(QuotaExceeded) as caught:
        upload(store, "b.txt", data)
    assert left_in(Path(store.root)) == before
    return caught.value


def test_it_is_exact(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    fill(store, 2)
    error = refuse(store, TEN + b"1")
    assert (error.code, error.found, error.limit, error.filename) == (413, 31, 30, "b.txt")
    fill(store, 1)
    assert refuse(store).found == 31
    assert upload(store, "empty.txt", b"").size == 0


def test_what_is_deleted_is_free_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first, *_ = fill(store, 3)
    refuse(store)
    assert store.delete(first)
    assert not store.delete(first)
    fill(store, 1)
    refuse(store)


def test_what_others_put_there_counts_and_what_they_removed_does_not(tmp_path: Path) -> None:
    (tmp_path / "by hand").write_bytes(TEN)
    store = open_store(tmp_path)
    fill(store, 2)
    assert refuse(store).found == 31
    (tmp_path / "by hand").unlink()
    wait_until_counted_again(tmp_path)
    fill(store, 1)
    refuse(store)


def test_links_folders_and_its_own_files_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_bytes(TEN * 9)
    (tmp_path / "link").symlink_to("folder/a.txt")
    (tmp_path / ".whitemedia-other").write_bytes(TEN * 9)
    fill(open_store(tmp_path), 3)


@pytest.mark.parametrize(
    "damage",
    [b"", b"x", b"-5", b"-999999999999", b"20 20", "²".encode(), b"1_0", b"\xff", b"9" * 5000, b"20\0", None],
    ids=lambda damage: repr(damage)[:20],
)
def test_a_count_that_is_damaged_or_gone_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    store = open_store(tmp_path)
    fill(store, 2)
    if damage is None:
        (tmp_path / COUNT).unlink()
    else:
        (tmp_path / COUNT).write_bytes(damage)
    fill(store, 1)
    refuse(store)
    assert (tmp_path / COUNT).read_bytes() == b"30"


@pytest.mark.parametrize("count", [b"0", b"5", b"25", b"30", b"1000000"])
def test_one_that_starts_counts_for_itself(tmp_path: Path, count: bytes) -> None:
    fill(open_store(tmp_path), 2)
    (tmp_path / COUNT).write_bytes(count)
    store = open_store(tmp_path)
    fill(store, 1)
    refuse(store)


def test_before_anything_is_refused_files_are_counted(tmp_path: Path) -> None:
    """As where a process was ended after it had counted, and before its file had a name."""
    store = open_store(tmp_path)
    fill(store, 2)
    (tmp_path / COUNT).write_bytes(b"30")
    wait_until_counted_again(tmp_path)
    fill(store, 1)
    refuse(store)


def test_threads_and_stores_share_it_exactly(tmp_path: Path) -> None:
    stores = [open_store(tmp_path, 200) for _ in range(3)]
    refused: list[int] = []

    def work(number: int) -> None:
        for _ in range(10):
            try:
                upload(stores[number % 3], "a.txt", TEN)
            except QuotaExceeded:
                refused.append(number)

    in_threads(6, work)
    assert (len(left_in(tmp_path)), len(refused)) == (20, 40)
    assert (tmp_path / COUNT).read_bytes() == b"200"


def test_who_holds_it_too_long_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "PATIENCE", 0)
    store = open_store(tmp_path)
    with (
        quota.Quota(str(tmp_path), 30).ledger(),
        pytest.raises(TimeoutError, match="is locked by another process"),
    ):
        upload(store, "a.txt", TEN)
    assert left_in(tmp_path) == []
    fill(store, 3)


def test_a_full_disk_deletes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what it needs most."""
    store = open_store(tmp_path)
    first, *_ = fill(store, 3)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fail_with(errno.ENOSPC))
        assert store.delete(first)
    fill(store, 1)
    refuse(store)


def test_a_count_that_cannot_be_written_saves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fail_with(errno.ENOSPC))
        with pytest.raises(StorageFull):
            upload(store, "a.txt", TEN)
    assert left_in(tmp_path) == []
    fill(store, 3)


@pytest.fixture
def by_content(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path, accept=".txt,image/*", name="content", quota=15)


NAMED = hashlib.sha256(TEN).hexdigest()[:32] + ".txt"


def test_equal_content_is_kept_and_counted_once(by_content: MediaStore, tmp_path: Path) -> None:
    first, second = (upload(by_content, name, TEN) for name in ("a.txt", "B.TXT"))
    assert first == second
    assert (first.name, first.sha256[:32]) == (NAMED, NAMED[:32])
    assert left_in(tmp_path) == [NAMED]
    upload(by_content, "c.txt", b"12345")
    upload(by_content, "d.txt", TEN)
    refuse(by_content)


def test_a_name_by_content_has_the_extension_of_its_user(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, accept="image/*,.bak", name="content")
    data = make_picture("PNG")
    digest = hashlib.sha256(data).hexdigest()[:32]
    names = [upload(store, name, data).name for name in ("a.PNG", "über", "evil.php.jpg", "a.bak")]
    assert names == [f"{digest}.png", f"{digest}.png", f"{digest}.jpg", digest]


@pytest.mark.parametrize("foreign", [b"", b"other", b"9876543210"], ids=["empty", "shorter", "as long"])
def test_a_file_that_is_only_called_so_is_not_taken_for_it(
    by_content: MediaStore, tmp_path: Path, foreign: bytes
) -> None:
    (tmp_path / NAMED).write_bytes(foreign)
    store = MediaStore(tmp_path, accept=".txt", name="content")
    stored = upload(store, "a.txt", TEN)
    assert (tmp_path / stored.name).read_bytes() == TEN
    assert (tmp_path / NAMED).read_bytes() == foreign


@pytest.mark.parametrize("limit", [None, 10_000])
def test_equal_content_that_is_saved_at_once_is_kept_once(tmp_path: Path, limit: int | None) -> None:
    store = MediaStore(tmp_path, accept=".txt", name="content", quota=limit)
    in_threads(8, lambda number: [upload(store, "a.txt", b"%d" % turn) for turn in range(10)])
    assert len(left_in(tmp_path)) == 10


def test_without_a_quota_nothing_is_counted(tmp_path: Path) -> None:
    upload(MediaStore(tmp_path, accept=".txt"), "a.txt", TEN)
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("limit", [None, 10])
def test_what_another_saved_meanwhile_is_not_counted_again(tmp_path: Path, limit: int | None) -> None:
    store, other = (MediaStore(tmp_path, accept=".txt", name="content", quota=limit) for _ in range(2))

    def is_kept(name: str, draft: Draft) -> bool:
        del store._is_kept
        upload(other, "a.txt", TEN)
        return False

    store._is_kept = is_kept  # type: ignore[method-assign]
    assert upload(store, "b.txt", TEN).name == NAMED
    assert left_in(tmp_path) == [NAMED]


def test_what_another_deleted_meanwhile_is_given_back_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path)
    fill(store, 1)
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", fail_with(errno.ENOENT))
        assert not store.delete("a.txt")
    assert (tmp_path / COUNT).read_bytes() == b"10"
