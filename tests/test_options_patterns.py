"""An immutable-file test is any callable, or a regular expression that is searched in the URL."""

from __future__ import annotations

import re

import pytest

from whitemedia.options import OptionError, build_options


class Mapped:
    """A callable that is no function."""

    def __call__(self, *given: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("pattern", "url", "found"),
    [
        (r"\.[0-9a-f]{8}\.", "/static/app.3f2a9b1c.css", True),
        (r"\.[0-9a-f]{8}\.", "/static/app.css", False),
        ("^/static/dist/", "/static/dist/app.css", True),
        ("^/static/dist/", "/other/static/dist/app.css", False),
        ("app", "/static/app.css", True),
        ("srv", "/static/app.css", False),
    ],
)
def test_a_regular_expression_is_searched_in_the_url(pattern: str, url: str, found: bool) -> None:
    test = build_options({"immutable_file_test": pattern}).immutable_file_test
    assert test is not None
    assert test("/srv/app", url) is found


def test_any_callable_is_an_immutable_test() -> None:
    mapped = Mapped()
    assert build_options({"immutable_file_test": mapped}).immutable_file_test is mapped


def test_what_is_wrong_with_a_regular_expression_is_said() -> None:
    with pytest.raises(OptionError, match=r"unterminated character set at position 0"):
        build_options({"immutable_file_test": "[a"})


def test_a_compiled_pattern_is_an_immutable_file_test() -> None:
    test = build_options({"immutable_file_test": re.compile(r"-[0-9a-f]{8}\.")}).immutable_file_test
    assert test is not None
    assert [test("", url) for url in ("/a-0123abcd.js", "/a.js")] == [True, False]


@pytest.mark.parametrize("pattern", ["a{4294967296}", "(" * 5000 + ")" * 5000], ids=["too many", "too deep"])
def test_a_pattern_beyond_the_engine_s_limits_is_refused(pattern: str) -> None:
    with pytest.raises(OptionError) as raised:
        build_options({"immutable_file_test": pattern})
    assert raised.value.option == "immutable_file_test"
