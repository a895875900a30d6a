"""Where a store is, and whether it is used: a directory that is its user's own; what cannot be used is said once."""

from __future__ import annotations

import errno
import logging
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.assets.failing import fail_with
from whitemedia.assets import stores
from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.packs import PackBody
from whitemedia.assets.store import Coded, MemoryStore
from whitemedia.assets.stores import open_store, user_cache

DIGEST = bytes(range(32))


def test_no_test_writes_to_the_cache_of_who_runs_it() -> None:
    directory = user_cache(os.environ)
    assert directory is not None
    assert Path(tempfile.gettempdir()).resolve() in directory.resolve().parents


# The user's cache


@pytest.mark.parametrize(
    ("platform", "environ", "directory"),
    [
        ("linux", {}, "/home/user/.cache/whitemedia"),
        ("linux", {"XDG_CACHE_HOME": ""}, "/home/user/.cache/whitemedia"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/user/.cache/whitemedia"),
        ("linux", {"XDG_CACHE_HOME": "~/x"}, "/home/user/.cache/whitemedia"),
        ("linux", {"XDG_CACHE_HOME": "/var/cache/user"}, "/var/cache/user/whitemedia"),
        ("freebsd14", {"XDG_CACHE_HOME": "/var/cache/user"}, "/var/cache/user/whitemedia"),
        ("linux", {"LOCALAPPDATA": "/other"}, "/home/user/.cache/whitemedia"),
        ("darwin", {}, "/home/user/Library/Caches/whitemedia"),
        ("darwin", {"XDG_CACHE_HOME": "/var/cache/user"}, "/home/user/Library/Caches/whitemedia"),
        ("win32", {}, "/home/user/AppData/Local/whitemedia/Cache"),
        ("win32", {"LOCALAPPDATA": ""}, "/home/user/AppData/Local/whitemedia/Cache"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/whitemedia/Cache"),
    ],
)
def test_each_system_has_its_place_for_what_a_user_can_do_without(
    monkeypatch: pytest.MonkeyPatch, platform: str, environ: dict[str, str], directory: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/user"))
    assert user_cache(environ) == Path(directory)


@pytest.mark.parametrize("error", [RuntimeError("Could not determine home directory."), KeyError("uid")])
def test_without_a_home_there_is_no_such_place_and_memory_does(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def home() -> Path:
        raise error

    monkeypatch.setattr(Path, "home", home)
    assert user_cache({}) is None
    assert isinstance(open_store("auto"), MemoryStore)
    assert caplog.messages == []


# What is opened


def test_none_is_memory_and_writes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert isinstance(open_store(None), MemoryStore)
    assert list(tmp_path.iterdir()) == []


def test_auto_is_the_user_s_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stores, "user_cache", lambda environ: tmp_path / "deep" / "er")
    assert isinstance(open_store("auto"), DiskStore)
    assert (tmp_path / "deep" / "er").is_dir()


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_a_directory_is_made_for_its_user_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    """Also where a group shares what its members make."""
    before = os.umask(umask)
    try:
        assert isinstance(open_store(str(tmp_path / "deep" / "er")), DiskStore)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "deep" / "er").stat().st_mode) == 0o700


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners are POSIX's")
@pytest.mark.parametrize("cache_dir", ["auto", "given"])
@pytest.mark.parametrize(("mode", "used"), [(0o700, True), (0o755, True), (0o775, False), (0o1777, False)])
def test_a_directory_that_others_may_write_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_dir: str, mode: int, used: bool
) -> None:
    monkeypatch.setattr(stores, "user_cache", lambda environ: tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(mode)
    store = open_store("auto" if cache_dir == "auto" else str(tmp_path / "cache"))
    assert isinstance(store, DiskStore) is used


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners are POSIX's")
def test_a_directory_of_another_user_is_not_used_but_one_of_root_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert isinstance(open_store(str(tmp_path)), DiskStore) is (owner == 0)
    if owner == 0:
        os.chown(tmp_path, 2, 2)
        assert isinstance(open_store(str(tmp_path)), MemoryStore)


PROBLEMS = ["a file", "beneath a file", "of others", "denied", "another's index"]


def make_problem(directory: Path, problem: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    if problem == "denied":
        monkeypatch.setattr(Path, "mkdir", fail_with(errno.EACCES))
    elif problem == "of others":
        directory.mkdir()
        directory.chmod(0o777)
    elif problem == "another's index":  # as in an image, where root started the application once
        directory.mkdir(0o700)
        monkeypatch.setattr(Path, "open", fail_with(errno.EACCES))
    else:
        directory.write_bytes(b"")
    return directory / "deeper" if problem == "beneath a file" else directory


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_given_directory_that_cannot_be_used_is_one_warning_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, problem: str
) -> None:
    directory = make_problem(tmp_path / "new\nline", problem, monkeypatch)
    assert isinstance(open_store(str(directory)), MemoryStore)
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert repr(str(directory)) in record.message
    assert "\n" not in record.message


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_user_s_cache_that_cannot_be_used_is_nobody_s_concern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, problem: str
) -> None:
    """System users often have a home that is not there."""
    directory = make_problem(tmp_path / "cache", problem, monkeypatch)
    monkeypatch.setattr(stores, "user_cache", lambda environ: directory)
    caplog.set_level(logging.INFO, logger="whitemedia")
    assert isinstance(open_store("auto"), MemoryStore)
    assert caplog.messages == []


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_cannot_be_a_path_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(open_store("/tmp/\ud800"), MemoryStore)
    assert len(caplog.records) == 1


def test_a_relative_directory_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers change their directory when they become daemons."""
    monkeypatch.chdir(tmp_path)
    store = open_store("cache")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    store.keep(DIGEST, "br", 5, b"coded")
    store.commit()
    assert (tmp_path / "cache" / "index").exists()
    assert list((tmp_path / "elsewhere").iterdir()) == []


# Mounts


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the system says is mounted where."""

    def mount(*lines: str) -> None:
        text = "".join(f"{line} rw,relatime 0 0\n" for line in lines)
        monkeypatch.setattr(Path, "read_text", lambda path, *_: text)
        monkeypatch.setattr(os.path, "realpath", str)

    return mount


ROOT = "/dev/vda / ext4"


@pytest.mark.parametrize(
    ("lines", "remote"),
    [
        ([ROOT], False),
        ([ROOT, "server:/home /home nfs4"], True),
        ([ROOT, "server:/home /home nfs"], True),
        ([ROOT, "//server/home /home cifs"], True),
        ([ROOT, "user@server: /home/user fuse.sshfs"], True),
        ([ROOT, "C: /home 9p"], True),
        ([ROOT, "server:/home /home/user nfs4", "tmpfs /home/user/.cache tmpfs"], False),
        ([ROOT, "tmpfs /home/user/.cache tmpfs", "server:/ /home/user/.cache nfs4"], True),
        ([ROOT, "server:/home /home/user/.cac nfs4"], False),
        ([ROOT, "server:/home /home/user/.cache/whitemedia/deeper nfs4"], False),
        (["server:/ / nfs4"], True),
        (["server:/ / nfs4", "/dev/sda /home ext4"], False),
        ([], False),
    ],
)
def test_a_store_is_remote_if_what_is_mounted_there_last_is(mounts: Any, lines: list[str], remote: bool) -> None:
    mounts(*lines)
    assert stores._is_remote(Path("/home/user/.cache/whitemedia")) is remote


@pytest.mark.parametrize(
    ("spelled", "directory"),
    [("/my\\040disk", "/my disk"), ("/a\\011b", "/a\tb"), ("/a\\134b", "/a\\b"), ("/a\\012b", "/a\nb")],
)
def test_a_mount_point_may_have_any_name(mounts: Any, spelled: str, directory: str) -> None:
    mounts(ROOT, f"server:/home {spelled} nfs4")
    assert stores._is_remote(Path(directory, "whitemedia"))


@pytest.mark.parametrize(
    "kind",
    ["virtiofs", "vboxsf", "fuse.s3fs", "fuse.rclone", "fuse.grpcfuse", "fuse.vmhgfs-fuse", "lustre", "gpfs"],
)
def test_disks_that_others_write_are_known(mounts: Any, kind: str) -> None:
    mounts(ROOT, f"shared /home {kind}")
    assert stores._is_remote(Path("/home/user/.cache/whitemedia"))


@pytest.mark.parametrize("code", [errno.ENOENT, errno.EACCES])
def test_where_the_system_does_not_tell_disks_are_one_s_own(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(Path, "read_text", fail_with(code))
    assert not stores._is_remote(Path("/home/user"))


@pytest.mark.parametrize(
    ("platform", "remote", "mapped"),
    [("linux", False, True), ("darwin", False, True), ("linux", True, False), ("win32", False, False)],
)
def test_only_what_is_one_s_own_is_mapped_and_nothing_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, remote: bool, mapped: bool
) -> None:
    """There a mapped pack could be neither pruned nor written again."""
    monkeypatch.setattr(stores, "_is_remote", lambda directory: remote)
    monkeypatch.setattr(sys, "platform", platform)
    store = open_store(str(tmp_path))
    store.keep(DIGEST, "br", 5, b"coded")
    store.commit()
    for opened in (store, open_store(str(tmp_path))):
        kept = opened.body(DIGEST, "br", 5)
        assert isinstance(kept, Coded)
        assert isinstance(kept.body, PackBody)
        assert (kept.body.pack._map is not None) is mapped
        assert kept.body.read() == b"coded"
