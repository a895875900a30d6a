"""`flask whitemedia …`: compress, check, explain and list what an application serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask
import pytest
from click.testing import Result

from tests.conftest import plant
from tests.flask_site import make_app, versioned
from whitemedia.flask import FlaskWhiteMedia

TEXT = b"a { color: red }\n" * 50


def run(app: flask.Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["whitemedia", *arguments])


@pytest.fixture
def app(tmp_path: Path) -> flask.Flask:
    app = make_app(tmp_path)
    plant(tmp_path / "static", {"css/app.css": TEXT})
    FlaskWhiteMedia(app)
    return app


def test_build_compresses_the_folders_of_application_and_blueprints(tmp_path: Path, app: flask.Flask) -> None:
    plant(tmp_path / "admin/files", {"admin.js": TEXT})
    result = run(app, "build")
    assert result.exit_code == 0, result.output
    for path in ("static/css/app.css.br", "admin/files/admin.js.gz"):
        assert (tmp_path / path).is_file()
    assert str(tmp_path / "static") in result.output


def test_build_writes_the_names_that_url_for_gives(tmp_path: Path, app: flask.Flask) -> None:
    result = run(app, "build", "--hash")
    assert result.exit_code == 0, result.output
    assert (tmp_path / versioned(app, "static", "css/app.css").lstrip("/")).read_bytes() == TEXT


def test_build_prunes_what_nothing_needs_when_it_is_told_to(tmp_path: Path, app: flask.Flask) -> None:
    run(app, "build")
    (tmp_path / "static/css/app.css").unlink()
    run(app, "build")
    assert (tmp_path / "static/css/app.css.br").exists()
    run(app, "build", "--prune")
    assert not (tmp_path / "static/css/app.css.br").exists()


@pytest.mark.parametrize("debug", [False, True])
def test_check_tells_what_is_wrong_and_fails(tmp_path: Path, *, debug: bool) -> None:
    app = make_app(tmp_path)
    app.debug = debug
    wrong: dict[str, Any] = {
        "css/app.css": b"a {}\nb { background: url(none.png) }",
        "a.js": TEXT,
        "a.js.gz": b"no",
    }
    plant(tmp_path / "static", wrong)
    FlaskWhiteMedia(app)
    result = run(app, "check")
    assert result.exit_code == 1
    assert "css/app.css:2: nothing is at none.png" in result.stderr
    assert "a.js.gz: compressed sibling that does not decode to its file" in result.stderr


def test_check_is_silent_where_nothing_is_wrong(app: flask.Flask) -> None:
    result = run(app, "check")
    assert (result.exit_code, result.output) == (0, "2 roots, and nothing is wrong\n")


def test_check_tells_of_a_folder_that_went(tmp_path: Path, app: flask.Flask) -> None:
    (tmp_path / "static").rename(tmp_path / "elsewhere")
    result = run(app, "check")
    assert result.exit_code == 1
    assert f"{tmp_path / 'static'}: does not exist" in result.stderr


def test_check_tells_of_hand_offs_that_lead_nowhere(tmp_path: Path) -> None:
    app = make_app(tmp_path, USE_X_SENDFILE=True)
    assets = FlaskWhiteMedia(app)
    assert "USE_X_SENDFILE is set, and there is no private root" in run(app, "check").stderr
    assets.add_private(plant(tmp_path / "reports", {"a.txt": b"1"}))
    assert run(app, "check").exit_code == 0


def test_explain_tells_what_answers_each_url(tmp_path: Path, app: flask.Flask) -> None:
    result = run(app, "explain", "/static/css/app.css", "/static/.env")
    assert result.exit_code == 0
    assert "/static/css/app.css: a static file, 200 OK\n" in result.output
    assert f"file: {tmp_path / 'static/css/app.css'}\n" in result.output
    assert "why: hidden: " in result.output


def test_explain_refuses_what_is_no_url(app: flask.Flask) -> None:
    result = run(app, "explain", "app.css")
    assert result.exit_code == 2
    assert "url='app.css': expected a URL or its path" in result.stderr


@pytest.mark.parametrize("debug", [False, True])
def test_urls_are_those_that_url_for_gives(tmp_path: Path, *, debug: bool) -> None:
    app = make_app(tmp_path)
    app.debug = debug
    FlaskWhiteMedia(app)
    lines = run(app, "urls").output.splitlines()
    assert f"/static/css/app.css  {versioned(app, 'static', 'css/app.css')}" in lines
    assert f"/admin/files/admin.js  {versioned(app, 'admin.static', 'admin.js')}" in lines
    assert "/static/page.html" in lines
    assert not any(".env" in line for line in lines)


def test_a_name_never_forges_a_line(tmp_path: Path, app: flask.Flask) -> None:
    result = run(app, "explain", "/static/a%0Ab")
    assert "/static/a\\nb: " in result.output
