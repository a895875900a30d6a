"""The log says what is served and what is not, in a line or two, and nothing of requests."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import PREFIX, SECRET, Client, application, plant, serve
from tests.refusals import assert_refused
from whitemedia import OptionError, WhiteMedia


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    assert {record.name for record in caplog.records} <= {"whitemedia"}
    return [(record.levelname, record.getMessage()) for record in caplog.records]


@pytest.fixture(autouse=True)
def listen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="whitemedia")


def test_a_clean_root_is_one_line(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    middleware = WhiteMedia(application, tree, "/static/")
    middleware.add_files(tree / "docs", "/docs/")
    [(level, first), (_, second)] = lines(caplog)
    assert level == "INFO"
    assert re.match(rf"serving 14 files, 1\.\d MB, of {re.escape(repr(str(tree)))} at '/static/' \(br ", first)
    assert "0 skipped" in first
    assert "serving 2 files" in second


def test_construction_without_a_root_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    client = Client(WhiteMedia(application))
    assert client.get("/").is_the_applications
    assert lines(caplog) == []


@pytest.mark.parametrize("relative", [True, False], ids=["relative", "absolute"])
def test_a_missing_root_is_one_warning_with_its_absolute_path_and_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, relative: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    client = serve(Path("missing") if relative else tmp_path / "missing")
    [(level, message)] = lines(caplog)
    assert level == "WARNING"
    assert message == f"root {str(tmp_path / 'missing')!r} does not exist (working directory {str(tmp_path)!r})"
    assert client.get(f"{PREFIX}digits.txt").is_the_applications


def test_with_strict_a_missing_root_is_an_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = str(tmp_path / "missing")
    message = assert_refused("root", path, lambda: WhiteMedia(application, path, strict=True))
    assert "does not exist" in message
    assert lines(caplog) == []


def test_a_root_that_cannot_be_read_is_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", refuse)
    assert serve(tmp_path).get(PREFIX).is_the_applications
    [(level, message)] = lines(caplog)
    assert (level, "cannot be read: Permission denied" in message) == ("WARNING", True)


@pytest.mark.parametrize("files", [{}, {".env": SECRET, "a~": SECRET}, {"folder/.env": SECRET}], ids=len)
def test_a_root_with_nothing_to_serve_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, files: Mapping[str, bytes]
) -> None:
    serve(plant(tmp_path, files), strict=True)
    [info, warning] = lines(caplog)
    assert info[0] == "INFO"
    assert "serving 0 files" in info[1]
    assert warning == ("WARNING", f"root {str(tmp_path)!r} has nothing to serve beneath '/static/'")


def soil(tree: Path) -> None:
    """Eight things that cannot be served."""
    for number in range(5):
        (tree / f"broken{number}").symlink_to("missing")
    (tree / "loop").symlink_to("loop")
    (tree / "outward").symlink_to("../outside/secret.txt")
    os.mkfifo(tree / "fifo")


def test_a_dirty_tree_is_one_warning_that_names_at_most_five(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    soil(tree)
    client = serve(tree)
    [info, warning] = lines(caplog)
    assert (info[0], warning[0]) == ("INFO", "WARNING")
    assert "8 skipped" in info[1]
    assert warning[1].startswith(f"root {str(tree)!r}: 8 not served as found: 'broken0' (broken link), ")
    assert warning[1].endswith(" and 3 more")
    assert len(re.findall(r"'[^']*' \(", warning[1])) == 5
    for name in ("broken0", "loop", "outward", "fifo"):
        assert client.get(PREFIX + name).status == 404


def test_with_strict_a_dirty_tree_is_an_error_that_says_why(tree: Path) -> None:
    (tree / "outward").symlink_to("../outside/secret.txt")
    with pytest.raises(OptionError, match=r"'outward' .*follow_symlinks=True"):
        serve(tree, strict=True)


def test_no_name_can_begin_a_line_of_the_log(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    forged = "x\r\nCRITICAL forged\x1b[2J\u2028"
    (tree / forged).symlink_to("missing")
    (tree / f"{forged}.css").write_bytes(b"")
    root = tree.rename(tree.with_name(f"static{forged}"))
    serve(root)
    serve(root / "missing")
    for _, message in lines(caplog):
        assert len(message.splitlines()) == 1
        assert "\x1b" not in message
    assert len(lines(caplog)) == 3


def test_requests_for_what_is_there_and_for_what_is_not_log_nothing(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("digits.txt", "large.bin", "missing", ".env", "a\r\nforged", ".\r\nforged", "docs"):
        client.get(PREFIX + path)
        client.request("POST", PREFIX + path)
    assert lines(caplog) == []


def test_a_missing_root_is_one_warning_also_where_the_working_directory_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    WhiteMedia(application, tmp_path / "missing", "/static/")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(tmp_path / "missing") in caplog.text


def test_a_fallback_that_is_not_there_is_one_warning(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    serve(tree, fallback="index.html")
    assert lines(caplog)[1:] == [
        ("WARNING", f"fallback='index.html': is not served from {str(tree)!r}, and the application's 404 stays")
    ]


def test_with_strict_a_fallback_that_is_not_there_is_an_error(tree: Path) -> None:
    assert_refused("fallback", "gone.html", lambda: serve(tree, fallback="gone.html", strict=True))


def test_a_fallback_that_is_there_is_no_warning(tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    serve(tree, fallback="docs/index.html")
    assert len(lines(caplog)) == 1
