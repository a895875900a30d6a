"""`prune` removes what builds wrote and nothing needs; what others wrote, or what cannot be judged, stays."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.build.site import A, B, C, Site, both, encode, names, snapshot
from whitemedia.assets.records import read_records

if TYPE_CHECKING:
    from tests.assets.conftest import Deny

APP = ["app.css.br", "app.css.gz"]


class Left(NamedTuple):
    """What becomes of a built site, how it is built again, and which siblings nothing needs then."""

    act: Callable[[Site], object]
    leftover: list[str]
    options: dict[str, Any] = {}  # noqa: RUF012 - a row's own, that nobody changes


def leave_out(path: str, media_type: str, length: int) -> bool:
    return path != "app.css"


def move_siblings(site: Site) -> None:
    site.write("old/gone.css.br", site.read("app.css.br"))


def take_over(site: Site) -> None:
    """A build has found a foreign sibling to be the best there is; then its file went."""
    site.write("app.css.br", encode("br", 11, A))
    site.build()
    site.remove("app.css")


def unpack(site: Site) -> None:
    """An archive was unpacked in its place, and built; then what came out of it was removed."""
    site.write("data.tar", C * 9)
    site.write("data.tar.gz", encode("gzip", 9, C * 9))
    site.build()
    site.remove("data.tar")


def keep_archive(site: Site) -> None:
    site.write("data.tar", C * 9)
    site.write("data.tar.gz", encode("gzip", 9, C * 9))
    site.build()


LEFT = {
    "nothing": Left(lambda site: None, []),
    "a file is gone": Left(lambda site: site.remove("app.css"), APP),
    "a file is short now": Left(lambda site: site.write("app.css", b"short"), APP),
    "a file is a directory now": Left(
        both(lambda site: site.remove("app.css"), lambda site: (site.path / "app.css").mkdir()), APP
    ),
    "a coding less": Left(
        lambda site: None, ["app.css.gz", "js/lib.js.gz"], {"codings": ["br"], "levels": {"br": 5}}
    ),
    "a file is left out": Left(lambda site: None, APP, {"compress_test": leave_out}),
    "a sibling was copied elsewhere": Left(move_siblings, ["old/gone.css.br"]),
    "a foreign sibling that was the best, and its file is gone": Left(take_over, ["app.css.gz"]),
    "a foreign archive whose content is gone": Left(unpack, ["data.tar.br"]),
    "a foreign sibling whose file is gone": Left(lambda site: site.write("gone.csv.gz", encode("gzip", 6, C)), []),
    "a foreign archive beside its content": Left(keep_archive, []),
    "a foreign file beside a picture": Left(
        lambda site: (site.write("a.png", C), site.write("a.png.br", b"no br")), []
    ),
    "a foreign sibling beside what is left out": Left(
        lambda site: site.write("app.css.zst", encode("zstd", 3, A)), APP, {"compress_test": leave_out}
    ),
    "a foreign sibling in a coding that is not built": Left(
        lambda site: site.write("app.css.zst", encode("zstd", 3, A)), []
    ),
    "all records are gone": Left(both(lambda site: site.index.unlink(), lambda site: site.remove("app.css")), []),
}


@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT)
def test_what_builds_wrote_and_nothing_needs_is_counted_and_only_prune_removes_it(built: Site, left: Left) -> None:
    left.act(built)
    there = names(built.path)
    assert list(built.check(**left.options).leftover) == left.leftover
    for _ in range(2):
        counted = built.build(**left.options)
        assert (list(counted.leftover), counted.pruned) == (left.leftover, ())
        assert names(built.path) == there
    pruned = built.build(prune=True, **left.options)
    assert (pruned.leftover, list(pruned.pruned)) == ((), left.leftover)
    assert names(built.path) == [name for name in there if name not in left.leftover]
    again = built.build(prune=True, **left.options)
    assert (again.leftover, again.pruned, built.encoded) == ((), (), [])


def test_what_was_pruned_is_forgotten(built: Site) -> None:
    built.remove("app.css")
    built.build()
    assert len(read_records(str(built.path))) == 4
    built.build(prune=True)
    assert len(read_records(str(built.path))) == 2


def test_siblings_of_a_file_that_cannot_be_read_stay(built: Site, deny: Deny) -> None:
    deny(built.path / "app.css")
    result = built.build(prune=True)
    assert (result.leftover, result.pruned) == ((), ())
    assert [failure.path for failure in result.failures] == ["app.css"]
    assert set(APP) <= set(built.siblings())


def test_siblings_of_a_file_that_can_be_read_again_are_not_coded_again(
    built: Site, monkeypatch: pytest.MonkeyPatch, deny: Deny
) -> None:
    deny(built.path / "app.css")
    built.build(prune=True)
    monkeypatch.undo()
    built.build()
    assert built.encoded == []


def test_siblings_of_a_file_of_which_the_system_tells_nothing_stay(
    built: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network disk may fail so: it is there, and cannot be looked at now."""
    real = os.lstat

    def lstat(path: Any, *arguments: Any, **keywords: Any) -> os.stat_result:
        if str(path) == str(built.path / "app.css"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(path, *arguments, **keywords)

    monkeypatch.setattr(os, "lstat", lstat)
    result = built.build(prune=True)
    assert [failure.path for failure in result.failures] == ["app.css"]
    assert result.pruned == ()


def test_what_a_directory_that_cannot_be_listed_has_stays(built: Site, deny: Deny) -> None:
    deny(built.path / "js")
    result = built.build(prune=True)
    assert [failure.path for failure in result.failures] == ["js"]
    assert (result.pruned, result.is_complete) == ((), False)
    assert {"js/lib.js.br", "js/lib.js.gz"} <= set(built.siblings())


def test_what_cannot_be_removed_is_left_over(built: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.name == "app.css.br":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        real(path, missing_ok)

    built.remove("app.css")
    monkeypatch.setattr(Path, "unlink", unlink)
    result = built.build(prune=True)
    assert (result.leftover, result.pruned) == (("app.css.br",), ("app.css.gz",))
    monkeypatch.undo()
    assert built.build(prune=True).pruned == ("app.css.br",)


def test_what_is_needed_under_another_name_is_not_removed(built: Site) -> None:
    """The same directory twice, through a link, and left out once."""
    (built.path / "linked").symlink_to("js")
    before = built.read("js/lib.js.br")
    built.build(prune=True, compress_test=lambda path, media_type, length: not path.startswith("linked/"))
    assert built.read("js/lib.js.br") == before


@pytest.mark.parametrize("prune", [False, True])
def test_a_foreign_archive_of_any_size_is_not_read_into_memory(
    built: Site, monkeypatch: pytest.MonkeyPatch, prune: bool
) -> None:
    """No sibling of ours is larger than what is read of a file."""
    archive = built.write("backup.tar.gz", b"")
    os.truncate(archive, 65 << 20)
    read: list[Path] = []
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        read.append(path)
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    built.build(prune=prune)
    assert archive not in read
    assert archive.exists()


def test_a_check_after_prune_is_what_it_was(built: Site) -> None:
    built.write("js/lib.js", C)
    built.build(prune=True)
    before = snapshot(built.path)
    assert built.check().leftover == ()
    assert snapshot(built.path) == before
    assert built.read("js/lib.js") == C != B
