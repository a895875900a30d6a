"""Trees of every shape: what is served, hidden or cannot be, and what is only in their way."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from hypothesis import strategies as st

from tests.assets.walked import CODED, OTHER, TEXT
from tests.conftest import MODIFIED

SPARSE: Final = (1 << 20) + 1
"""More than is held in memory."""

FILES: Final = ("a.css", "about", "about.html", "index.html", "logo.svgz", "a.css.gz", "plain", "index.html.html")
DIRECTORIES: Final = ("about", "sub", "index.html", "c~", ".git", ".well-known", "a.css")
STRANGE: Final = (
    ".env",
    "c~",
    "a b%41",
    "back\\slash",
    "ü",
    "\udce9",
    "\n",
    "A.CSS",
    ".html",
    "x.css.gz.br",
    "...",
)
REFERRING: Final = (
    b"@import 'a.css'; a { b: url(plain), url(sub/a.css), url(../a.css?b#c), url(/static/sub/about), url(logo.svgz) }",
    b"@import '../a.css'; @import 'sub/a.css'; a { b: url('a.css.gz'), url(%61.css), url(./missing), url(about.html) }",
)
CONTENTS: Final = (TEXT, TEXT, OTHER, b"", b"0123456789", CODED[".gz"], *REFERRING)
TIMES: Final = (MODIFIED, MODIFIED, 0, 1, -5, 4_102_444_800, 1 << 33)
"""Times of files, in seconds: also such as no answer may tell."""


class Step(NamedTuple):
    """One thing to make: in the `place`-th directory made so far; `choice` says which of its kind."""

    kind: str
    place: int
    name: str
    choice: int


def _write(place: Path, choice: int, things: list[Path]) -> None:
    with place.open("xb") as file:
        file.write(CONTENTS[choice % len(CONTENTS)])


def _write_sparse(place: Path, choice: int, things: list[Path]) -> None:
    with place.open("xb") as file:
        file.truncate(SPARSE + choice)


def _write_siblings(place: Path, choice: int, things: list[Path]) -> None:
    """A file and some siblings, one of which may be of another text."""
    with place.open("xb") as file:
        file.write(TEXT)
    for number, (suffix, data) in enumerate(CODED.items()):
        if choice >> number & 1:
            place.with_name(place.name + suffix).write_bytes(b"stale" if choice % 5 == number else data)


def _link(place: Path, choice: int, things: list[Path]) -> None:
    target = things[choice % len(things)]
    place.symlink_to(os.path.relpath(target, place.parent) if choice % 2 else target)


def _mkdir(place: Path, choice: int, things: list[Path]) -> None:
    place.mkdir()


def _mkfifo(place: Path, choice: int, things: list[Path]) -> None:
    os.mkfifo(place)


def _mksocket(place: Path, choice: int, things: list[Path]) -> None:
    os.mknod(place, stat.S_IFSOCK | 0o600)


MAKERS: Final[dict[str, Callable[[Path, int, list[Path]], None]]] = {
    "file": _write,
    "sparse": _write_sparse,
    "siblings": _write_siblings,
    "link": _link,
    "directory": _mkdir,
    **({"fifo": _mkfifo, "socket": _mksocket} if hasattr(os, "mkfifo") else {}),
}
NAMES: Final = {"file": FILES + STRANGE, "siblings": FILES, "directory": DIRECTORIES + STRANGE[:7]}
OFTEN: Final = ("file", "file", "siblings", "directory", "directory", "link", *MAKERS)


def _step(kind: str) -> st.SearchStrategy[Step]:
    names = NAMES.get(kind, FILES + DIRECTORIES + STRANGE)
    return st.builds(Step, st.just(kind), st.integers(0, 5), st.sampled_from(names), st.integers(0, 40))


some_steps: Final = st.lists(st.sampled_from(OFTEN).flatmap(_step), max_size=14)


class Tree:
    """A directory to fill; beside it is something to link to."""

    def __init__(self, path: Path, made: Iterable[Step] = ()) -> None:
        self.path = path
        outside = path.parent / "outside"
        outside.mkdir(exist_ok=True)
        for name in ("a.css", "index.html"):
            (outside / name).write_bytes(b"outside")
        path.mkdir()
        self.directories = [path]
        self.things = [path, outside, outside / "a.css", path / "missing", path / "sub"]
        for step in made:
            self.make(step)

    def make(self, step: Step) -> None:
        place = self.directories[step.place % len(self.directories)] / step.name
        try:
            MAKERS[step.kind](place, step.choice, self.things)
        except (OSError, ValueError):
            return  # there is something of that name, or there cannot be
        self.things.append(place)
        if step.kind == "directory":
            self.directories.append(place)
        elif step.kind != "link":
            modified = TIMES[step.choice % len(TIMES)]
            os.utime(place, (modified, modified))


def paths_in(path: Path, beneath: str = "", depth: int = 3) -> Iterator[str]:
    """Every relative path, also by way of links."""
    for name in sorted(os.listdir(path)):
        yield beneath + name
        if depth and (path / name).is_dir():
            yield from paths_in(path / name, f"{beneath}{name}/", depth - 1)
