"""Codings and levels are what was asked for, or OptionError says what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from whitemedia.assets.codings import BY_NAME
from whitemedia.build import build, check
from whitemedia.build.targets import parse_targets
from whitemedia.options import OptionError

SMALLEST = [("br", 11), ("zstd", 19), ("gzip", 9)]

RIGHT: dict[str, tuple[object, object, list[tuple[str, int]]]] = {
    "nothing": (None, None, SMALLEST),
    "no levels": (None, {}, SMALLEST),
    "a list": (["gzip", "br"], None, [("gzip", 9), ("br", 11)]),
    "a tuple": (("zstd",), None, [("zstd", 19)]),
    "a set": ({"br"}, None, [("br", 11)]),
    "an iterator": (iter(["br"]), None, [("br", 11)]),
    "one twice": (["br", "gzip", "br"], None, [("br", 11), ("gzip", 9)]),
    "a level": (None, {"zstd": 3}, [("br", 11), ("zstd", 3), ("gzip", 9)]),
    "the lowest levels": (None, {"br": 0, "zstd": 1, "gzip": 1}, [("br", 0), ("zstd", 1), ("gzip", 1)]),
    "the highest levels": (None, {"br": 11, "zstd": 22, "gzip": 9}, [("br", 11), ("zstd", 22), ("gzip", 9)]),
    "both": (["gzip"], {"gzip": 6}, [("gzip", 6)]),
}

WRONG_CODINGS: dict[str, tuple[object, str]] = {
    "text": ("br", "expected a sequence"),
    "bytes": (b"br", "expected a sequence"),
    "a number": (1, "expected a sequence"),
    "true": (True, "expected a sequence"),
    "none of them": ([], "at least one of br, zstd, gzip"),
    "an unknown one": (["br", "deflate"], "'deflate' is none of br, zstd, gzip"),
    "identity": (["identity"], "'identity' is none of"),
    "in capitals": (["BR"], "'BR' is none of"),
    "a suffix": ([".gz"], "'.gz' is none of"),
    "an empty one": ([""], "'' is none of"),
    "a number in it": ([11], "11 is none of"),
    "a list in it": ([["br"]], "['br'] is none of"),
}

WRONG_LEVELS: dict[str, tuple[object, str]] = {
    "a number": (9, "expected a mapping"),
    "pairs": ([("br", 9)], "expected a mapping"),
    "an unknown coding": ({"deflate": 1}, "'deflate' is none of br, zstd, gzip"),
    "a number as coding": ({1: 1}, "1 is none of"),
    "br too high": ({"br": 12}, "br has levels 0 to 11, not 12"),
    "br too low": ({"br": -1}, "br has levels 0 to 11, not -1"),
    "gzip too high": ({"gzip": 10}, "gzip has levels 1 to 9, not 10"),
    "gzip too low": ({"gzip": 0}, "gzip has levels 1 to 9, not 0"),
    "zstd too high": ({"zstd": 23}, "zstd has levels 1 to 22, not 23"),
    "zstd too low": ({"zstd": 0}, "zstd has levels 1 to 22, not 0"),
    "true": ({"br": True}, "br has levels 0 to 11, not True"),
    "text": ({"br": "9"}, "not '9'"),
    "a fraction": ({"br": 9.0}, "not 9.0"),
    "none": ({"br": None}, "not None"),
}


@pytest.mark.parametrize(("codings", "levels", "targets"), RIGHT.values(), ids=RIGHT)
def test_targets_are_what_was_asked_for_and_else_the_smallest(
    codings: object, levels: object, targets: list[tuple[str, int]]
) -> None:
    assert [(target.coding.name, target.level) for target in parse_targets(codings, levels)] == targets


@pytest.mark.parametrize(("codings", "why"), WRONG_CODINGS.values(), ids=WRONG_CODINGS)
def test_wrong_codings_are_named(codings: object, why: str) -> None:
    with pytest.raises(OptionError) as raised:
        parse_targets(codings, None)
    assert str(raised.value).startswith(f"codings={codings!r}: ")
    assert why in str(raised.value)


@pytest.mark.parametrize(("levels", "why"), WRONG_LEVELS.values(), ids=WRONG_LEVELS)
def test_wrong_levels_are_named(levels: object, why: str) -> None:
    with pytest.raises(OptionError) as raised:
        parse_targets(None, levels)
    assert str(raised.value).startswith(f"levels={levels!r}: ")
    assert why in str(raised.value)


def test_a_level_of_what_is_not_built_is_a_mistake() -> None:
    with pytest.raises(OptionError, match="'gzip' is none of the codings to build"):
        parse_targets(["br"], {"gzip": 9})


@pytest.mark.usefixtures("no_zstd")
def test_without_zstd_the_others_are_built() -> None:
    assert [target.coding for target in parse_targets(None, None)] == [BY_NAME["br"], BY_NAME["gzip"]]


@pytest.mark.usefixtures("no_zstd")
def test_what_needs_an_extra_says_which() -> None:
    with pytest.raises(OptionError, match=r'needs an extra: pip install "whitemedia\[zstd\]"'):
        parse_targets(["br", "zstd"], None)


@pytest.mark.usefixtures("no_zstd")
def test_a_level_of_what_cannot_be_written_here_is_a_mistake() -> None:
    with pytest.raises(OptionError, match="'zstd' is none of the codings to build"):
        parse_targets(None, {"zstd": 3})


WRONG_OPTIONS: dict[str, tuple[str, object]] = {
    "no threads": ("threads", 0),
    "fewer": ("threads", -1),
    "true threads": ("threads", True),
    "half a thread": ("threads", 1.5),
    "text for threads": ("threads", "2"),
    "codings": ("codings", "br"),
    "levels": ("levels", 9),
    "a choice that cannot be called": ("compress_test", "*.css"),
    "media types": ("mimetypes", {".css": 1}),
    "hidden": ("hidden", ".*"),
    "links": ("follow_symlinks", "yes"),
}


@pytest.mark.parametrize("act", [build, check], ids=["build", "check"])
@pytest.mark.parametrize(("name", "value"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
def test_wrong_options_are_named_and_nothing_is_written(tmp_path: Any, act: Any, name: str, value: object) -> None:
    with pytest.raises(OptionError) as raised:
        act(tmp_path, **{name: value})
    assert str(raised.value).startswith(f"{name}={value!r}: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("act", [build, check], ids=["build", "check"])
@pytest.mark.parametrize(
    ("root", "why"),
    [("", "empty"), (None, "expected the path"), (b"site", "expected the path"), ("a\0b", "expected the path")],
    ids=["empty", "none", "bytes", "a NUL"],
)
def test_a_wrong_root_is_named(act: Any, root: Any, why: str) -> None:
    with pytest.raises(OptionError, match=f"root=.*{why}"):
        act(root)


@pytest.mark.parametrize("act", [build, check], ids=["build", "check"])
def test_a_root_that_is_no_directory_is_named(tmp_path: Any, act: Any) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name, why in (("file", "is a file"), ("missing", "does not exist")):
        with pytest.raises(OptionError, match=f"{name}'.*: {why}"):
            act(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
