"""Whatever JSON is taken for a manifest: it is refused as none, or all of it can be asked for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets.manifests import parse_manifest

NAMES = st.sampled_from(["a", "b", "c.js", "c.css", "../d.js", "entrypoints", "files", "inputs", "outputs"])
FIELDS = st.sampled_from(
    [
        "file",
        "src",
        "css",
        "imports",
        "dynamicImports",
        "assets",
        "js",
        "entryPoint",
        "cssBundle",
        "inputs",
        "path",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | NAMES
VALUES = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(NAMES | FIELDS | st.text(max_size=3), below, max_size=5)
    ),
    max_leaves=30,
)


@given(VALUES)
def test_any_value_is_refused_or_gives_text_alone(value: Any) -> None:
    try:
        manifest = parse_manifest(value)
    except ValueError:
        return
    for name, chunk in manifest.chunks.items():
        assert isinstance(name, str)
        told = (chunk.file, *chunk.styles, *chunk.imports, *chunk.before)
        assert all(isinstance(text, str) and text for text in told)
        assert set(manifest.styles_of(name)) >= set(chunk.styles)
        assert {other.file for other in manifest.imported_by(name)} <= {
            one.file for one in manifest.chunks.values()
        }


GRAPHS = st.dictionaries(
    st.integers(0, 12).map(str), st.lists(st.integers(0, 12).map(str), max_size=5), min_size=1, max_size=13
)


@given(GRAPHS)
def test_all_that_is_reached_is_told_once_and_after_what_it_imports_but_in_circles(
    graph: dict[str, list[str]],
) -> None:
    manifest = parse_manifest({name: {"file": f"{name}.js", "imports": below} for name, below in graph.items()})
    for start in graph:
        order = [chunk.file[:-3] for chunk in manifest.imported_by(start)]
        reached = reachable(graph, start) - {start}
        assert len(order) == len(set(order))
        assert set(order) == reached
        for position, name in enumerate(order):
            for below in graph[name]:
                if below in reached and name not in reachable(graph, below):
                    assert order.index(below) < position


def reachable(graph: dict[str, list[str]], start: str) -> set[str]:
    """All that can be reached by one import or more, of what is there."""
    found: set[str] = set()
    pending = [name for name in graph[start] if name in graph]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += [below for below in graph[name] if below in graph]
    return found | {start}
