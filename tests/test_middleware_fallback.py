"""The page of a single-page application, in place of what the application behind does not find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

import pytest

from tests.conftest import MODIFIED, SECRET, TEXT, Client, construct, every_construction, make_environ, plant
from whitemedia import WhiteMedia

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NAVIGATION = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGE = b"<!doctype html><title>Page</title>" + TEXT
OTHER = b"<!doctype html><title>Another</title>"

HEADERS = [("Content-Type", "text/plain")]
STATUSES = [
    "200 OK",
    "302 Found",
    "400 Bad Request",
    "403 Forbidden",
    "405 Method Not Allowed",
    "410 Gone",
    "500 x",
]


class Behind:
    """An application that answers every request with one status, and knows what it was asked."""

    def __init__(self, status: str = "404 Not Found") -> None:
        self.status = status
        self.asked: list[str] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        self.asked.append(environ["PATH_INFO"])
        start_response(self.status, [*HEADERS, ("Content-Length", "17"), ("X-Application", "here")])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [b"the application's"]


def wrap(
    application: WSGIApplication, root: Path, construction: str, prefix: str = "/", **options: Any
) -> WhiteMedia:
    options = {"fallback": "page.html", **options}
    return construct(application, root, prefix, construction=construction, **options)


def serve(
    root: Path, application: WSGIApplication, prefix: str = "/", *, construction: str = "memory", **options: Any
) -> Client:
    return Client(wrap(validator(application), root, construction, prefix, **options))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "dist", {"page.html": PAGE, "app.js": b"script", ".env": SECRET})


# Who gets it, for what


@every_construction
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path", ["/", "/route", "/route/42", "/über uns", "/app.css", "/page.html/a", "/.well-known/a"]
)
def test_what_the_application_does_not_find_is_the_page(
    root: Path, construction: str, method: str, path: str
) -> None:
    behind = Behind()
    client = serve(root, behind, construction=construction)
    answer, own = client.request(method, path, NAVIGATION), client.request(method, "/page.html", NAVIGATION)
    assert len(behind.asked) == 1
    assert answer.status == 200
    assert answer.body == (PAGE if method == "GET" else b"")
    assert answer.fields == {**own.fields, "vary": ", ".join(filter(None, [own.headers["Vary"], "Accept"]))}


@every_construction
@pytest.mark.parametrize(
    "accept", ["", "*/*", "image/avif,image/webp,*/*;q=0.8", "text/html;q=0", NAVIGATION["Accept"]]
)
def test_a_404_to_anything_else_stays(root: Path, construction: str, accept: str) -> None:
    method = "POST" if accept == NAVIGATION["Accept"] else "GET"
    answer = serve(root, Behind(), construction=construction).request(method, "/route.js", {"Accept": accept})
    assert (answer.status, answer.is_the_applications) == (404, True)


@every_construction
@pytest.mark.parametrize("status", STATUSES)
def test_every_other_answer_of_the_application_stays(root: Path, construction: str, status: str) -> None:
    answer = serve(root, Behind(status), construction=construction).get("/route", NAVIGATION)
    assert (answer.status, answer.body) == (int(status[:3]), b"the application's")
    assert answer.headers["Vary"] is None


@every_construction
@pytest.mark.parametrize("path", ["/static", "/staticky", "/", "/other/route"])
def test_a_404_beyond_the_prefix_stays(root: Path, construction: str, path: str) -> None:
    client = serve(root, Behind(), "/static/", construction=construction)
    assert client.get(path, NAVIGATION).is_the_applications
    assert client.get("/static/route", NAVIGATION).body == PAGE


@every_construction
@pytest.mark.parametrize("path", ["/.env", "/.missing", "/route/.git/config"])
def test_what_is_hidden_stays_a_404_of_ours(root: Path, construction: str, path: str) -> None:
    behind = Behind()
    answer = serve(root, behind, construction=construction).get(path, NAVIGATION)
    assert (answer.status, answer.body, behind.asked) == (404, b"404 Not Found\n", [])


# No cost for others


@every_construction
@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, "404 Not Found"), ({"Accept": "*/*"}, "404 Not Found"), ({}, "200 OK"), (NAVIGATION, "200 OK")],
)
def test_what_is_not_replaced_is_passed_through_as_it_is(
    root: Path, construction: str, fields: dict[str, str], status: str
) -> None:
    body, called, started = iter([b"streamed"]), [], []

    def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        called.append((environ, start_response))
        start_response(status, HEADERS)
        return body

    def start(*given: Any) -> Callable[[bytes], object]:
        started.append(given)
        return lambda data: None

    environ = make_environ("GET", "/route", fields)
    copy = dict(environ)
    assert wrap(behind, root, construction)(environ, start) is body
    assert started == [(status, HEADERS)]
    assert called[0][0] is environ
    assert environ == copy
    assert (called[0][1] is start) == (fields is not NAVIGATION)


# What the answer may be


@every_construction
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-None-Match": "TAG"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-Modified-Since": "Tue, 14 Nov 2023 22:13:20 GMT"}, 304),
        ({"Range": "bytes=5-8"}, 206),
        ({"Range": "bytes=5-8,10-11"}, 206),
        ({"Range": "bytes=5-8", "If-Range": "TAG"}, 206),
        ({"Range": "bytes=5-8", "If-Range": '"x"'}, 200),
        ({"Range": "bytes=999999-"}, 416),
        ({"If-Match": '"x"'}, 412),
    ],
)
def test_conditions_and_ranges_count_as_at_the_page_s_own_url(
    root: Path, construction: str, fields: dict[str, str], status: int
) -> None:
    client = serve(root, Behind(), construction=construction)
    tag = client.get("/page.html").etag
    given = {name: value.replace("TAG", tag) for name, value in fields.items()}
    answer = client.get("/route", {**NAVIGATION, **given})
    assert (answer.status, answer.is_the_applications) == (status, False)
    assert "Accept" in str(answer.headers["Vary"]).split(", ")
    if status == 206:
        assert answer.parts[0].data == PAGE[5:9]


def test_it_varies_by_all_that_it_depends_on(root: Path) -> None:
    client = serve(root, Behind(), cors=["https://a.example"])
    answer = client.get("/route", {**NAVIGATION, "Accept-Encoding": "br", "Origin": "https://a.example"})
    assert answer.content == PAGE
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (
        "br",
        "Origin, Accept-Encoding, Accept",
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert client.get("/page.html", NAVIGATION).headers["Vary"] == "Origin, Accept-Encoding"


# Applications of other shapes


class Closing:
    """A body that knows how often it was closed, and that it must not be read."""

    closed = 0

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError("the 404's body was read")

    def close(self) -> None:
        self.closed += 1


@every_construction
def test_the_404_s_own_body_is_closed_once_and_not_read(root: Path, construction: str) -> None:
    body = Closing()

    def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        start_response("404 Not Found", HEADERS)
        return body

    assert Client(wrap(behind, root, construction)).get("/route", NAVIGATION).body == PAGE
    assert body.closed == 1


@every_construction
@pytest.mark.parametrize("status", ["404 Not Found", "200 OK"])
def test_an_application_that_answers_while_it_is_iterated_is_asked_first_too(
    root: Path, construction: str, status: str
) -> None:
    def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "10")])
        yield b"ten "
        yield b"bytes."

    client = serve(root, behind, construction=construction)
    assert client.get("/route", NAVIGATION).body == (PAGE if status.startswith("404") else b"ten bytes.")
    assert client.get("/route").body == b"ten bytes."


# Prefixes that answer themselves


@every_construction
def test_where_nothing_is_passed_on_the_page_is_ours_to_send(root: Path, construction: str) -> None:
    behind = Behind()
    client = serve(root, behind, "/app/", construction=construction, not_found="answer")
    for method in ("GET", "HEAD"):
        answer = client.request(method, "/app/route", NAVIGATION)
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(PAGE)))
        assert "Accept" in str(answer.headers["Vary"])
    answer = client.get("/app/route")
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")
    assert client.request("POST", "/app/route", NAVIGATION).status == 404
    assert client.get("/app/.env", NAVIGATION).status == 404
    assert behind.asked == []
    assert client.get("/route", NAVIGATION).is_the_applications


# Several roots


@every_construction
def test_each_root_has_its_own_page(root: Path, tmp_path: Path, construction: str) -> None:
    client = serve(root, Behind(), construction=construction)
    middleware: Any = client.application
    middleware.add_files(plant(tmp_path / "admin", {"admin.html": OTHER}), "/admin/", fallback="admin.html")
    middleware.add_files(plant(tmp_path / "bare", {"a.txt": b"a"}), "/bare/", fallback=None)
    assert client.get("/admin/route", NAVIGATION).body == OTHER
    for path in ("/route", "/admin", "/bare/route"):
        assert client.get(path, NAVIGATION).body == PAGE


@every_construction
def test_bytes_given_for_the_page_are_the_page(root: Path, construction: str) -> None:
    client = serve(root, Behind(), construction=construction)
    middleware: Any = client.application
    middleware.add_bytes("/page.html", OTHER)
    assert [client.get(path, NAVIGATION).body for path in ("/page.html", "/route")] == [OTHER, OTHER]


# Pages that change


@every_construction
def test_without_the_page_the_application_s_404_stays(tmp_path: Path, construction: str) -> None:
    client = serve(plant(tmp_path / "dist", {"a.txt": b"a"}), Behind(), construction=construction)
    assert client.get("/route", NAVIGATION).is_the_applications


@pytest.mark.parametrize("construction", ["memory_limit=0", "autorefresh"])
def test_a_page_that_is_replaced_is_the_new_one_and_one_that_is_gone_is_none(
    root: Path, construction: str
) -> None:
    client = serve(root, Behind(), construction=construction)
    assert client.get("/route", NAVIGATION).body == PAGE
    plant(root, {"page.html": OTHER}, MODIFIED + 1)
    assert client.get("/route", NAVIGATION).body == OTHER
    (root / "page.html").unlink()
    assert client.get("/route", NAVIGATION).is_the_applications
