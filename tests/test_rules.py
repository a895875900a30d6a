"""Rules: which paths a glob matches, and which fields a rule may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import CONSTRUCTIONS, PREFIX, Client, every_construction, serve
from whitemedia.rules import Rule, compile_glob, first_match, parse_rules

# Which paths a glob matches

MATCHES: dict[str, tuple[list[str], list[str]]] = {
    "app.css": (["app.css"], ["App.css", "xapp.css", "app.css.map", "d/app.css", "appxcss", "app.css\n", ""]),
    "*": (["app.css", ".htaccess", "über uns", "new\nline"], ["d/app.css", "/"]),
    "*.css": (["app.css", ".css", "a.b.css"], ["app.css.map", "d/app.css", "css"]),
    "d/*": (["d/a", "d/.a", "d/"], ["d", "d/e/a", "a"]),
    "*/*/a": (["d/e/a", "//a"], ["d/a", "d/e/f/a"]),
    "a*b*c": (["abc", "a1b2c"], ["a1b/2c", "acb"]),
    "**": (["", "a", "d/e/a", ".well-known/a", "new\nline/a"], []),
    "fonts/**": (["fonts/a", "fonts/d/a"], ["fonts", "fontsa", "d/fonts/a"]),
    "**.css": (["app.css", "d/app.css"], ["app.css.map"]),
    "**/*.html": (["a.html", "d/a.html", "d/e/a.html"], ["a.htm", "a.html/b"]),
    "**/a": (["a", "d/a", "d/e/a", "d\n/a"], ["ba", "d/ba", "a/b"]),
    "d/**/a": (["d/a", "d/e/a", "d/e/f/a"], ["da", "d/ba", "d/e/ba", "e/d/a"]),
    "?": (["a", "é", "日", "😀", "\n", "."], ["", "ab", "/"]),
    "a?c": (["abc", "a.c"], ["ac", "a/c", "abbc"]),
    "[a-c]": (["a", "b", "c"], ["d", "X", "-", "ab", "[a-c]", ""]),
    "[ac].css": (["a.css", "c.css"], ["b.css"]),
    "[0-9][0-9]": (["42"], ["4", "4a", "\u0664\u0662"]),
    "[!a]": (["b", "X", "!", "\n", "é"], ["a", "/", "", "bb"]),
    "[!a-c]x": (["dx", "-x"], ["ax", "bx", "/x"]),
    "[a-]": (["a", "-"], ["b"]),
    "[]a]": (["]", "a"], ["b"]),
    "[!]a]": (["b"], ["]", "a"]),
    "[^a]": (["^", "a"], ["b"]),
    "[a&&[b]": (["a", "&", "[", "b"], ["]"]),
    r"[\d]": (["d", "\\"], ["5"]),
    "[é-ü]": (["ö"], ["a"]),
    "[a/b]": (["[a/b]"], ["a", "/", "b"]),
    "[ab": (["[ab"], ["a", "b"]),
    "ab]": (["ab]"], ["b"]),
    "a.b+(c)|{1}^$#\\ ": (["a.b+(c)|{1}^$#\\ "], ["aXb+(c)|{1}^$#\\ ", "a.bb"]),
    "!a": (["!a"], ["b", "a"]),
    "über/日本/*": (["über/日本/a"], ["uber/日本/a"]),
    "a\nb": (["a\nb"], ["a b"]),
}


def rows(which: int) -> list[object]:
    return [
        pytest.param(glob, path, id=f"{glob!r} {path!r}")
        for glob, paths in MATCHES.items()
        for path in paths[which]
    ]


@pytest.mark.parametrize(("glob", "path"), rows(0))
def test_a_glob_matches(glob: str, path: str) -> None:
    assert compile_glob(glob).fullmatch(path)


@pytest.mark.parametrize(("glob", "path"), rows(1))
def test_a_glob_does_not_match(glob: str, path: str) -> None:
    assert not compile_glob(glob).fullmatch(path)


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        pytest.param("a[.-0]b", "a/b", False, id="a range stays in a segment too"),
        pytest.param("[!-a]", "-", False, id="a hyphen in front is no range"),
        pytest.param("[!-a]", "Z", True, id="a hyphen in front makes no range of what is between"),
        pytest.param("[!-+]", "a", True, id="a hyphen in front makes no range backwards"),
        pytest.param("[+--]", ",", True, id="a range to a hyphen is no difference of sets, of which Python warns"),
        pytest.param("[!]", "a", False, id="a mark before nothing is no wildcard"),
    ],
)
def test_brackets_hold_characters_and_ranges_alone(glob: str, path: str, *, matches: bool) -> None:
    assert bool(compile_glob(glob).fullmatch(path)) is matches


@given(st.text(st.characters(exclude_characters="*?[")))
def test_text_without_wildcards_matches_itself_alone(text: str) -> None:
    pattern = compile_glob(text)
    assert pattern.fullmatch(text)
    assert not pattern.fullmatch(f"{text}x")
    assert not pattern.fullmatch(f"x{text}")


@given(st.text(max_size=20))
def test_one_star_matches_all_that_has_no_slash_and_two_match_all(text: str) -> None:
    assert bool(compile_glob("*").fullmatch(text)) is ("/" not in text)
    assert compile_glob("**").fullmatch(text)
    assert compile_glob("**/a").fullmatch(f"{text}/a")


@pytest.mark.parametrize("glob", ["[z-a]", "x/[b-a].css"])
def test_a_range_backwards_is_no_glob(glob: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(glob))):
        compile_glob(glob)


# Rules


def test_rules_are_pairs_in_their_order() -> None:
    rules = parse_rules([("*.css", {"A": "1", "B": None}), ["**", {}]])
    assert [rule.fields for rule in rules] == [(("A", "1"), ("B", None)), ()]
    assert [rule.pattern.pattern for rule in rules] == [compile_glob("*.css").pattern, compile_glob("**").pattern]


def test_rules_may_come_from_any_iterable_and_are_kept_if_they_are_rules_already() -> None:
    """One root's options are made of the instance's."""

    def pairs() -> Iterator[tuple[str, dict[str, str]]]:
        yield "*.css", {"A": "1"}

    rules = parse_rules(pairs())
    again = parse_rules(rules)
    assert len(rules) == 1
    assert all(one is other for one, other in zip(rules, again, strict=True))


def test_fields_that_change_later_do_not_change_the_rule() -> None:
    fields: dict[str, str | None] = {"A": "1"}
    [rule] = parse_rules([("*", fields)])
    fields["A"] = "a\r\nb"
    assert rule.fields == (("A", "1"),)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("sw.js", "first"), ("app.js", "second"), ("d/sw.js", "third"), ("app.css", None), ("", None)],
)
def test_the_first_rule_that_matches_counts_alone(path: str, expected: str | None) -> None:
    rules = parse_rules([("sw.js", {"A": "first"}), ("*.js", {"A": "second"}), ("**.js", {"A": "third"})])
    rule = first_match(rules, path)
    assert (rule and dict(rule.fields)["A"]) == expected


def test_without_rules_nothing_matches() -> None:
    assert first_match((), "app.css") is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param(5, "expected a sequence of", id="a number"),
        pytest.param("*.css", "expected a sequence of", id="a glob alone"),
        pytest.param(b"*.css", "expected a sequence of", id="bytes"),
        pytest.param({"*.css": {}}, "expected a sequence of", id="a mapping, which has no order to rely on"),
        pytest.param(["ab"], "'ab' is no pair of", id="text as long as a pair"),
        pytest.param([("a",)], "is no pair of", id="one of two"),
        pytest.param([("a", {}, {})], "is no pair of", id="three of two"),
        pytest.param([(b"a", {})], "b'a' is no glob", id="a glob of bytes"),
        pytest.param([("", {})], "'' is no glob", id="an empty glob"),
        pytest.param([("/a", {})], "'/a' is no glob .* has no slash in front", id="a glob of the whole URL"),
        pytest.param([("[z-a]", {})], "'\\[z-a\\]' is no glob", id="a range backwards"),
        pytest.param([("a", [("A", "b")])], "for 'a', is no mapping", id="pairs instead of a mapping"),
        pytest.param([("a", None)], "None, for 'a', is no mapping", id="no fields"),
        pytest.param([("a", {"A b": "c"})], "for 'a' the field 'A b' is no field name", id="a name with a space"),
        pytest.param([("a", {"A b": None})], "the field 'A b' is no field name", id="such a name to be removed"),
        pytest.param([("a", {1: "c"})], "the field 1 is no field name", id="a name that is no text"),
        pytest.param([("a", {"ETag": None})], "the field 'ETag' is whitemedia's own", id="ours, to be removed"),
        pytest.param([("a", {"A": 1})], "the field 'A' has 1, which is no field value", id="a number as value"),
        pytest.param([("a", {"A": "b\r\nC: d"})], "which is no field value", id="a line end"),
        pytest.param([("a", {"Content-Type": "css"})], "has 'css', which is no media type", id="no media type"),
        pytest.param([("a", {"LAST-MODIFIED": "now"})], "has 'now', which is no HTTP date", id="no date"),
        pytest.param([("a", {"Last-Modified": 5})], "has 5, which is no field value", id="a number as a date"),
        pytest.param([("a", {"A": "b"}), ("c", {"ETag": "d"})], "for 'c' the field 'ETag'", id="in a later rule"),
    ],
)
def test_what_is_no_rule_is_refused_with_what_is_wrong(value: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_rules(value)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"A": ""},
        {"content-type": "text/css; charset=latin-1"},
        {"Content-Type": None},
        {"Last-Modified": "Sunday, 06-Nov-94 08:49:37 GMT"},
        {"last-modified": None},
        {"Vary": "Cookie", "Set-Cookie": "a=b"},
    ],
)
def test_any_other_field_can_be_set_or_removed(fields: dict[str, str | None]) -> None:
    [rule] = parse_rules([("*", fields)])
    assert isinstance(rule, Rule)
    assert dict(rule.fields) == fields


# Through the application


SHARED: dict[str, str | None] = {
    "Access-Control-Expose-Headers": "ETag",
    "Access-Control-Allow-Credentials": "true",
}
RULES: list[tuple[str, dict[str, str | None]]] = [
    ("digits.txt", {"Last-Modified": None, "X-Rule": "first"}),
    ("docs/index.html", {"X-Rule": "index", "Cache-Control": "no-cache"}),
    ("large.bin", {"Last-Modified": "Mon, 14 Jan 2008 00:00:00 GMT", **SHARED}),
    ("*.js", {"Vary": "Cookie", "Content-Type": "application/x-script", "Content-Disposition": "attachment"}),
    ("**", {"X-Rule": "last"}),
]


@pytest.fixture(scope="module")
def ruled(shared_tree: Path) -> dict[str, Client]:
    """A client of each construction, with rules."""
    return {name: serve(shared_tree, construction=name, rules=RULES, index_file=True) for name in CONSTRUCTIONS}


@every_construction
@pytest.mark.parametrize(
    ("path", "rule", "cache_control"),
    [
        ("digits.txt", "first", "max-age=60, public"),
        ("docs/", "index", "no-cache"),
        ("docs/index.html", None, "no-cache"),
        ("docs", None, "no-cache"),
        ("docs/über uns.txt", "last", "max-age=60, public"),
        ("lib.js", None, "max-age=60, public"),
        ("one.txt", "last", "max-age=60, public"),
    ],
)
def test_each_file_has_its_rule_s_fields(
    ruled: dict[str, Client], construction: str, path: str, rule: str | None, cache_control: str
) -> None:
    """A redirect to a directory is cached as its index is, and has none of its other fields."""
    answer = ruled[construction].get(PREFIX + path)
    assert (answer.headers["X-Rule"], answer.headers["Cache-Control"]) == (rule, cache_control)


@every_construction
def test_dates_are_compared_with_what_a_rule_says(ruled: dict[str, Client], construction: str) -> None:
    client = ruled[construction]
    for date, status in (("Mon, 14 Jan 2008 00:00:00 GMT", 304), ("Sun, 13 Jan 2008 23:59:59 GMT", 200)):
        answer = client.get(f"{PREFIX}large.bin", {"If-Modified-Since": date})
        assert answer.status == status
    assert answer.headers["Last-Modified"] == "Mon, 14 Jan 2008 00:00:00 GMT"
    removed = client.get(f"{PREFIX}digits.txt", {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"})
    assert (removed.status, removed.headers["Last-Modified"]) == (200, None)


@every_construction
def test_a_rule_s_fields_are_those_of_every_coding_and_of_ranges(
    ruled: dict[str, Client], construction: str
) -> None:
    for accepted in ("identity", "gzip", "br"):
        answer = ruled[construction].get(f"{PREFIX}lib.js", {"Accept-Encoding": accepted})
        assert answer.headers["Vary"] == "Cookie, Accept-Encoding"
        assert answer.headers["Content-Type"] == "application/x-script"
    answer = ruled[construction].get(f"{PREFIX}lib.js", {"Range": "bytes=1-2"})
    assert (answer.status, answer.headers["Content-Disposition"]) == (206, "attachment")
    for fields, status in (
        ({"Range": "bytes=9999999-"}, 416),
        ({"If-Match": '"x"'}, 412),
        ({"If-None-Match": "*"}, 304),
    ):
        answer = ruled[construction].get(f"{PREFIX}large.bin", fields)
        assert (answer.status, {name: answer.headers[name] for name in SHARED}) == (status, SHARED)


@every_construction
def test_one_root_s_rules_replace_the_instance_s(shared_tree: Path, construction: str) -> None:
    client = serve(shared_tree, construction=construction, rules=RULES)
    middleware: Any = client.application
    middleware.add_files(shared_tree, "/more/", rules=[("one.txt", {"X-Rule": "more"})])
    middleware.add_bytes("/docs/index.html", b"bytes")
    middleware.add_bytes("/a.txt", b"bytes", rules=[("a.txt", {"X-Rule": "bytes"})])
    paths = (f"{PREFIX}one.txt", "/more/one.txt", "/more/digits.txt", "/docs/index.html", "/a.txt")
    assert [client.get(path).headers["X-Rule"] for path in paths] == ["last", "more", None, "index", "bytes"]
