"""What is not ours is passed on untouched; what is ours is the same from every construction."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import FILES, PREFIX, Client, construct, every_construction, make_environ, serve, whitemedia_of
from whitemedia import WhiteMedia

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


# Passing on


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/static"),
        ("GET", "/static/missing"),
        ("BREW", "/static/missing"),
        ("GET", "/staticky/digits.txt"),
        ("GET", "/static/digits.txt/"),
        ("GET", "/Static/digits.txt"),
        ("GET", "/other/.env"),
        ("GET", ""),
        ("GET", "*"),
        ("GET", "static/digits.txt"),
    ],
)
@every_construction
def test_everything_else_is_passed_on_untouched(
    shared_tree: Path, construction: str, method: str, path: str
) -> None:
    body, called = iter([b"streamed"]), []

    def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        called.append((environ, start_response))
        return body

    def start_response(*_: object) -> Any:
        raise AssertionError("the application's to call")

    middleware: WSGIApplication = construct(behind, shared_tree, PREFIX, construction=construction)
    environ = make_environ(method, path, {"Range": "bytes=0-1", "X-Sendfile-Type": "X-Sendfile"})
    environ["wsgi.input"] = BytesIO(b"request body")
    copy = dict(environ)
    assert middleware(environ, start_response) is body
    [(given, given_start)] = called
    assert given is environ
    assert given == copy
    assert given_start is start_response
    assert environ["wsgi.input"].tell() == 0


def test_an_environ_without_a_path_is_passed_on(shared_tree: Path) -> None:
    asked = []

    def behind(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        asked.append("PATH_INFO" in environ)
        return []

    environ = make_environ("GET", "/", SCRIPT_NAME="/static/digits.txt")
    del environ["PATH_INFO"]
    assert list(WhiteMedia(behind, shared_tree, PREFIX)(environ, lambda *_: lambda _: None)) == []
    assert asked == [False]


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("GET", "digits.txt", {}),
        ("HEAD", "digits.txt", {}),
        ("GET", "large.bin", {}),
        ("GET", "lib.js", {"Accept-Encoding": "gzip"}),
        ("GET", "digits.txt", {"If-None-Match": "*"}),
        ("GET", "digits.txt", {"Range": "bytes=1-2"}),
        ("GET", "digits.txt", {"Range": "bytes=99-"}),
        ("GET", "digits.txt", {"If-Match": '""'}),
        ("OPTIONS", "digits.txt", {}),
        ("POST", "digits.txt", {}),
        ("GET", "docs", {}),
        ("GET", ".env", {}),
        ("GET", ".missing", {}),
    ],
)
def test_what_a_server_does_to_the_headers_does_not_change_the_next_answer(
    client: Client, method: str, path: str, fields: dict[str, str]
) -> None:
    first = client.request(method, PREFIX + path, fields).headers.items()

    def spoil(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
        headers[:] = [("Content-Length", "0"), ("Connection", "close")]
        return lambda data: None

    for _ in range(2):
        body: Any = client.application(make_environ(method, PREFIX + path, fields), spoil)
        getattr(body, "close", list)()
    assert client.request(method, PREFIX + path, fields).headers.items() == first


# One answer from every construction


@pytest.mark.parametrize(
    "name", ["digits.txt", "empty.txt", "lib.js", "large.bin", "picture.png", "docs/", "docs", ".env"]
)
@pytest.mark.parametrize("accepted", ["identity", "gzip", "br;q=0.5, zstd;q=0.1", "*"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Range": "bytes=5-8"},
        {"Range": "bytes=99999999-"},
        {"If-None-Match": "*"},
        {"If-Match": '"x"'},
        {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"},
    ],
)
def test_constructions_agree_to_the_byte_and_the_header(
    clients: dict[str, Client], name: str, accepted: str, fields: dict[str, str]
) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "PUT"):
        one, *others = (
            client.request(method, PREFIX + name, {"Accept-Encoding": accepted, **fields})
            for client in clients.values()
        )
        for other in others:
            assert (other.status, other.headers.items(), other.body) == (one.status, one.headers.items(), one.body)


def test_constructions_differ_in_the_codings_that_are_made_at_start(clients: dict[str, Client]) -> None:
    answers = {name: client.get(f"{PREFIX}app.css", {"Accept-Encoding": "br"}) for name, client in clients.items()}
    assert {name: answer.headers["Content-Encoding"] for name, answer in answers.items()} == {
        "memory": "br",
        "store": "br",
        "compress=off": None,
        "memory_limit=0": None,
        "autorefresh": None,
    }
    assert {answer.content for answer in answers.values()} == {FILES["app.css"]}


@every_construction
@pytest.mark.parametrize("path", ["/api/app.0123456789ab.css", "/api/.hidden", "/api/v1.2", "/api"])
def test_what_is_beneath_no_prefix_is_passed_on_without_being_asked_about(
    tree: Path, construction: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve(tree, construction=construction, not_found="answer", rewrite=True)
    monkeypatch.setattr(WhiteMedia, "respond_to_miss", None)
    assert client.get(path).is_the_applications


@every_construction
def test_bytes_are_found_wherever_they_are(tree: Path, construction: str) -> None:
    client = serve(tree, construction=construction)
    whitemedia_of(client).add_bytes("/robots.txt", b"User-agent: *")
    assert client.get("/robots.txt").body == b"User-agent: *"
