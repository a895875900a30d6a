"""Whatever is in the roots, whatever the options and whatever is asked: the answer is that of a table built now."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.autorefresh.alike import compare, some_of_each
from tests.autorefresh.asked import asked
from tests.autorefresh.sites import Site, some_sites
from tests.autorefresh.trees import Step, Tree, paths_in, some_steps
from whitemedia import OptionError, WhiteMedia
from whitemedia.http.versions import split_version


@settings(max_examples=30)
@given(st.lists(some_steps, min_size=2, max_size=2), some_sites)
def test_any_site_over_any_tree_is_answered_as_from_a_table(made: list[list[Step]], site: Site) -> None:
    with tempfile.TemporaryDirectory() as parent:
        trees = [Tree(Path(parent) / f"root{number}", steps).path for number, steps in enumerate(made)]
        live, table = constructed(site, trees)
        paths = asked(site.prefixes, sorted({name for tree in trees for name in paths_in(tree)}))
        paths += [path for path in table.table.entries if split_version(path)]
        assert list(compare(live, table, some_of_each(paths))) == []


@settings(max_examples=6)
@given(some_steps, some_steps, some_sites)
def test_whatever_is_added_or_removed_the_answer_is_that_of_a_table_built_now(
    made: list[Step], changes: list[Step], site: Site
) -> None:
    with tempfile.TemporaryDirectory() as parent:
        tree = Tree(Path(parent) / "root", made)
        live, _ = constructed(site, [tree.path, tree.path])
        for number, step in enumerate(changes):
            remove_one(tree, step.choice)
            tree.make(step)
            table = site.construct([tree.path, tree.path], compress="off")
            names = [*paths_in(tree.path), *(f"{name}/" for name in paths_in(tree.path) if number % 2)]
            paths = [spelling for spelling in asked(site.prefixes[:1], names) if len(spelling) < 100]
            assert list(compare(live, table, some_of_each(paths))) == []


def constructed(site: Site, trees: list[Path]) -> tuple[WhiteMedia, WhiteMedia]:
    try:
        return site.construct(trees, autorefresh=True), site.construct(trees, compress="off")
    except OptionError:
        assume(False)
        raise


def remove_one(tree: Tree, choice: int) -> None:
    """Remove something that was made, if it is no directory, or is an empty one."""
    things = tree.things[5:]
    if not things:
        return
    thing = things[choice % len(things)]
    try:
        os.rmdir(thing) if thing.is_dir() and not thing.is_symlink() else thing.unlink()
    except OSError:
        return
    tree.things.remove(thing)
    if thing in tree.directories:
        tree.directories.remove(thing)
