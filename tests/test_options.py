"""Each option takes what it documents, and refuses all else with an error that names the option and the value."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.option_values import RIGHT, WRONG
from whitemedia.options import WHOLE_INSTANCE, OptionError, OptionFields, Options, build_options, override_options

FIELDS = {option.name: option for option in dataclasses.fields(Options)}


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
