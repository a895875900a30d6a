"""Names of static files: their URLs, with the version of their content, and what pages say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from whitemedia.assets.built_names import built_path, is_elsewhere, is_imported, known_of
from whitemedia.assets.bundles import Known
from whitemedia.assets.indexing import Indexed
from whitemedia.assets.table import SCRIPTS, Table
from whitemedia.collection import Collection
from whitemedia.http.digests import format_integrity
from whitemedia.http.elements import format_import_map, format_link, format_script
from whitemedia.http.paths import quote_path, spell, unspell, unspell_exactly
from whitemedia.http.preload import format_module_preload, format_preload
from whitemedia.options import OptionError, Options

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


MAX_MAPS: Final = 64
"""Import maps that are kept for one table; most pages have the same."""


class Entry(NamedTuple):
    """What a page needs of a source that was built: URLs.

    `url` is its own. `scripts` are what is to run, in this order, its own last; `styles` are stylesheets, and
    `preloads` modules that those scripts will ask for. `is_module` tells whether the scripts are modules.
    """

    url: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    preloads: tuple[str, ...]
    is_module: bool


class Names(Collection):
    """A collection that tells how its files are called."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._maps: tuple[Table, dict[tuple[object, ...], str]] = (self.table, {})

    def url_for(self, name: str, *, environ: WSGIEnvironment | None = None, host: str = "") -> str:
        """The URL path of a static file, with the version of its content in it: it may be cached for ever.

        `name` is a whole URL path if it begins with "/", else it is looked for beneath the prefix of each root, the one
        added last first. A source that a `manifest` names stands for what was built of it. `environ` puts its mount
        point (SCRIPT_NAME) before it, `host` ("https://cdn.example.com") what it says. Pages, and what has a hashed
        name already, keep their plain URL. What is not there has it too, with one warning, or is a KeyError with
        `strict`.
        """
        return _url(self.path_for(name), environ, host)

    def path_for(self, name: str) -> str:
        """The same, decoded, for frameworks that make URLs of paths."""
        path, resource = self._look_up(name)
        if resource is not None and resource.version is not None and not is_imported(path, self._roots):
            path = self._hand_out(path, resource)
        return unspell_exactly(path) or path

    def integrity(self, name: str) -> str:
        """The value of `integrity` for a script or a stylesheet: its SHA-256 (Subresource Integrity). Raises KeyError."""
        resource = self._look_up(name)[1]
        digest = None if resource is None else resource.contents[resource.codings[-1]].digest
        if digest is None:
            raise KeyError(name)
        return format_integrity(digest)

    def preload(self, name: str, *, environ: WSGIEnvironment | None = None, host: str = "") -> str:
        """The value of a Link field that has the browser load a file at once (RFC 8288). Raises KeyError."""
        resource = self._look_up(name)[1]
        if resource is None:
            raise KeyError(name)
        media_type, url = (
            dict(resource.headers).get("Content-Type", ""),
            self.url_for(name, environ=environ, host=host),
        )
        found = self._chunk(name)
        if found is not None and found[1].manifest.is_modules and media_type.startswith("text/javascript"):
            return format_module_preload(url)
        return format_preload(url, media_type)

    def entry(self, name: str, *, environ: WSGIEnvironment | None = None, host: str = "") -> Entry:
        """The URLs that a page needs for a script or stylesheet: its own, and those that a `manifest` says go with it.

        `name`, `environ` and `host` are as in `url_for`, and so is what happens where nothing is there.
        """
        needed = self._needed(name)
        scripts, styles, preloads = (
            tuple(_url(self._versioned(path), environ, host) for path in paths)
            for paths in (needed.scripts, needed.styles, needed.preloads)
        )
        return Entry(self.url_for(name, environ=environ, host=host), scripts, styles, preloads, needed.is_module)

    def tags(
        self, name: str, *, environ: WSGIEnvironment | None = None, host: str = "", integrity: bool = False
    ) -> str:
        """The HTML that loads what `entry` tells, a line each; with `integrity` browsers check it.

        Stylesheets come first, then scripts, then modules to load at once: that is Vite's order.
        """
        needed = self._needed(name)

        def told(path: str) -> tuple[str, str]:
            url = _url(self._versioned(path), environ, host)
            return url, self._integrity_if_known(path) if integrity else ""

        styles = [format_link("stylesheet", *told(path)) for path in needed.styles]
        scripts = [format_script(*told(path), is_module=needed.is_module) for path in needed.scripts]
        preloads = [format_link("modulepreload", *told(path)) for path in needed.preloads]
        return "\n".join([*styles, *scripts, *preloads])

    def importmap(
        self,
        *names: str | Mapping[str, str],
        environ: WSGIEnvironment | None = None,
        host: str = "",
        integrity: bool = False,
    ) -> str:
        """The JSON of an import map that gives ES modules, which import each other by plain names, their versioned URLs.

        A name is a script's, or that of a folder, with its final slash, for all scripts beneath it. A mapping names
        what modules call them: `{"vue": "vendor/vue.js", "app/": "js/app/"}`. With `integrity` browsers check each.
        It is safe in a `<script type="importmap">`. What is not there is as in `url_for`.
        """
        table, pairs = self.table, tuple(_checked_modules(names))
        key = (pairs, "" if environ is None else environ.get("SCRIPT_NAME", ""), host, integrity)
        known = self._maps[1] if self._maps[0] is table and len(self._maps[1]) < MAX_MAPS else {}
        if key not in known or self.options.autorefresh:
            known = {**known, key: self._import_map(pairs, environ, host, integrity=integrity)}
            self._maps = table, known  # the table of before: another may have come meanwhile
        return known[key]

    def _import_map(
        self, pairs: Iterable[tuple[str, str]], environ: WSGIEnvironment | None, host: str, *, integrity: bool
    ) -> str:
        imports: dict[str, str] = {}
        checked: dict[str, str] = {}
        for called, name, path in self._modules(pairs):
            plain, url = _url(path, environ, host), _url(self.path_for(name), environ, host)
            imports |= {key: url for key in (called, plain) if key not in ("", url)}
            digest = self._integrity_if_known(name) if integrity else ""
            checked |= {url: digest} if digest else {}
        return format_import_map(imports, checked)

    def _modules(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
        """What a module is called in others ("": by its path alone), a name of it, and its path."""
        for called, name in pairs:
            if name.endswith("/"):
                folder, paths = self._scripts_beneath(name)
                yield from ((called and called + path[len(folder) :], path, path) for path in paths)
            else:
                yield called, name, unspell(self._look_up(name)[0])

    def _scripts_beneath(self, folder: str) -> tuple[str, list[str]]:
        """The first of the folders of this name in which there are scripts, with their paths."""
        roots = [root.prefix for root in reversed(self._roots)]
        for path in [folder] if folder.startswith("/") else [prefix + folder for prefix in roots]:
            found = [unspell(script) for script in self.table.scripts_beneath(spell(path))]
            if found:
                return path, found
        self._tell_of_missing(folder)
        return folder, []

    def _versioned(self, path: str) -> str:
        return path if is_elsewhere(path) else self.path_for(path)

    def _integrity_if_known(self, name: str) -> str:
        try:
            return self.integrity(name)
        except KeyError:
            return ""

    def _needed(self, name: str) -> _Needed:
        """The paths that go with a name."""
        path, resource = self._look_up(name)
        found = self._chunk(name)
        if found is None:
            is_told = resource is None and not is_elsewhere(name)  # by this name, once
            return _Needed(*_by_kind(name if is_told else unspell(path)), (), is_module=True)
        root, known = found
        manifest, chunk = known.manifest, known.manifest.chunks[name]

        def paths(files: Iterable[str]) -> tuple[str, ...]:
            return tuple(built_path(root, known, file) for file in files)

        scripts, styles = _by_kind(built_path(root, known, chunk.file))
        imported = [other.file for other in manifest.imported_by(name)] if manifest.is_modules else []
        styles = tuple(dict.fromkeys((*paths(manifest.styles_of(name)), *styles)))
        return _Needed((*paths(chunk.before), *scripts), styles, paths(imported), manifest.is_modules)

    def _chunk(self, name: str) -> tuple[Indexed, Known] | None:
        """The root, the one added last first, whose manifest knows the name, if its file is there."""
        for root in reversed(self._roots):
            known = known_of(root)
            chunk = None if known is None else known.manifest.chunks.get(name)
            if known is not None and chunk is not None:
                path = built_path(root, known, chunk.file)
                if is_elsewhere(path) or self.table.at(spell(path)) is not None:
                    return root, known
        return None


class _Needed(NamedTuple):
    """As an `Entry`, but whole paths."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    preloads: tuple[str, ...]
    is_module: bool


def _url(path: str, environ: WSGIEnvironment | None, host: str) -> str:
    if is_elsewhere(path):
        return path
    mount = "" if environ is None else environ.get("SCRIPT_NAME", "")
    return host + quote_path(mount + spell(path))


def _checked_modules(names: Iterable[str | Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Pairs of what a module, or those of a folder, are called and their name."""
    for given in names:
        if not isinstance(given, (str, Mapping)):
            raise OptionError("names", given, "expected the name of a script or a folder, or a mapping of such")
        for called, name in ({"": given} if isinstance(given, str) else given).items():
            if not isinstance(called, str) or not isinstance(name, str):
                raise OptionError("names", given, 'expected names, such as {"vue": "vendor/vue.js"}')
            if called and name.endswith("/") and not called.endswith("/"):
                raise OptionError("names", given, f"{called!r} stands for a folder: it must end in a slash")
            yield called, name


def _by_kind(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A script's path, or a stylesheet's; pictures and the like are named by what needs them."""
    name = path.partition("?")[0] if is_elsewhere(path) else path
    return ((path,) if name.endswith(SCRIPTS) else (), (path,) if name.endswith(".css") else ())
