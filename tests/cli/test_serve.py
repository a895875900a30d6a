"""`whitemedia serve` in this process: what it says, what it answers, how it fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PORT, Run
from tests.conftest import plant
from whitemedia import OptionError
from whitemedia.cli import main
from whitemedia.cli.server import import_waitress

FILES = {
    "index.html": b"<!doctype html>",
    "a.css": b"a" * 1000,
    "docs/b.css": b"b" * 2000,
    ".env": b"secret",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return plant(tmp_path / "site", FILES)


def test_it_starts_with_what_and_where_and_ends_with_how_often(site: Path, run: Run) -> None:
    ran = run("serve", site, asks=("/a.css", "/none"))
    assert ran.code == 0
    assert ran.errors == ""
    start, url, *requests, stop = ran.lines
    assert start == f"whitemedia: 3 files, 0.0 MB from {site}"
    assert url == f"http://127.0.0.1:{PORT}/ (Ctrl-C stops)"
    assert [request.rpartition(" bytes ")[0] for request in requests] == [
        "- GET /a.css 200 1000",
        "- GET /none 404 14",
    ]
    assert stop == "whitemedia: stopped after 2 requests"


def test_a_file_counts_once_under_all_its_paths(site: Path, run: Run) -> None:
    plant(site, {"about.html": b"x" * 3_000_000})
    shared = run("serve", site, "--clean-urls", "--cors", "https://a.example", asks=("/about",))
    assert shared.lines[0] == f"whitemedia: 4 files, 3.0 MB from {site}"
    assert shared.answers[0].status == 200


def test_with_autorefresh_nothing_is_counted(site: Path, run: Run) -> None:
    ran = run("serve", site, "--autorefresh", asks=("/a.css",))
    assert ran.lines[0] == f"whitemedia: files of {site} are looked up at each request"
    assert ran.answers[0].status == 200


def test_a_directory_with_a_hostile_name_is_named_in_one_line(tmp_path: Path, run: Run) -> None:
    site = plant(tmp_path / "new\nline\x1b[31m", FILES)
    assert run("serve", site).lines[0].endswith(r"/new\nline\x1b[31m")


@pytest.mark.parametrize("prefix", ["static", "/static/"])
def test_the_url_has_the_prefix(site: Path, run: Run, prefix: str) -> None:
    ran = run("serve", site, "--prefix", prefix, asks=("/static/a.css", "/a.css"))
    assert ran.lines[1] == f"http://127.0.0.1:{PORT}/static/ (Ctrl-C stops)"
    assert [answer.status for answer in ran.answers] == [200, 404]


def test_a_prefix_can_be_followed_as_it_is_printed(site: Path, run: Run) -> None:
    assert (
        run("serve", site, "--prefix", "/größe/").lines[1]
        == f"http://127.0.0.1:{PORT}/gr%C3%B6%C3%9Fe/ (Ctrl-C stops)"
    )


INDEXES = {
    "by default": ([], [200, 302, 404]),
    "another": (["--index", "b.css"], [404, 200, 200]),
    "none": (["--no-index"], [404, 200, 404]),
}


@pytest.mark.parametrize(("argv", "statuses"), INDEXES.values(), ids=INDEXES)
def test_the_index_answers_for_its_directory(site: Path, run: Run, argv: list[str], statuses: list[int]) -> None:
    answers = run("serve", site, *argv, asks=("/", "/index.html", "/docs/")).answers
    assert [answer.status for answer in answers] == statuses


def test_what_is_not_found_is_a_plain_404_that_no_cache_keeps(site: Path, run: Run) -> None:
    [answer] = run("serve", site, asks=("/none",)).answers
    assert answer.status == 404
    assert answer.body == b"404 Not Found\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_directories_are_listed_only_if_that_was_asked_for(site: Path, run: Run) -> None:
    assert [answer.status for answer in run("serve", site, asks=("/docs/",)).answers] == [404]
    listing, page, bare, secret = run("serve", site, "--list", asks=("/docs/", "/", "/docs", "/.git/")).answers
    assert b"b.css" in listing.body
    assert page.body == FILES["index.html"]
    assert (bare.status, bare.headers["Location"]) == (302, "docs/")
    assert secret.status == 404


def test_without_an_index_the_top_is_listed_without_what_is_hidden(site: Path, run: Run) -> None:
    [top] = run("serve", site, "--list", "--no-index", asks=("/",)).answers
    assert b"index.html" in top.body
    assert b".env" not in top.body


@pytest.mark.parametrize(
    ("argv", "shown"), [([], False), (["--autorefresh"], True)], ids=["indexed", "autorefresh"]
)
def test_a_file_that_came_later_is_listed_if_it_is_found(
    site: Path, run: Run, argv: list[str], *, shown: bool
) -> None:
    def add() -> None:
        plant(site, {"docs/later.css": b"later"})

    listing, later = run("serve", site, "--list", *argv, asks=("/docs/", "/docs/later.css"), first=add).answers
    assert (b"later.css" in listing.body) is shown
    assert (later.status == 200) is shown


def test_the_application_answers_for_the_rest_behind_files_and_listings(
    site: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "behind.py").write_text("from tests.conftest import application\n")
    monkeypatch.chdir(site)
    file, listing, rest = run(
        "serve", ".", "--list", "--app", "behind:application", asks=("/a.css", "/docs/", "/none")
    ).answers
    assert not file.is_the_applications
    assert not listing.is_the_applications
    assert rest.is_the_applications


def test_what_is_skipped_is_told_on_stderr(site: Path, run: Run) -> None:
    (site / "broken").symlink_to("nowhere")
    ran = run("serve", site)
    assert ran.errors == f"whitemedia: root {str(site)!r}: 1 not served as found: 'broken' (broken link)\n"
    assert len(ran.lines) == 3


FAILURES = {
    "missing": (["missing"], "DIR 'missing': "),
    "empty": ([""], "DIR '': "),
    "a file": (["site/a.css"], "DIR 'site/a.css': "),
    "a prefix": (["site", "--prefix", "/a?b/"], "prefix='/a?b/': "),
    "a preset": (["site", "--immutable", "nothing"], "immutable='nothing': "),
    "a name of an index": (["site", "--index", "a/b"], "index_file='a/b': "),
    "a negative number": (["site", "--max-age", "-1"], "max_age=-1: "),
    "an origin": (["site", "--cors", "a\nb"], r"cors=('a\nb',): "),
    "an application": (["site", "--app", "no_such_module:app"], "--app 'no_such_module:app': there is no module"),
}


@pytest.mark.parametrize(("argv", "message"), FAILURES.values(), ids=FAILURES)
def test_what_was_given_wrong_is_one_line_and_2(
    site: Path, run: Run, monkeypatch: pytest.MonkeyPatch, argv: list[str], message: str
) -> None:
    monkeypatch.chdir(site.parent)
    ran = run("serve", *argv)
    assert ran.code == 2
    assert ran.lines == []
    [line] = ran.errors.splitlines()
    assert line.startswith(f"whitemedia serve: {message}")


def test_a_directory_that_cannot_be_read_is_named(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    ran = run("serve", site)
    assert ran.code == 2
    assert ran.errors == f"whitemedia serve: DIR {str(site)!r}: Permission denied\n"


def test_what_the_options_do_not_like_is_no_traceback(
    site: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OptionError("root", "a\nb", "has a\nnewline")

    monkeypatch.setattr("whitemedia.cli.serve.WhiteMedia", refuse)
    assert run("serve", site).errors == "whitemedia serve: root='a\\nb': has a\\nnewline\n"


def test_someone_at_a_terminal_is_told_what_it_waits_for(
    site: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert run("serve", site).errors == f"whitemedia: indexing {site}\n"


def test_without_waitress_it_says_what_to_install(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "waitress", None)
    assert main(["serve", str(site)]) == 1
    assert capsys.readouterr().err == 'whitemedia serve: needs waitress: pip install "whitemedia[serve]"\n'


def test_a_waitress_that_lacks_something_itself_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "waitress.py").write_text("import no_such_module\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "waitress", raising=False)
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        import_waitress()
