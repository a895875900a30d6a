"""Whatever is in a tree, a build neither stops nor leaves it, and builds all that can be built."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.build.site import A, B, C, Site, encode, names, snapshot
from whitemedia.assets import reading
from whitemedia.assets.files import Opened
from whitemedia.assets.roots import Why
from whitemedia.build import Failure, examining

if TYPE_CHECKING:
    from tests.assets.conftest import Deny

LIB = ["js/lib.js.br", "js/lib.js.gz"]


@pytest.fixture
def outside(site: Site) -> Path:
    """A directory beside the root, with a file in it."""
    folder = site.path.with_name("site-private")
    folder.mkdir()
    (folder / "secret.css").write_bytes(C)
    return folder


# Where a sibling would be


def test_a_directory_where_a_sibling_would_be_is_a_failure_and_stays(site: Site) -> None:
    (site.path / "app.css.br").mkdir()
    site.write("app.css.br/inner.css", C)
    result = site.build()
    [failure] = result.failures
    assert failure.path == "app.css.br"
    assert failure.reason in {os.strerror(code) for code in (errno.EISDIR, errno.EACCES, errno.EEXIST)}
    assert not result.is_complete
    assert {"app.css.gz", "app.css.br/inner.css.br", *LIB} <= set(names(site.path))
    assert site.wrong() == []


@pytest.mark.parametrize("content", [C, encode("br", 1, A), b""], ids=["foreign", "right", "empty"])
@pytest.mark.parametrize("follow_symlinks", [False, True])
def test_a_link_out_of_the_root_where_a_sibling_would_be_is_replaced_not_followed(
    site: Site, outside: Path, content: bytes, follow_symlinks: bool
) -> None:
    target = outside / "target"
    target.write_bytes(content)
    before = snapshot(outside)
    (site.path / "app.css.br").symlink_to(target)
    assert site.build(follow_symlinks=follow_symlinks).is_complete
    assert site.read("app.css.br") == encode("br", 5, A)
    assert not (site.path / "app.css.br").is_symlink()
    assert snapshot(outside) == before


@pytest.mark.parametrize("target", ["nothing", "app.css.br", "js/lib.js"], ids=["broken", "a loop", "a file"])
def test_a_link_in_the_root_where_a_sibling_would_be_is_replaced_not_followed(site: Site, target: str) -> None:
    (site.path / "app.css.br").symlink_to(target)
    assert site.build().is_complete
    assert site.read("app.css.br") == encode("br", 5, A)
    assert site.read("js/lib.js") == B
    assert site.wrong() == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs there")
def test_a_fifo_where_a_sibling_would_be_is_replaced(site: Site) -> None:
    os.mkfifo(site.path / "app.css.br")
    assert site.build().is_complete
    assert site.wrong() == []


# Links


def test_a_link_in_the_root_has_siblings_of_its_own(site: Site) -> None:
    (site.path / "alias.css").symlink_to("app.css")
    assert site.build().is_complete
    assert site.encoded == ["br 5", "br 5", "gzip 6", "gzip 6"]
    assert {"alias.css.br", "alias.css.gz"} <= set(site.siblings())
    assert site.wrong() == []


@pytest.mark.parametrize("follow_symlinks", [False, True])
def test_what_links_out_of_the_root_is_built_only_if_it_is_asked_for(
    site: Site, outside: Path, follow_symlinks: bool
) -> None:
    (site.path / "linked.css").symlink_to(outside / "secret.css")
    (site.path / "linked").symlink_to(outside)
    before = snapshot(outside)
    result = site.build(follow_symlinks=follow_symlinks)
    assert result.is_complete
    assert result.files == (4 if follow_symlinks else 2)
    assert ("linked.css.br" in site.siblings()) is follow_symlinks
    assert (outside / "secret.css.br").exists() is follow_symlinks
    if not follow_symlinks:
        assert snapshot(outside) == before


def test_a_root_that_is_a_link_is_built(site: Site) -> None:
    link = site.path.with_name("link")
    link.symlink_to(site.path)
    assert Site(link, {}).build().is_complete
    assert len(site.siblings()) == 4


def test_a_tree_that_links_to_itself_is_built_once(site: Site) -> None:
    (site.path / "js" / "again").symlink_to("..")
    (site.path / "loop").symlink_to("loop")
    assert site.build().is_complete
    assert len(site.encoded) == 4


# Names


def test_what_is_no_regular_file_or_has_no_name_to_be_asked_for_is_left_alone(site: Site) -> None:
    if hasattr(os, "mkfifo"):
        os.mkfifo(site.path / "pipe.css")
    (site.path / "broken.css").symlink_to("nothing.css")
    (site.path / "folder.css").mkdir()
    try:
        (site.path / "\udcff.css").write_bytes(A)
    except OSError:
        pytest.skip("the system takes no such names")
    assert site.build().is_complete
    assert len(site.siblings()) == 4


@pytest.mark.parametrize("length", [251, 252, 253, 255])
def test_a_name_that_leaves_no_room_for_a_suffix_is_a_failure(site: Site, length: int) -> None:
    name = "n" * (length - 4) + ".css"
    site.write(name, C)
    result = site.build()
    too_long = [name + suffix for suffix in (".br", ".gz") if length + 3 > 255]
    assert [failure.path for failure in result.failures] == too_long
    assert {failure.reason for failure in result.failures} <= {os.strerror(errno.ENAMETOOLONG)}
    assert set(LIB) <= set(site.siblings())
    assert site.wrong() == []


# What cannot be read or written


def test_a_file_that_cannot_be_read_is_a_failure_and_others_are_built(site: Site, deny: Deny) -> None:
    deny(site.path / "app.css")
    result = site.build()
    assert result.failures == (Failure("app.css", Why.UNREADABLE.value),)
    assert not result.is_complete
    assert site.siblings() == LIB


def test_a_directory_that_cannot_be_listed_is_a_failure_and_others_are_built(site: Site, deny: Deny) -> None:
    deny(site.path / "js")
    result = site.build()
    assert result.failures == (Failure("js", Why.UNREADABLE.value),)
    assert site.siblings() == ["app.css.br", "app.css.gz"]


def test_a_sibling_that_cannot_be_read_is_written_anew(built: Site, deny: Deny, tmp_path: Path) -> None:
    deny(built.path / "app.css.br")
    result = built.build()
    assert (result.is_complete, built.encoded) == (True, ["br 5"])


def test_a_directory_that_cannot_be_written_is_a_failure_and_others_are_built(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, site.path / "js", errno.EACCES)
    result = site.build()
    reason = os.strerror(errno.EACCES)
    assert result.failures == tuple(Failure(name, reason) for name in LIB)
    assert not result.is_complete
    assert site.siblings() == ["app.css.br", "app.css.gz"]
    monkeypatch.undo()
    assert site.build().is_complete


def refuse(monkeypatch: pytest.MonkeyPatch, folder: Path, code: int) -> None:
    """No file can be made in a folder, nor put there."""
    real: Callable[..., int] = os.open

    def refused(path: object, flags: int, *arguments: object, **keywords: object) -> int:
        if flags & os.O_CREAT and Path(os.fsdecode(str(path))).parent == folder:
            raise OSError(code, os.strerror(code), path)
        return real(path, flags, *arguments, **keywords)

    monkeypatch.setattr(os, "open", refused)


def test_a_file_that_is_never_at_rest_is_a_failure(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Opened.read_whole
    monkeypatch.setattr(Opened, "read_whole", lambda opened: None if opened.length == len(A) else real(opened))
    site.write("js/lib.js", make := B + b"more")
    result = site.build()
    assert result.failures == (Failure("app.css", "changed while it was read"),)
    assert (site.siblings(), site.read("js/lib.js")) == (LIB, make)


@pytest.mark.parametrize("over", [0, 1])
def test_a_file_over_the_limit_is_told_of_if_it_would_have_been_worth_it(
    site: Site, monkeypatch: pytest.MonkeyPatch, over: int
) -> None:
    for module in (reading, examining):
        monkeypatch.setattr(module, "READ_LIMIT", 1 << 20)
    size = (1 << 20) + over
    site.write("large.css", b"a" * size)
    site.write("large.png", b"a" * size)
    result = site.build()
    assert result.is_complete
    assert result.unused == ((Failure("large.css", "larger than 1 MiB"),) if over else ())
    assert ("large.css.br" in site.siblings()) is not bool(over)
    assert site.check().unused == result.unused


def test_an_empty_root_is_built(site: Site) -> None:
    site.remove("app.css", "js/lib.js")
    result = site.build()
    assert (result.files, result.is_complete, site.encoded) == (0, True, [])
