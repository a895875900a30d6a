"""Preflights: a browser asks whether a script may send what it is about to (the Fetch standard, section 3.2.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.answers import Answer
from tests.conftest import CONSTRUCTIONS, PREFIX, Client, every_construction, serve

A, B = "https://a.example", "http://localhost:5173"
PATHS = ["digits.txt", "large.bin", "lib.js", "docs", "docs/", "docs/index.html"]

every_path = pytest.mark.parametrize("path", PATHS)


@pytest.fixture(scope="module")
def listing(shared_tree: Path) -> dict[str, Client]:
    return {name: serve(shared_tree, construction=name, cors=[A, B], index_file=True) for name in CONSTRUCTIONS}


def preflight(client: Client, path: str, origin: str = A, method: str = "GET", **fields: str) -> Answer:
    given = {"Origin": origin, "Access-Control-Request-Method": method}
    asked = {f"Access-Control-Request-{name}": value for name, value in fields.items()}
    return client.request("OPTIONS", PREFIX + path, {**given, **asked})


def cors_fields(answer: Answer) -> dict[str, str]:
    """What a browser reads of a preflight's answer."""
    prefix = "access-control-"
    return {name.removeprefix(prefix): value for name, value in answer.fields.items() if name.startswith(prefix)}


ALLOWED = {"allow-methods": "GET, HEAD, OPTIONS", "max-age": "7200"}


@every_path
@every_construction
def test_a_listed_origin_is_told_what_it_may_send(
    listing: dict[str, Client], construction: str, path: str
) -> None:
    answer = preflight(listing[construction], path, Headers="range,x-a")
    assert (answer.status, answer.headers["Vary"]) == (204, "Origin")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert cors_fields(answer) == {**ALLOWED, "allow-origin": A, "allow-headers": "range, x-a"}


@every_path
@every_construction
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", f"{A}, {B}", "https://a.example.evil.com"])
def test_nobody_else_is_told_anything(
    listing: dict[str, Client], construction: str, path: str, origin: str
) -> None:
    answer = preflight(listing[construction], path, origin, Headers="range")
    assert (answer.status, answer.headers["Vary"]) == (204, "Origin")
    assert cors_fields(answer) == {}


@every_path
@every_construction
def test_any_origin_is_told_where_any_may_read(clients: dict[str, Client], construction: str, path: str) -> None:
    answer = preflight(clients[construction], path, "null", Headers="range,x-a")
    assert (answer.status, answer.headers["Vary"]) == (204, None)
    assert cors_fields(answer) == {**ALLOWED, "allow-origin": "*", "allow-headers": "range, x-a"}


@every_path
@every_construction
def test_nobody_is_told_where_none_may_read(shared_tree: Path, construction: str, path: str) -> None:
    client = serve(shared_tree, construction=construction, allow_all_origins=False, index_file=True)
    answer = preflight(client, path, Headers="range")
    assert (answer.status, cors_fields(answer)) == (204, {})


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "get", "", "\r\nX: y"])
def test_safe_methods_alone_are_allowed_whatever_is_asked_for(client: Client, method: str) -> None:
    answer = preflight(client, "digits.txt", method=method)
    assert (answer.status, cors_fields(answer)) == (204, {**ALLOWED, "allow-origin": "*"})


def test_credentials_are_allowed_beforehand_too(shared_tree: Path) -> None:
    client = serve(shared_tree, cors=[A], cors_credentials=True)
    fields = cors_fields(preflight(client, "digits.txt"))
    assert fields == {**ALLOWED, "allow-origin": A, "allow-credentials": "true"}


@pytest.mark.parametrize(
    ("requested", "allowed"),
    [
        ("", None),
        ("range", "range"),
        ("Range ,, X-A", "Range, X-A"),
        ("x-a, b c, \xfc, d", "x-a, d"),
        ("x-a\r\nSet-Cookie: a=b", None),
        ("x-a,\r\nSet-Cookie: a=b", "x-a"),
        ("x-a," * 25_000, None),
    ],
)
@pytest.mark.parametrize("cors", [[A], "*"])
def test_headers_are_allowed_if_they_are_names_and_few(
    shared_tree: Path, cors: Any, requested: str, allowed: str | None
) -> None:
    fields = cors_fields(preflight(serve(shared_tree, cors=cors), "digits.txt", Headers=requested))
    assert fields.pop("allow-headers", None) == allowed
    assert fields == {**ALLOWED, "allow-origin": A if cors == [A] else "*"}


# What is no preflight


@every_construction
@pytest.mark.parametrize(
    "fields",
    [{}, {"Origin": A}, {"Access-Control-Request-Method": "GET"}, {"Access-Control-Request-Headers": "x"}],
)
def test_options_alone_is_told_what_is_allowed_and_who_may_read(
    listing: dict[str, Client], clients: dict[str, Client], construction: str, fields: dict[str, str]
) -> None:
    for path in PATHS:
        answer = clients[construction].request("OPTIONS", PREFIX + path, fields)
        assert (answer.status, cors_fields(answer)) == (204, {"allow-origin": "*"})
        answer = listing[construction].request("OPTIONS", PREFIX + path, fields)
        assert (answer.status, cors_fields(answer)) == (204, {"allow-origin": A} if "Origin" in fields else {})


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_another_method_is_no_preflight(
    listing: dict[str, Client], clients: dict[str, Client], method: str
) -> None:
    for client, origin in ((listing["memory"], A), (clients["memory"], "*")):
        fields = {"Origin": A, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x"}
        answer = client.request(method, f"{PREFIX}digits.txt", fields)
        assert cors_fields(answer) == {"allow-origin": origin}


# The application's own methods


@every_path
@every_construction
@pytest.mark.parametrize("cors", [[A], "*"])
def test_a_preflight_for_what_is_passed_on_is_passed_on(
    shared_tree: Path, construction: str, cors: Any, path: str
) -> None:
    """Whether a POST may be sent is for the application to say, if the POST is."""
    client = serve(shared_tree, construction=construction, cors=cors, unsafe_methods="pass", index_file=True)
    for method in ("POST", "PUT", "DELETE", "get"):
        assert preflight(client, path, method=method).is_the_applications
    for method in ("GET", "HEAD"):
        answer = preflight(client, path, method=method)
        assert cors_fields(answer) == {**ALLOWED, "allow-origin": A if cors == [A] else "*"}
    assert client.request("OPTIONS", PREFIX + path, {"Origin": A}).status == 204
    assert client.request("POST", PREFIX + path, {"Origin": A}).is_the_applications


@every_construction
def test_what_is_not_there_or_hidden_is_no_preflight_s(listing: dict[str, Client], construction: str) -> None:
    assert preflight(listing[construction], "missing").is_the_applications
    answer = preflight(listing[construction], ".env")
    assert (answer.status, cors_fields(answer)) == (404, {})


# Single files


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, {}), ("*", {**ALLOWED, "allow-origin": "*"}), (B, {**ALLOWED, "allow-origin": B})],
)
@pytest.mark.parametrize("cors", [[A], "*"])
def test_a_preflight_for_a_single_file_follows_its_rule(
    shared_tree: Path, cors: Any, value: str | None, expected: dict[str, str]
) -> None:
    rules = [("digits.txt", {"access-control-allow-origin": value})]
    assert cors_fields(preflight(serve(shared_tree, cors=cors, rules=rules), "digits.txt")) == expected
