"""Lines 37 and 38: how dates are written, and what each method does."""

from __future__ import annotations

import os
from email.utils import parsedate_to_datetime
from io import FileIO
from pathlib import Path

import pytest

from tests.conftest import (
    FILES,
    GZIP_LIB,
    MODIFIED,
    MODIFIED_DATE,
    PREFIX,
    Client,
    every_construction,
    every_table,
    serve,
)
from tests.rules import DIGITS, EVERY_PATH, LARGE, LIB

# Dates


@pytest.mark.parametrize(
    ("date", "status"),
    [
        (MODIFIED_DATE, 304),
        ("Tuesday, 14-Nov-23 22:13:20 GMT", 304),
        ("Tue Nov 14 22:13:20 2023", 304),
        ("Tue, 14 Nov 2023 22:13:20 +0100", 200),
        ("Tue, 14 Nov 2023 22:13:20 UTC", 200),
        ("Tue, 14 Nov 2023 22:13:20", 200),
        ("tue, 14 nov 2023 22:13:20 gmt", 200),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 200),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 304),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 200),
        (f"Fri, 31 Dec {'9' * 40} 23:59:59 GMT", 200),
        ("Fri, 31 Feb 2025 23:59:59 GMT", 200),
        ("Fri, 31 Dec 2025 24:00:00 GMT", 200),
        ("", 200),
        ("0", 200),
    ],
)
def test_line_37_dates_come_in_three_forms_and_gmt(client: Client, date: str, status: int) -> None:
    assert client.get(DIGITS, {"If-Modified-Since": date}).status == status


def test_line_37_dates_go_out_as_imf_fixdate(client: Client) -> None:
    sent = client.get(DIGITS).headers["Last-Modified"]
    assert sent == MODIFIED_DATE
    assert parsedate_to_datetime(sent).timestamp() == MODIFIED


# Methods


@pytest.mark.parametrize("path", [DIGITS, LARGE, LIB, PREFIX + "docs", PREFIX + "docs/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_line_38_an_unsafe_method_is_405_with_allow(client: Client, path: str, method: str) -> None:
    answer = client.request(method, path)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["get", "Head", "GET ", "", "BREW", "G\xcbT"])
def test_line_38_methods_are_told_apart_by_case_and_unknown_ones_refused(
    clients: dict[str, Client], method: str
) -> None:
    unvalidated = Client(clients["memory"].application, validated=False)
    answer = unvalidated.request(method, DIGITS)
    assert answer.status == 405
    assert answer.body == b"405 Method Not Allowed\n"


@pytest.mark.parametrize("path", EVERY_PATH)
@pytest.mark.parametrize("fields", [{}, {"Accept-Encoding": "gzip, br"}, {"If-None-Match": '"other"'}])
def test_line_38_head_has_the_headers_of_get(client: Client, path: str, fields: dict[str, str]) -> None:
    assert client.head(path, fields).headers.items() == client.get(path, fields).headers.items()


@every_table
def test_line_38_head_reads_no_byte_of_a_body(
    tree: Path, monkeypatch: pytest.MonkeyPatch, construction: str
) -> None:
    client = serve(tree, construction=construction)

    class Unread(FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("a body was read")

    monkeypatch.setattr("whitemedia.assets.files.FileIO", Unread)
    for path in (DIGITS, LARGE, LIB):
        assert client.head(path, {"Accept-Encoding": "br"}).status == 200
    with pytest.raises(AssertionError, match="a body was read"):
        client.get(LARGE)


@pytest.mark.parametrize("construction", ["memory", "compress=off"])
def test_line_38_what_is_held_is_answered_without_opening_a_file(
    clients: dict[str, Client], monkeypatch: pytest.MonkeyPatch, construction: str
) -> None:
    client = clients[construction]
    tag = client.get(DIGITS).etag
    client.get(LIB, {"Accept-Encoding": "gzip"})  # a body is held once it was read

    def refuse(*args: object, **kwargs: object) -> int:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(os, "open", refuse)
    assert client.head(DIGITS).status == 200
    assert client.get(DIGITS).body == FILES["digits.txt"]
    assert client.get(DIGITS, {"Range": "bytes=1-2,5-6"}).status == 206
    assert client.get(DIGITS, {"If-None-Match": tag}).status == 304
    assert client.get(LIB, {"Accept-Encoding": "gzip"}).body == GZIP_LIB


@pytest.mark.parametrize("path", [DIGITS, LARGE, LIB])
def test_line_38_options_says_what_is_allowed_and_to_whom(client: Client, path: str) -> None:
    answer = client.request("OPTIONS", path)
    assert answer.status == 204
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@every_construction
def test_line_38_unsafe_methods_can_be_the_applications(shared_tree: Path, construction: str) -> None:
    client = serve(shared_tree, unsafe_methods="pass", index_file=True, construction=construction)
    for path in (DIGITS, PREFIX + "docs", PREFIX + "docs/"):
        assert client.request("POST", path).is_the_applications
        assert client.request("OPTIONS", path).status == 204
        assert not client.get(path).is_the_applications
