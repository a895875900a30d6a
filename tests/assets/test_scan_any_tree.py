"""Of any tree, every file is served or skipped, and nothing outside is served."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tests.assets.walk import walk


class Step(NamedTuple):
    """One thing to make: in the `place`-th directory made so far; a link's target is the `target`-th thing."""

    kind: str
    place: int
    name: str
    target: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["file", "file", "directory", "directory", "link", "fifo"]),
        st.integers(0, 9),
        st.sampled_from(["a", "b", "a.gz", "a.br", ".env", "c~", ".well-known", "\n", "ü", "\udce9"]),
        st.integers(0, 30),
    ),
    max_size=25,
)


def make_tree(path: Path, made: list[Step]) -> None:
    directories, things = [path], [path, path.parent, path / "missing"]
    for step in made:
        place = directories[step.place % len(directories)] / step.name
        try:
            if step.kind == "file":
                place.open("x").close()
            elif step.kind == "directory":
                place.mkdir()
                directories.append(place)
            elif step.kind == "fifo":
                os.mkfifo(place)
            else:
                place.symlink_to(things[step.target % len(things)])
        except OSError:
            continue  # there is something of that name, or there cannot be
        things.append(place)


def is_within(name: str, directory: str) -> bool:
    return directory == "" or name.startswith(directory + "/")


@given(steps)
def test_every_file_of_any_tree_is_served_or_skipped_and_nothing_outside_is_served(made: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as parent:
        path = Path(parent) / "root"
        path.mkdir()
        make_tree(path, made)
        found = walk(path)
        closed = [name for name, (_, subtree) in found.skipped.items() if subtree]
        for directory, _, names in os.walk(path):
            for name in names:
                relative = os.path.relpath(os.path.join(directory, name), path)
                ways = [relative in found.sources, relative in found.skipped]
                ways.append(any(is_within(relative, subtree) for subtree in closed))
                assert sum(ways) == 1, relative
        for url_path, source in found.sources.items():
            assert Path(source.path).resolve().is_relative_to(path.resolve())
            assert stat.S_ISREG(os.stat(source.path).st_mode)
            assert not any(segment == ".env" or segment.endswith("~") for segment in url_path.split("/"))
