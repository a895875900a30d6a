"""The arguments of `add_bytes`: what each may be, and the error that names it."""

from __future__ import annotations

import decimal
import math
from typing import Any

import pytest

from tests.refusals import assert_refused
from whitemedia.arguments import checked_data, checked_media_type, checked_modified, checked_url_path


class NoNumber:
    def __float__(self) -> float:
        return 1.0


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/robots.txt",
        "/a/b/c",
        "/feed/",
        "/.well-known/a",
        "/.env",
        "/...",
        "/a..b",
        "/über uns/日本",
        "/a%2fb",
        "/~",
    ],
)
def test_a_whole_url_path_is_taken_as_it_is(path: str) -> None:
    assert checked_url_path(path) == path


@pytest.mark.parametrize(
    "path", ["", "robots.txt", "static/a", "\\a", " /a", None, 5, b"/robots.txt", ["/a"], True]
)
def test_what_does_not_begin_at_the_top_is_no_whole_url_path(path: object) -> None:
    assert "a whole URL path" in assert_refused("path", path, lambda: checked_url_path(path))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/a?b", "a path is a plain URL path: no query"),
        ("/a#b", "a path is a plain URL path: no query, fragment"),
        ("/a\\b", "backslash"),
        ("/a\r\nb", "control character"),
        ("/a\0", "control character"),
        ("/.", 'a path has no "." or ".." segment'),
        ("/../a", 'a path has no "." or ".." segment'),
        ("/a/./b", 'a path has no "." or ".." segment'),
        ("/a//b", "a path has no empty segment"),
    ],
)
def test_what_no_url_path_can_be_is_refused(path: str, why: str) -> None:
    assert why in assert_refused("path", path, lambda: checked_url_path(path))


@pytest.mark.parametrize("path", ["//a", "//evil.example/a", "/a//", "//", "///"])
def test_an_empty_segment_at_either_end_is_refused_too(path: str) -> None:
    assert_refused("path", path, lambda: checked_url_path(path))


@pytest.mark.parametrize("data", [b"", b"a", bytearray(b"a"), memoryview(b"abc")[::2]])
def test_data_is_kept_as_bytes(data: Any) -> None:
    taken = checked_data(data)
    assert type(taken) is bytes
    assert taken == bytes(data)


def test_data_that_changes_later_does_not_change_what_is_served() -> None:
    data = bytearray(b"as given")
    taken = checked_data(data)
    data[:] = b"changed!"
    assert taken == b"as given"


@pytest.mark.parametrize("data", [None, "text", 5, [1, 2], iter([b"a"]), {}], ids=lambda data: type(data).__name__)
def test_what_is_no_data_is_refused(data: object) -> None:
    assert "expected bytes" in assert_refused("data", data, lambda: checked_data(data))


@pytest.mark.parametrize("media_type", [None, "text/plain", "text/html; charset=latin-1", "application/x.y+json"])
def test_a_media_type_is_taken_as_it_is(media_type: str | None) -> None:
    assert checked_media_type(media_type) == media_type


@pytest.mark.parametrize(
    "media_type", ["", "html", "text/", " text/html", "text/html\n", "a/b; c=€", 5, b"text/html", True]
)
def test_what_is_no_media_type_is_refused(media_type: object) -> None:
    message = assert_refused("media_type", media_type, lambda: checked_media_type(media_type))
    assert "expected a media type" in message


@pytest.mark.parametrize("modified", [None, 0, 1_700_000_000, 1_700_000_000.5, -1.5, 1e10])
def test_a_time_in_seconds_is_taken_as_it_is(modified: float | None) -> None:
    assert checked_modified(modified) == modified


@pytest.mark.parametrize(
    "modified",
    [math.inf, -math.inf, True, False, "now", b"1", [1], decimal.Decimal(1), NoNumber()],
    ids=lambda modified: type(modified).__name__,
)
def test_what_is_no_time_is_refused(modified: object) -> None:
    assert "expected seconds" in assert_refused("modified", modified, lambda: checked_modified(modified))


def test_what_is_no_number_is_no_time() -> None:
    with pytest.raises(ValueError, match="modified=nan: expected seconds"):
        checked_modified(math.nan)


@pytest.mark.parametrize("modified", [10**400, -(10**400)], ids=["large", "small"])
def test_a_whole_number_that_no_float_holds_is_refused(modified: int) -> None:
    assert_refused("modified", modified, lambda: checked_modified(modified))
