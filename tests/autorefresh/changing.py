"""A root to be changed, and its changes. Nothing here asserts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import brotli

from tests.assets.walked import CODED, OTHER, TEXT
from tests.autorefresh.trees import SPARSE
from tests.conftest import MODIFIED, SECRET, plant

Change = Callable[[Path], object]

FILES: Final = {
    "a.css": TEXT,
    "coded.css": TEXT,
    "coded.css.gz": CODED[".gz"],
    "coded.css.br": CODED[".br"],
    "large.bin": bytes(SPARSE),
    "page.html": b"<!doctype html>page",
    "sub/index.html": b"<!doctype html>index",
    "sub/other.html": b"<!doctype html>other",
    "bare/a.css": OTHER,
}


def plant_root(directory: Path) -> Path:
    """The root, and `outside` beside it."""
    plant(directory / "outside", {"a.css": SECRET, "index.html": SECRET})
    return plant(directory / "root", FILES)


def with_its_times(path: Path, write: Callable[[], object]) -> None:
    """Write, and set the modification time back. That itself shows in the status, once its clock has ticked."""
    before = path.stat()
    while True:
        write()
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        if path.stat().st_ctime_ns != before.st_ctime_ns:
            return


def flip(path: Path) -> None:
    """Write other bytes, as many as there are, into the file that is there."""
    data = path.read_bytes()
    with path.open("r+b") as file:
        file.write(bytes(byte ^ 1 for byte in data))


def replace(path: Path, data: bytes) -> None:
    """Put another file in its place, as editors and build tools do."""
    new = path.with_name("new~")
    new.write_bytes(data)
    new.replace(path)


def relink(path: Path, target: str) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        path.rename(path.with_name(f"{path.name}~"))
    path.symlink_to(target)


def unlink(*paths: Path) -> None:
    for path in paths:
        path.unlink()


def become_directory(path: Path) -> None:
    path.unlink()
    plant(path, {"index.html": b"of what was a file"})


def become_file(path: Path) -> None:
    path.rename(path.with_name(f"{path.name}~"))
    path.write_bytes(b"what was a directory")


def recreate(root: Path) -> None:
    root.rename(root.with_name("old"))
    plant(root, {"a.css": OTHER, "page.html": b"new"})


def rewrite_flipped(name: str) -> Change:
    return lambda root: with_its_times(root / name, lambda: flip(root / name))


def replaced_by_its_like(root: Path) -> None:
    """Another file of the same size and time."""
    new = plant(root.parent, {"new": OTHER[: len(TEXT)].ljust(len(TEXT))})
    (new / "new").replace(root / "a.css")


CHANGES: Final[dict[str, tuple[str, Change]]] = {
    "written": ("a.css", lambda root: (root / "a.css").write_bytes(OTHER)),
    "emptied": ("a.css", lambda root: os.truncate(root / "a.css", 0)),
    "appended to": ("a.css", lambda root: (root / "a.css").write_bytes(TEXT + b"more")),
    "replaced": ("a.css", lambda root: replace(root / "a.css", OTHER)),
    "replaced by its like": ("a.css", replaced_by_its_like),
    "rewritten with the same size and time": ("a.css", rewrite_flipped("a.css")),
    "large, rewritten with the same size and time": ("large.bin", rewrite_flipped("large.bin")),
    "large, replaced": ("large.bin", lambda root: replace(root / "large.bin", b"9" * SPARSE)),
    "deleted": ("a.css", lambda root: (root / "a.css").unlink()),
    "renamed to be hidden": ("a.css", lambda root: (root / "a.css").rename(root / "a.css~")),
    "now a directory": ("a.css", lambda root: become_directory(root / "a.css")),
    "once a directory": ("bare", lambda root: become_file(root / "bare")),
    "once a directory with an index": ("sub", lambda root: become_file(root / "sub")),
    "now a link outward": ("a.css", lambda root: relink(root / "a.css", "../outside/a.css")),
    "beneath what is now a link outward": ("bare/a.css", lambda root: relink(root / "bare", "../outside")),
    "now a link within": ("a.css", lambda root: relink(root / "a.css", "bare/a.css")),
    "now a link to itself": ("a.css", lambda root: relink(root / "a.css", "a.css")),
    "in a directory that is gone": ("bare/a.css", lambda root: (root / "bare").rename(root / "elsewhere")),
    "in a directory that is hidden": ("bare/a.css", lambda root: (root / "bare").rename(root / ".bare")),
    "with an index that is gone": ("sub/", lambda root: (root / "sub/index.html").unlink()),
    "with a new index": ("bare/", lambda root: plant(root, {"bare/index.html": b"index"})),
    "with a changed index": ("sub/", lambda root: (root / "sub/index.html").write_bytes(b"changed")),
    "with an index that is now a directory": ("sub", lambda root: become_directory(root / "sub/index.html")),
    "clean, and gone": ("page", lambda root: (root / "page.html").unlink()),
    "clean, and new": ("sub/new", lambda root: plant(root, {"sub/new.html": b"new"})),
    "clean, and now a file": ("page", lambda root: plant(root, {"page": b"file"})),
    "new": ("new.css", lambda root: plant(root, {"new.css": TEXT})),
    "new, in a new directory": ("new/new.css", lambda root: plant(root, {"new/new.css": TEXT})),
    "in a new root": ("a.css", recreate),
    "in a root that is gone": ("a.css", lambda root: root.rename(root.with_name("old"))),
}
"""A name by what becomes of it, with what does that."""

CODED_CHANGES: Final[dict[str, Change]] = {
    "a sibling is new": lambda root: plant(root, {"a.css.gz": CODED[".gz"]}),
    "a sibling is gone": lambda root: (root / "coded.css.br").unlink(),
    "all siblings are gone": lambda root: unlink(*root.glob("coded.css.*")),
    "a sibling is of another text": lambda root: (root / "coded.css.br").write_bytes(b"stale"),
    "a sibling is coded anew": lambda root: (root / "coded.css.br").write_bytes(brotli.compress(TEXT, quality=1)),
    "a sibling is rewritten with the same size and time": rewrite_flipped("coded.css.br"),
    "a sibling is a link outward": lambda root: relink(root / "coded.css.br", "../outside/a.css"),
    "a sibling is a directory": lambda root: become_directory(root / "coded.css.br"),
    "its file is of another text": lambda root: (root / "coded.css").write_bytes(OTHER),
    "its file is gone": lambda root: (root / "coded.css").unlink(),
    "its file has a sibling of a sibling": lambda root: plant(root, {"coded.css.br.gz": CODED[".gz"]}),
}
"""What becomes of a file with siblings."""

UNCHANGED: Final[dict[str, Change]] = {
    "touched": lambda root: os.utime(root / "a.css", (MODIFIED + 60, MODIFIED + 60)),
    "replaced by a copy": lambda root: replace(root / "a.css", TEXT),
    "another mode": lambda root: (root / "a.css").chmod(0o640),
    "another link to it": lambda root: os.link(root / "a.css", root / "b.css"),
}
"""Changes of a file's state that leave its bytes."""
