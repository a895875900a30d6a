"""`rules` go over `max_age` and what is immutable, and `add_headers_function` over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

import pytest

from tests.assets.fields import DEFAULT, MODIFIED, PLACE, build
from tests.assets.resources import TEXT, by_name, fields_of
from whitemedia.assets.headers import build_headers
from whitemedia.options import OptionError, Options, build_options

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Index

DATE = "Mon, 14 Jan 2008 00:00:00 GMT"


def options_with(fields: Mapping[str, str | None], **given: Any) -> Options:
    """Options with one rule for all files."""
    return build_options({"rules": [("**", fields)], **given})


def set_cache_control(headers: Headers, path: str, url: str) -> None:
    headers["Cache-Control"] = f"{headers['Cache-Control']}, the function's"


# What a rule does to the fields


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"X-Added": "a"}, {"X-Added": "a"}, id="a field more"),
        pytest.param({"X-Added": ""}, {"X-Added": ""}, id="an empty one"),
        pytest.param({"Cache-Control": "no-store"}, {"Cache-Control": "no-store"}, id="a field replaced"),
        pytest.param({"Cache-Control": None}, {"Cache-Control": None}, id="a field removed"),
        pytest.param({"cache-CONTROL": None}, {"Cache-Control": None}, id="removed in another case"),
        pytest.param({"X-Missing": None}, {}, id="a field that is not there removed"),
        pytest.param({"Content-Type": "a/b"}, {"Content-Type": "a/b"}, id="the media type"),
        pytest.param({"Content-Type": None}, {"Content-Type": None}, id="no media type"),
        pytest.param({"X-Content-Type-Options": None}, {}, id="nosniff cannot be removed"),
        pytest.param({"x-content-type-options": "sniff"}, {}, id="nosniff cannot be replaced"),
    ],
)
def test_a_rule_sets_replaces_and_removes(
    fields: Mapping[str, str | None], changed: dict[str, str | None]
) -> None:
    built = build(options_with(fields))
    expected = {name: value for name, value in {**dict(DEFAULT), **changed}.items() if value is not None}
    assert sorted(built.fields) == sorted(expected.items())
    assert built.last_modified == MODIFIED


def test_a_field_is_replaced_in_whatever_case_it_is_written() -> None:
    fields = build(options_with({"cache-control": "no-store"})).fields
    assert [pair for pair in fields if pair[0].lower() == "cache-control"] == [("cache-control", "no-store")]


@pytest.mark.parametrize(
    ("given", "modified"),
    [
        (None, None),
        (DATE, 1_200_268_800),
        ("Mon Jan 14 00:00:00 2008", 1_200_268_800),
        ("Thursday, 06-Nov-25 08:49:37 GMT", 1_762_418_977),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
    ],
)
@pytest.mark.parametrize("before", [MODIFIED, None])
@pytest.mark.parametrize("name", ["Last-Modified", "last-modified"])
def test_a_rule_may_set_or_remove_last_modified(
    name: str, before: int | None, given: str | None, modified: int | None
) -> None:
    """It is kept apart from the fields; one in the future is not sent (RFC 9110, section 8.8.2.1)."""
    built = build(options_with({name: given}), modified=before)
    assert (sorted(built.fields), built.last_modified) == (sorted(DEFAULT), modified)


def test_a_file_that_no_rule_matches_is_as_without_rules() -> None:
    options = build_options({"rules": [("*.js", {"X-Added": "a", "Cache-Control": None})]})
    assert build(options) == (DEFAULT, MODIFIED, None)


# Precedence


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, "max-age=60, public"),
        ({"max_age": 5}, "max-age=5, public"),
        ({"max_age": 5, "immutable_file_test": "app"}, "max-age=31536000, public, immutable"),
        ({"max_age": 5, "rules": [("*", {"Cache-Control": "the rule's"})]}, "the rule's"),
        ({"immutable_file_test": "app", "rules": [("*", {"Cache-Control": "the rule's"})]}, "the rule's"),
        ({"immutable_file_test": "app", "rules": [("*", {"X": "a"})]}, "max-age=31536000, public, immutable"),
        ({"max_age": None, "rules": [("*", {"Cache-Control": "the rule's"})]}, "the rule's"),
        ({"immutable_file_test": "app", "rules": [("*", {"Cache-Control": None})]}, None),
        (
            {"rules": [("*", {"Cache-Control": "the rule's"})], "add_headers_function": set_cache_control},
            "the rule's, the function's",
        ),
        (
            {"rules": [("*", {"Cache-Control": None})], "add_headers_function": set_cache_control},
            "None, the function's",
        ),
    ],
)
def test_each_goes_over_the_one_before_it(given: dict[str, Any], sent: str | None) -> None:
    assert dict(build(build_options(given)).fields).get("Cache-Control") == sent


def test_the_function_sees_what_rules_have_made() -> None:
    seen = []

    def function(headers: Headers, path: str, url: str) -> None:
        seen.append((headers["X-Added"], headers["Last-Modified"], headers["Content-Type"]))

    build(
        options_with({"X-Added": "a", "Last-Modified": DATE, "Content-Type": None}, add_headers_function=function)
    )
    assert seen == [("a", DATE, None)]


def test_the_function_is_judged_where_a_rule_matches_and_where_none_does() -> None:
    def function(headers: Headers, path: str, url: str) -> None:
        headers["ETag"] = '"mine"'

    for glob in ("*", "*.js"):
        options = build_options({"rules": [(glob, {"X-Added": "a"})], "add_headers_function": function})
        with pytest.raises(OptionError, match="add_headers_function='ETag'"):
            build(options)


# The path that is matched


@pytest.mark.parametrize(
    ("glob", "matches"),
    [
        ("app.css", True),
        ("*.css", True),
        ("**/app.css", True),
        ("static/app.css", False),
        ("static/**", False),
        ("srv/static/app.css", False),
    ],
)
def test_a_rule_is_matched_with_the_path_below_the_prefix(glob: str, matches: bool) -> None:
    headers = build_headers("text/css", PLACE, MODIFIED, build_options({"rules": [(glob, {"X-Added": "a"})]}))
    assert (("X-Added", "a") in headers.fields) is matches


@pytest.mark.parametrize("prefix", ["/", "/static/"])
def test_an_index_file_is_matched_by_its_own_path_whatever_it_answers_for(
    folder: Folder, index: Index, prefix: str
) -> None:
    for name in ("index.html", "docs/index.html", "über/a b.html"):
        folder.file(name)
    rules = [
        ("index.html", {"X-Rule": "top"}),
        ("docs/", {"X-Rule": "wrong"}),
        ("docs/index.html", {"X-Rule": "below"}),
        ("über/a b.*", {"X-Rule": "decoded"}),
    ]
    found = by_name(index(prefix=prefix, index_file=True, rules=rules))
    assert {name: fields_of(resource)["X-Rule"] for name, resource in found.items()} == {
        "index.html": "top",
        "docs/index.html": "below",
        "über/a b.html": "decoded",
    }


# A Vary of several


@pytest.mark.parametrize(
    ("given", "vary"),
    [
        pytest.param({}, "Accept-Encoding", id="the coding's alone"),
        pytest.param({"rules": [("**", {"Vary": "Cookie"})]}, "Cookie, Accept-Encoding", id="a rule's"),
        pytest.param({"rules": [("**", {"Vary": None})]}, "Accept-Encoding", id="a rule cannot remove ours"),
        pytest.param({"rules": [("**", {"Vary": "*"})]}, "*", id="a star is all"),
        pytest.param({"cors": ["https://a.example"]}, "Origin, Accept-Encoding", id="the origin's"),
        pytest.param(
            {"cors": ["https://a.example"], "rules": [("**", {"vary": "Cookie"})]},
            "Cookie, Origin, Accept-Encoding",
            id="a rule's and the origin's",
        ),
        pytest.param(
            {"cors": ["https://a.example"], "rules": [("**", {"Vary": "accept-encoding, ORIGIN"})]},
            "accept-encoding, ORIGIN",
            id="a rule's that says it all",
        ),
    ],
)
def test_a_rule_s_vary_is_merged_with_ours(folder: Folder, index: Index, given: dict[str, Any], vary: str) -> None:
    folder.file("app.css", TEXT)
    [resource] = index(**given).resources
    assert [value for name, value in resource.headers if name.lower() == "vary"] == [vary]
