"""In Pyramid, `static_url` and `static_path` name versions, and everything else is as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest
import werkzeug
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from werkzeug.test import Client, TestResponse

from tests.conftest import plant
from whitemedia import WhiteMedia
from whitemedia.http import dates
from whitemedia.pyramid import make_wsgi_app

FOREVER = "max-age=31536000, public, immutable"


class Site:
    """An application, and a client that asks it."""

    def __init__(
        self, tmp_path: Path, configure: Callable[[Configurator], Any] | None = None, **options: Any
    ) -> None:
        self.root = plant(tmp_path / "static", {"css/app.css": b"a{}", "über uns.txt": b"1", ".env": b"SECRET"})
        with Configurator() as config:
            config.add_route("index", "/")
            config.add_view(self._index, route_name="index")
            if configure is None:
                config.add_static_view("static", str(self.root))
            else:
                configure(config)
            self.app = make_wsgi_app(config, cache_dir=None, **options)
        self._client = Client(validator(self.app), werkzeug.Response)

    def get(self, url: str, **options: Any) -> TestResponse:
        return self._client.get(url, buffered=True, **options)

    def _index(self, request: Request) -> Response:
        name = request.params.get("name", "css/app.css")
        try:
            return Response(request.static_url(f"{self.root}/{name}"))
        except ValueError as error:
            return Response(str(error), status=500)


def test_a_static_url_has_a_version_and_is_served_for_ever(tmp_path: Path) -> None:
    site = Site(tmp_path)
    url = site.get("/").text
    assert re.fullmatch(r"http://localhost/static/css/app\.[0-9a-f]{12}\.css", url)
    answer = site.get(url)
    assert (answer.data, answer.headers["Cache-Control"]) == (b"a{}", FOREVER)
    assert site.get("/static/css/app.css").headers["Cache-Control"] == "max-age=60, public"


def test_names_are_encoded_by_pyramid(tmp_path: Path) -> None:
    site = Site(tmp_path)
    url = site.get("/?name=über uns.txt").text
    assert re.fullmatch(r"http://localhost/static/%C3%BCber%20uns\.[0-9a-f]{12}\.txt", url)
    assert site.get(url).data == b"1"


@pytest.mark.parametrize("name", ["none.css", ".env"])
def test_what_has_no_version_keeps_its_url(tmp_path: Path, name: str) -> None:
    site = Site(tmp_path)
    assert site.get(f"/?name={name}").text == f"http://localhost/static/{name}"
    assert site.get(f"/static/{name}").status_code == 404


def test_beneath_a_mount_and_a_route_prefix_the_url_has_both(tmp_path: Path) -> None:
    def configure(config: Configurator) -> None:
        with config.route_prefix_context("admin"):
            config.add_static_view("files", str(tmp_path / "static"))

    site = Site(tmp_path, configure)
    url = site.get("/", environ_overrides={"SCRIPT_NAME": "/app"}).text
    assert re.fullmatch(r"http://localhost/app/admin/files/css/app\.[0-9a-f]{12}\.css", url)
    assert site.get(url.removeprefix("http://localhost/app")).data == b"a{}"


def test_a_static_view_of_a_package_is_served(tmp_path: Path) -> None:
    site = Site(tmp_path, lambda config: config.add_static_view("tests", "whitemedia:http"))
    assert site.get(site.app.url_for("/tests/dates.py")).text == Path(dates.__file__).read_text()


def test_what_asks_for_a_permission_is_left_to_pyramid(tmp_path: Path) -> None:
    class Nobody:
        def permits(self, request: Request, context: object, permission: str) -> bool:
            return False

        def identity(self, request: Request) -> None:
            return None

        authenticated_userid = remember = forget = identity

    def configure(config: Configurator) -> None:
        config.set_security_policy(Nobody())
        config.add_static_view("static", str(tmp_path / "static"), permission="see")

    site = Site(tmp_path, configure)
    assert site.get("/static/css/app.css").status_code == 403
    assert site.get("/").text == "http://localhost/static/css/app.css"


def test_what_is_on_another_host_is_left_to_it(tmp_path: Path) -> None:
    site = Site(tmp_path, lambda config: config.add_static_view("https://cdn.example/", str(tmp_path / "static")))
    assert site.get("/").text == "https://cdn.example/css/app.css"


def test_it_is_a_whitemedia_with_options(tmp_path: Path) -> None:
    site = Site(tmp_path, max_age=7)
    assert isinstance(site.app, WhiteMedia)
    assert (site.app.options.max_age, site.app.options.rewrite) == (7, True)
