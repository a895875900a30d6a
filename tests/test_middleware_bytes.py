"""`add_bytes`: what the application made is served as if it were a file."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.answers import Answer
from tests.conftest import (
    CONSTRUCTIONS,
    FILES,
    MODIFIED,
    MODIFIED_DATE,
    PREFIX,
    SECRET,
    TEXT,
    Client,
    application,
    every_construction,
    serve,
)
from tests.refusals import assert_refused
from whitemedia import OptionError, WhiteMedia
from whitemedia.assets.resource import Resource

NAMES = ["app.css", "digits.txt", "empty.txt", "large.bin", "logo.svg", "page.html"]


def client_with(path: str, data: bytes, construction: str = "memory", **given: Any) -> Client:
    """A client of nothing but these bytes."""
    wm = WhiteMedia(application, **CONSTRUCTIONS[construction])
    wm.add_bytes(path, data, **given)
    return Client(wm)


def middleware(client: Client) -> WhiteMedia:
    assert isinstance(client.application, WhiteMedia)
    return client.application


# As a file


@pytest.fixture(scope="module")
def bytes_clients() -> dict[str, Client]:
    """A client of each construction, over some files of the shared root as bytes."""
    made = {name: WhiteMedia(application, **given) for name, given in CONSTRUCTIONS.items()}
    for wm in made.values():
        for name in NAMES:
            wm.add_bytes(PREFIX + name, FILES[name], modified=MODIFIED)
    return {name: Client(wm) for name, wm in made.items()}


@every_construction
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Accept-Encoding": "br"},
        {"Accept-Encoding": "gzip", "Range": "bytes=1-3"},
        {"Range": "bytes=1-3"},
        {"Range": "bytes=9999999-"},
        {"If-None-Match": "*"},
        {"If-Modified-Since": MODIFIED_DATE},
        {"If-Match": '"x"'},
        {"Range": "bytes=1-3", "If-Range": MODIFIED_DATE},
    ],
)
def test_bytes_are_answered_as_a_file_of_them(
    clients: dict[str, Client], bytes_clients: dict[str, Client], construction: str, fields: dict[str, str]
) -> None:
    for name in NAMES:
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            file, same = (
                which[construction].request(method, PREFIX + name, fields) for which in (clients, bytes_clients)
            )
            assert (same.status, same.fields, same.body) == (file.status, file.fields, file.body)


@every_construction
def test_several_ranges_of_bytes_are_sent_as_those_of_a_file(
    bytes_clients: dict[str, Client], construction: str
) -> None:
    answer = bytes_clients[construction].get(f"{PREFIX}large.bin", {"Range": "bytes=1-2,-3"})
    assert [part.data for part in answer.parts] == [FILES["large.bin"][1:3], FILES["large.bin"][-3:]]


def test_bytes_are_coded_at_once_where_files_are() -> None:
    for construction, coding in (("memory", "br"), ("store", "br"), ("compress=off", None), ("autorefresh", None)):
        answer = client_with("/a.css", TEXT, construction).get("/a.css", {"Accept-Encoding": "br"})
        assert (answer.headers["Content-Encoding"], answer.content) == (coding, TEXT)


# Paths and types


@every_construction
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/robots.txt",
        "/feed/",
        "/a/b/c",
        "/.env",
        "/.git/HEAD",
        "/notes.txt~",
        "/über uns/日本",
        "/a%2fb",
        "/\udcff",
    ],
)
def test_any_path_may_be_given_and_it_alone_answers(construction: str, path: str) -> None:
    client = client_with(path, b"given", construction)
    path_info = path.encode("utf-8", "surrogateescape").decode("latin-1")
    assert client.get("/", PATH_INFO=path_info).body == b"given"
    for other in (f"{path}x", f"{path}/", f"/x{path}", "/.hidden", ""):
        assert client.get(other.encode("utf-8", "replace").decode()).is_the_applications


@every_construction
@pytest.mark.parametrize(
    ("path", "data", "given", "media_type"),
    [
        ("/manifest.webmanifest", b"{}", {}, "application/manifest+json"),
        ("/picture", FILES["picture.png"], {"media_type": "image/png"}, "image/png"),
        ("/", b"<!doctype html>", {"media_type": "text/html"}, "text/html; charset=utf-8"),
        ("/", b"<!doctype html>", {}, "text/plain; charset=utf-8"),
        ("/a.foo", b"", {"mimetypes": {".foo": "a/b"}}, "a/b"),
        ("/a.css", b"", {"media_type": "text/plain", "charset": "latin-1"}, "text/plain; charset=latin-1"),
    ],
)
def test_the_media_type_is_the_given_one_or_the_name_s(
    construction: str, path: str, data: bytes, given: dict[str, Any], media_type: str
) -> None:
    answer = client_with(path, data, construction, **given).get(path)
    assert (answer.headers["Content-Type"], answer.body) == (media_type, data)


@every_construction
def test_options_count_for_this_path(construction: str) -> None:
    given: Any = {
        "rules": [("d/a.html", {"X-Rule": "matched", "Cache-Control": None})],
        "cors": ["https://a.example"],
        "unsafe_methods": "pass",
        "clean_urls": True,
    }
    client = client_with("/d/a.html", b"page", construction, **given)
    for path in ("/d/a.html", "/d/a"):
        answer = client.get(path, {"Origin": "https://a.example"})
        assert (answer.body, answer.headers["X-Rule"], answer.headers["Cache-Control"]) == (
            b"page",
            "matched",
            None,
        )
        assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
        assert client.request("POST", path).is_the_applications


@every_construction
def test_bytes_may_be_the_index_of_a_directory(construction: str) -> None:
    client = client_with("/d/index.html", b"index", construction, index_file=True)
    assert client.get("/d/").body == b"index"
    assert [client.get(path).headers["Location"] for path in ("/d", "/d/index.html")] == ["d/", "./"]


# Wrong arguments


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("path", "robots.txt"),
        ("path", "/a?b"),
        ("path", None),
        ("data", "text"),
        ("data", None),
        ("media_type", "html"),
        ("modified", "now"),
        ("max_age", -1),
        ("max_aeg", 60),
        ("autorefresh", True),
        ("memory_limit", 0),
    ],
)
def test_a_wrong_argument_is_refused_and_changes_nothing(argument: str, value: object) -> None:
    client = client_with("/a", b"first")
    given: dict[str, Any] = {"path": "/a", "data": b"second", argument: value}
    assert_refused(argument, value, lambda: middleware(client).add_bytes(**given))
    assert client.get("/a").body == b"first"


# Among roots


@every_construction
def test_of_files_and_bytes_at_one_path_the_latest_answers(shared_tree: Path, construction: str) -> None:
    client = serve(shared_tree, construction=construction)
    wm, path = middleware(client), f"{PREFIX}digits.txt"
    latest: list[tuple[Callable[[], None], bytes]] = [
        (lambda: wm.add_bytes(path, b"bytes"), b"bytes"),
        (lambda: wm.add_files(shared_tree, PREFIX), FILES["digits.txt"]),
        (lambda: wm.add_bytes(path, b"again"), b"again"),
    ]
    for add, body in latest:
        add()
        assert client.get(path).body == body
        assert client.get(f"{PREFIX}one.txt").body == b"1"


@every_construction
def test_bytes_in_a_hidden_directory_answer_and_what_is_hidden_stays_so(
    shared_tree: Path, construction: str
) -> None:
    client = serve(shared_tree, "/", construction=construction)
    middleware(client).add_bytes("/.git/HEAD", b"ref")
    assert client.get("/.git/HEAD").body == b"ref"
    for path in ("/.git/config", "/.env", "/.missing"):
        answer = client.get(path)
        assert (answer.status, SECRET in answer.body) == (404, False)


# Given again


@every_construction
def test_given_again_they_are_replaced_and_nothing_grows(shared_tree: Path, construction: str) -> None:
    client = serve(shared_tree, construction=construction)
    wm = middleware(client)
    wm.add_bytes("/other.css", TEXT)

    def replace(number: int) -> None:
        data = b"%d" % number + TEXT
        wm.add_bytes("/a.css", data)
        assert client.get("/a.css", {"Accept-Encoding": "gzip"}).content == data

    def grown() -> tuple[int, int, int]:
        gc.collect()
        alive = sum(isinstance(each, Resource) for each in gc.get_objects())
        return alive, len(wm.table.entries), wm._budget.spent

    replace(0)
    first = grown()
    for number in (*range(10), 0):
        replace(number)
    assert grown() == first
    assert client.get("/other.css").body == TEXT


def test_what_failed_to_replace_them_costs_nothing() -> None:
    client = client_with("/a.css", TEXT)
    wm = middleware(client)
    spent = wm._budget.spent
    with pytest.raises(OptionError):
        wm.add_bytes("/a.css", TEXT * 9, add_headers_function=refuse)
    assert client.get("/a.css").body == TEXT
    assert wm._budget.spent == spent


def refuse(headers: Any, path: str, url: str) -> None:
    headers["ETag"] = '"mine"'


@every_construction
def test_they_are_replaced_safely_while_requests_run(construction: str) -> None:
    client = client_with("/a.css", b"0" * 300, construction)
    wm, answers, stop = middleware(client), list[Answer](), threading.Event()

    def request() -> None:
        while not stop.is_set():
            answers.append(client.get("/a.css", {"Accept-Encoding": "gzip"}))

    threads = [threading.Thread(target=request) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, 10):
            wm.add_bytes("/a.css", b"%d" % number * 300)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert {answer.content for answer in answers} <= {b"%d" % number * 300 for number in range(10)}
    assert client.get("/a.css").body == b"9" * 300


# What is not theirs


@every_construction
def test_beyond_their_path_all_stays_the_application_s(shared_tree: Path, construction: str) -> None:
    client = serve(shared_tree, construction=construction, not_found="answer")
    middleware(client).add_bytes("/robots.txt", b"User-agent: *")
    assert client.get(f"{PREFIX}missing").status == 404
    assert client.get("/elsewhere").is_the_applications
