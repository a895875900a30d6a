"""References in files: found at their bytes, as CSS Syntax 3, ECMA-426 and browsers read them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import tinycss2
from hypothesis import assume, given
from hypothesis import strategies as st

from whitemedia.assets.references import (
    CSS,
    MANIFEST,
    SCRIPT,
    Edit,
    apply_edits,
    find_references,
    format_references,
    kind_of,
    parse_references,
)
from whitemedia.http.references import path_of_reference


def urls(kind: str, data: bytes) -> list[str]:
    found = find_references(kind, data)
    for one in found:
        if not one.is_escaped:
            assert data[one.start : one.stop].decode("utf-8", "surrogateescape") == one.url
    return [one.url for one in found]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b".a{background:url(a.png)}", ["a.png"]),
        (b".a{background:url( 'a.png' )}", ["a.png"]),
        (b'.a{background:URL("a.png")}', ["a.png"]),
        (b".a{background:url(\n\ta.png\r\n)}", ["a.png"]),
        (b".a{background:url(a.png),url(b.png)}", ["a.png", "b.png"]),
        (b"@font-face{src:url(a.eot?#iefix)format('x'),url(a.woff)}", ["a.eot?#iefix", "a.woff"]),
        (b".a{background:image-set(url(a.png) 1x,url('b.png') 2x)}", ["a.png", "b.png"]),
        (b":root{--a:url(a.png)}", ["a.png"]),
        (b"a{b:url(a.png", ["a.png"]),
        (b"a{b:url('a.png", ["a.png"]),
        (b'a{b:url("a b.png")}', ["a b.png"]),
        (rb'a{b:url("a\"b.png")}', ['a"b.png']),
        (rb"a{b:url(a\(1\).png)}", ["a(1).png"]),
        (rb"a{b:url(a\20 b.png)}", ["a b.png"]),
        (rb'a{b:url("\E9.png")}', ["é.png"]),
        (b'a{b:url("a\\\nb.png")}', ["ab.png"]),
        (b"@import 'a.css';", ["a.css"]),
        (b'@import"a.css";', ["a.css"]),
        (b"@IMPORT /**/ 'a.css' layer(x) supports(y:z) screen;", ["a.css"]),
        (b"@import url(a.css);@import url( 'b.css' ) print;", ["a.css", "b.css"]),
        (b"@charset 'utf-8';@import 'a.css';", ["a.css"]),
        (b"@namespace 'a.css';a{b:url(c.png)}", ["c.png"]),
        (b"@namespace x url(a);a{b:url(c.png)}", ["c.png"]),
        (b"/* url(a.png) */a{b:url(c.png)}", ["c.png"]),
        (b"a{content:'url(a.png)';b:url(c.png)}", ["c.png"]),
        (rb"a{content:'\'';b:url(c.png)}", ["c.png"]),
        (rb".\'x{b:url(c.png)}.y\"{d:url(e.png)}", ["c.png", "e.png"]),
        (rb".bg-\[url\(\'x\.png\'\)\]{b:url(c.png)}", ["c.png"]),
        (b"a{b:my-url(a.png);c:-url(a.png);d:\xc3\xa9url(a.png);e:url(c.png)}", ["c.png"]),
        (b"a{b:url(a b.png);c:url(c.png)}", ["c.png"]),
        (b"a{b:url(a'b.png);c:url(c.png)}", ["c.png"]),
        (b"a{b:url(a(b.png);c:url(c.png)}", ["c.png"]),
        (b"a{b:'unclosed\n;c:url(c.png)}", ["c.png"]),
        (b"a{b:url('unclosed\n);c:url(c.png)}", ["c.png"]),
        (b"a{b:url(data:image/png;base64,AA==);c:url(#x);d:url();e:url('');f:url(http://x/y)}", []),
        (b"a{b:url(\xff.png)}", ["\udcff.png"]),
        (b"@importx 'a.css';@import x 'b.css';", []),
        (b"@import/*", []),
        (b"/*# sourceMappingURL=a.css.map */", ["a.css.map"]),
        (b"a{}/*@ sourceMappingURL=a.css.map*/\n", ["a.css.map"]),
        (b"/*# sourceMappingURL=a.map */b{}/*# sourceMappingURL=b.map */", ["b.map"]),
        (b"/*# sourceMappingURL=a.map */b{c:url(c.png)}", ["a.map", "c.png"]),
        (b"/*# sourceMappingURL=data:application/json,{} */", []),
        (b"/* sourceMappingURL=a.map */", []),
        (b"", []),
        (b"\xff\xfea\0{\0", []),
        (b"\xef\xbb\xbf@import 'a.css';", ["a.css"]),
    ],
)
def test_of_a_stylesheet_they_are_its_urls_imports_and_source_map(data: bytes, expected: list[str]) -> None:
    assert urls(CSS, data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"run()\n//# sourceMappingURL=a.js.map", ["a.js.map"]),
        (b"run()//# sourceMappingURL=a.js.map\n", ["a.js.map"]),
        (b"run()\r\n//@ sourceMappingURL=a.js.map\r\n\r\n", ["a.js.map"]),
        (b"//# sourceMappingURL=a.js.map\n// and that was all\n", ["a.js.map"]),
        (b"//# sourceMappingURL=a.map\n//# sourceMappingURL=b.map\n", ["b.map"]),
        (b"//#\tsourceMappingURL=a.js.map  \n", ["a.js.map"]),
        (b"//# sourceMappingURL=a.js.map\nrun()", []),
        (b"//# sourceMappingURL=a.js.map run()", []),
        (b"var a = '//# sourceMappingURL=a.js.map'", []),
        (b"// sourceMappingURL=a.js.map", []),
        (b"//# sourceMappingURL=", []),
        (b"//# sourceMappingURL=data:application/json;base64,e30=", []),
        (b"//# sourceMappingURL=https://example.com/a.js.map", []),
        (b"import './a.js'; url('b.png')", []),
        (b"", []),
    ],
)
def test_of_a_script_it_is_the_source_map_that_its_last_lines_name(data: bytes, expected: list[str]) -> None:
    assert urls(SCRIPT, data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"icons": [{"src": "a.png"}, {"src" :\n"b.png"}]}', ["a.png", "b.png"]),
        (b'{"icons": [{"src": "a\\/b.png"}, {"src": "\\u00e9.png"}]}', ["a/b.png", "é.png"]),
        (b'{"screenshots": [{"src": "a.png"}], "start_url": "b.html", "name": "src"}', ["a.png"]),
        (b'{"icons": [], "shortcuts": [{"url": "x", "icons": [{"src": "a.png"}]}]}', ["a.png"]),
        (b'{"icons": [{"src": 5}, {"src": null}, {"src": ["a.png"]}]}', []),
        (b'{"icons": [{"name": "\\"src\\": \\"a.png\\""}]}', []),
        (b'{"icons": {"16": "a.png"}}', []),
        (b'{"src/main.js": {"file": "a.js", "src": "src/main.js"}}', []),
        (b'{"icons": [{"src": "a.png"}', []),
        (b'[{"src": "a.png"}]', []),
        (b"{", []),
        (b"", []),
        (b"\xff", []),
        (b'{"icons":' + b"[" * 100_000, []),
    ],
)
def test_of_a_web_manifest_they_are_its_images(data: bytes, expected: list[str]) -> None:
    assert urls(MANIFEST, data) == expected


@pytest.mark.parametrize(
    ("media_type", "path", "kind"),
    [
        ("text/css", "a/app.css", CSS),
        ("text/javascript", "app.mjs", SCRIPT),
        ("application/manifest+json", "site.webmanifest", MANIFEST),
        ("application/json", "a/manifest.json", MANIFEST),
        ("application/json", "data.json", None),
        ("text/html", "index.html", None),
        ("image/svg+xml", "a.svg", None),
    ],
)
def test_what_may_refer_to_others_is_told_by_type_and_name(media_type: str, path: str, kind: str | None) -> None:
    assert kind_of(media_type, path) == kind


def test_each_is_told_with_its_line() -> None:
    data = b"/*# sourceMappingURL=a.map */\n@import 'b.css';\r\n\n.c{d:url(e.png);\nf:url(g.png)}"
    assert [(one.line, one.url) for one in find_references(CSS, data)] == [
        (1, "a.map"),
        (2, "b.css"),
        (4, "e.png"),
        (5, "g.png"),
    ]


def test_they_are_kept_as_they_were() -> None:
    found = find_references(CSS, rb"a{b:url(a\20 b.png),url(" + b"\xff.png)}/*# sourceMappingURL=a.map */")
    assert len(found) == 3
    assert parse_references(format_references(found)) == found
    assert parse_references(format_references(())) == ()


def test_edits_change_nothing_else() -> None:
    edits = (Edit(0, 0, b"<"), Edit(1, 3, b"-"), Edit(5, 6, b">"))
    assert apply_edits(b"abcdef", edits) == b"<a-de>"
    assert apply_edits(b"abcdef", ()) == b"abcdef"


def walk(nodes: list[tinycss2.ast.Node]) -> Iterator[tinycss2.ast.Node]:
    for node in nodes:
        yield node
        for part in ("content", "arguments"):
            yield from walk(getattr(node, part, None) or [])


def read_by_another(text: str) -> list[str]:
    """What tinycss2 finds: `url(…)`, quoted or not, and what follows `@import`."""
    found, skipped = [], False
    nodes = list(walk(tinycss2.parse_component_value_list(text)))
    for at, node in enumerate(nodes):
        kind = node.type
        if kind == "literal" and node.value == ";":
            skipped = False
        elif kind == "at-keyword" and node.lower_value == "namespace":
            skipped = True
        elif skipped:
            continue
        elif kind == "url":
            found.append(node.value)
        elif kind == "function" and node.lower_name == "url":
            given_parts = [one for one in node.arguments if one.type != "whitespace"]
            found += [one.value for one in given_parts[:1] if one.type == "string"]
        elif kind == "at-keyword" and node.lower_value == "import":
            rest = [one for one in nodes[at + 1 :] if one.type not in ("whitespace", "comment")]
            found += [rest[0].value] if rest and rest[0].type == "string" else []
    return [url for url in found if path_of_reference(url)]


PIECES = st.sampled_from(
    [
        *(
            "url(",
            ")",
            "URL( ",
            '"',
            "'",
            "\\",
            ";",
            "{",
            "}",
            "(",
            " ",
            "\n",
            "/*",
            "*/",
            "@import ",
            "@namespace ",
        ),
        *(
            "a.png",
            "b/c.css",
            "x",
            ":",
            ",",
            "é",
            "\\20 ",
            "\\29 ",
            "../",
            "#x",
            "?",
            "-",
            "format(",
            "[",
            "]",
            "/",
        ),
    ]
)


@given(st.lists(PIECES, max_size=14).map(lambda pieces: "".join(pieces).rstrip("\\")))
def test_any_stylesheet_is_read_as_another_parser_reads_it(text: str) -> None:
    """But for a function whose name is only `url` once its escapes are read."""
    assume("\\url(" not in text.lower())
    ours = [one.url for one in find_references(CSS, text.encode()) if not one.is_map]
    assert ours == read_by_another(text)


@given(st.binary(max_size=200), st.sampled_from([CSS, SCRIPT, MANIFEST]))
def test_whatever_the_bytes_they_are_in_order_and_within_them(data: bytes, kind: str) -> None:
    found = find_references(kind, data)
    ends = [at for one in found for at in (one.start, one.stop)]
    assert ends == sorted(ends)
    assert all(0 <= at <= len(data) for at in ends)


HOSTILE = [
    *(b"url(", b"url( ", b"url('", b'url("\\', b"url(a ", b"url(\\", b"@import ", b"@import/*", b"@import/**/"),
    *(b"/*", b"/**", b"*/", b"\\", b'"\\', b"'", b"@namespace ", b"u", b"/*# sourceMappingURL=", b"\n"),
]


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_hostile_stylesheets_take_linear_time(piece: bytes) -> None:
    """Two megabytes: in quadratic time this would not end."""
    find_references(CSS, piece * (2_000_000 // len(piece)))


@pytest.mark.parametrize(
    "piece", [b"//# sourceMappingURL=a", b"//# sourceMappingURL=a\n", b"\n", b"//\n", b" "], ids=repr
)
def test_hostile_scripts_take_linear_time(piece: bytes) -> None:
    find_references(SCRIPT, piece * (2_000_000 // len(piece)))


@pytest.mark.parametrize("piece", ['"src":', '"src"', '"\\"'], ids=repr)
def test_hostile_manifests_take_linear_time(piece: str) -> None:
    names = json.dumps([piece] * 200_000)
    find_references(MANIFEST, f'{{"icons": [{{"src": "a"}}], "a": {names}}}'.encode())
