"""The examples of the frameworks' pages do what the pages say."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest
import werkzeug
from werkzeug.test import Client

from tests.conftest import plant
from whitemedia import WhiteMedia

DOCUMENTS = Path(__file__).resolve().parents[1] / "docs"
PAGES = ["bottle", "falcon", "pyramid", "wsgi"]


@pytest.fixture(params=PAGES)
def client(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of the application that a page's first example makes."""
    plant(tmp_path, {"static/css/app.css": b"a{}", "static/.env": b"SECRET", "uploads/a.txt": b"up"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setitem(sys.modules, "example", types.ModuleType("example"))  # Pyramid looks who calls
    text = (DOCUMENTS / f"{request.param}.md").read_text("utf-8")
    names: dict[str, Any] = {"__name__": "example", "WhiteMedia": WhiteMedia}
    exec(compile(text.split("```python\n")[1].split("```")[0], request.param, "exec"), names)
    return Client(validator(names["app"]), werkzeug.Response)


@pytest.mark.parametrize("mount", ["", "/mounted"])
def test_the_page_names_a_version_that_is_served_for_ever(client: Client, mount: str) -> None:
    page = client.get("/", environ_overrides={"SCRIPT_NAME": mount}, buffered=True)
    assert page.content_type.startswith("text/html")
    match = re.search(rf'href="{mount}(/static/css/app\.[0-9a-f]{{12}}\.css)"', page.text)
    assert match is not None, page.text
    answer = client.get(match[1], buffered=True)
    assert answer.data == b"a{}"
    assert answer.headers["Cache-Control"] == "max-age=31536000, public, immutable"


def test_media_is_served(client: Client) -> None:
    assert client.get("/media/a.txt", buffered=True).data == b"up"
    assert client.get("/media/none.txt", buffered=True).status_code == 404


def test_what_is_hidden_never_gets_to_the_framework(client: Client) -> None:
    answer = client.get("/static/.env", buffered=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
