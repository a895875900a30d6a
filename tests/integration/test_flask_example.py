"""The Flask example, run as its documentation says: whitemedia answers for the files, Flask for the rest."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest

from tests.integration.client import ask
from tests.integration.server import GUNICORN_FLASK, Server

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "flask"
KEPT_BACK = (".env", ".git/config", "a~", "out.txt", "outside/secret.txt")


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    """The example, its static folder as untidy as folders are."""
    return serve(GUNICORN_FLASK, _copy_example, "")


def test_flask_renders_the_page(server: Server) -> None:
    page = ask(server.port, "/")
    assert page.status == 200
    assert b"/static/style.css" in page.body
    assert "x-content-type-options" not in page.fields


@pytest.mark.parametrize("name", ["style.css", "clock.js", "mark.svg"])
def test_whitemedia_answers_for_the_files_of_the_page(server: Server, name: str) -> None:
    coded = ask(server.port, f"/static/{name}", fields={"Accept-Encoding": "gzip, br"})
    again = ask(
        server.port,
        f"/static/{name}",
        fields={"Accept-Encoding": "gzip, br", "If-None-Match": coded.fields["etag"]},
    )
    assert (coded.status, coded.fields["content-encoding"], again.status) == (200, "br", 304)
    assert brotli.decompress(coded.body) == (EXAMPLE / "static" / name).read_bytes()
    assert not coded.fields["etag"].startswith("W/")


@pytest.mark.parametrize("name", KEPT_BACK)
def test_what_is_hidden_or_outside_does_not_reach_flasks_own_route(server: Server, name: str) -> None:
    answer = ask(server.port, f"/static/{name}")
    assert (answer.status, answer.fields["cache-control"]) == (404, "no-store")


def test_a_link_within_the_folder_is_served(server: Server) -> None:
    answer = ask(server.port, "/static/linked.css")
    assert (answer.status, answer.body) == (200, (EXAMPLE / "static" / "style.css").read_bytes())


def test_what_is_not_there_is_flasks_to_answer(server: Server) -> None:
    """Its static route stands behind: a file that came after the start is served by it."""
    (server.tree / "static" / "late.txt").write_text("late")
    late = ask(server.port, "/static/late.txt")
    missing = ask(server.port, "/static/none.txt")
    assert (late.status, late.body) == (200, b"late")
    assert (missing.status, "cache-control" in missing.fields) == (404, False)


def _copy_example(tree: Path) -> None:
    shutil.copytree(EXAMPLE, tree)
    static, outside = tree / "static", tree / "outside"
    (static / ".git").mkdir()
    outside.mkdir()
    for path in (static / ".env", static / ".git" / "config", static / "a~", outside / "secret.txt"):
        path.write_text("secret")
    (static / "out.txt").symlink_to(outside / "secret.txt")
    (static / "outside").symlink_to(outside)
    (static / "linked.css").symlink_to("style.css")
