"""`url_for` with its other arguments, and applications however they are mounted and run."""

from __future__ import annotations

import re
from pathlib import Path
from wsgiref.validate import validator

import flask
import pytest
import werkzeug
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from tests.conftest import plant
from tests.flask_site import make_app
from whitemedia.flask import FlaskWhiteMedia


@pytest.fixture
def app(tmp_path: Path) -> flask.Flask:
    made = make_app(tmp_path)
    FlaskWhiteMedia(made)
    return made


def test_an_anchor_and_a_query_follow_the_version(app: flask.Flask) -> None:
    with app.test_request_context():
        url = flask.url_for("static", filename="css/app.css", _anchor="top", theme="dark")
    assert re.fullmatch(r"/static/css/app\.[0-9a-f]{12}\.css\?theme=dark#top", url)


def test_an_external_url_has_scheme_host_and_mount(tmp_path: Path) -> None:
    app = make_app(tmp_path, SERVER_NAME="www.example.com", APPLICATION_ROOT="/shop", PREFERRED_URL_SCHEME="https")
    FlaskWhiteMedia(app)
    with app.app_context():
        url = flask.url_for("static", filename="css/app.css")
        other = flask.url_for("static", filename="css/app.css", _external=True, _scheme="http")
    assert re.fullmatch(r"https://www\.example\.com/shop/static/css/app\.[0-9a-f]{12}\.css", url)
    assert other == url.replace("https:", "http:")


def test_applications_that_are_mounted_beside_each_other_have_their_own_files(tmp_path: Path) -> None:
    apps = {name: make_app(tmp_path / name) for name in ("front", "admin")}
    plant(tmp_path / "admin/static", {"css/app.css": b"admin{}"})
    assets = FlaskWhiteMedia()
    for app in apps.values():
        assets.init_app(app)
    mounted = DispatcherMiddleware(apps["front"].wsgi_app, {"/admin": apps["admin"].wsgi_app})
    client = Client(validator(mounted), werkzeug.Response)
    for mount, text in (("", "a{}"), ("/admin", "admin{}")):
        url = client.get(f"{mount}/", buffered=True).text.split(" ")[0]
        assert url.startswith(f"{mount}/static/css/app.")
        assert client.get(url, buffered=True).text == text


def test_an_async_view_has_the_names_too(app: flask.Flask) -> None:
    @app.get("/async")
    async def view() -> str:
        return flask.url_for("static", filename="css/app.css")

    client = app.test_client()
    url = client.get("/async").text
    assert url == client.get("/").text.split(" ")[0]
    assert client.get(url).data == b"a{}"


def test_templates_have_urls_of_any_name(app: flask.Flask) -> None:
    template = "{{ asset_url('/admin/files/admin.js') }}"
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/app"}):
        assert re.fullmatch(r"/app/admin/files/admin\.[0-9a-f]{12}\.js", flask.render_template_string(template))
