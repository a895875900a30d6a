"""Of any tree, in any state: after a build all there is decodes, nothing is missing, and nothing is left to be done."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build.site import LEVELS, Site, encode, make_text, snapshot, written

TEXTS = [make_text(1, 20), make_text(2, 20), make_text(3, 40), b"short", b"", b"a" * 300]
NAMES = ["a.css", "b.css", "c/a.css", "c/d.js", "a", "a.css.txt", "e.svgz", ".hidden.css", "a.tar"]
SUFFIXES = {"br": ".br", "gzip": ".gz"}


class Sibling(NamedTuple):
    """What there is of a sibling: of the text with this number at this level, damaged or cut, if `damage` says so."""

    name: str
    coding: str
    text: int
    level: int
    damage: str


class Tree(NamedTuple):
    """Texts by name, as numbers, and siblings."""

    files: dict[str, int]
    siblings: list[Sibling]


texts = st.integers(0, len(TEXTS) - 1)
trees = st.builds(
    Tree,
    st.dictionaries(st.sampled_from(NAMES), texts, max_size=6),
    st.lists(
        st.builds(
            Sibling,
            st.sampled_from(NAMES),
            st.sampled_from(list(SUFFIXES)),
            texts,
            st.integers(1, 9),
            st.sampled_from(["", "", "", "flip", "cut", "foreign", "empty"]),
        ),
        max_size=6,
    ),
)


def plant_tree(site: Site, tree: Tree) -> None:
    for name, text in tree.files.items():
        site.write(name, TEXTS[text])
    for one in tree.siblings:
        data = encode(one.coding, one.level, TEXTS[one.text])
        flipped = bytes([*data[: len(data) // 2], data[len(data) // 2] ^ 1, *data[len(data) // 2 + 1 :]])
        damaged = {"": data, "flip": flipped, "cut": data[:-1], "foreign": b"foreign", "empty": b""}
        site.write(one.name + SUFFIXES[one.coding], damaged[one.damage])


@settings(max_examples=40)
@given(trees, trees, st.sampled_from([LEVELS, {"br": 2, "gzip": 1}, {"br": 9}]), st.booleans())
def test_after_a_build_all_is_right_and_nothing_is_left_to_do(
    tree: Tree, later: Tree, levels: dict[str, int], prune: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder, "site"), {})
        site.path.mkdir()
        plant_tree(site, tree)
        site.build(levels={"br": 4, "gzip": 5})
        plant_tree(site, later)
        options: dict[str, Any] = {"codings": list(levels), "levels": levels}
        result = site.build(prune=prune, **options)
        assert (result.failures, result.is_complete) == ((), True)
        assert site.check(**options).is_complete
        assert {name for name in site.wrong() if _is_built(site, name, levels)} == set()
        before = snapshot(site.path)
        assert site.build(prune=prune, **options).is_complete
        assert (site.encoded, written(before, site.path)) == ([], [])


def _is_built(site: Site, name: str, levels: dict[str, int]) -> bool:
    """Whether a sibling has a file that would be coded so, and is so much shorter that it would be sent."""
    path = Path(name)
    coding = {suffix: coding for coding, suffix in SUFFIXES.items()}[path.suffix]
    original = site.path / path.with_suffix("")
    if coding not in levels or not original.is_file() or path.name.startswith(".") or original.suffix == ".svgz":
        return False
    length = original.stat().st_size
    return length >= 200 and (site.path / path).stat().st_size * 20 <= length * 19
