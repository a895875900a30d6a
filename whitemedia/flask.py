"""Flask's static files through whitemedia, with `url_for("static", …)` giving names that can be cached for ever.

from whitemedia.flask import FlaskWhiteMedia

assets = FlaskWhiteMedia()
assets.init_app(app)  # after its blueprints are registered
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from whitemedia.middleware import WhiteMedia
from whitemedia.options import OptionFields

if TYPE_CHECKING:
    from flask import Flask
    from typing_extensions import Unpack

PREFIX: Final = "WHITEMEDIA_"
"""How the names of options begin in an application's configuration."""

_FILENAME: Final = "<path:filename>"


class FlaskWhiteMedia:
    """The extension; `whitemedia` is the `WhiteMedia` in front of the application, to add media and other roots to."""

    whitemedia: WhiteMedia

    def __init__(self, app: Flask | None = None, **options: Unpack[OptionFields]) -> None:
        self._options = options
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Serve the application's static folder and those of its blueprints, and name their files by their versions.

        Options are those given, then `WHITEMEDIA_…` of the configuration; `autorefresh` is on where `app.debug` is.
        Raises `OptionError`, also for a setting that is no option.
        """
        configured = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in app.config.items()
            if name.startswith(PREFIX)
        }
        options: dict[str, Any] = {"autorefresh": app.debug, "rewrite": True, **configured, **self._options}
        self.whitemedia = whitemedia = WhiteMedia(app.wsgi_app, **options)
        folders = dict(_static_folders(app))
        for prefix, folder in folders.values():
            whitemedia.add_files(folder, prefix)
        app.wsgi_app = whitemedia  # type: ignore[method-assign]
        app.extensions["whitemedia"] = whitemedia
        app.jinja_env.globals["integrity"] = whitemedia.integrity
        app.jinja_env.globals["asset_tags"] = _as_markup(whitemedia.tags)
        app.jinja_env.globals["importmap"] = _as_markup(whitemedia.importmap)

        @app.url_defaults
        def name_version(endpoint: str, values: dict[str, Any]) -> None:
            if endpoint in folders and isinstance(values.get("filename"), str):
                prefix = folders[endpoint][0]
                path = whitemedia.path_for(prefix + values["filename"])
                if path.startswith(prefix):  # else a bundler put it on another host
                    values["filename"] = path.removeprefix(prefix)


def _as_markup(write: Callable[..., str]) -> Callable[..., Markup]:
    """For templates, which escape what is not told to be HTML; URLs begin with the mount point of the request."""
    from flask import has_request_context, request  # noqa: PLC0415 - whoever calls this has it

    def write_markup(*names: Any, **options: Any) -> Markup:
        environ = request.environ if has_request_context() else None
        return Markup(write(*names, **{"environ": environ, **options}))  # noqa: S704 - it is escaped

    return write_markup


def _static_folders(app: Flask) -> Iterator[tuple[str, tuple[str, str]]]:
    """The prefix and the folder of each endpoint that serves static files and is there; the application's comes last,
    for of two with one prefix its own is Flask's choice too."""
    owners = {"static": app, **{f"{name}.static": blueprint for name, blueprint in app.blueprints.items()}}
    for endpoint, owner in reversed(owners.items()):
        rule = next(app.url_map.iter_rules(endpoint), None) if endpoint in app.view_functions else None
        folder = owner.static_folder
        if rule is not None and folder is not None and os.path.isdir(folder) and _is_plain(rule.rule):
            yield endpoint, (rule.rule.removesuffix(_FILENAME), folder)


def _is_plain(rule: str) -> bool:
    """Whether nothing but the file's name is variable in it."""
    return rule.endswith(_FILENAME) and rule.count("<") == 1
