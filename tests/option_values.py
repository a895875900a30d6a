"""Right and wrong values of every option."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from whitemedia.rules import compile_glob


def function(*given: object) -> None:
    """An `add_headers_function`, or an `immutable_file_test`, that does nothing."""


class BytesPath:
    """A path that is not text."""

    def __fspath__(self) -> bytes:
        return b"/var/cache"


RIGHT: dict[str, list[tuple[object, object]]] = {
    "max_age": [(60, 60), (0, 0), (31_536_000, 31_536_000), (None, None)],
    "allow_all_origins": [(True, True), (False, False)],
    "charset": [("utf-8", "utf-8"), ("ISO-8859-1", "ISO-8859-1")],
    "mimetypes": [
        (None, {}),
        ({}, {}),
        ({".foo": "application/foo"}, {".foo": "application/foo"}),
        ({".FOO": "Application/Foo"}, {".foo": "Application/Foo"}),
        ({"feed": "text/html; charset=latin-1"}, {"feed": "text/html; charset=latin-1"}),
        ({".tar.gz": "a/b"}, {".tar.gz": "a/b"}),
    ],
    "add_headers_function": [(None, None), (function, function)],
    "index_file": [
        (None, None),
        (False, None),
        (True, "index.html"),
        ("default.htm", "default.htm"),
        (".a", ".a"),
    ],
    "immutable_file_test": [(None, None), (function, function)],
    "autorefresh": [(True, True), (False, False)],
    "immutable": [(None, None), *((name, name) for name in ("django", "esbuild", "parcel", "vite", "webpack"))],
    "cors": [
        (None, None),
        ("*", "*"),
        ((), ()),
        (["https://a.example"], ("https://a.example",)),
        ({"https://a.example": 1}, ("https://a.example",)),
        (
            (
                "http://localhost:5173",
                "https://[::1]:8443",
                "capacitor://localhost",
                "https://xn--bcher-kva.example",
            ),
            (
                "http://localhost:5173",
                "https://[::1]:8443",
                "capacitor://localhost",
                "https://xn--bcher-kva.example",
            ),
        ),
    ],
    "cors_credentials": [(False, False)],
    "timing_allow_origin": [(None, None), ("*", "*"), (["https://a.example"], ("https://a.example",))],
    "cross_origin_resource_policy": [
        (None, None),
        *((name, name) for name in ("same-origin", "same-site", "cross-origin")),
    ],
    "rules": [((), ()), ([], ())],
    "repr_digest": [(True, True), (False, False)],
    "manifest": [
        (None, None),
        (os.path.abspath("manifest.json"), os.path.abspath("manifest.json")),
        ("dist/.vite/manifest.json", os.path.abspath("dist/.vite/manifest.json")),
        (Path("dist/manifest.json"), os.path.abspath("dist/manifest.json")),
    ],
    "clean_urls": [(True, True), (False, False)],
    "fallback": [(None, None), ("index.html", "index.html"), ("app/index.html", "app/index.html")],
    "rewrite": [(True, True), (False, False)],
    "rewrite_except": [((), ()), ([], ()), (["a.css"], (compile_glob("a.css"),))],
    "hidden": [
        ((".*", "!.well-known"), (".*", "!.well-known")),
        ([], ()),
        (["*~"], ("*~",)),
        ({"*.map": 1}, ("*.map",)),
        (iter(["a", "b"]), ("a", "b")),
    ],
    "follow_symlinks": [(True, True), (False, False)],
    "unsafe_methods": [("refuse", "refuse"), ("pass", "pass")],
    "not_found": [("pass", "pass"), ("answer", "answer")],
    "strict": [(True, True), (False, False)],
    "compress": [("startup", "startup"), ("off", "off")],
    "compress_seconds": [(0, 0), (0.5, 0.5), (10, 10), (86_400, 86_400)],
    "compress_test": [(None, None), (function, function)],
    "cache_dir": [
        ("auto", "auto"),
        (None, None),
        ("/var/cache/site", "/var/cache/site"),
        ("cache", "cache"),
        (PurePosixPath("/var/cache"), "/var/cache"),
    ],
    "memory_limit": [(0, 0), (1, 1), (1 << 40, 1 << 40)],
}


NO_FLAGS: list[object] = [None, 0, 1, "yes", "", []]


NO_WORDS: list[object] = [None, True, "", "Pass", "of", ["pass"], 1]


NO_NUMBERS: list[object] = [-1, 1.0, "60", True, float("inf"), [], b"1"]


WRONG_ORIGINS: list[object] = [
    "https://a.example",
    b"*",
    True,
    1,
    ["*"],
    ["null"],
    ["https://a.example/"],
    ["https://A.example"],
    ["https://a.example:443"],
    ["http://a.example:80"],
    ["https://a.example:0"],
    ["a.example"],
    ["//a.example"],
    ["https://*.example"],
    ["https://a.example\n"],
    ["https://ä.example"],
    [None],
    [b"https://a.example"],
]
WRONG: dict[str, list[object]] = {
    "max_age": [*NO_NUMBERS, False],
    "allow_all_origins": NO_FLAGS,
    "charset": [None, "", "utf 8", "utf-8;", "utf-8\n", "ütf", 8, b"utf-8"],
    "mimetypes": [
        "text/html",
        [(".foo", "a/b")],
        0,
        {"": "a/b"},
        {"a/b": "a/b"},
        {1: "a/b"},
        {".foo": "foo"},
        {".foo": "a/"},
        {".foo": "a/b c"},
        {".foo": ""},
        {".foo": None},
        {".foo": "a/b\r\nSet-Cookie: a"},
        {".foo": "a/b; a=\r\nb"},
        {".foo": "a/b; name=€"},
    ],
    "add_headers_function": ["function", 1, {}, True],
    "index_file": ["", "a/b", "/index.html", ".", "..", 1, b"index.html", ["index.html"]],
    "immutable_file_test": ["(", "[a", 1, b"app", True, ["app"]],
    "autorefresh": NO_FLAGS,
    "immutable": [True, False, "", "rollup", "Vite", ["vite"], 1],
    "cors": WRONG_ORIGINS,
    "cors_credentials": NO_FLAGS,
    "timing_allow_origin": WRONG_ORIGINS,
    "cross_origin_resource_policy": [True, "", "none", "Same-Origin", "*"],
    "rules": [
        None,
        1,
        "*.css",
        {"*.css": {}},
        ["*.css"],
        [("*.css",)],
        [("*.css", {}, {})],
        [("", {})],
        [("/*.css", {})],
        [(b"*.css", {})],
        [("[z-a].css", {})],
        [("*.css", None)],
        [("*.css", [("A", "b")])],
        [("*.css", {"A b": "c"})],
        [("*.css", {"": "c"})],
        [("*.css", {1: "c"})],
        [("*.css", {"A": 1})],
        [("*.css", {"A": "b\r\nC: d"})],
        [("*.css", {"A": "€"})],
        [("*.css", {"Content-Type": "css"})],
        [("*.css", {"Last-Modified": "yesterday"})],
        [("*.css", {"ETag": '"a"'})],
        [("*.css", {"etag": None})],
        [("*.css", {"Content-Length": "1"})],
        [("*.css", {"Content-Encoding": "br"})],
        [("*.css", {"Connection": "close"})],
    ],
    "repr_digest": NO_FLAGS,
    "manifest": ["", "a\0b", b"manifest.json", 1, True, ["manifest.json"], BytesPath()],
    "clean_urls": NO_FLAGS,
    "fallback": [True, "", "/index.html", "a//b", "a/", "../index.html", "a/./b", "a\0b", 1, b"index.html"],
    "rewrite": NO_FLAGS,
    "rewrite_except": ["*.css", b"*.css", None, 1, [""], [None], [b"*.css"], ["/vendor/**"], ["[z-a].css"]],
    "hidden": ["*.map", b"*.map", None, 1, [""], ["!"], ["!!"], ["a/b"], ["/"], [b"*.map"], [None]],
    "follow_symlinks": NO_FLAGS,
    "unsafe_methods": [*NO_WORDS, "answer"],
    "not_found": [*NO_WORDS, "refuse"],
    "strict": NO_FLAGS,
    "compress": [*NO_WORDS, "on", "pass", True, False],
    "compress_seconds": [None, True, -1, -0.1, 86_401, float("inf"), float("nan"), "10", [], b"1"],
    "compress_test": ["text/*", 1, True, ["*.css"], {}],
    "cache_dir": ["", "a\0b", b"/var/cache", 1, True, ["/var/cache"], BytesPath()],
    "memory_limit": [*NO_NUMBERS, None],
}
