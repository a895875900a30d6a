"""The static folders of an application and its blueprints, served from in front of it and named by their versions."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from flask import Blueprint, Flask
    from werkzeug.routing import Rule

    from whitemedia.middleware import WhiteMedia

_FILENAME: Final = "<path:filename>"
_log = logging.getLogger("whitemedia")


class Folder(NamedTuple):
    """A static folder, the prefix of its endpoint's URLs, and the host or subdomain that they are on, if Flask asks."""

    prefix: str
    path: str
    host: str


class StaticFolders:
    """Those that are served, by endpoint; those that are known but not served are left to Flask."""

    def __init__(self, app: Flask, whitemedia: WhiteMedia) -> None:
        self._app = app
        self._whitemedia = whitemedia
        self._known: set[str] = set()
        self._served: dict[str, Folder] = {}

    def add(self) -> None:
        """Serve those that there are, and those of blueprints that are registered later. Raises OptionError."""
        self._add()
        register = self._app.register_blueprint

        def register_and_serve(blueprint: Blueprint, **options: Any) -> None:
            register(blueprint, **options)
            self._add()

        self._app.register_blueprint = register_and_serve  # type: ignore[method-assign,assignment]

    def name_version(self, endpoint: str, values: dict[str, Any]) -> None:
        """Have `url_for` name a version: a function for `url_defaults`."""
        if endpoint not in self._served or not isinstance(values.get("filename"), str):
            return
        prefix = self._served[endpoint].prefix
        path = self._whitemedia.path_for(prefix + values["filename"])
        if path.startswith(prefix):  # else a bundler put it on another host
            values["filename"] = path.removeprefix(prefix)

    def _add(self) -> None:
        found = dict(_find(self._app))
        is_first = not self._known
        for endpoint in [one for one in found if one not in self._known]:
            folder = found[endpoint]
            why = _why_not(folder, found.values(), is_first=is_first)
            if why:
                _log.warning("static files of endpoint %r are left to Flask: %s", endpoint, why)
            else:
                self._whitemedia.add_files(folder.path, folder.prefix)
                self._served[endpoint] = folder
        self._known |= found.keys()


def _why_not(folder: Folder, all_folders: Iterable[Folder], *, is_first: bool) -> str:
    """Why a folder is not served; "" if it is."""
    others = [one for one in all_folders if one.prefix == folder.prefix and one.path != folder.path]
    if any(one.host != folder.host for one in others):
        return f"another host has other files at {folder.prefix!r}"
    if others and not is_first:
        return f"there were others at {folder.prefix!r} before, which Flask has first too"
    return ""


def _find(app: Flask) -> Iterator[tuple[str, Folder]]:
    """The folder of each endpoint that serves static files and is there; the application's comes last, for of two with
    one prefix its own is Flask's choice too."""
    owners = {"static": app, **{f"{name}.static": blueprint for name, blueprint in app.blueprints.items()}}
    for endpoint, owner in reversed(owners.items()):
        rule = next(app.url_map.iter_rules(endpoint), None) if endpoint in app.view_functions else None
        folder = owner.static_folder
        if rule is not None and folder is not None and os.path.isdir(folder) and _is_plain(rule.rule):
            yield endpoint, Folder(rule.rule.removesuffix(_FILENAME), folder, _host(app, rule))


def _is_plain(rule: str) -> bool:
    """Whether nothing but the file's name is variable in it."""
    return rule.endswith(_FILENAME) and rule.count("<") == 1


def _host(app: Flask, rule: Rule) -> str:
    if app.url_map.host_matching:
        return rule.host or ""
    return (rule.subdomain or "") if app.subdomain_matching else ""
