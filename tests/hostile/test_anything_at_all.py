"""Whatever is asked: never an exception, never a byte from outside the root."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.answers import Answer, check_bytes
from tests.conftest import (
    BR_LIB,
    FILES,
    GZIP_LIB,
    MODIFIED_DATE,
    PREFIX,
    SECRET,
    ZSTD_LIB,
    Client,
    every_construction,
)
from tests.hostile.urls import DIGITS, LIB

STATUSES = {200, 206, 302, 304, 404, 405, 412, 416}
FRAGMENTS = [
    "/",
    "/static/",
    "static",
    "..",
    ".",
    "%2e",
    "\\",
    "\0",
    ".env",
    ".git",
    "config",
    "outward",
    "secret.txt",
]
FRAGMENTS += [
    "digits.txt",
    "docs",
    "lib.js",
    ".br",
    "~",
    "?",
    "#",
    "*",
    "\xff",
    "\udcff",
    "\u20ac",
    "\r\n",
    ";",
    ":",
]
path_infos = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join),
    st.text(st.characters(), max_size=40).map("/static/".__add__),
    st.binary(max_size=40).map(lambda data: "/static/" + data.decode("latin-1")),
)


@given(path_info=path_infos, method=st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "", "\xff"]))
@settings(max_examples=500)
def test_no_path_raises_or_tells_a_secret(exposed_clients: dict[str, Client], path_info: str, method: str) -> None:
    for client in exposed_clients.values():
        answer = client.request(method, "/", PATH_INFO=path_info)
        assert SECRET not in answer.body
        if not answer.is_the_applications:
            assert answer.status in STATUSES | {204}


def fields_of(*tokens: str) -> st.SearchStrategy[str]:
    """Texts made of what the field's grammar knows, of latin-1, and of anything."""
    return st.one_of(
        st.lists(st.sampled_from(tokens), max_size=12).map("".join),
        st.text(st.characters(max_codepoint=255), max_size=30),
        st.text(max_size=30),
    )


TAGS = ('"', "W/", ",", "*", " ", "\t", '"x"', '"TAG"', 'W/"TAG"', "\xff", "\\")
DATES = (
    MODIFIED_DATE,
    "Tue Nov 14 22:13:20 2023",
    "Tuesday, 14-Nov-23 22:13:20 GMT",
    "GMT",
    " ",
    ",",
    "99999",
    "Nov",
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "Range": fields_of(
            "bytes", "=", "-", ",", "0", "1", "9", " ", "\t", "bytes=", "5-", "-5", "0-0", "9" * 30, "x"
        ),
        "If-Range": fields_of(*TAGS, *DATES),
        "If-Match": fields_of(*TAGS),
        "If-None-Match": fields_of(*TAGS),
        "If-Modified-Since": fields_of(*DATES),
        "If-Unmodified-Since": fields_of(*DATES),
        "Accept-Encoding": fields_of(
            "gzip", "br", "zstd", "*", "identity", ";", "q=", "0", "1", ".", ",", " ", "x-gzip"
        ),
    },
)


@pytest.fixture(scope="module")
def bodies(clients: dict[str, Client]) -> dict[str, bytes]:
    """Every representation by its entity tag."""
    found = {}
    for path, coding in [
        (DIGITS, ""),
        (f"{PREFIX}empty.txt", ""),
        *((LIB, c) for c in ("", "br", "gzip", "zstd")),
    ]:
        answer = clients["memory"].get(path, {"Accept-Encoding": coding})
        found[answer.etag] = answer.body
    assert set(found.values()) == {FILES["digits.txt"], b"", FILES["lib.js"], BR_LIB, GZIP_LIB, ZSTD_LIB}
    return found


@every_construction
@given(
    fields=requests,
    path=st.sampled_from([DIGITS, LIB, f"{PREFIX}empty.txt", f"{PREFIX}docs"]),
    method=st.sampled_from(["GET", "GET", "HEAD"]),
)
@settings(max_examples=300)
def test_no_field_raises_or_joins_what_does_not_belong_together(
    clients: dict[str, Client],
    bodies: dict[str, bytes],
    construction: str,
    *,
    fields: dict[str, str],
    path: str,
    method: str,
) -> None:
    client = clients[construction]
    tag = client.head(path).headers["ETag"] or '""'
    answer: Answer = client.request(method, path, {k: v.replace('"TAG"', tag) for k, v in fields.items()})
    assert answer.status in STATUSES - {404, 405}
    if method == "GET":
        check_bytes(answer, bodies)


@given(query=st.text(max_size=40), script_name=st.text(max_size=20))
def test_no_query_and_no_mount_raises_or_breaks_out_of_location(
    exposed_clients: dict[str, Client], query: str, script_name: str
) -> None:
    for client in exposed_clients.values():
        for path in ("/static/docs", "/docs", ""):
            location = client.get(path, QUERY_STRING=query, SCRIPT_NAME=script_name).headers["Location"]
            if location is not None:
                assert location.isascii()
                assert location.isprintable()
                assert not location.startswith(("/", "\\"))
                assert ":" not in location.partition("?")[0]
                assert not set(location) & set(' #<>"')
