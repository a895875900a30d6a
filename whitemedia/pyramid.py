"""Pyramid's static views through whitemedia, with `request.static_url` giving names that can be cached for ever.

from whitemedia.pyramid import make_wsgi_app

with Configurator() as config:
    config.add_static_view("static", "mypackage:static")
    app = make_wsgi_app(config)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from pyramid.path import AssetResolver
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED

from whitemedia.middleware import WhiteMedia
from whitemedia.options import OptionFields

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from typing_extensions import Unpack


def make_wsgi_app(config: Configurator, **options: Unpack[OptionFields]) -> WhiteMedia:
    """The application of `config`, with its static views' files served from in front of it and named by their versions.

    `rewrite` is on unless it is given. Views of another host, and those that ask for a permission, are left to
    Pyramid. Raises `OptionError`.
    """
    config.commit()
    views = dict(_static_views(config))
    chosen: dict[str, Any] = {"rewrite": True, **options}
    whitemedia = WhiteMedia(config.make_wsgi_app(), **chosen)
    for spec, prefix in views.items():
        whitemedia.add_files(AssetResolver().resolve(spec).abspath(), prefix)
        config.add_cache_buster(spec, _name_versions(whitemedia, prefix))
    config.commit()
    return whitemedia


def _name_versions(whitemedia: WhiteMedia, prefix: str) -> Callable[..., tuple[str, Any]]:
    """A cache buster (`pyramid.interfaces.ICacheBuster`)."""

    def name_version(request: Request, subpath: str, kw: dict[str, Any]) -> tuple[str, dict[str, Any]]:  # noqa: ARG001
        path = whitemedia.path_for(prefix + subpath)
        return path.removeprefix(prefix) if path.startswith(prefix) else subpath, kw

    return name_version


def _static_views(config: Configurator) -> Iterator[tuple[str, str]]:
    """The folder and the prefix of each that everybody may see."""
    request = Request.blank("/")
    request.registry = config.registry
    guarded = set(_guarded_routes(config))
    for one in config.introspector.get_category("static views", ()):
        name, spec = one["introspectable"]["name"], one["introspectable"]["spec"]
        url = request.static_path(f"{spec}_")
        ends = (f"_{name}", f"/{name}")
        if url.startswith("/") and not any(route.endswith(ends) for route in guarded):
            yield spec, unquote(url[:-1])


def _guarded_routes(config: Configurator) -> Iterator[str]:
    """The names of the routes whose views ask for a permission."""
    for one in config.introspector.get_category("views", ()):
        asked = [related["value"] for related in one["related"] if related.category_name == "permissions"]
        if any(permission != NO_PERMISSION_REQUIRED for permission in asked):
            yield one["introspectable"]["route_name"] or ""
