"""Plans for files that refer to others: versions from the end of each chain, and one group for each circle."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from whitemedia.assets.files import StatKey
from whitemedia.assets.graph import Graph, Plan
from whitemedia.assets.references import Reference
from whitemedia.assets.representation import Source
from whitemedia.assets.resource import Referring, Resource


def rebuild(edition: object) -> Resource:
    raise AssertionError(edition)


def make(path: str, content: str, targets: tuple[str, ...], mtime: int = 0) -> Resource:
    """A file whose references stand one after the other."""
    root: Any = None
    source = Source(path, path[1:], StatKey(0, 0, 0, mtime, 0), root, ())
    describe: Any = None
    resource = Resource(source, describe, passes_unsafe=False)
    resource.version = f"{abs(hash(content)):012x}"[:12] if not content.isalnum() else content.rjust(12, "0")
    if targets:
        references = tuple(Reference(at, at + len(url), 1, url) for at, url in enumerate(targets))
        resource.referring = Referring(content.encode(), references, False, (), rebuild)
    return resource


Files = dict[str, tuple[str, tuple[str, ...]]]


def plans(files: Files, order: list[str] | None = None, times: dict[str, int] | None = None) -> dict[str, Plan]:
    """Of all that refer to others."""
    made = {
        path: make(path, content, targets, (times or {}).get(path, 0))
        for path, (content, targets) in files.items()
    }
    graph = Graph(made.get, lambda url, path: True)
    found = {path: graph.plan(path, made[path]) for path in order or list(files) if made[path].referring}
    assert all(graph.plan(path, made[path]) == plan for path, plan in found.items())
    return found


def versions(files: Files, order: list[str] | None = None) -> dict[str, str]:
    return {path: plan.version for path, plan in plans(files, order).items()}


def test_edits_name_the_versions_of_the_targets() -> None:
    found = plans({"/a": ("1", ("/b.css", "/c.png")), "/b.css": ("2", ("/c.png",)), "/c.png": ("3", ())})
    b = found["/b.css"].version
    assert [edit.text.decode() for edit in found["/a"].edits] == [f"/b.{b}.css", "/c.000000000003.png"]


def test_what_names_no_version_keeps_its_own() -> None:
    assert versions({"/a": ("1", ("/missing",))}) == {"/a": "000000000001"}


@pytest.mark.parametrize("length", [2, 100, 10_000])
def test_a_chain_may_be_long(length: int) -> None:
    files: Files = {f"/{number}": (str(number), (f"/{number + 1}",)) for number in range(length)}
    files[f"/{length}"] = ("end", ())
    assert len(set(versions(files).values())) == length


@pytest.mark.parametrize("length", [1, 2, 3, 5000])
def test_a_circle_is_one_group_whose_versions_are_of_the_content_of_all(length: int) -> None:
    files: Files = {f"/{number}": (f"c{number}", (f"/{(number + 1) % length}",)) for number in range(length)}
    before = versions(files)
    assert len(set(before.values())) == length
    after = versions({**files, "/0": ("other", files["/0"][1])})
    assert [path for path in files if before[path] == after[path]] == []


def test_a_change_changes_what_is_above_it_and_nothing_else() -> None:
    files: Files = {
        "/top": ("1", ("/left", "/right")),
        "/left": ("2", ("/end",)),
        "/right": ("3", ("/other",)),
        "/end": ("4", ()),
        "/other": ("5", ()),
    }
    before, after = versions(files), versions({**files, "/end": ("6", ())})
    assert {path for path in before if before[path] != after[path]} == {"/top", "/left"}


def test_the_latest_time_of_all_below_counts() -> None:
    files: Files = {
        "/a": ("1", ("/b",)),
        "/b": ("2", ("/c", "/a")),
        "/c": ("3", ()),
        "/d": ("4", ("/e",)),
        "/e": ("5", ()),
    }
    found = plans(files, times={"/a": 1, "/b": 2, "/c": 9, "/d": 3, "/e": 1})
    assert {path: plan.modified_ns for path, plan in found.items()} == {"/a": 9, "/b": 9, "/d": 3}


def test_what_is_missing_is_told_once_for_each_reference() -> None:
    made = {"/a": make("/a", "1", ("/x", "/y", "/b")), "/b": make("/b", "2", ("/x",))}
    graph = Graph(made.get, lambda url, path: path == "/x")
    for path, resource in made.items():
        graph.plan(path, resource)
    assert sorted((one.file, one.url) for one in graph.unresolved) == [("/a", "/x"), ("/b", "/x")]


NAMES = [f"/{letter}" for letter in "abcdefg"]
GRAPHS = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from(NAMES), max_size=4, unique=True).map(tuple) for name in NAMES}
)


@given(GRAPHS, st.randoms(use_true_random=False))
def test_the_order_in_which_files_are_met_does_not_matter(
    targets: dict[str, tuple[str, ...]], chance: random.Random
) -> None:
    files: Files = {name: (name[1:], found) for name, found in targets.items()}
    order = list(files)
    chance.shuffle(order)
    assert versions(files) == versions(files, order)


@given(GRAPHS, st.sampled_from(NAMES))
def test_a_version_changes_exactly_where_what_changed_can_be_reached(
    targets: dict[str, tuple[str, ...]], changed: str
) -> None:
    files: Files = {name: (name[1:], found) for name, found in targets.items()}
    before = versions(files)
    after = versions({**files, changed: ("changed", targets[changed])})
    reaching = {changed}
    for _ in NAMES:
        reaching |= {name for name in NAMES if reaching & set(targets[name])}
    assert {name for name in before if before[name] != after[name]} == reaching & before.keys()


SITES = st.dictionaries(st.sampled_from(NAMES[:4]), st.sampled_from("rst"), min_size=1)
TARGETS = st.fixed_dictionaries(
    {content: st.lists(st.sampled_from(NAMES[:4]), max_size=3).map(tuple) for content in "rst"}
)


def test_a_file_that_is_found_under_another_of_its_names_changes_the_version() -> None:
    """Of the two names that are tried, one is edited, then the other."""
    targets = ("/x.png", "/y.png")
    one, two = (versions({"/a": ("1", targets), found: ("2", ())}) for found in targets)
    assert one != two


def test_files_of_a_circle_that_change_places_change_its_versions() -> None:
    a, b, c = ("1", ("/b", "/c")), ("2", ("/a",)), ("3", ("/a",))
    one, two = versions({"/a": a, "/b": b, "/c": c}), versions({"/a": a, "/b": c, "/c": b})
    assert one["/a"] != two["/a"]


@given(TARGETS, SITES, SITES)
@example(
    {"r": ("/a", "/b", "/c"), "s": ("/a",), "t": ("/a",)},
    dict(zip(NAMES, "rst", strict=False)),
    dict(zip(NAMES, "rts", strict=False)),
)
def test_what_has_one_name_in_two_releases_is_sent_alike_in_both(
    targets: dict[str, tuple[str, ...]], one: dict[str, str], two: dict[str, str]
) -> None:
    """What refers to what is told by the content; all that differs is what is where."""
    before, after = (
        plans({path: (content, targets[content]) for path, content in site.items()}) for site in (one, two)
    )
    for path, plan in before.items():
        if path in after and after[path].version == plan.version:
            assert after[path].edits == plan.edits


@given(GRAPHS, st.sampled_from(["/static", "/a/b"]))
def test_versions_do_not_depend_on_where_a_tree_is_mounted(
    targets: dict[str, tuple[str, ...]], prefix: str
) -> None:
    files: Files = {name: (name[1:], tuple(one[1:] for one in found)) for name, found in targets.items()}
    moved: Files = {prefix + name: file for name, file in files.items()}
    assert versions(moved) == {prefix + name: version for name, version in versions(files).items()}
