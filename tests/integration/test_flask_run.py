"""`flask --debug run`, as one develops: a changed file has another URL at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.conftest import plant
from tests.integration.client import ask
from tests.integration.server import Kind, python

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

APP: Final = """
import os, flask
from whitemedia.flask import FlaskWhiteMedia

def create_app():
    app = flask.Flask("site", root_path=os.path.abspath("tree"))
    FlaskWhiteMedia(app)
    app.add_url_rule("/", view_func=lambda: flask.url_for("static", filename="app.css"))
    return app
"""


def _command(port: int) -> list[str]:
    return python("flask", "--app", "wsgi:create_app", "--debug", "run", "--no-reload", "--port", str(port))


def write(tree: Path) -> None:
    plant(tree / "static", {"app.css": b"one{}"})


def test_a_change_is_seen_and_named_at_once(serve_here: Serve) -> None:
    server = serve_here(Kind("flask run", "flask", _command, closes_always=True), write, APP)
    first = ask(server.port, "/").body.decode()
    assert ask(server.port, first).body == b"one{}"
    plant(server.tree / "static", {"app.css": b"two{}"}, modified=1_700_000_005)
    second = ask(server.port, "/").body.decode()
    assert first != second
    assert ask(server.port, second).body == b"two{}"
    assert ask(server.port, first).fields["cache-control"] == "no-cache"
