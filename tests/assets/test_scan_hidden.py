"""The last pattern that matches a name decides whether it is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.assets.walk import HIDDEN, walk
from whitemedia.assets.roots import Skipped, Why
from whitemedia.assets.scan import OWN_NAMES, DirectoryRoot

if TYPE_CHECKING:
    from tests.assets.conftest import Folder


@pytest.mark.parametrize(
    ("patterns", "name", "hides"),
    [
        (HIDDEN, ".env", True),
        (HIDDEN, "..data", True),
        (HIDDEN, ".well-known", False),
        (HIDDEN, ".well-known2", True),
        (HIDDEN, "a~", True),
        (HIDDEN, "a.swp", True),
        (HIDDEN, "a.bak", True),
        (HIDDEN, "#a#", True),
        (HIDDEN, "a.css", False),
        (HIDDEN, "a.env", False),
        (HIDDEN, ".\n", True),
        (HIDDEN, "a\n~", True),
        (HIDDEN, ".\udce9", True),
        ((), ".env", False),
        (("*.map", "!app.map"), "app.map", False),
        (("!app.map", "*.map"), "app.map", True),
        (("*.map",), "APP.MAP", False),
        (("secret",), "secrets", False),
        (("[ab]?",), "b1", True),
        (("*", "!X1"), "X1", False),
        (("*a*b*", "*c*d*"), "xcxdx", True),
    ],
)
def test_the_last_pattern_that_matches_a_name_decides(patterns: tuple[str, ...], name: str, hides: bool) -> None:
    assert DirectoryRoot("/", patterns, follow_symlinks=False).hides(name) is hides


@pytest.mark.parametrize("patterns", [HIDDEN, (), ("!.*",), ("*", "!*"), (f"!{OWN_NAMES}*",)])
@pytest.mark.parametrize(
    ("name", "hides"),
    [
        (OWN_NAMES, True),
        (f"{OWN_NAMES}-lock", True),
        (f"{OWN_NAMES}\n", True),
        (f"{OWN_NAMES}.gz", True),
        (f"a{OWN_NAMES}", False),
        (OWN_NAMES[1:], False),
    ],
)
def test_our_own_names_are_hidden_whatever_the_patterns_say(
    patterns: tuple[str, ...], name: str, hides: bool
) -> None:
    assert DirectoryRoot("/", patterns, follow_symlinks=False).hides(name) is hides


def test_what_we_wrote_is_neither_walked_nor_found_nor_listed(folder: Folder) -> None:
    for name in (f"d/{OWN_NAMES}/index", f"d/{OWN_NAMES}.lock", f"d/{OWN_NAMES[:-1]}"):
        folder.file(name)
    found = walk(folder.path, ("!.*",))
    assert found.served == {f"d/{OWN_NAMES[:-1]}"}
    assert found.skipped == {f"d/{OWN_NAMES}": (Why.HIDDEN, True), f"d/{OWN_NAMES}.lock": (Why.HIDDEN, False)}
    root = DirectoryRoot(str(folder.path), ("!.*",), follow_symlinks=False)
    hidden = Skipped(str(folder.path / "d" / OWN_NAMES), f"d/{OWN_NAMES}", Why.HIDDEN, subtree=True)
    assert root.look(f"d/{OWN_NAMES}/index") == root.look(f"d/{OWN_NAMES}") == hidden
    assert root.list(f"d/{OWN_NAMES}/") is None
    assert [entry.name for entry in root.list("d/") or ()] == [OWN_NAMES[:-1]]


def test_well_known_is_served(folder: Folder) -> None:
    folder.file(".well-known/security.txt")
    assert walk(folder.path).served == {".well-known/security.txt"}


def test_given_patterns_replace_the_default(folder: Folder) -> None:
    for name in (".env", "a.map", "d/b.map", "a.css"):
        folder.file(name)
    found = walk(folder.path, ("*.map",))
    assert found.served == {".env", "a.css"}
    assert found.skipped.keys() == {"a.map", "d/b.map"}
