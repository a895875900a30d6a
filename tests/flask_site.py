"""A Flask application with static files of its own and of a blueprint."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import flask

from tests.conftest import plant

FOREVER = "max-age=31536000, public, immutable"


def make_app(tmp_path: Path, **config: Any) -> flask.Flask:
    plant(
        tmp_path / "static", {"css/app.css": b"a{}", "über uns.txt": b"1", "page.html": b"<p>", ".env": b"SECRET"}
    )
    plant(tmp_path / "admin/files", {"admin.js": b"1"})
    app = flask.Flask("test_application", root_path=str(tmp_path))
    app.config.update(WHITEMEDIA_CACHE_DIR=None, **config)
    admin = flask.Blueprint(
        "admin", "admin", root_path=str(tmp_path / "admin"), static_folder="files", url_prefix="/admin"
    )
    app.register_blueprint(admin)

    @app.get("/")
    def index() -> str:
        return flask.render_template_string(
            "{{ url_for('static', filename='css/app.css') }} {{ integrity('css/app.css') }}"
        )

    return app


def versioned(app: flask.Flask, endpoint: str, filename: str) -> str:
    """The URL of a static file, which has a version in it."""
    with app.test_request_context():
        url = flask.url_for(endpoint, filename=filename)
    assert re.search(r"\.[0-9a-f]{12}\.", url)
    return url
