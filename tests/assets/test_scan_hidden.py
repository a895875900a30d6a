"""The last pattern that matches a name decides whether it is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.assets.walk import HIDDEN, walk
from whitemedia.assets.scan import DirectoryRoot

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
    ],
)
def test_the_last_pattern_that_matches_a_name_decides(patterns: tuple[str, ...], name: str, hides: bool) -> None:
    assert DirectoryRoot("/", patterns, follow_symlinks=False).hides(name) is hides


def test_well_known_is_served(folder: Folder) -> None:
    folder.file(".well-known/security.txt")
    assert walk(folder.path).served == {".well-known/security.txt"}


def test_given_patterns_replace_the_default(folder: Folder) -> None:
    for name in (".env", "a.map", "d/b.map", "a.css"):
        folder.file(name)
    found = walk(folder.path, ("*.map",))
    assert found.served == {".env", "a.css"}
    assert found.skipped.keys() == {"a.map", "d/b.map"}
