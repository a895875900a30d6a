"""A draft gets its name only where that is free, on every kind of disk; and none outlives its process for long."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.assets.failing import fail_with
from tests.media.uploading import left_in, upload
from whitemedia.media.drafts import DRAFT, Draft, remove_abandoned
from whitemedia.media.uploads import MediaStore

DATA = b"what is saved"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def store(root: Path) -> MediaStore:
    return MediaStore(root, accept=".txt")


def abandon(root: Path) -> Path:
    draft = Draft(str(root), 0o644)
    draft.write(DATA)
    os.close(draft._descriptor)
    return Path(draft.path)


def test_what_was_abandoned_is_removed_at_the_next_start(store: MediaStore, root: Path) -> None:
    abandoned = abandon(root)
    other = root / f"{DRAFT}-no"
    other.mkdir()
    (root / f"{DRAFT}link").symlink_to(root / "kept.txt")
    (root / "kept.txt").touch()
    with Draft(str(root), 0o644) as draft:
        MediaStore(root, accept=".txt")
        assert left_in(root) == sorted([other.name, f"{DRAFT}link", "kept.txt", Path(draft.path).name])
        assert draft.name("a.txt")
    assert not abandoned.exists()


def test_what_another_process_is_writing_is_not_abandoned(store: MediaStore, root: Path) -> None:
    script = (
        "import sys; from whitemedia.media.drafts import Draft; draft = Draft(sys.argv[1], 0o644); "
        "print(draft.path, flush=True); sys.stdin.read(1)"
    )
    command = [sys.executable, "-c", script, str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        path = Path(process.stdout.readline().strip())
        MediaStore(root)
        assert path.exists()
        process.kill()
    MediaStore(root)
    assert left_in(root) == []


def test_a_draft_that_is_being_removed_is_not_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that starts may take a new one for an abandoned one, before it is locked."""
    root.mkdir()
    answers = iter([False, True])
    monkeypatch.setattr("whitemedia.media.drafts.try_lock", lambda descriptor: next(answers))
    with Draft(str(root), 0o644) as draft:
        assert left_in(root) == [Path(draft.path).name]
    assert next(answers, None) is None


NO_LINKS = [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV]


@pytest.fixture(
    params=[*NO_LINKS, None], ids=lambda code: "not implemented" if code is None else errno.errorcode[code]
)
def no_links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on FAT."""
    if request.param is not None:
        monkeypatch.setattr(os, "link", fail_with(request.param))
        return
    real = os.link

    def link(source: str, target: str, *, follow_symlinks: bool = True) -> None:
        if not follow_symlinks:
            raise NotImplementedError
        real(source, target)

    monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("no_links")
def test_without_hard_links_nothing_is_overwritten_either(store: MediaStore, root: Path) -> None:
    names = [upload(store, "a.txt", b"%d" % number).name for number in range(5)]
    assert (names[0], len(set(names))) == ("a.txt", 5)
    assert [(root / name).read_bytes() for name in names] == [b"%d" % number for number in range(5)]
    assert left_in(root) == sorted(names)


@pytest.mark.usefixtures("no_links")
@pytest.mark.parametrize("is_taken", ["link", "folder"])
def test_without_hard_links_what_is_no_file_stays_too(store: MediaStore, root: Path, is_taken: str) -> None:
    if is_taken == "link":
        (root / "a.txt").symlink_to("nowhere")
    else:
        (root / "a.txt").mkdir()
    assert upload(store, "a.txt", DATA).name != "a.txt"
    assert (root / "a.txt").is_symlink() or (root / "a.txt").is_dir()


def test_a_name_that_another_is_about_to_have_is_taken(
    store: MediaStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", fail_with(errno.EPERM))
    (root / f"{DRAFT}a.txt").touch()
    assert upload(store, "a.txt", DATA).name != "a.txt"
    MediaStore(root)
    assert upload(store, "a.txt", DATA).name == "a.txt"


def test_a_reservation_is_not_abandoned_while_its_file_is_renamed(
    store: MediaStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a process starts at that moment, another could have had the name, too."""
    real = os.rename

    def rename(source: str, target: str) -> None:
        MediaStore(root)
        assert f"{DRAFT}a.txt" in left_in(root)
        real(source, target)

    monkeypatch.setattr(os, "link", fail_with(errno.EPERM))
    monkeypatch.setattr(os, "rename", rename)
    upload(store, "a.txt", DATA)
    assert left_in(root) == ["a.txt"]


def test_a_reservation_that_is_lost_reserves_nothing(
    store: MediaStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.path.exists
    monkeypatch.setattr(os, "link", fail_with(errno.EPERM))
    monkeypatch.setattr(os.path, "exists", lambda path: not path.endswith(f"{DRAFT}a.txt") and real(path))
    assert upload(store, "a.txt", DATA).name != "a.txt"


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="tells which files are open")
def test_on_windows_a_draft_is_closed_before_it_is_renamed_or_removed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, neither can be done with what is open; and a rename fails where its target exists."""
    root.mkdir()
    abandoned = abandon(root)
    real_rename, real_unlink = os.rename, os.unlink

    def refuse_open(path: str) -> None:
        links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
        if path in [os.readlink(link) for link in links if os.path.lexists(link)]:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    def rename(source: str, target: str) -> None:
        refuse_open(source)
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
        real_rename(source, target)

    def unlink(path: str) -> None:
        refuse_open(path)
        real_unlink(path)

    drafts = [Draft(str(root), 0o644) for _ in range(2)]
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", rename)
        patch.setattr(os, "unlink", unlink)
        patch.setattr(os, "name", "nt")
        remove_abandoned(str(root))
        named = []
        for draft in drafts:
            with draft:
                draft.write(DATA)
                draft.finish()
                named.append((draft.name("a.txt"), draft.name("a.txt")))
    assert named == [(True, False), (False, False)]
    assert not abandoned.exists()
    assert left_in(root) == ["a.txt"]


def test_a_draft_is_read_as_it_was_written(root: Path) -> None:
    root.mkdir()
    with Draft(str(root), 0o644) as draft:
        draft.write(DATA)
        draft.write(DATA)
        with draft.read() as file:
            assert file.read() == DATA * 2


def test_what_cannot_be_closed_is_removed_all_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some disks tell only then that they are full."""
    root.mkdir()
    draft = Draft(str(root), 0o644)
    real = os.close

    def close(descriptor: int) -> None:
        real(descriptor)
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    with pytest.raises(OSError, match=os.strerror(errno.EDQUOT)), draft:
        monkeypatch.setattr(os, "close", close)
    monkeypatch.undo()
    assert left_in(root) == []


def test_a_root_that_is_not_there_any_more_has_nothing_to_be_removed(root: Path) -> None:
    remove_abandoned(str(root))
    assert not root.exists()
