"""In Flask, `url_for("static", …)` names versions, in blueprints too, and everything else is as it was."""

from __future__ import annotations

import json
import re
from pathlib import Path

import flask
import pytest

from tests.conftest import plant
from tests.flask_site import FOREVER, make_app
from whitemedia import OptionError
from whitemedia.flask import FlaskWhiteMedia


@pytest.fixture
def app(tmp_path: Path) -> flask.Flask:
    made = make_app(tmp_path)
    FlaskWhiteMedia(made)
    return made


def test_a_page_has_a_versioned_url_which_is_served_for_ever(app: flask.Flask) -> None:
    client = app.test_client()
    url, integrity = client.get("/").text.split(" ")
    assert re.fullmatch(r"/static/css/app\.[0-9a-f]{12}\.css", url)
    assert integrity.startswith("sha256-")
    answer = client.get(url)
    assert (answer.data, answer.headers["Cache-Control"]) == (b"a{}", FOREVER)
    assert client.get("/static/css/app.css").headers["Cache-Control"] == "max-age=60, public"


def test_blueprints_have_them_too(app: flask.Flask) -> None:
    with app.test_request_context("/admin/"):
        url = flask.url_for("admin.static", filename="admin.js")
        external = flask.url_for("admin.static", filename="admin.js", _external=True, v="1")
    assert re.fullmatch(r"/admin/files/admin\.[0-9a-f]{12}\.js", url)
    assert external == f"http://localhost{url}?v=1"
    assert app.test_client().get(url).data == b"1"


@pytest.mark.parametrize(
    ("filename", "url"),
    [("page.html", "/static/page.html"), ("none.css", "/static/none.css"), (".env", "/static/.env")],
)
def test_what_has_no_version_keeps_its_url(app: flask.Flask, filename: str, url: str) -> None:
    with app.test_request_context():
        assert flask.url_for("static", filename=filename) == url


def test_names_are_encoded_by_flask(app: flask.Flask) -> None:
    with app.test_request_context():
        url = flask.url_for("static", filename="über uns.txt")
    assert re.fullmatch(r"/static/%C3%BCber%20uns\.[0-9a-f]{12}\.txt", url)
    assert app.test_client().get(url).data == b"1"


def test_beneath_a_mount_the_url_has_it(app: flask.Flask) -> None:
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/mounted"}):
        assert flask.url_for("static", filename="css/app.css").startswith("/mounted/static/css/app.")


def test_flasks_own_route_never_gets_to_what_is_hidden(app: flask.Flask) -> None:
    assert app.test_client().get("/static/.env").status_code == 404


def test_options_are_given_or_configured(tmp_path: Path) -> None:
    app = make_app(tmp_path, WHITEMEDIA_MAX_AGE=5, WHITEMEDIA_CHARSET="ascii")
    assets = FlaskWhiteMedia(max_age=7)
    assets.init_app(app)
    options = assets.whitemedia.options
    assert (options.max_age, options.charset, options.autorefresh) == (7, "ascii", False)
    assert app.extensions["whitemedia"] is assets.whitemedia is app.wsgi_app


def test_a_setting_that_is_no_option_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"^max_aeg=5: no such option; did you mean max_age"):
        FlaskWhiteMedia(make_app(tmp_path, WHITEMEDIA_MAX_AEG=5))


def test_in_debug_mode_a_change_has_another_url_at_once(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    app.debug = True
    assert FlaskWhiteMedia(app).whitemedia.options.autorefresh
    client = app.test_client()
    first = client.get("/").text.split(" ")[0]
    plant(tmp_path / "static", {"css/app.css": b"b{}"}, modified=1_700_000_005)
    second = client.get("/").text.split(" ")[0]
    assert first != second
    assert client.get(second).data == b"b{}"


def test_an_application_without_static_files_is_as_it_was(tmp_path: Path) -> None:
    app = flask.Flask("test_application", root_path=str(tmp_path), static_folder=None)
    FlaskWhiteMedia(app, cache_dir=None)
    assert app.test_client().get("/static/a.css").status_code == 404


def test_one_extension_serves_the_applications_of_a_factory(tmp_path: Path) -> None:
    assets = FlaskWhiteMedia()
    apps = [make_app(tmp_path / name) for name in ("a", "b")]
    for app in apps:
        assets.init_app(app)
    plant(tmp_path / "b/static", {"css/app.css": b"a{}"})
    for app in apps:
        client = app.test_client()
        assert client.get(client.get("/").text.split(" ")[0]).data == b"a{}"


def with_bundle(tmp_path: Path, manifest: bytes) -> flask.Flask:
    """An application whose bundler writes into a folder of its static folder."""
    app = make_app(tmp_path)
    files = {"assets/main-BmZkq3Xy.js": b"1", "assets/main-CmZkq3Xy.css": b"a{}", ".vite/manifest.json": manifest}
    plant(tmp_path / "static" / "dist", files)
    FlaskWhiteMedia(app, manifest=tmp_path / "static" / "dist" / ".vite" / "manifest.json")
    return app


BUNDLE = b"""{"src/main.js": {"file": "assets/main-BmZkq3Xy.js", "css": ["assets/main-CmZkq3Xy.css"]}}"""


def test_a_source_stands_for_what_was_built_of_it(tmp_path: Path) -> None:
    app = with_bundle(tmp_path, BUNDLE)
    with app.test_request_context("/"):
        url = flask.url_for("static", filename="src/main.js")
        assert url == "/static/dist/assets/main-BmZkq3Xy.js"
        assert flask.url_for("static", filename="css/app.css").startswith("/static/css/app.")
    assert app.test_client().get(url).headers["Cache-Control"] == FOREVER


def test_what_a_bundler_put_on_another_host_is_no_static_file(tmp_path: Path) -> None:
    """It has a URL in `asset_tags`."""
    app = with_bundle(tmp_path, b'{"main.js": "https://cdn.example/main.js"}')
    with app.test_request_context("/"):
        assert flask.url_for("static", filename="main.js") == "/static/main.js"
        assert "https://cdn.example/main.js" in flask.render_template_string("{{ asset_tags('main.js') }}")


def test_templates_have_tags_and_import_maps_that_are_not_escaped_and_begin_where_the_application_is(
    tmp_path: Path,
) -> None:
    app = with_bundle(tmp_path, BUNDLE)
    template = "{{ asset_tags('src/main.js') }}|{{ importmap('/admin/files/') }}"
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/app"}):
        tags, text = flask.render_template_string(template).split("|")
    assert tags.split("\n") == [
        '<link rel="stylesheet" href="/app/static/dist/assets/main-CmZkq3Xy.css">',
        '<script type="module" src="/app/static/dist/assets/main-BmZkq3Xy.js"></script>',
    ]
    [(key, url)] = json.loads(text)["imports"].items()
    assert key == "/app/admin/files/admin.js"
    assert re.fullmatch(r"/app/admin/files/admin\.[0-9a-f]{12}\.js", url)


def test_without_a_request_templates_have_them_too(tmp_path: Path) -> None:
    """As where a page is made ahead of time."""
    app = with_bundle(tmp_path, BUNDLE)
    with app.app_context():
        assert 'href="/static/dist/' in flask.render_template_string("{{ asset_tags('src/main.js') }}")
