"""In front of Flask, what is hidden is hidden, and the rest is Flask's."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import FILES, SECRET, construct, every_construction


@pytest.fixture
def dirty(tree: Path) -> Path:
    """The tree with links in and out of it."""
    (tree / "outward.txt").symlink_to("../outside/secret.txt")
    (tree / "outward").symlink_to("../outside")
    (tree / "inward.txt").symlink_to("docs/../digits.txt")
    (tree / "inward").symlink_to("docs")
    return tree


def flask(root: Path) -> Flask:
    app = Flask("app", static_folder=str(root), static_url_path="/static")
    app.add_url_rule("/", view_func=lambda: "the application")
    return app


HIDDEN = [".env", ".git/config", "notes.txt~", "outward.txt", "outward/secret.txt", "outward/folder/secret.txt"]


@pytest.mark.parametrize("name", HIDDEN)
@every_construction
def test_what_flasks_own_route_would_serve_is_404_in_front_of_it(
    dirty: Path, construction: str, name: str
) -> None:
    app = flask(dirty)
    with app.test_client().get(f"/static/{name}") as answer:
        assert answer.data == SECRET
    app.wsgi_app = construct(app.wsgi_app, dirty, construction=construction)  # type: ignore[method-assign]
    for method in ("GET", "HEAD", "POST"):
        with app.test_client().open(f"/static/{name}", method=method) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


@every_construction
def test_in_front_of_flask_files_and_inward_links_are_served_and_the_rest_is_flasks(
    dirty: Path, construction: str
) -> None:
    app = flask(dirty)
    app.wsgi_app = construct(app.wsgi_app, dirty, construction=construction)  # type: ignore[method-assign]
    client = app.test_client()
    expected = {"inward.txt": "digits.txt", "inward/über uns.txt": "docs/über uns.txt", "large.bin": "large.bin"}
    for name, original in expected.items():
        with client.get(f"/static/{name}", headers={"Range": "bytes=0-"}) as answer:
            assert (answer.status_code, answer.data) == (206, FILES[original])
    with client.get("/") as answer:
        assert answer.data == b"the application"
    (dirty / "late.txt").write_bytes(b"late")
    with client.get("/static/late.txt") as answer:
        assert answer.data == b"late"
