"""Opening files: regular ones only, never blocking, never outside the root, whatever is swapped meanwhile."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from whitemedia.assets import files
from whitemedia.assets.files import Opened, StatKey, is_beneath, open_beneath, open_regular

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder, Spy

pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")

PROMPTLY = 5.0  # seconds, after which something blocks
TICK = 0.03  # seconds, in which a file system's clock moves on


def promptly(function: Callable[[], Opened | None]) -> Opened | None:
    """The result of `function`, which must not block; so that a test that finds it does fails, and does not hang."""
    results: list[Opened | None] = []
    thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
    thread.start()
    thread.join(PROMPTLY)
    assert results, "blocked or raised"
    return results[0]


def content(opened: Opened | None) -> bytes | None:
    if opened is None:
        return None
    with opened:
        return opened.read_whole()


def key_of(path: Path) -> StatKey:
    return StatKey.of(os.stat(path))


# A regular file, or none


def test_a_regular_file_is_opened_in_the_state_it_is_in(folder: Folder) -> None:
    path = folder.file("a", b"12345")
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        assert (opened.length, opened.stat_key) == (5, key_of(path))


def make_directory(path: Path) -> None:
    path.mkdir()


def make_socket(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)  # a socket's name is at most some 100 bytes long
    here = os.open(".", os.O_RDONLY)
    try:
        os.fchdir(folder)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)
        os.close(folder)


def make_device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")


def make_endless_link(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    "make",
    [make_directory, os.mkfifo, make_socket, make_device, make_endless_link],
    ids=lambda make: make.__name__,
)
def test_what_is_no_regular_file_is_none_at_once(folder: Folder, make: Callable[[Path], None]) -> None:
    path = folder.path / "a"
    make(path)
    assert promptly(lambda: open_regular(str(path))) is None


def test_a_device_without_a_driver_is_none(folder: Folder, deny: Deny) -> None:
    path = folder.file("a")
    for code in (errno.ENXIO, errno.ENODEV):
        deny(path, code)
        assert open_regular(str(path)) is None


@pytest.mark.parametrize("name", ["missing", "file/below"])
def test_what_is_not_there_is_none(folder: Folder, name: str) -> None:
    folder.file("file")
    assert open_regular(str(folder.path / name)) is None


@pytest.mark.parametrize("code", [errno.EACCES, errno.EMFILE, errno.EIO, errno.ENOMEM])
def test_what_cannot_be_told_raises(folder: Folder, deny: Deny, code: int) -> None:
    path = folder.file("a")
    deny(path, code)
    with pytest.raises(OSError, match=os.strerror(code)):
        open_regular(str(path))


def test_a_directory_that_cannot_be_opened_as_on_windows_is_none(folder: Folder, deny: Deny) -> None:
    deny(folder.path)
    assert open_regular(str(folder.path)) is None


def test_a_directory_that_cannot_be_told_raises(folder: Folder, deny: Deny) -> None:
    deny(folder.path, errno.EMFILE)
    with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
        open_regular(str(folder.path))


def test_a_file_that_cannot_be_judged_is_closed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> os.stat_result:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = folder.file("a")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", fail)
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            open_regular(str(path))


# What was opened


@pytest.mark.parametrize("data", [b"", b"x", b"0123456789" * 10_000], ids=["empty", "one byte", "long"])
def test_the_whole_file_is_read_from_the_start_each_time(folder: Folder, data: bytes) -> None:
    opened = open_regular(str(folder.file("a", data)))
    assert opened is not None
    with opened:
        assert [opened.read_whole(), opened.read_head(4), opened.read_whole()] == [data, data[:4], data]


def truncate(path: Path) -> None:
    os.truncate(path, 3)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewrite_in_the_same_size_and_time(path: Path) -> None:
    status = os.stat(path)
    with path.open("r+b") as file:
        file.write(b"54321")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    "change", [truncate, grow, rewrite_in_the_same_size_and_time], ids=lambda change: change.__name__
)
def test_a_file_that_changed_is_not_read_as_the_one_that_was_opened(
    folder: Folder, change: Callable[[Path], None]
) -> None:
    path = folder.file("a", b"12345", mtime=1_000_000_000)
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        time.sleep(TICK)
        change(path)
        assert opened.read_whole() is None


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    path.with_name("new").write_bytes(b"another")
    path.with_name("new").replace(path)


def change_mode(path: Path) -> None:
    path.chmod(0o600)


@pytest.mark.parametrize(
    ("change", "rewritten"),
    [(truncate, True), (grow, True), (delete, False), (replace, False), (change_mode, False)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_open_file_is_rewritten_by_new_bytes_not_by_what_happens_to_its_path(
    folder: Folder, change: Callable[[Path], None], rewritten: bool
) -> None:
    path = folder.file("a", b"12345", mtime=1_000_000_000)
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        assert not opened.is_rewritten()
        change(path)
        assert opened.is_rewritten() is rewritten


def rename(path: Path) -> None:
    path.rename(path.with_name("renamed"))


@pytest.mark.parametrize(
    ("change", "known", "rewritten"),
    [
        (rewrite_in_the_same_size_and_time, True, True),
        (rewrite_in_the_same_size_and_time, False, False),
        (rename, True, False),
        (rename, False, False),
        (change_mode, True, False),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_size_and_time_cannot_tell_the_digest_tells_where_it_is_known(
    folder: Folder, change: Callable[[Path], None], known: bool, rewritten: bool
) -> None:
    data = b"0123456789" * 300_000  # longer than what is read at once
    path = folder.file("a", data, mtime=1_000_000_000)
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        opened.digest = hashlib.sha256(data).digest() if known else None
        opened.file.seek(7)
        time.sleep(TICK)
        change(path)
        assert opened.is_rewritten() is rewritten
        assert opened.file.tell() == 7


def test_a_file_is_read_for_its_digest_once_for_each_change(folder: Folder, spy: Spy) -> None:
    path = folder.file("a", b"12345", mtime=1_000_000_000)
    opened = open_regular(str(path))
    assert opened is not None
    with opened:
        opened.digest = hashlib.sha256(b"12345").digest()
        digests = spy(Opened, "_has_its_digest")
        time.sleep(TICK)
        rename(path)
        assert [opened.is_rewritten() for _ in range(3)] == [False] * 3
        assert len(digests) == 1
        time.sleep(TICK)
        rewrite_in_the_same_size_and_time(path.with_name("renamed"))
        assert opened.is_rewritten()
        assert len(digests) == 2


class ShortReads(FileIO):
    """A file of which a read returns little, as one of 2 GiB and more does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 4)) or b""


def test_short_reads_are_put_together(folder: Folder) -> None:
    path = folder.file("a", b"0123456789")
    with Opened(ShortReads(str(path)), key_of(path)) as opened:
        assert opened.read_whole() == b"0123456789"


def test_a_file_cut_between_two_reads_is_none(folder: Folder) -> None:
    path = folder.file("a", b"0123456789")
    longer = key_of(path)._replace(size=20)
    with Opened(ShortReads(str(path)), longer) as opened:
        assert opened.read_whole() is None


def test_closing_twice_closes_once(folder: Folder) -> None:
    opened = open_regular(str(folder.file("a")))
    assert opened is not None
    opened.close()
    reused = os.open(folder.path, os.O_RDONLY)  # takes the same descriptor
    opened.close()
    os.close(reused)


@pytest.mark.parametrize("field", StatKey._fields)
def test_each_part_of_a_state_tells_two_states_apart(field: str) -> None:
    parts = {"st_dev": 1, "st_ino": 2, "st_size": 3, "st_mtime_ns": 4, "st_ctime_ns": 5}

    class Status:
        def __getattr__(self, name: str) -> int:
            return parts[name]

    status: Any = Status()
    before = StatKey.of(status)
    parts[f"st_{field}"] += 10
    assert StatKey.of(status) == before._replace(**{field: getattr(before, field) + 10})


# Beneath a root


@pytest.fixture(params=[True, False], ids=["stepwise", "compared"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways to open beneath a root: name by name, and the one for systems where that cannot be done."""
    stepwise: bool = request.param
    monkeypatch.setattr(files, "_STEPWISE", stepwise)
    return stepwise


@pytest.mark.parametrize(
    ("path", "root", "beneath"),
    [
        ("/srv/static/a", "/srv/static", True),
        ("/srv/static/a/b", "/srv/static", True),
        ("/srv/static", "/srv/static", False),
        ("/srv/static-private/a", "/srv/static", False),
        ("/srv/other", "/srv/static", False),
        ("/srv", "/srv/static", False),
        ("/etc", "/", True),
    ],
)
def test_beneath_has_a_boundary(path: str, root: str, beneath: bool) -> None:
    assert is_beneath(path, root) is beneath


@pytest.mark.usefixtures("either_way")
class TestBeneath:
    @pytest.mark.parametrize(
        "name", ["a", "d/a", "d/e/a", "file-link", "d/up", "directory-link/a", "link-to-link"]
    )
    def test_a_file_or_a_link_that_stays_is_opened(self, folder: Folder, name: str) -> None:
        for path in ("a", "d/a", "d/e/a"):
            folder.file(path, b"inside")
        folder.link("file-link", "d/a")
        folder.link("d/up", "../a")
        folder.link("directory-link", folder.path / "d")
        folder.link("link-to-link", "directory-link/a")
        assert content(open_beneath(str(folder.path), name)) == b"inside"

    @pytest.mark.parametrize(
        "name",
        ["", ".", "..", "d", "d/", "missing", "d/missing", "a/below", "../root-private/secret", "/etc/passwd"],
    )
    def test_what_is_no_file_in_the_root_is_none(self, folder: Folder, outside: Folder, name: str) -> None:
        folder.file("a")
        folder.file("d/a")
        outside.file("secret")
        assert open_beneath(str(folder.path), name) is None

    @pytest.mark.parametrize("name", ["file", "directory/secret", "by-way-of", "loop", "fifo", "to-fifo"])
    def test_links_outward_loops_and_fifos_are_none_at_once(
        self, folder: Folder, outside: Folder, name: str
    ) -> None:
        outside.file("secret")
        folder.link("file", outside.path / "secret")
        folder.link("directory", "../root-private")
        folder.link("by-way-of", "directory/secret")
        folder.link("loop", "loop")
        os.mkfifo(folder.path / "fifo")
        folder.link("to-fifo", "fifo")
        assert promptly(lambda: open_beneath(str(folder.path), name)) is None

    def test_links_outward_are_opened_where_that_is_asked_for(self, folder: Folder, outside: Folder) -> None:
        outside.file("shared", b"shared")
        folder.link("file", outside.path / "shared")
        assert content(open_beneath(str(folder.path), "file", follow_symlinks=True)) == b"shared"

    @pytest.mark.parametrize("follow_symlinks", [True, False])
    def test_an_absolute_path_is_one_beneath_the_root(
        self, folder: Folder, outside: Folder, follow_symlinks: bool
    ) -> None:
        secret = str(outside.file("secret"))
        assert open_beneath(str(folder.path), secret, follow_symlinks=follow_symlinks) is None
        folder.file(secret.lstrip("/"), b"inside")
        opened = open_beneath(str(folder.path), secret, follow_symlinks=follow_symlinks)
        assert content(opened) == b"inside"

    def test_a_root_that_is_a_link_is_its_target(self, folder: Folder, outside: Folder) -> None:
        folder.file("a", b"inside")
        outside.link("current", folder.path)
        assert content(open_beneath(str(outside.path / "current"), "a")) == b"inside"

    def test_a_root_that_is_gone_has_nothing(self, folder: Folder) -> None:
        assert open_beneath(str(folder.path / "gone"), "a") is None

    @pytest.mark.parametrize(("code", "raises"), [(2, False), (20, False), (22, False), (5, True)])
    def test_a_link_that_changes_while_it_is_resolved_is_none(
        self, folder: Folder, monkeypatch: pytest.MonkeyPatch, code: int, raises: bool
    ) -> None:
        """It was one when it was looked at, and is gone, or a file, when it is read; a failing disk is told."""

        def fail(path: object, **keywords: object) -> str:
            raise OSError(code, os.strerror(code))

        folder.link("a", "missing")
        monkeypatch.setattr(os, "readlink", fail)
        with pytest.raises(OSError, match=os.strerror(code)) if raises else contextlib.nullcontext():
            assert open_beneath(str(folder.path), "a") is None

    def test_what_cannot_be_told_raises(self, folder: Folder, deny: Deny) -> None:
        path = folder.file("a")
        for denied in (path, folder.path, Path("a")):  # as either way names what it opens
            deny(denied, errno.EMFILE)
        with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
            open_beneath(str(folder.path), "a")


def test_a_directory_on_the_way_that_cannot_be_opened_raises_and_leaks_nothing(folder: Folder, deny: Deny) -> None:
    folder.file("d/e/a")
    deny(Path("e"))
    with pytest.raises(PermissionError):
        open_beneath(str(folder.path), "d/e/a")


# Swaps between resolving and opening


def swap_for_link(path: Path, target: Path) -> None:
    path.rename(path.with_name("moved-away"))
    path.symlink_to(target)


def swap_for_fifo(path: Path, _target: Path) -> None:
    path.rename(path.with_name("moved-away"))
    os.mkfifo(path)


def remove(path: Path, _target: Path) -> None:
    path.rename(path.with_name("moved-away"))


SWAPS: list[tuple[Callable[[Path, Path], None], str, str]] = [
    (swap_for_link, "d", "."),
    (swap_for_link, "d/e", "e"),
    (swap_for_link, "d/e/a", "e/a"),
    (swap_for_fifo, "d/e/a", ""),
    (swap_for_fifo, "d/e", ""),
    (remove, "d", ""),
    (remove, "d/e/a", ""),
]


@pytest.fixture
def before_next_open(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Do something once, after the path has been resolved and before anything is opened."""

    def arrange(act: Callable[[], None]) -> None:
        original, pending = os.open, [act]

        def call(*arguments: Any, **keywords: Any) -> int:
            if pending:
                pending.pop()()
            return original(*arguments, **keywords)

        monkeypatch.setattr(os, "open", call)

    return arrange


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("row", SWAPS, ids=lambda row: f"{row[0].__name__} {row[1]}")
def test_a_swap_after_the_path_was_resolved_opens_nothing(
    folder: Folder,
    outside: Folder,
    before_next_open: Callable[[Callable[[], None]], None],
    row: tuple[Callable[[Path, Path], None], str, str],
) -> None:
    swap, name, target = row
    folder.file("d/e/a", b"inside")
    outside.file("e/a", b"secret")
    before_next_open(lambda: swap(folder.path / name, outside.path / target))
    assert promptly(lambda: open_beneath(str(folder.path), "d/e/a")) is None


def test_a_swap_that_is_undone_before_the_comparison_opens_nothing(
    folder: Folder, outside: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where directories cannot be opened the path resolves as before, so what was opened is compared too."""
    path = folder.file("a", b"inside")
    secret = outside.file("a", b"secret")
    monkeypatch.setattr(files, "_STEPWISE", False)
    monkeypatch.setattr(files, "open_regular", lambda _: open_regular(str(secret)))
    assert open_beneath(str(folder.path), path.name) is None


def test_a_file_that_goes_before_the_comparison_is_none(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder.file("a", b"inside")

    def open_and_remove(name: str) -> Opened | None:
        opened = open_regular(name)
        path.unlink()
        return opened

    monkeypatch.setattr(files, "_STEPWISE", False)
    monkeypatch.setattr(files, "open_regular", open_and_remove)
    assert open_beneath(str(folder.path), path.name) is None


@pytest.fixture
def swapping(folder: Folder, outside: Folder) -> Iterator[None]:
    """While the test runs, `d` is by turns a directory in the root and a link out of it."""
    folder.file("d/a", b"inside")
    outside.file("a", b"secret")
    ended = threading.Event()
    inside, outward = folder.path / "kept", folder.path / "outward"
    outward.symlink_to(outside.path)

    def swap() -> None:
        place = folder.path / "d"
        while not ended.is_set():
            place.rename(inside)
            outward.rename(place)
            place.rename(outward)
            inside.rename(place)

    thread = threading.Thread(target=swap)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.usefixtures("swapping")
@pytest.mark.skipif(not files._STEPWISE, reason="only opening name by name withstands a storm")
def test_while_a_directory_is_swapped_only_the_file_in_the_root_is_ever_read(folder: Folder) -> None:
    found = {content(open_beneath(str(folder.path), "d/a")) for _ in range(2_000)}
    assert found <= {b"inside", None}
    assert b"inside" in found


@pytest.mark.parametrize(
    "relative", ["a\0b", "a" * 300, "link1499"], ids=["NUL", "a long name", "a chain of links"]
)
def test_what_no_system_can_open_is_none(folder: Folder, relative: str) -> None:
    folder.file("link0")
    for number in range(1, 1500 if relative.startswith("link") else 1):
        folder.link(f"link{number}", f"link{number - 1}")
    assert open_beneath(str(folder.path), relative) is None
