"""Names of sources as whole URL paths of what was built of them, in each root that a manifest is given for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whitemedia.assets.bundles import Known
from whitemedia.assets.indexing import Indexed
from whitemedia.http.paths import unspell


def known_of(root: Indexed) -> Known | None:
    """What its manifest says now."""
    return None if root.bundle is None else root.bundle.known


def built_path(root: Indexed, known: Known, file: str) -> str:
    """The URL path of a file that a manifest names; its URL if that is on another host."""
    path = known.place(file)
    return path if is_elsewhere(path) else root.prefix + path


def is_elsewhere(path: str) -> bool:
    return path.startswith(("https://", "http://"))


def paths_for(name: str, roots: Iterable[Indexed]) -> Iterator[str]:
    """The URL paths that a name may stand for: as a source, then as a file. A whole one is looked for beneath its root."""
    is_whole = name.startswith("/")
    for root in roots:
        if not is_whole:
            yield from _built(root, name)
            yield root.prefix + name
        elif name.startswith(root.prefix):
            yield from _built(root, name[len(root.prefix) :])
    if is_whole:
        yield name


def is_imported(path_info: str, roots: Iterable[Indexed]) -> bool:
    """Whether scripts ask for the file by this very path, so that it must not have another."""
    for root in roots:
        known = known_of(root)
        if known is not None:
            path = unspell(path_info)
            if path.startswith(root.prefix) and path[len(root.prefix) :] in known.imported:
                return True
    return False


def sources_of(roots: Iterable[Indexed]) -> Iterator[str]:
    """All names of sources."""
    for root in roots:
        known = known_of(root)
        if known is not None:
            yield from known.manifest.chunks


def _built(root: Indexed, name: str) -> Iterator[str]:
    known = known_of(root)
    chunk = None if known is None else known.manifest.chunks.get(name)
    if known is not None and chunk is not None:
        yield built_path(root, known, chunk.file)
