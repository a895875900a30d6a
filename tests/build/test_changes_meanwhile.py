"""A file that changes while it is built is a failure; no sibling is left that does not decode to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.build.site import A, B, C, Site
from whitemedia.build import BuildResult, building, survey

LIB = ["js/lib.js.br", "js/lib.js.gz"]
Act = Callable[[Path], object]


def vanish(path: Path) -> None:
    path.unlink()


def rewrite(path: Path) -> None:
    path.write_bytes(C)


def replace(path: Path) -> None:
    path.with_name("new").write_bytes(C)
    path.with_name("new").replace(path)


def rewrite_in_its_length_and_time(path: Path) -> None:
    status = path.stat()
    path.write_bytes(A.replace(b"margin", b"border"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def become_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_broken_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


def become_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_link_out_of_the_root(path: Path) -> None:
    secret = path.parents[1] / "secret"
    secret.write_bytes(C)
    path.unlink()
    path.symlink_to(secret)


ACTS = [
    vanish,
    rewrite,
    replace,
    rewrite_in_its_length_and_time,
    become_directory,
    become_broken_link,
    become_fifo,
    become_link_out_of_the_root,
]
every_act = pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)


class Once:
    """Does something to a file when it is called first."""

    def __init__(self, act: Act, path: Path) -> None:
        self.pending = True
        self._act = act
        self._path = path

    def __call__(self, *_: object) -> None:
        if self.pending:
            self.pending = False
            self._act(self._path)


def before(name: str, act: Once, monkeypatch: pytest.MonkeyPatch, module: Any = building) -> None:
    """Act before a function of a build is called."""
    real = getattr(module, name)

    def call(*arguments: Any, **keywords: Any) -> Any:
        act()
        return real(*arguments, **keywords)

    monkeypatch.setattr(module, name, call)


def is_told(result: BuildResult, site: Site) -> None:
    """It is a failure, others are built, and when it is at rest again it is built as well."""
    assert {failure.path for failure in result.failures} <= {"app.css", "app.css.br", "app.css.gz"}
    assert result.failures
    assert not result.is_complete
    assert set(LIB) <= set(site.siblings())
    assert site.wrong() == []
    path = site.path / "app.css"
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
    site.write("app.css", A)
    assert site.build().is_complete
    assert site.check().is_complete
    assert site.wrong() == []


@every_act
def test_between_examination_and_coding(site: Site, monkeypatch: pytest.MonkeyPatch, act: Act) -> None:
    before("jobs", Once(act, site.path / "app.css"), monkeypatch)
    is_told(site.build(), site)


@every_act
@pytest.mark.parametrize("known", [False, True], ids=["never built", "a level lower"])
def test_between_coding_and_writing(site: Site, act: Act, known: bool) -> None:
    """The first file that is coded is the one that is longer."""
    if known:
        site.build(codings=["br", "gzip"], levels={"br": 1, "gzip": 1})
        site.remove("app.css.br", "app.css.gz")
    site.write("app.css", A)
    site.write("js/lib.js", B[: len(B) // 2])
    is_told(site.build(threads=1, meanwhile=Once(act, site.path / "app.css")), site)


@pytest.mark.parametrize("act", [vanish, become_directory, become_fifo], ids=lambda act: act.__name__)
def test_between_walk_and_examination(site: Site, monkeypatch: pytest.MonkeyPatch, act: Act) -> None:
    before("Examiner", Once(act, site.path / "app.css"), monkeypatch, survey)
    result = site.build()
    assert [tuple(failure) for failure in result.failures] == [("app.css", "gone while it was read")]
    assert site.siblings() == LIB


def test_what_is_rewritten_before_it_is_examined_is_built_as_it_is_now(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before("Examiner", Once(rewrite, site.path / "app.css"), monkeypatch, survey)
    assert site.build().is_complete
    assert len(site.siblings()) == 4
    assert site.wrong() == []


@every_act
def test_of_files_that_are_alike_the_one_that_stays_is_built(
    site: Site, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    site.write("copy.css", A)
    before("jobs", Once(act, site.path / "app.css"), monkeypatch)
    result = site.build()
    assert {failure.path for failure in result.failures} == {"app.css.br", "app.css.gz"}
    assert {"copy.css.br", "copy.css.gz"} <= set(site.siblings())
    assert site.wrong() == []


@pytest.mark.parametrize("act", [vanish, rewrite, become_directory], ids=lambda act: act.__name__)
def test_a_sibling_that_changes_after_it_was_examined_is_not_taken_for_what_it_was(
    built: Site, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    """A copy is to have the same sibling."""
    built.write("copy.css", A)
    before("jobs", Once(act, built.path / "app.css.br"), monkeypatch)
    built.build()
    assert {"copy.css.br", "copy.css.gz"} <= set(built.siblings())
    monkeypatch.undo()
    if (built.path / "app.css.br").is_dir():
        (built.path / "app.css.br").rmdir()
    assert built.build().is_complete
    assert built.wrong() == []


def test_a_directory_that_vanishes_is_a_failure(site: Site) -> None:
    def vanish(path: Path) -> None:
        (path / "lib.js").unlink()
        path.rmdir()

    site.write("js/lib.js", B + B)
    result = site.build(threads=1, meanwhile=Once(vanish, site.path / "js"))
    assert {failure.path for failure in result.failures} == {"js/lib.js.br", "js/lib.js.gz"}
    assert site.siblings() == ["app.css.br", "app.css.gz"]
