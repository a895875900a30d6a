"""Each option takes what it documents, and refuses all else with an error that names the option and the value."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.options import WHOLE_INSTANCE, OptionError, OptionFields, Options, build_options, override_options
from whitemedia.rules import compile_glob

FIELDS = {option.name: option for option in dataclasses.fields(Options)}


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


def rows(table: dict[str, Any]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}={_spell(value):.40}")
        for name, values in table.items()
        for value in values
    ]


def _spell(value: object) -> str:
    """A value without where it is in memory: a test has the same name in each process."""
    return re.sub(r" at 0x\w+", "", repr(value))


# Every option


def test_the_defaults_are_those_that_are_documented() -> None:
    assert dataclasses.asdict(Options()) == {
        "max_age": 60,
        "allow_all_origins": True,
        "charset": "utf-8",
        "mimetypes": {},
        "add_headers_function": None,
        "index_file": None,
        "immutable_file_test": None,
        "autorefresh": False,
        "immutable": None,
        "cors": None,
        "cors_credentials": False,
        "timing_allow_origin": None,
        "cross_origin_resource_policy": None,
        "rules": (),
        "repr_digest": False,
        "manifest": None,
        "clean_urls": False,
        "fallback": None,
        "rewrite": False,
        "rewrite_except": (),
        "hidden": (".*", "!.well-known", "*~", "*.swp", "*.bak", "#*#"),
        "follow_symlinks": False,
        "unsafe_methods": "refuse",
        "not_found": "pass",
        "strict": False,
        "compress": "startup",
        "compress_seconds": 10,
        "compress_test": None,
        "cache_dir": "auto",
        "memory_limit": 256 * 1024 * 1024,
    }


def test_each_option_has_a_row_of_right_and_of_wrong_values() -> None:
    assert RIGHT.keys() == WRONG.keys() == FIELDS.keys()


@pytest.mark.parametrize(("name", "value"), rows(RIGHT))
def test_a_right_value_is_taken(name: str, value: tuple[object, object]) -> None:
    given_value, taken = value
    assert getattr(build_options({name: given_value}), name) == taken


@pytest.mark.parametrize(("name", "value"), rows(WRONG))
def test_a_wrong_value_raises_an_error_that_names_option_and_value(name: str, value: object) -> None:
    with pytest.raises(OptionError) as raised:
        build_options({name: value})
    assert (raised.value.option, raised.value.value) == (name, value)
    assert str(raised.value).startswith(f"{name}={value!r}: ")
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(("name", "value"), rows(WRONG))
def test_a_wrong_value_is_refused_however_options_are_made(name: str, value: Any) -> None:
    with pytest.raises(OptionError):
        Options(**{name: value})
    with pytest.raises(OptionError):
        dataclasses.replace(Options(), **{name: value})


texts = st.text(st.characters(exclude_characters="{"))  # a regular expression's repetitions may overflow
simple_values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts, st.binary())


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of a regular expression such as "[["
@given(
    st.sampled_from(sorted(FIELDS)),
    st.one_of(simple_values, st.lists(simple_values), st.dictionaries(simple_values, simple_values)),
)
def test_whatever_is_given_is_refused_as_an_option_error_or_taken_for_good(name: str, value: object) -> None:
    """What was taken would be taken again: so one root's options can be made of the instance's."""
    with contextlib.suppress(OptionError):
        options = build_options({name: value})
        taken = {field: getattr(options, field) for field in FIELDS}
        assert build_options(taken) == options


def test_an_option_error_is_a_value_error() -> None:
    assert issubclass(OptionError, ValueError)


def test_options_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Options().max_age = 5  # type: ignore[misc]


def test_options_are_given_by_name() -> None:
    with pytest.raises(TypeError):
        Options(60)  # type: ignore[call-arg]


def test_what_was_given_can_be_changed_without_changing_the_options() -> None:
    mimetypes, hidden = {".foo": "a/b"}, ["*.map"]
    options = build_options({"mimetypes": mimetypes, "hidden": hidden})
    mimetypes[".bar"] = "wrong"
    hidden.append("a/b")
    assert (options.mimetypes, options.hidden) == ({".foo": "a/b"}, ("*.map",))


# Documentation and types


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_each_option_is_documented_in_a_sentence(name: str) -> None:
    doc = FIELDS[name].metadata["doc"]
    assert re.fullmatch(r"[A-Z`][^\n]{15,110}[.?]", doc)


def test_type_checkers_see_each_option_once() -> None:
    assert OptionFields.__annotations__.keys() == FIELDS.keys()
    assert OptionFields.__required_keys__ == frozenset()


# One root's options


def test_a_root_s_options_are_the_instance_s_but_for_what_is_given() -> None:
    options = build_options({"max_age": 5, "hidden": ["*.map"], "immutable_file_test": "app"})
    assert override_options(options, {}) == options
    assert override_options(options, {"index_file": True}) == dataclasses.replace(options, index_file="index.html")
    assert options.index_file is None


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - WHOLE_INSTANCE))
def test_an_option_can_be_given_for_one_root(name: str) -> None:
    given_value, taken = RIGHT[name][-1]
    if name == "hidden":
        given_value, taken = ["x"], ("x",)
    assert getattr(override_options(Options(), {name: given_value}), name) == taken


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - WHOLE_INSTANCE))
def test_a_wrong_value_for_one_root_is_refused_as_well(name: str) -> None:
    with pytest.raises(OptionError) as raised:
        override_options(Options(), {name: WRONG[name][0]})
    assert raised.value.option == name


def test_what_the_whole_instance_shares_is_known() -> None:
    shared = {"autorefresh", "strict", "compress", "compress_seconds", "cache_dir", "memory_limit"}
    assert shared == WHOLE_INSTANCE <= FIELDS.keys()


@pytest.mark.parametrize("name", sorted(WHOLE_INSTANCE))
def test_an_option_of_the_whole_instance_is_refused_for_one_root_even_unchanged(name: str) -> None:
    value = getattr(Options(), name)
    with pytest.raises(OptionError, match="for all roots") as raised:
        override_options(Options(), {name: value})
    assert (raised.value.option, raised.value.value) == (name, value)
