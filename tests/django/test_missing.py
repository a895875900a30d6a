"""The page for a static file that is missing, in development; and the same from the command line."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.test import override_settings

from tests.answers import Answer
from tests.conftest import plant
from tests.django.project import AsyncProject, Project, viewing

BROWSER = {"Accept": "text/html"}


def not_found(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"the project's", status=404, headers={"Content-Length": "13"})


def ask(root: Path, path: str, fields: dict[str, str] = BROWSER, kind: Any = Project, **given: Any) -> Answer:
    project = kind(**{"STATIC_ROOT": None, "STATICFILES_DIRS": [str(root)], "DEBUG": True, **given})
    with viewing(path, not_found):
        answer: Answer = project.get(path, fields)
    return answer


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "source", {"css/app.css": b"a{}", "js/main.js": b"1", ".env": b"no"})


@pytest.mark.parametrize("kind", [Project, AsyncProject])
def test_it_tells_what_was_searched_and_what_may_be_meant(root: Path, kind: Any) -> None:
    answer = ask(root, "/static/css/ap.css", kind=kind)
    page = answer.body.decode()
    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert str(root) in page
    assert "/static/css/app.css" in page


def test_a_file_of_the_same_name_elsewhere_comes_first(root: Path) -> None:
    assert "/static/css/app.css" in ask(root, "/static/styles/app.css").body.decode()


def test_a_file_that_is_refused_says_why(root: Path) -> None:
    page = ask(root, "/static/.env").body.decode()
    assert f"hidden: {root / '.env'}" in page


def test_whatever_comes_from_the_request_is_escaped(root: Path) -> None:
    assert b"<script>" not in ask(root, "/static/<script>alert(1)</script>").body


def test_what_asks_for_no_page_gets_text(root: Path) -> None:
    answer = ask(root, "/static/none.css", {})
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.body.decode().startswith(
        f"/static/none.css: passed on to the application\n  why: no file is called so beneath {root}\n"
    )


@pytest.mark.parametrize("path", ["/static/none.css", "/static/.env"])
def test_without_debug_there_is_none_of_it(root: Path, path: str) -> None:
    answer = ask(root, path, DEBUG=False, WHITEMEDIA_USE_FINDERS=True)
    assert answer.status == 404
    assert str(root).encode() not in answer.body


def test_a_404_elsewhere_is_the_projects(root: Path) -> None:
    assert ask(root, "/view").body == b"the project's"


def explain(root: Path, *urls: str, **given: Any) -> str:
    output = io.StringIO()
    with override_settings(STATIC_ROOT=str(root), **given):
        call_command("whitemedia", "explain", *urls, stdout=output)
    return output.getvalue()


def test_explain_tells_which_file_answers_and_with_what(root: Path) -> None:
    told = explain(root, "https://example.com/static/css/app.css?v=1")
    assert told.startswith("/static/css/app.css: a static file, 200 OK\n")
    assert f"  file: {root / 'css/app.css'}\n" in told
    assert "  identity: 3 bytes, ETag " in told
    assert "  Content-Type: text/css; charset=utf-8\n" in told
    assert "  lifetime: 60 seconds\n" in told


def test_explain_takes_a_url_with_the_mount_point(root: Path) -> None:
    given = {"FORCE_SCRIPT_NAME": "/app", "STATIC_URL": "/app/static/"}
    assert explain(root, "/app/static/css/app.css", **given).startswith("/static/css/app.css: a static file")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("/static/.env", "refused, 404 Not Found\n  why: hidden: "),
        ("/view", "passed on to the application\n  why: it is beneath no prefix"),
        ("/static/css/ap.css", "passed on to the application\n  why: no file is called so"),
        ("/static/docs", "a redirect, 302 Found"),
        ("/media/a.txt", "refused, 404 Not Found\n  why: it is hidden, or there is no file of this name now"),
    ],
)
def test_explain_tells_why_no_file_answers(root: Path, tmp_path: Path, url: str, told: str) -> None:
    plant(root, {"docs/index.html": b"<p>"})
    (tmp_path / "media").mkdir()
    given = {"WHITEMEDIA_SERVE_MEDIA": True, "MEDIA_ROOT": str(tmp_path / "media"), "MEDIA_URL": "/media/"}
    assert explain(root, url, WHITEMEDIA_INDEX_FILE=True, **given).startswith(f"{url}: {told}")


def test_explain_looks_at_what_is_there_now_with_debug(root: Path) -> None:
    with override_settings(STATICFILES_DIRS=[str(root)]):
        assert "a static file" in explain(root, "/static/css/app.css", DEBUG=True)


def test_check_tells_what_is_served(root: Path) -> None:
    output = io.StringIO()
    with override_settings(STATIC_ROOT=str(root), WHITEMEDIA_ROOT=None):
        call_command("whitemedia", "check", stdout=output, stderr=io.StringIO())
    assert f"/static/: 2 files, of {root}\n" in output.getvalue()


def test_what_is_wrong_with_the_settings_is_one_line() -> None:
    with override_settings(WHITEMEDIA_MAX_AGE="x"), pytest.raises(CommandError, match=r"^WHITEMEDIA_MAX_AGE='x'"):
        call_command("whitemedia", "explain", "/")
