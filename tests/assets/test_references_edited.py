"""Stylesheets and web manifests that were edited: another parser reads them as before, save for the names."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.assets.css import edited, named_in, paths_in, tokens_of, with_versions
from whitemedia.assets.references import CSS, MANIFEST, SCRIPT, Edit, apply_edits, find_references

FOUND = {
    "spaces of all kinds": (b"url( \t\r\n\fx.png \t\r\n\f)", ["x.png"]),
    "modifiers": (b"url('a.png' crossorigin(anonymous))", ["a.png"]),
    "an import without a space": (
        b"@import'a.css';@import\"b.css\";@import url(c.css);",
        ["a.css", "b.css", "c.css"],
    ),
    "an import after comments": (b"@import/* * **//**/ 'a.css';", ["a.css"]),
    "strings further on in an import": (b"@import 'a.css' supports(content: 'b.css');", ["a.css"]),
    "a comment within a URL": (b"url(a/*b*/.png)", ["a/*b*/.png"]),
    "other functions and names": (b"xurl(b) 1url(e) _url('f') #url(g) @url(h)", []),
    "no identifier before it": (b"10%url(a) (url(b)) ,url(c) .url(d) +url(e) !url(f)", list("abcdef")),
    "a name that ends in an escape": (b".\\66 url(a) .\\(url(c) .md\\:url(d) e\\\\url(f) url(g)", ["g"]),
    "escapes in quotes": (rb"url('\61\'\000062 c.png')", ["a'bc.png"]),
    "escapes that end in a new line": (b'url(a\\20\r\nb.png) url("a\\20\nb.png")', ["a b.png", "a b.png"]),
    "a new line within a string": (
        b'url("a\\\nb.png") url(\'c\\\r\nd.png\') url("e\\\ff.png")',
        ["ab.png", "cd.png", "ef.png"],
    ),
    "a string over two lines ends there": (b'"a\\\r\n" url(x.png) "b"', ["x.png"]),
    "a bad URL with an escaped parenthesis": (b"url(a b\\) url(c) url(d)", ["d"]),
    "a comment before a string": (b"url(/**/'a') url(b)", ["b"]),
    "a backslash at the end": (b"url('x.png\\", ["x.png"]),
    "a rule that is none": (b"@import\\\n'a.css'; @namespace\\\n url(b.css); url(c)", ["c"]),
    "a null": (b"url(a\0b.png) \0url(c) @import\0 'd'; url(\\0 e) url(f)", ["f"]),
}

MANIFESTS = {
    "a byte order mark": (b'\xef\xbb\xbf{"icons": [{"src": "a.png"}]}', ["a.png"]),
    "lone surrogates": (
        rb'{"icons": [{"src": "\ud800.png"}, {"src": "\udd00.png"}, {"src": "b.png"}]}',
        ["b.png"],
    ),
    "a number of many digits": (b'{"icons": [{"src": "a.png"}], "b": ' + b"1" * 100_000 + b"}", []),
    "UTF-16, whose bytes look like JSON": (
        '{"a":"'.encode("utf-16-le") + b'"src":"\xff\xfe"' + '","icons":[]}'.encode("utf-16-le"),
        [],
    ),
}

MANY = 2_000_000

some_stylesheets = st.lists(
    st.sampled_from(
        [
            *(
                "url(",
                "URL( ",
                "url('",
                'url("',
                "@import",
                "@IMPORT ",
                "@namespace a ",
                ";",
                ")",
                "(",
                "{",
                "}",
                "[",
                "]",
            ),
            *(
                '"',
                "'",
                "\\",
                "\\\n",
                "\\\r\n",
                "\n",
                "\r\n",
                "\r",
                "\f",
                " ",
                "\t",
                "/*",
                "*/",
                "/",
                "*",
                "#",
                "@",
                "-",
                ",",
            ),
            *(
                "a.png",
                "b/c.css",
                "..",
                "x",
                "1",
                "%",
                "?q#f",
                "//h/x",
                "data:x",
                "\\(",
                "\\41 ",
                '\\"',
                "\\'",
                "\\66 ",
            ),
            *(
                "\\1F600\r\n",
                "ü",
                "\udcfc",
                "\0",
                "\x01",
                "layer(x)",
                "!",
                ":",
                ".",
                "url(a)",
                "url('b')",
                "@import 'c';",
            ),
        ]
    ),
    max_size=40,
).map(lambda parts: "".join(parts).replace("\\u", "\\(").replace("\\U", "\\(").encode("utf-8", "surrogateescape"))
"""Of all that they are made of; nobody writes `url` with escapes, and it is not found then."""


def urls_in(kind: str, data: bytes) -> list[str]:
    return [reference.url for reference in find_references(kind, data)]


@pytest.mark.parametrize(("data", "urls"), FOUND.values(), ids=FOUND)
def test_what_a_stylesheet_names_is_found(data: bytes, urls: list[str]) -> None:
    assert urls_in(CSS, data) == urls


@pytest.mark.parametrize("data", [data for data, _ in FOUND.values()], ids=FOUND)
def test_tinycss2_finds_the_same_in_these_stylesheets(data: bytes) -> None:
    assert paths_in(tokens_of(data)) == urls_in(CSS, data)


@settings(max_examples=400)
@given(some_stylesheets)
@example(b'"\\\r\n" url(x) "')
@example(b"@import\\\n'a'")
@example(b"@namespace\\\n url(a)")
@example(b"\0url(x)")
def test_what_tinycss2_finds_in_any_stylesheet_is_found_and_nothing_else(data: bytes) -> None:
    assert [one.url for one in named_in(data)] == paths_in(tokens_of(data))


@settings(max_examples=400)
@given(some_stylesheets)
@example(b"url(a\\(b.png) @import'c")
def test_any_stylesheet_parses_as_before_when_it_was_edited_save_for_the_names(data: bytes) -> None:
    found = named_in(data)
    after = tokens_of(edited(data, found))
    assert after == with_versions(tokens_of(data), [one.is_escaped for one in found])


@given(some_stylesheets)
def test_what_was_edited_names_as_much_as_before_without_escapes(data: bytes) -> None:
    found = named_in(data)
    again = named_in(edited(data, found))
    assert len(again) == len(found)
    assert not any(one.is_escaped for one in again)


@given(
    st.recursive(
        st.none() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["src", "a"]), inner),
    )
)
def test_what_any_web_manifest_calls_src_is_found_at_its_place(value: object) -> None:
    data = json.dumps({"icons": [value]}).encode()
    changed = apply_edits(
        data, tuple(Edit(one.start, one.stop, b"changed") for one in find_references(MANIFEST, data))
    )
    paths = {one.url for one in find_references(MANIFEST, data)}
    assert json.loads(changed) == {"icons": [renamed(value, paths)]}


def renamed(value: object, paths: set[str]) -> object:
    if isinstance(value, list):
        return [renamed(one, paths) for one in value]
    if isinstance(value, dict):
        return {
            name: "changed" if name == "src" and isinstance(one, str) and one in paths else renamed(one, paths)
            for name, one in value.items()
        }
    return value


@pytest.mark.parametrize(("data", "urls"), MANIFESTS.values(), ids=MANIFESTS)
def test_the_images_of_a_web_manifest_are_found(data: bytes, urls: list[str]) -> None:
    assert urls_in(MANIFEST, data) == urls


@pytest.mark.parametrize(
    "data",
    [
        b"//# sourceMappingURL=a.map" + b"\n//" * 600_000,
        b"//# sourceMappingURL=a.map\rf()",
        b"x = `\n//# sourceMappingURL=a.js.map`",
    ],
    ids=["comments after it", "old line ends, and code", "in a template"],
)
def test_a_script_names_its_map_where_nothing_but_comments_follows(data: bytes) -> None:
    assert urls_in(SCRIPT, data) == (["a.map"] if data.endswith(b"//") else [])


def test_thousands_of_references_know_their_lines_in_linear_time() -> None:
    found = find_references(CSS, b"url(a)\n" * 100_000)
    assert [one.line for one in found] == list(range(1, 100_001))


@pytest.mark.parametrize("form", [b'url("data:%b")', b"url('data:%b')", b"url(data:%b)", b"/*%b*/"])
def test_a_picture_within_a_stylesheet_takes_no_memory_for_each_of_its_bytes(form: bytes) -> None:
    """Two million bytes took 600 MB."""
    data = form % (b"A" * MANY)
    tracemalloc.start()
    try:
        assert find_references(CSS, data) == ()
        assert tracemalloc.get_traced_memory()[1] < 5 * MANY
    finally:
        tracemalloc.stop()
