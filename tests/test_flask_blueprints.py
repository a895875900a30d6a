"""Which folders are served: of blueprints whenever they come, at any prefix, on any host, or left to Flask."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import flask
import pytest

from tests.conftest import plant
from tests.flask_site import FOREVER, make_app, versioned
from whitemedia.flask import FlaskWhiteMedia


@pytest.fixture
def app(tmp_path: Path) -> flask.Flask:
    made = make_app(tmp_path)
    FlaskWhiteMedia(made)
    return made


def late_blueprint(tmp_path: Path, name: str = "late", **options: Any) -> flask.Blueprint:
    root = plant(tmp_path / name, {"files/late.js": b"late"})
    options = {"url_prefix": f"/{name}", "static_folder": "files", **options}
    return flask.Blueprint(name, name, root_path=str(root), **options)


def test_blueprints_that_are_registered_later_are_served_too(tmp_path: Path, app: flask.Flask) -> None:
    outer = flask.Blueprint("outer", "outer", url_prefix="/outer")
    outer.register_blueprint(late_blueprint(tmp_path, "nested"))
    app.register_blueprint(outer)
    app.register_blueprint(late_blueprint(tmp_path), url_prefix="/other")
    client = app.test_client()
    for endpoint, prefix in (("late.static", "/other/files/"), ("outer.nested.static", "/outer/nested/files/")):
        url = versioned(app, endpoint, "late.js")
        assert url.startswith(prefix)
        assert (client.get(url).data, client.get(url).headers["Cache-Control"]) == (b"late", FOREVER)


def test_of_two_folders_at_one_prefix_flask_has_the_one_it_had_first(
    tmp_path: Path, app: flask.Flask, caplog: pytest.LogCaptureFixture
) -> None:
    late = late_blueprint(tmp_path, static_folder="files", static_url_path="/static", url_prefix=None)
    plant(tmp_path / "late", {"files/css/app.css": b"another"})
    app.register_blueprint(late)
    assert app.test_client().get("/static/css/app.css").data == b"a{}"
    assert "endpoint 'late.static' are left to Flask: there were others at '/static/'" in caplog.text


def test_which_host_is_asked_is_left_to_flask_where_it_matters(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = flask.Flask("test_application", root_path=str(tmp_path), static_folder=None, subdomain_matching=True)
    app.config.update(SERVER_NAME="example.com", WHITEMEDIA_CACHE_DIR=None)
    for name in ("one", "two"):
        blueprint = late_blueprint(tmp_path, name, subdomain=name, url_prefix="/x")
        plant(tmp_path / name, {"files/late.js": name.encode()})
        app.register_blueprint(blueprint)
    FlaskWhiteMedia(app)
    client = app.test_client()
    for name in ("one", "two"):
        assert (
            client.get("/x/files/late.js", base_url=f"http://{name}.example.com/", buffered=True).data
            == name.encode()
        )
        with app.app_context():
            assert (
                flask.url_for(f"{name}.static", filename="late.js") == f"http://{name}.example.com/x/files/late.js"
            )
    assert caplog.text.count("another host has other files at '/x/files/'") == 2


def test_a_folder_on_a_host_of_its_own_is_named_by_versions(tmp_path: Path) -> None:
    root = plant(tmp_path, {"static/app.js": b"1"})
    app = flask.Flask(
        "test_application", root_path=str(root), static_host="static.example.com", host_matching=True
    )
    FlaskWhiteMedia(app, cache_dir=None)
    with app.test_request_context("/", base_url="http://www.example.com/"):
        url = flask.url_for("static", filename="app.js")
    assert re.fullmatch(r"http://static\.example\.com/static/app\.[0-9a-f]{12}\.js", url)
    answer = app.test_client().get(
        url.removeprefix("http://static.example.com"), base_url="http://static.example.com/"
    )
    assert (answer.data, answer.headers["Cache-Control"]) == (b"1", FOREVER)


def test_a_blueprint_on_a_subdomain_is_named_by_versions(tmp_path: Path) -> None:
    app = flask.Flask("test_application", root_path=str(tmp_path), static_folder=None, subdomain_matching=True)
    app.config.update(SERVER_NAME="example.com")
    app.register_blueprint(late_blueprint(tmp_path, subdomain="<user>"))
    FlaskWhiteMedia(app, cache_dir=None)
    with app.app_context():
        url = flask.url_for("late.static", filename="late.js", user="ann")
    assert re.fullmatch(r"http://ann\.example\.com/late/files/late\.[0-9a-f]{12}\.js", url)
    assert app.test_client().get(url).data == b"late"


def test_static_files_beneath_no_prefix_leave_the_rest_to_views(tmp_path: Path) -> None:
    root = plant(tmp_path, {"static/app.js": b"1"})
    app = flask.Flask("test_application", root_path=str(root), static_url_path="")
    app.add_url_rule("/page", view_func=lambda: "page")
    FlaskWhiteMedia(app, cache_dir=None)
    client = app.test_client()
    assert client.get(versioned(app, "static", "app.js")).data == b"1"
    assert client.get("/page").text == "page"
    assert client.get("/none.js").status_code == 404


def test_a_prefix_with_a_variable_is_left_to_flask(tmp_path: Path, app: flask.Flask) -> None:
    blueprint = late_blueprint(tmp_path, url_prefix="/<lang>")
    blueprint.url_value_preprocessor(lambda endpoint, values: (values or {}).pop("lang"))
    app.register_blueprint(blueprint)
    with app.test_request_context():
        assert flask.url_for("late.static", filename="late.js", lang="de") == "/de/files/late.js"
    assert app.test_client().get("/de/files/late.js", buffered=True).data == b"late"
