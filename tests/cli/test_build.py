"""`whitemedia build` in this process: its exit code, what it says, and what it leaves."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path

import pytest

from tests.build.site import A, B, Site, encode, make_text, snapshot
from tests.cli.conftest import Ran, Run
from whitemedia.cli import main

FAST = ("--levels", "br=5,zstd=3,gzip=6")
GZIP = ("--codings", "gzip", "--levels", "gzip=6")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site", {"app.css": A, "js/lib.js": B})


def rows(ran: Ran) -> list[list[str]]:
    """The table, in words."""
    return [re.sub(" MB", "MB", line).split() for line in ran.lines if " MB " in line and not line.startswith("w")]


def test_it_tells_files_and_bytes_by_coding_and_ends_with_0(site: Site, run: Run) -> None:
    site.write("large.txt", make_text(1, 40_000))
    ran = run("build", site.path, *FAST)
    assert (ran.code, ran.errors) == (0, "")
    size = sum(
        path.stat().st_size for path in (site.path / name for name in ("app.css", "js/lib.js", "large.txt"))
    )
    assert ran.lines[0] == f"whitemedia: 3 files, {size / 1e6:,.1f} MB in {site.path}"
    assert ran.lines[1].split() == ["coding", "level", "files", "original", "compressed", "saved", "written"]
    for (coding, level, suffix), row in zip(
        (("br", 5, ".br"), ("zstd", 3, ".zst"), ("gzip", 6, ".gz")), rows(ran), strict=True
    ):
        coded = sum(path.stat().st_size for path in site.path.rglob(f"*{suffix}"))
        saved = f"{1 - coded / size:.0%}"
        assert row == [coding, str(level), "3", f"{size / 1e6:.1f}MB", f"{coded / 1e6:.1f}MB", saved, "3"]
    assert re.fullmatch(r"whitemedia: wrote 9 files in [0-9.]+ s", ran.lines[-1])
    assert len(ran.lines) == 6


def test_the_table_is_in_columns(site: Site, run: Run) -> None:
    lines = run("build", site.path, *FAST).lines[1:5]
    assert len({len(line) for line in lines}) == 1


def test_again_it_writes_nothing(site: Site, run: Run) -> None:
    run("build", site.path, *FAST)
    ran = run("build", site.path, *FAST)
    assert ran.code == 0
    assert [row[-1] for row in rows(ran)] == ["0", "0", "0"]
    assert ran.lines[-1].startswith("whitemedia: wrote 0 files in ")


def test_an_empty_directory_is_built(tmp_path: Path, run: Run) -> None:
    ran = run("build", tmp_path)
    assert (ran.code, ran.errors) == (0, "")
    assert ran.lines[0] == f"whitemedia: 0 files, 0.0 MB in {tmp_path}"


def test_codings_and_levels_are_those_asked_for(site: Site, run: Run) -> None:
    assert run("build", site.path, "--codings", "gzip,br", "--levels", "br=1,gzip=2").code == 0
    assert site.read("app.css.br") == encode("br", 1, A)
    assert site.read("app.css.gz") == encode("gzip", 2, A)
    assert len(site.siblings()) == 4


def test_by_default_bodies_are_the_smallest(site: Site, run: Run) -> None:
    run("build", site.path)
    assert site.read("app.css.br") == encode("br", 11, A)
    assert site.read("app.css.zst") == encode("zstd", 19, A)
    assert site.read("app.css.gz") == encode("gzip", 9, A)


EXCLUDED: dict[str, tuple[list[str], list[str]]] = {
    "a name": (["app.css"], ["js/lib.js.gz"]),
    "a pattern": (["*.css"], ["js/lib.js.gz"]),
    "a folder": (["js/**"], ["app.css.gz"]),
    "anywhere": (["**/*.js"], ["app.css.gz"]),
    "only at the top": (["*.js"], ["app.css.gz", "js/lib.js.gz"]),
    "two": (["*.css", "js/*"], []),
    "nothing that is there": (["*.html"], ["app.css.gz", "js/lib.js.gz"]),
}


@pytest.mark.parametrize(("globs", "siblings"), EXCLUDED.values(), ids=EXCLUDED)
def test_what_is_excluded_is_left_alone(site: Site, run: Run, globs: list[str], siblings: list[str]) -> None:
    site.write("picture.png", A)
    excludes = [word for glob in globs for word in ("--exclude", glob)]
    assert run("build", site.path, *GZIP, *excludes).code == 0
    assert site.siblings() == siblings


def test_links_out_of_the_directory_are_followed_only_if_it_is_asked_for(
    site: Site, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "outside.css").write_bytes(A)
    (site.path / "linked.css").symlink_to("../outside.css")
    for words, followed in (([], False), (["--follow-symlinks"], True)):
        run("build", site.path, *GZIP, *words)
        assert ("linked.css.gz" in site.siblings()) is followed


def test_leftovers_are_counted_and_pruned_when_it_is_asked_for(site: Site, run: Run) -> None:
    run("build", site.path, *GZIP)
    site.remove("app.css")
    line = "whitemedia: 1 file of earlier builds not needed (--prune removes them)"
    ran = run("build", site.path, *GZIP)
    assert (ran.code, line in ran.lines) == (0, True)
    ran = run("build", site.path, *GZIP, "--prune")
    assert (ran.code, line in ran.lines, "removed: app.css.gz" in ran.lines) == (0, False, True)
    assert site.siblings() == ["js/lib.js.gz"]


def test_a_check_names_what_is_missing_or_stale_and_ends_with_1(site: Site, run: Run) -> None:
    run("build", site.path, *GZIP)
    ran = run("build", site.path, *GZIP, "--check")
    assert (ran.code, ran.errors) == (0, "")
    assert ran.lines[-1].startswith("whitemedia: checked: 0 missing, 0 stale in ")
    site.write("app.css", B)
    site.write("n\new.css", A)
    before = snapshot(site.path)
    ran = run("build", site.path, *GZIP, "--check")
    assert (ran.code, ran.errors) == (1, "")
    assert ran.lines[-3:-1] == ["missing: n\\new.css.gz", "stale: app.css.gz"]
    assert ran.lines[-1].startswith("whitemedia: checked: 1 missing, 1 stale in ")
    assert snapshot(site.path) == before


@pytest.mark.parametrize("words", [[], ["--check"]], ids=["build", "check"])
def test_as_json_it_is_one_object_and_nothing_else(site: Site, run: Run, words: list[str]) -> None:
    if words:
        run("build", site.path, *GZIP)
        site.remove("app.css.gz")
    ran = run("build", site.path, *GZIP, "--json", *words)
    told = json.loads("\n".join(ran.lines))
    assert (ran.code, ran.errors) == (len(words), "")
    assert told.pop("seconds") >= 0
    coded = len(encode("gzip", 6, B)) + (0 if words else len(encode("gzip", 6, A)))
    total = {"coding": "gzip", "level": 6, "files": 2, "original_bytes": len(A) + len(B), "written": 2}
    if words:
        total |= {"files": 1, "original_bytes": len(B), "written": 0}
    assert told == {
        "root": str(site.path),
        "files": 2,
        "bytes": len(A) + len(B),
        "totals": [total | {"coded_bytes": coded}],
        "missing": ["app.css.gz"] * len(words),
        "stale": [],
        "written": [] if words else ["app.css.gz", "js/lib.js.gz"],
        "leftover": [],
        "pruned": [],
        "failures": [],
        "unused": [],
        "named": 0,
        "written_names": [],
        "removed_names": [],
        "unresolved": [],
        "complete": not words,
    }


@pytest.fixture
def broken(site: Site) -> Site:
    """A site in which one sibling cannot be written."""
    (site.path / "app.css.gz").mkdir()
    return site


def test_a_failure_is_told_as_an_error_and_ends_with_1(broken: Site, run: Run) -> None:
    ran = run("build", broken.path, *GZIP)
    assert ran.code == 1
    assert ran.errors == f"whitemedia build: app.css.gz: {os.strerror(errno.EISDIR)}\n"
    assert ran.lines[-1].startswith("whitemedia: wrote 1 file in ")


def test_a_failure_is_in_the_json_too(broken: Site, run: Run) -> None:
    ran = run("build", broken.path, *GZIP, "--json")
    told = json.loads("\n".join(ran.lines))
    assert told["failures"] == [{"path": "app.css.gz", "reason": os.strerror(errno.EISDIR)}]
    assert (ran.code, told["complete"]) == (1, False)


def test_no_name_forges_a_line(site: Site, run: Run) -> None:
    (site.path / "a\n\x1b[2J.css.gz").mkdir()
    site.write("a\n\x1b[2J.css", A)
    ran = run("build", site.path, *GZIP)
    assert ran.errors == f"whitemedia build: a\\n\\x1b[2J.css.gz: {os.strerror(errno.EISDIR)}\n"


def test_what_no_server_would_use_is_told_and_is_no_failure(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("assets.reading", "build.examining"):
        monkeypatch.setattr(f"whitemedia.{module}.READ_LIMIT", 1 << 20)
    site.write("large.css", b"a" * ((1 << 20) + 1))
    ran = run("build", site.path, *GZIP)
    assert (ran.code, ran.errors) == (0, "whitemedia build: large.css: larger than 1 MiB\n")


def test_every_argument_is_told_in_its_help_and_documented(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["build", "--help"])
    shown = set(re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    assert {"--codings", "--levels", "--exclude", "--check", "--prune", "--json", "--threads"} < shown
    page = (Path(__file__).parents[2] / "docs" / "build.md").read_text("utf-8")
    assert [word for word in shown if word not in page] == []


HASHED = ("--hash", "--codings", "gzip", "--levels", "gzip=6")


def test_it_tells_of_names(site: Site, run: Run) -> None:
    site.write("app.css", b".a{background:url(no.png)}")
    ran = run("build", site.path, *HASHED)
    assert (ran.code, "whitemedia: 2 files named by versions, 2 written" in ran.lines) == (0, True)
    assert ran.errors == f"whitemedia build: {site.path / 'app.css'}:1: nothing is at no.png\n"


def test_a_check_of_names_ends_with_1_where_one_is_lacking(site: Site, run: Run) -> None:
    assert run("build", site.path, *HASHED).code == 0
    assert run("build", site.path, *HASHED, "--check").code == 0
    site.write("app.css", b".d{}")
    assert run("build", site.path, *HASHED, "--check").code == 1


def test_names_of_earlier_releases_are_removed_after_their_days(site: Site, run: Run) -> None:
    run("build", site.path, *HASHED)
    old = next(site.path.glob("app.*.css"))
    site.write("app.css", b".d{}")
    ran = run("build", site.path, *HASHED, "--keep-days", "0")
    assert f"removed: {old.name}" in ran.lines
    assert not old.exists()


def test_names_are_told_as_json(site: Site, run: Run) -> None:
    told = json.loads("\n".join(run("build", site.path, *HASHED, "--json").lines))
    assert (told["named"], len(told["written_names"]), told["unresolved"]) == (2, 2, [])
