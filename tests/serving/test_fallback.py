"""A page in place of a 404: to whom, for what, and as what answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import PREFIX, make_environ, plant, serve
from whitemedia import WhiteMedia
from whitemedia.assets.resource import NOT_FOUND, REFUSED, Entry
from whitemedia.http.response import Header
from whitemedia.serving.fallback import replace_not_found, respond_with_page, wants_page
from whitemedia.serving.responder import respond
from whitemedia.serving.response import FileResponse

NAVIGATION = "text/html,application/xhtml+xml,*/*;q=0.8"
PAGE = b"<!doctype html><title>Page</title>"

IN_MEMORY = pytest.mark.parametrize("in_memory", [True, False], ids=["in memory", "from a file"])


def page_of(root: Path, *, in_memory: bool = True) -> Entry:
    plant(root, {"page.html": PAGE})
    client = serve(root, memory_limit=1 << 20 if in_memory else 0)
    assert isinstance(client.application, WhiteMedia)
    client.get(f"{PREFIX}page.html")  # reads what is held
    return client.application.table.entries[f"{PREFIX}page.html"]


# Who gets it


@pytest.mark.parametrize(
    ("method", "accept", "wants"),
    [
        ("GET", NAVIGATION, True),
        ("HEAD", NAVIGATION, True),
        ("GET", "text/html", True),
        ("GET", "*/*", False),
        ("GET", "text/html;q=0", False),
        ("GET", "", False),
        ("GET", None, False),
        ("HEAD", None, False),
        ("POST", NAVIGATION, False),
        ("OPTIONS", NAVIGATION, False),
        ("PUT", NAVIGATION, False),
        ("get", NAVIGATION, False),
        ("", NAVIGATION, False),
    ],
)
def test_a_page_is_for_who_navigates(method: str, accept: str | None, wants: bool) -> None:
    assert wants_page(make_environ(method, "/", {} if accept is None else {"Accept": accept})) is wants


# What is answered


@IN_MEMORY
@pytest.mark.parametrize(
    ("method", "fields", "status"),
    [
        ("GET", {}, "200 OK"),
        ("HEAD", {}, "200 OK"),
        ("GET", {"If-None-Match": "*"}, "304 Not Modified"),
        ("GET", {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"}, "304 Not Modified"),
        ("GET", {"Range": "bytes=1-4"}, "206 Partial Content"),
        ("GET", {"Range": "bytes=1-4,9-"}, "206 Partial Content"),
        ("GET", {"Range": "bytes=99-"}, "416 "),
        ("GET", {"If-Match": '"x"'}, "412 Precondition Failed"),
    ],
)
def test_each_answer_of_the_page_says_that_others_get_another_one(
    tmp_path: Path, method: str, fields: dict[str, str], status: str, *, in_memory: bool
) -> None:
    entry = page_of(tmp_path, in_memory=in_memory)
    response = respond_with_page(entry, make_environ(method, "/route", fields))
    assert response is not None
    assert response.status.startswith(status)
    assert [value for name, value in response.headers if name == "Vary"] == ["Accept"]
    if isinstance(response, FileResponse):
        response.close()


@IN_MEMORY
def test_the_page_s_own_answer_stays_as_it_was(tmp_path: Path, *, in_memory: bool) -> None:
    entry = page_of(tmp_path, in_memory=in_memory)
    for _ in range(2):
        response = respond_with_page(entry, make_environ("HEAD", "/route"))
        assert response is not None
        assert dict(response.headers)["Vary"] == "Accept"
    own = respond(entry, make_environ("HEAD", f"{PREFIX}page.html"))
    assert own is not None
    assert "Vary" not in dict(own.headers)


@pytest.mark.parametrize("entry", [REFUSED, NOT_FOUND])
def test_what_is_a_404_itself_is_no_page(entry: Entry) -> None:
    assert respond_with_page(entry, make_environ("GET", "/route")) is None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_that_is_gone_is_no_page(tmp_path: Path, method: str) -> None:
    entry = page_of(tmp_path, in_memory=False)
    (tmp_path / "page.html").unlink()
    assert respond_with_page(entry, make_environ(method, "/route")) is None


# What it replaces


@pytest.mark.parametrize("status", ["404 Not Found", "404 NOT FOUND", "404 ", "404 Nothing here"])
def test_a_404_is_replaced(tmp_path: Path, status: str) -> None:
    headers: list[Header] = [("Content-Type", "text/plain"), ("X-Application", "here")]
    given = list(headers)
    response = replace_not_found(page_of(tmp_path), make_environ("GET", "/route"), status, headers)
    assert response is not None
    assert (response.status, response.body) == ("200 OK", PAGE)
    assert "X-Application" not in dict(response.headers)
    assert headers == given


@pytest.mark.parametrize(
    "status",
    [
        "200 OK",
        "200 404",
        "204 No Content",
        "302 Found",
        "304 Not Modified",
        "400 Bad Request",
        "403 Forbidden",
        "405 Method Not Allowed",
        "410 Gone",
        "440 404",
        "500 Internal Server Error",
    ],
)
def test_every_other_answer_stays(tmp_path: Path, status: str) -> None:
    assert replace_not_found(page_of(tmp_path), make_environ("GET", "/route"), status, []) is None
