"""How `whitemedia build` ends where it is misused, cannot go on, or is interrupted: one line, and an exit code."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.build.site import A, Site
from tests.cli.conftest import Run
from whitemedia.build import BuildError
from whitemedia.cli import build as command
from whitemedia.cli import main
from whitemedia.cli.build import INTERRUPTED


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site", {"app.css": A})


WRONG: dict[str, tuple[list[str], str]] = {
    "an unknown coding": (["--codings", "deflate"], "codings=('deflate',): 'deflate' is none of br, zstd, gzip"),
    "no coding": (["--codings", ""], "'' is none of br, zstd, gzip"),
    "a level that is not there": (["--levels", "br=12"], "br has levels 0 to 11, not 12"),
    "a level of nothing": (["--levels", "xz=1"], "'xz' is none of br, zstd, gzip"),
    "a level of what is not built": (["--codings", "br", "--levels", "gzip=9"], "none of the codings to build"),
    "no threads": (["--threads", "0"], "threads=0: expected a whole number, 1 or more"),
    "a prefix of no names": (["--prefix", "/static/"], "--prefix counts only with --hash"),
    "days of no names": (["--keep-days", "30"], "--keep-days counts only with --hash"),
    "a tool of no names": (["--immutable", "vite", "--check"], "--immutable counts only with --hash"),
    "a check that removes": (["--check", "--prune"], "--check writes nothing, and --prune removes files"),
}


@pytest.mark.parametrize(("words", "why"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_line_and_ends_with_2(site: Site, run: Run, words: list[str], why: str) -> None:
    ran = run("build", site.path, *words)
    assert (ran.code, ran.lines) == (2, [])
    assert ran.errors.startswith("whitemedia build: ")
    assert ran.errors.endswith(f"{why}\n")
    assert not site.index.parent.exists()


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_directory_ends_with_2(tmp_path: Path, run: Run, name: str) -> None:
    (tmp_path / "file").touch()
    ran = run("build", tmp_path / name)
    assert (ran.code, ran.lines) == (2, [])
    assert str(tmp_path / name) in ran.errors


MISSPELT = {
    "no directory": ([], "DIR"),
    "levels without names": (["a", "--levels", "11"], "'11': expected such as br=11,gzip=9"),
    "levels that are no numbers": (["a", "--levels", "br=x"], "'br=x': expected such as"),
    "levels below zero": (["a", "--levels", "br=-1"], "'br=-1': expected such as"),
    "a comma too many": (["a", "--levels", "br=1,"], "'br=1,': expected such as"),
    "a superscript": (["a", "--levels", "br=²"], "'br=²': expected such as"),
    "threads in words": (["a", "--threads", "two"], "'two'"),
    "a glob that is none": (["a", "--exclude", "[z-a]"], "'[z-a]' is no glob"),
    "an abbreviation": (["a", "--follow"], "--follow"),
}


@pytest.mark.parametrize(("argv", "named"), MISSPELT.values(), ids=MISSPELT)
def test_wrong_arguments_are_named_and_end_with_2(
    argv: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["build", *argv])
    out, errors = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert named in errors.splitlines()[-1]


def test_a_build_that_cannot_go_on_says_why_and_ends_with_1(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object, **__: object) -> None:
        raise BuildError("cannot write 'a\nb': No space left on device")

    monkeypatch.setattr(command, "build", build)
    ran = run("build", site.path)
    assert (ran.code, ran.lines) == (1, [])
    assert ran.errors == "whitemedia build: cannot write 'a\\nb': No space left on device\n"


class EndedError(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Signals to be sent in the middle of a build, one after the other."""
    signals: list[Any] = []

    def build(*_: object, **__: object) -> None:
        for number in signals:
            try:
                signal.raise_signal(number)
            except KeyboardInterrupt:
                if number is signals[-1] and len(signals) == 1:
                    raise

    def end(code: int) -> None:
        raise EndedError(code)

    monkeypatch.setattr(command, "build", build)
    monkeypatch.setattr(os, "_exit", end)
    return signals


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("words", [[], ["--json"]], ids=["lines", "json"])
def test_an_interruption_is_told_and_ends_with_130(
    site: Site, run: Run, interrupted: list[Any], name: str, words: list[str]
) -> None:
    interrupted.append(getattr(signal, name))
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    ran = run("build", site.path, *words)
    assert (ran.code, ran.lines) == (INTERRUPTED, [])
    assert INTERRUPTED == 130
    assert ran.errors.splitlines() == [
        "whitemedia build: finishing the files in hand (again: at once)",
        "whitemedia build: interrupted; what was written is valid, and the next build goes on from there",
    ]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_the_second_interruption_ends_at_once(site: Site, run: Run, interrupted: list[Any]) -> None:
    interrupted += [signal.SIGINT, signal.SIGINT]
    with pytest.raises(EndedError) as ended:
        run("build", site.path)
    assert ended.value.args == (INTERRUPTED,)
