"""The middleware in Django's handlers: what goes to whom, how bodies are sent, and what outer middleware may do."""

from __future__ import annotations

import io
from http import HTTPStatus
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client as DjangoClient
from django.test import override_settings
from waitress.buffers import ReadOnlyFileBasedBuffer

from tests.conftest import call, make_environ, open_descriptors, plant
from tests.django.project import MIDDLEWARE, Project, viewing
from whitemedia.assets.representation import LargeResponse
from whitemedia.django import WhiteMediaMiddleware
from whitemedia.django.response import render

LARGE = bytes(range(256)) * 8192


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root that no test changes."""
    files = {"a.css": b"a{}" * 200, "large.bin": LARGE, "page.html": b"<p>page", "übung.txt": b"u", ".env": b"no"}
    return plant(tmp_path_factory.mktemp("static"), files)


def project(root: Path, **given: Any) -> Project:
    return Project(**{"STATIC_ROOT": str(root), **given})


def test_what_is_no_file_is_the_projects(root: Path) -> None:
    assert project(root).get("/static/none.css").is_the_applications
    assert project(root).get("/").is_the_applications


def test_a_hidden_file_is_refused_and_never_passed_on(root: Path) -> None:
    answer = project(root).get("/static/.env")
    assert (answer.status, answer.is_the_applications) == (404, False)


def test_a_name_that_is_not_ascii_is_found_by_its_bytes(root: Path) -> None:
    assert project(root).get("/static/übung.txt").body == b"u"


def test_the_characters_of_another_names_bytes_do_not_find_it(root: Path) -> None:
    name = "übung.txt".encode().decode("latin-1")
    assert project(root).get(f"/static/{name}").is_the_applications


def test_a_file_is_sent_by_the_servers_wrapper_and_closed(root: Path) -> None:
    wrapped: list[Any] = []

    def wrapper(file: Any, block: int) -> FileWrapper:
        wrapped.append(file)
        return FileWrapper(file, block)

    client = project(root, WHITEMEDIA_MEMORY_LIMIT=0)
    before = open_descriptors()
    answer = call(client.application, {**make_environ("GET", "/static/large.bin"), "wsgi.file_wrapper": wrapper})
    assert (answer.body, len(wrapped), open_descriptors()) == (LARGE, 1, before)


def test_without_a_wrapper_it_is_sent_all_the_same(root: Path) -> None:
    before = open_descriptors()
    assert project(root).get("/static/large.bin").body == LARGE
    assert open_descriptors() == before


def test_a_client_that_leaves_has_the_file_closed(root: Path) -> None:
    before = open_descriptors()
    body: Any = project(root).application(make_environ("GET", "/static/large.bin"), lambda *_: lambda _: None)
    next(iter(body))
    assert open_descriptors() == before + 1
    body.close()
    assert open_descriptors() == before


def test_the_test_client_reads_files_and_what_is_in_memory(root: Path) -> None:
    with override_settings(STATIC_ROOT=str(root)):
        client = DjangoClient()
        assert client.get("/static/a.css").content == b"a{}" * 200
        assert b"".join(client.get("/static/large.bin").streaming_content) == LARGE


def test_outer_middleware_adds_its_fields(root: Path) -> None:
    security = "django.middleware.security.SecurityMiddleware"
    client = project(root, MIDDLEWARE=[security, MIDDLEWARE], SECURE_REFERRER_POLICY="no-referrer")
    assert client.get("/static/a.css").headers["Referrer-Policy"] == "no-referrer"


def test_what_one_answer_is_given_is_not_in_the_next(root: Path) -> None:
    client = project(root, MIDDLEWARE=["tests.django.test_middleware.Counting", MIDDLEWARE])
    answers = [client.get("/static/a.css").headers["X-Count"] for _ in range(2)]
    assert answers == ["1", "1"]


class Counting:
    """Adds one to a field, which is there if a response is another's."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["X-Count"] = str(int(response.get("X-Count", "0")) + 1)
        return response


def test_a_field_that_is_set_twice_is_sent_in_one(root: Path) -> None:
    def add(headers: Any, path: str, url: str) -> None:
        headers.add_header("Link", "<a>")
        headers.add_header("Link", "<b>")

    assert project(root, WHITEMEDIA_ADD_HEADERS_FUNCTION=add).get("/static/a.css").headers["Link"] == "<a>, <b>"


def test_waitress_gets_a_large_body_as_a_file() -> None:
    response = render(
        LargeResponse(HTTPStatus.OK, (("Content-Type", "a/b"),), LARGE),
        {"wsgi.file_wrapper": ReadOnlyFileBasedBuffer},
    )
    assert isinstance(response.file_to_stream, io.BytesIO)
    response.close()


@pytest.mark.parametrize("accepted", ["text/html", "*/*"])
def test_the_fallback_takes_the_place_of_a_404_for_a_browser(root: Path, accepted: str) -> None:
    client = project(root, WHITEMEDIA_FALLBACK="page.html")
    gone: list[HttpResponse] = []

    def missing(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("none", status=404, headers={"Content-Length": "4"})
        response._resource_closers.append(lambda: gone.append(response))
        return response

    with viewing("/static/app/view", missing):
        answer = client.get("/static/app/view", {"Accept": accepted})
    assert (answer.status, answer.body) == ((200, b"<p>page") if accepted == "text/html" else (404, b"none"))
    assert len(gone) == 1


def test_a_subclass_is_a_middleware_too(root: Path) -> None:
    client = project(root, MIDDLEWARE=["tests.django.test_middleware.Own"])
    assert client.get("/static/a.css").status == 200


class Own(WhiteMediaMiddleware):
    """A project's own."""


def test_an_earlier_version_of_a_file_is_never_immutable(root: Path) -> None:
    with override_settings(STATIC_ROOT=str(root)):
        client = Project()
        WhiteMediaMiddleware(lambda request: HttpResponse()).whitemedia.url_for("a.css")
    assert client.get("/static/a.0123456789ab.css").status == 404


def test_what_is_beneath_no_prefix_is_not_asked_about(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = project(root, WHITEMEDIA_NOT_FOUND="answer")
    with override_settings(STATIC_ROOT=str(root), WHITEMEDIA_NOT_FOUND="answer"):
        site = WhiteMediaMiddleware(lambda request: HttpResponse()).whitemedia
    assert site.table.guarded
    assert client.get("/static/none.css").status == 404
    monkeypatch.setattr(type(site), "respond_to_miss", None)
    assert client.get("/view/.hidden").is_the_applications
