"""The extension: what it adds to an application, and to which."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, current_app, has_app_context, has_request_context, request
from markupsafe import Markup

from whitemedia.flask.commands import make_group
from whitemedia.flask.static import StaticFolders
from whitemedia.media.options import MediaFields
from whitemedia.media.uploads import MediaStore
from whitemedia.middleware import WhiteMedia
from whitemedia.options import OptionError, OptionFields

if TYPE_CHECKING:
    import os

    from typing_extensions import Unpack

    from whitemedia.media.upload_options import UploadFields

PREFIX: Final = "WHITEMEDIA_"
"""How the names of options begin in an application's configuration."""

NAME: Final = "whitemedia"
"""Under which an application's `extensions` have its `WhiteMedia`."""

_Addition = Callable[[WhiteMedia], None]


class FlaskWhiteMedia:
    """The extension, for one application or for all those of a factory.

    What is added counts for all of its applications, whether they come before or after; with `app`, or in an
    application context, for that one alone.
    """

    def __init__(self, app: Flask | None = None, **options: Unpack[OptionFields]) -> None:
        self._options = options
        self._additions: list[_Addition] = []
        self._apps: weakref.WeakSet[Flask] = weakref.WeakSet()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Serve the application's static folder and those of its blueprints, and name their files by their versions.

        Options are those given, then `WHITEMEDIA_…` of the configuration; `autorefresh` is on where `app.debug` is.
        Raises `OptionError`, also for a setting that is no option.
        """
        if NAME in app.extensions:
            raise OptionError("app", app, "has a WhiteMedia already")
        configured = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in app.config.items()
            if name.startswith(PREFIX)
        }
        media, private = _configured_roots("media", configured), _configured_roots("private", configured)
        options: dict[str, Any] = {"autorefresh": app.debug, "rewrite": True, **configured, **self._options}
        whitemedia = WhiteMedia(app.wsgi_app, **options)
        folders = StaticFolders(app, whitemedia)
        folders.add()
        for prefix, root in media.items():
            whitemedia.add_media(root, prefix)
        for prefix, root in private.items():
            whitemedia.add_private(root, prefix)
        for add in self._additions:
            add(whitemedia)
        app.wsgi_app = whitemedia  # type: ignore[method-assign]
        app.extensions[NAME] = whitemedia
        app.url_defaults(folders.name_version)
        app.jinja_env.globals.update(_template_globals(whitemedia))
        app.cli.add_command(make_group())
        self._apps.add(app)

    @property
    def whitemedia(self) -> WhiteMedia:
        """The `WhiteMedia` in front of the current application, or of the only one there is. Else a RuntimeError."""
        if has_app_context() and NAME in current_app.extensions:
            found = [current_app.extensions[NAME]]
        else:
            found = [app.extensions[NAME] for app in self._apps]
        if len(found) != 1:
            why = (
                "there is none: call init_app"
                if not found
                else f"there are {len(found)}, and none is the current one"
            )
            raise RuntimeError(f"of which application? {why}")
        whitemedia: WhiteMedia = found[0]
        return whitemedia

    def add_media(
        self,
        root: str | os.PathLike[str],
        prefix: str = "/media/",
        *,
        app: Flask | None = None,
        **options: Unpack[MediaFields],
    ) -> None:
        """Serve the files in `root`, which come and go, beneath `prefix`: `WhiteMedia.add_media`."""
        self._add(lambda whitemedia: whitemedia.add_media(root, prefix, **options), app)

    def add_private(
        self, root: str | os.PathLike[str], prefix: str | None = None, *, app: Flask | None = None
    ) -> None:
        """Send files in `root` where views hand them off, and only there: `WhiteMedia.add_private`."""
        self._add(lambda whitemedia: whitemedia.add_private(root, prefix), app)

    def add_uploads(
        self,
        root: str | os.PathLike[str],
        prefix: str = "/media/",
        *,
        app: Flask | None = None,
        served: MediaFields | None = None,
        **options: Unpack[UploadFields],
    ) -> MediaStore:
        """A store that saves uploads in `root`, which is served beneath `prefix`.

        `options` are the store's, `served` those of `add_media`. Raises `OptionError`.
        """
        store = MediaStore(root, prefix, **options)
        fields: MediaFields = {} if served is None else served
        self._add(lambda whitemedia: whitemedia.add_media(store.root, store.prefix, **fields), app)
        return store

    def _add(self, add: _Addition, app: Flask | None) -> None:
        if app is None and has_app_context():
            app = next((one for one in self._apps if one == current_app), None)
        if app is not None:
            if app not in self._apps:
                raise OptionError("app", app, "call init_app first")
            add(app.extensions[NAME])
            return
        for one in self._apps:
            add(one.extensions[NAME])
        self._additions.append(add)


def _configured_roots(name: str, configured: dict[str, Any]) -> Mapping[str, Any]:
    """Directories by prefix, taken out of what is configured."""
    roots = configured.pop(name, {})
    if not isinstance(roots, Mapping):
        raise OptionError(name, roots, 'expected directories by prefix, such as {"/media/": "uploads"}')
    return roots


def _template_globals(whitemedia: WhiteMedia) -> dict[str, Callable[..., str]]:
    """URLs begin with the mount point of the request, and what is HTML is told to be, lest it is escaped."""
    return {
        "asset_url": _mounted(whitemedia.url_for, str),
        "asset_tags": _mounted(whitemedia.tags, Markup),
        "importmap": _mounted(whitemedia.importmap, Markup),
        "integrity": whitemedia.integrity,
    }


def _mounted(write: Callable[..., str], kind: type[str]) -> Callable[..., str]:
    def write_mounted(*names: Any, **options: Any) -> str:
        environ = request.environ if has_request_context() else None
        return kind(write(*names, **{"environ": environ, **options}))

    return write_mounted
