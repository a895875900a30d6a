"""What the log says of a root: one line, one more for what cannot be served, and names that cannot forge a third."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest

from whitemedia.assets.graph import Unresolved
from whitemedia.assets.report import LONGEST, NAMED, report, report_unresolved
from whitemedia.options import OptionError

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder, Index

TEXT = b"one line of a text, and another one\n" * 100


def test_a_clean_root_is_one_line_with_its_numbers(
    folder: Folder, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="whitemedia")
    for name in ("a.css", "b.css"):
        folder.file(name, TEXT)
    folder.file("c.png", bytes(1_200_000))
    for name in (".env", ".git", "a~"):
        folder.file(name)
    report(index(), 1.26)
    line = (
        f"serving 3 files, 1.2 MB, of {str(folder.path)!r} at '/static/' (br 2, gzip 2, zstd 2), "
        "3 hidden, 0 skipped; 1.3 s"
    )
    assert caplog.record_tuples == [("whitemedia", logging.INFO, line)]


def test_numbers_of_thousands_are_readable_and_no_coding_is_said(
    folder: Folder, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="whitemedia")
    folder.file("a.png")
    indexed = index()
    report(indexed._replace(resources=indexed.resources * 1000), 0.04)
    assert "serving 1,000 files, 0.0 MB," in caplog.text
    assert "(none compressed), 0 hidden, 0 skipped; 0.0 s" in caplog.text


def make_dirty(folder: Folder, count: int) -> None:
    folder.file("served")
    for number in range(count):
        folder.link(f"link{number}", "missing")


@pytest.mark.parametrize("count", [1, NAMED, NAMED + 1, NAMED + 1234])
def test_what_cannot_be_served_is_one_warning_with_the_count_and_the_first_names(
    folder: Folder, index: Index, caplog: pytest.LogCaptureFixture, count: int
) -> None:
    make_dirty(folder, 1)
    indexed = index()
    report(indexed._replace(skipped=indexed.skipped * count), 0)
    [(_, level, message)] = [line for line in caplog.record_tuples if line[1] > logging.INFO]
    assert level == logging.WARNING
    assert message.startswith(f"root {str(folder.path)!r}: {count:,} not served as found: 'link0' (broken link)")
    assert message.count("broken link") == min(count, NAMED)
    assert message.endswith(f" and {count - NAMED:,} more") is (count > NAMED)


def test_however_dirty_a_root_is_it_is_served_with_one_warning(
    folder: Folder, outside: Folder, index: Index, deny: Deny, caplog: pytest.LogCaptureFixture
) -> None:
    folder.file("app.css", TEXT)
    folder.link("broken", "missing")
    folder.link("loop", "loop")
    folder.link("around", ".")
    folder.link("out", outside.file("secret"))
    folder.file("caf\udce9")
    folder.file("app.css.gz", b"foreign")
    os.mkfifo(folder.path / "fifo")
    deny(folder.file("closed"))
    deny(folder.file("closed-directory/below").parent)
    indexed = index()
    report(indexed, 0)
    assert [resource.source.url_path for resource in indexed.resources] == ["app.css"]
    [message] = caplog.messages
    assert ": 9 not served as found: " in message


def test_a_name_cannot_begin_a_line_of_the_log(
    folder: Folder, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="whitemedia")
    folder.file("served")
    folder.link("a\nCRITICAL: forged\r\x1b[2J", "missing")
    report(index(prefix="/stat\nic/"), 0)
    assert len(caplog.messages) == 2
    assert not any(set(message) & set("\n\r\x1b") for message in caplog.messages)


def test_a_link_out_of_the_root_is_reported_with_the_option_that_admits_it(
    folder: Folder, outside: Folder, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    folder.link("a", outside.file("secret"))
    report(index(), 0)
    assert "'a' (link out of the root, served only with follow_symlinks=True)" in caplog.text


def test_a_root_with_nothing_to_serve_is_a_warning(
    folder: Folder, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    report(index(), 0)
    assert caplog.record_tuples == [
        ("whitemedia", logging.WARNING, f"root {str(folder.path)!r} has nothing to serve beneath '/static/'")
    ]


def test_what_is_hidden_and_what_is_skipped_are_told_apart(
    folder: Folder, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="whitemedia")
    make_dirty(folder, 2)
    for name in (".env", ".git", "a~"):
        folder.file(name)
    report(index(), 0)
    numbers, skipped = caplog.messages
    assert ", 3 hidden, 2 skipped; " in numbers
    assert skipped.endswith(": 2 not served as found: 'link0' (broken link), 'link1' (broken link)")


def test_strict_raises_what_else_is_a_warning(
    folder: Folder, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    make_dirty(folder, 2)
    with pytest.raises(OptionError, match="strict, and 2 not served as found: 'link0'") as raised:
        report(index(strict=True), 0)
    assert (raised.value.option, raised.value.value) == ("root", str(folder.path))
    assert caplog.messages == []


def test_strict_has_nothing_against_hidden_files_and_siblings(
    folder: Folder, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    folder.file("a.css", TEXT)
    folder.file("a.css.gz", b"\x1f\x8b" + bytes(len(TEXT)))  # no smaller than its file, so of no use
    folder.file(".env")
    report(index(strict=True), 0)
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


@pytest.mark.parametrize("name", ["a\nb", "\udcff", "\x1b[2J"])
def test_no_reference_forges_a_line_of_the_log(caplog: pytest.LogCaptureFixture, name: str) -> None:
    caplog.set_level(logging.DEBUG, logger="whitemedia")
    report_unresolved([Unresolved(f"/root/{name}.css", 1, f"{name}.png", is_map=False)], (), strict=False)
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 2
    assert all(message.isprintable() and ascii(name)[1:-1] in message for message in messages)


def test_what_was_told_of_references_is_not_told_again(caplog: pytest.LogCaptureFixture) -> None:
    one, other = (Unresolved("/root/a.css", line, "x.png", is_map=False) for line in (1, 2))
    report_unresolved([one, other], {one}, strict=False)
    assert "in '/root/a.css', line 2" in caplog.text
    assert "line 1" not in caplog.text
    caplog.clear()
    report_unresolved([one, other], (one, other), strict=False)
    assert caplog.records == []


@pytest.mark.parametrize("count", [NAMED, NAMED + 1234])
def test_of_many_references_that_lead_nowhere_the_first_are_named_those_to_maps_last(
    caplog: pytest.LogCaptureFixture, count: int
) -> None:
    found = [Unresolved("/root/a.css", line, f"{line}.map", is_map=True) for line in range(count - 1)]
    report_unresolved([*found, Unresolved("/root/a.css", 1, "x.png", is_map=False)], (), strict=False)
    [message] = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert message.startswith(
        f"{count:,} references, {count - 1:,} of them to source maps, lead nowhere: 'x.png' in '/root/a.css', line 1, "
    )
    assert message.endswith(f" and {count - NAMED:,} more") is (count > NAMED)


def test_of_a_long_reference_only_the_beginning_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="whitemedia")
    urls = ["a" * LONGEST, "b" * 1_000_000]
    report_unresolved([Unresolved("/root/a.css", 1, url, is_map=False) for url in urls], (), strict=False)
    warning, *details = [record.getMessage() for record in caplog.records]
    assert [f"'{'a' * LONGEST}' in" in message for message in (warning, *details)] == [True, True, False]
    assert [f"'{'b' * LONGEST}…' in" in message for message in (warning, *details)] == [True, False, True]
