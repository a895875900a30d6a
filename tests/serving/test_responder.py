"""One resource, one request, one response; whatever was opened on the way is closed or handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.conftest import PREFIX, Client, application, make_environ, open_descriptors, serve
from whitemedia import WhiteMedia
from whitemedia.assets.resource import REFUSED, Entry
from whitemedia.assets.table import Table
from whitemedia.http.response import Response
from whitemedia.serving import responder
from whitemedia.serving.responder import respond
from whitemedia.serving.response import FileResponse


def table_of(client: Client) -> Table:
    assert isinstance(client.application, WhiteMedia)
    return client.application.table


def entry(clients: dict[str, Client], name: str, construction: str = "memory") -> Entry:
    return table_of(clients[construction]).entries[PREFIX + name]


def ask(entry: Entry, method: str = "GET", **fields: str) -> Response:
    response = respond(entry, make_environ(method, "/", {k.replace("_", "-"): v for k, v in fields.items()}))
    assert response is not None
    return response


def header(response: Response, name: str) -> str:
    return dict(response.headers)[name]


@pytest.mark.parametrize("fields", [{}, {"Accept_Encoding": "gzip"}, {"If_None_Match": "*"}])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_common_answers_are_prepared_once(
    clients: dict[str, Client], method: str, fields: dict[str, str]
) -> None:
    resource = entry(clients, "app.css")
    ask(resource)  # reads what is held
    assert ask(resource, method, **fields) is ask(resource, method, **fields)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_short_way_to_a_304_leads_where_the_long_one_does(clients: dict[str, Client], method: str) -> None:
    resource = entry(clients, "app.css")
    tag = header(ask(resource), "ETag")
    assert ask(resource, method, If_None_Match=tag) is ask(resource, method, If_None_Match=f'"other", {tag}')
    assert ask(resource, method, If_None_Match=tag, If_Match='"other"').status.startswith("412")
    early = "Thu, 01 Jan 2015 00:00:00 GMT"
    assert ask(resource, method, If_None_Match=tag, If_Unmodified_Since=early).status.startswith("412")


def test_validators_are_those_of_the_selected_representation(client: Client) -> None:
    table = table_of(client)
    resource = table.entries.get(f"{PREFIX}lib.js") or table.find(f"{PREFIX}lib.js")
    assert resource is not None
    tags = {
        coding: header(ask(resource, "HEAD", Accept_Encoding=coding), "ETag") for coding in ("br", "gzip", "x")
    }
    for coding in tags:
        for other, tag in tags.items():
            status = ask(resource, "HEAD", Accept_Encoding=coding, If_None_Match=tag).status
            assert status.startswith("304") == (coding == other)


@pytest.mark.parametrize("name", ["digits.txt", "large.bin", "docs", "lib.js"])
def test_only_unsafe_methods_of_what_passes_them_are_the_applications(shared_tree: Path, name: str) -> None:
    passing = serve(shared_tree, index_file=True, unsafe_methods="pass")
    refusing = serve(shared_tree, index_file=True)
    for method in ("POST", "PUT", "DELETE", "get", ""):
        assert respond(table_of(passing).entries[PREFIX + name], make_environ(method, "/")) is None
        assert ask(table_of(refusing).entries[PREFIX + name], method).status == "405 Method Not Allowed"
    for method in ("HEAD", "OPTIONS"):
        assert respond(table_of(passing).entries[PREFIX + name], make_environ(method, "/")) is not None


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "BREW"])
@pytest.mark.parametrize("name", [".env", "notes.txt~", "lib.js.gz"])
def test_what_is_refused_is_404_by_any_method(clients: dict[str, Client], method: str, name: str) -> None:
    assert ask(entry(clients, name), method).status == "404 Not Found"


def test_a_miss_is_refused_only_where_it_is_not_the_applications(clients: dict[str, Client]) -> None:
    table = table_of(clients["memory"])
    assert table.find("/static/.git/HEAD") is REFUSED
    assert table.find("/static/missing") is None
    assert table.find("/.git/HEAD") is None


@pytest.mark.parametrize("name", ["large.bin", "digits.txt"])
@pytest.mark.parametrize(
    ("method", "fields", "sends"),
    [
        ("GET", {}, True),
        ("GET", {"Range": "bytes=0-1"}, True),
        ("GET", {"Range": "bytes=0-1,5-6"}, True),
        ("GET", {"Range": "bytes=9999999-"}, False),
        ("GET", {"If_None_Match": "*"}, False),
        ("GET", {"If_Match": '"other"'}, False),
        ("HEAD", {}, False),
        ("HEAD", {"If_None_Match": "*"}, False),
    ],
)
def test_an_open_file_is_handed_over_only_to_be_sent(
    clients: dict[str, Client],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    method: str,
    fields: dict[str, str],
    *,
    sends: bool,
) -> None:
    monkeypatch.setattr("whitemedia.serving.body.SHARED_BLOCK", 0)
    before = open_descriptors()
    response = ask(entry(clients, name, "memory_limit=0"), method, **fields)
    assert isinstance(response, FileResponse) == sends
    assert open_descriptors() == before + sends
    if isinstance(response, FileResponse):
        response.close()


@pytest.mark.parametrize("function", ["_evaluate", "_respond_to_range"])
def test_an_error_on_the_way_leaves_nothing_open(
    clients: dict[str, Client], monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    def fail(*_: object) -> NoReturn:
        raise RuntimeError("on the way")

    before = open_descriptors()
    monkeypatch.setattr(responder, function, fail)
    with pytest.raises(RuntimeError, match="on the way"):
        ask(entry(clients, "large.bin"), If_Match="*", Range="bytes=0-1")
    assert open_descriptors() == before


def test_an_answers_headers_are_tuples_down_to_the_pairs(client: Client) -> None:
    for found in table_of(client).entries.values():
        headers = ask(found, "HEAD").headers
        assert type(headers) is tuple
        assert {type(pair) for pair in headers} == {tuple}


def test_the_application_behind_is_not_asked_for_what_is_in_the_table(shared_tree: Path) -> None:
    asked: list[str] = []

    def behind(environ: dict[str, Any], start_response: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        return application(environ, start_response)

    client = Client(WhiteMedia(behind, shared_tree, PREFIX))
    for path in table_of(client).entries:
        client.get("/", PATH_INFO=path)
        client.request("POST", "/", PATH_INFO=path)
    assert asked == []
