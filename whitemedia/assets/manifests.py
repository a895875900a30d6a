"""What bundlers write of what they built: from the JSON of a manifest to chunks by the names of their sources.

The format is told by the content. What is of the wrong type in it is passed over, for bundlers and their plugins add
what they like; if nothing is left, it is no manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

_NOT_ASSETS: Final = (".js", ".mjs", ".css", ".map")
_IMPORTS: Final = ("import-statement", "dynamic-import")


class Chunk(NamedTuple):
    """What is built of a source: files as the manifest names them, and the names of the chunks that it imports.

    `before` are scripts that must run before it.
    """

    file: str
    styles: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


class Manifest(NamedTuple):
    """Chunks by the names of their sources, with the tool whose hashes their names have.

    `is_modules` tells whether scripts are ES modules. `imported` are files that other chunks ask for by the very names
    that they have: under another one they would be loaded twice.
    """

    tool: str
    is_modules: bool
    chunks: Mapping[str, Chunk]
    imported: frozenset[str] = frozenset()

    def files(self) -> Iterator[str]:
        """All that were built, as far as it is told."""
        for chunk in self.chunks.values():
            yield chunk.file
            yield from chunk.styles

    def imported_by(self, name: str) -> list[Chunk]:
        """All chunks that one imports, and those that these import: each once, after what it imports itself."""
        seen, found = {name}, []
        pending = [(name, iter(self.chunks[name].imports))]
        while pending:  # no recursion: a chain may be long, and a circle
            current, rest = pending[-1]
            below = next((other for other in rest if other in self.chunks and other not in seen), None)
            if below is not None:
                seen.add(below)
                pending.append((below, iter(self.chunks[below].imports)))
                continue
            pending.pop()
            if pending:
                found.append(self.chunks[current])
        return found

    def styles_of(self, name: str) -> list[str]:
        """The stylesheets of a chunk, in the order that Vite documents: its own, then those of what it imports."""
        chunks = [self.chunks[name], *self.imported_by(name)]
        return list(dict.fromkeys(style for chunk in chunks for style in chunk.styles))


def parse_manifest(value: object) -> Manifest:
    """The manifest that a JSON value is. Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError("is no manifest: expected a JSON object")
    for parse in (_parse_esbuild, _parse_vite, _parse_flat):
        manifest = parse(value)
        if manifest.chunks:
            return manifest
    raise ValueError("names no file in a way that Vite, webpack, esbuild or Parcel does")


_Object = Mapping[str, object]


def _parse_vite(value: _Object) -> Manifest:
    """`{source: {"file": …, "css": […], "imports": [source, …], …}}`."""
    entries = _objects(value)
    chunks = {
        name: Chunk(str(entry["file"]), _strings(entry.get("css")), _strings(entry.get("imports")))
        for name, entry in entries.items()
        if _is_name(entry.get("file"))
    }
    targets = {
        name
        for entry in entries.values()
        for name in (*_strings(entry.get("imports")), *_strings(entry.get("dynamicImports")))
    }
    imported = frozenset(chunks[name].file for name in targets & chunks.keys())
    return Manifest("vite", is_modules=True, chunks=chunks, imported=imported)


def _parse_esbuild(value: _Object) -> Manifest:
    """A metafile: `{"outputs": {file: {"entryPoint": source, "cssBundle": file, "imports": [{"path": file, …}], …}}}`."""
    outputs = _objects(value.get("outputs")) if isinstance(value.get("inputs"), dict) else {}
    names = {file: _esbuild_source(file, output) for file, output in outputs.items()}
    targets = {file: list(_esbuild_imports(output)) for file, output in outputs.items()}
    chunks = {
        names[file]: Chunk(
            file,
            _strings([output.get("cssBundle")]),
            tuple(names[path] for path, kind in targets[file] if kind == _IMPORTS[0] and path in names),
        )
        for file, output in outputs.items()
        if file
    }
    imported = {path for pairs in targets.values() for path, _ in pairs if path in names}
    return Manifest("esbuild", is_modules=True, chunks=chunks, imported=frozenset(imported))


def _esbuild_source(file: str, output: _Object) -> str:
    """Of a file that is none of esbuild's own kinds, its one input; a chunk has no name but the file's."""
    entry, inputs = output.get("entryPoint"), output.get("inputs")
    if isinstance(entry, str) and entry:
        return entry
    if isinstance(inputs, dict) and len(inputs) == 1 and not file.endswith(_NOT_ASSETS):
        return str(next(iter(inputs)))
    return file


def _esbuild_imports(output: _Object) -> Iterator[tuple[str, str]]:
    """Paths with their kinds, of those imports by which a script asks for another."""
    listed = output.get("imports")
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and item.get("kind") in _IMPORTS and isinstance(item.get("path"), str):
            yield item["path"], item["kind"]


def _parse_flat(value: _Object) -> Manifest:
    """`{source: file}` or `{source: {"src": file, …}}`, as webpack's plugins and Parcel's write it; beside these, or in
    place of them, `{"entrypoints": {name: {"assets": {"js": [file, …], "css": [file, …]}}}}`."""
    listed = value.get("files", value)  # Create React App's has them below this
    named = {name: _file(item) for name, item in (listed if isinstance(listed, dict) else value).items()}
    files = {name: file for name, file in named.items() if file is not None}
    chunks = {name: Chunk(file) for name, file in files.items()}
    points = {name: _entry_point(point) for name, point in _objects(value.get("entrypoints")).items()}
    whole = {chunk.file: chunk for chunk in points.values() if chunk is not None}
    for name, chunk in chunks.items():
        stem, _, extension = name.rpartition(".")
        styles = (files[f"{stem}.css"],) if extension in ("js", "mjs") and f"{stem}.css" in files else ()
        chunks[name] = whole.get(chunk.file) or Chunk(chunk.file, () if points else styles)
    named_points = {name: chunk for name, chunk in points.items() if chunk is not None and name not in chunks}
    return Manifest("webpack", is_modules=False, chunks={**chunks, **named_points})


def _entry_point(point: _Object) -> Chunk | None:
    """The last script is the entry's own, those before it are what it needs."""
    assets = point.get("assets", point)
    lists = assets if isinstance(assets, dict) else {}
    scripts, styles = _files(lists.get("js")), _files(lists.get("css"))
    if scripts:
        return Chunk(scripts[-1], styles, before=scripts[:-1])
    return Chunk(styles[-1], styles[:-1]) if styles else None


def _file(item: object) -> str | None:
    """A file by itself, or with its integrity."""
    found = item.get("src") if isinstance(item, dict) else item
    return str(found) if _is_name(found) else None


def _files(items: object) -> tuple[str, ...]:
    found = (_file(item) for item in (items if isinstance(items, list) else ()))
    return tuple(file for file in found if file is not None)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _strings(value: object) -> tuple[str, ...]:
    items: Iterable[object] = value if isinstance(value, list) else ()
    return tuple(str(item) for item in items if _is_name(item))


def _objects(value: object) -> dict[str, _Object]:
    """What is an object in an object, by name."""
    items = value.items() if isinstance(value, dict) else ()
    return {name: item for name, item in items if isinstance(item, dict)}
