"""Lines 39 to 45: what holds of every answer, redirect and path."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import create_environ

from tests.conftest import (
    FILES,
    PREFIX,
    Client,
    call,
    every_construction,
    make_environ,
    open_descriptors,
    plant,
    serve,
)
from tests.rules import DIGITS, EVERY_PATH, LARGE


@pytest.mark.parametrize("path", EVERY_PATH)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("accepted", ["identity", "br", "gzip"])
@pytest.mark.parametrize(
    "fields",
    [{}, {"Range": "bytes=0-0"}, {"Range": "bytes=0-0,2-3"}, {"Range": "bytes=99999999-"}, {"If-Match": '""'}],
)
def test_lines_39_and_40_every_branch_sends_what_it_declares_and_leaves_nothing_open(
    client: Client, path: str, method: str, accepted: str, fields: dict[str, str]
) -> None:
    before = open_descriptors()
    client.request(method, path, {"Accept-Encoding": accepted, **fields})  # which judges the length
    assert open_descriptors() == before


@pytest.mark.parametrize("blocks", [0, 1, 2])
@pytest.mark.parametrize("field", ["bytes=0-", "bytes=0-9,700000-"], ids=["one", "several"])
def test_line_40_a_client_that_leaves_leaves_nothing_open(client: Client, blocks: int, field: str) -> None:
    before = open_descriptors()
    body = client.application(make_environ("GET", LARGE, {"Range": field}), lambda *_: lambda _: None)
    assert open_descriptors() == before + 1
    iterator = iter(body)
    for _ in range(blocks):
        next(iterator)
    body.close()  # type: ignore[attr-defined]
    assert open_descriptors() == before


@pytest.mark.parametrize(("path", "location"), [("docs", "docs/"), ("docs/index.html", "./")])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("query", "suffix"),
    [("", ""), ("a=1&b=%2F", "?a=1&b=%2F"), ("x=a b", "?x=a%20b"), ("\r\nX: 1", "?%0D%0AX:%201"), ("é", "?%E9")],
)
def test_line_41_an_index_redirect_is_relative_and_keeps_the_query(
    client: Client, path: str, location: str, *, method: str, query: str, suffix: str
) -> None:
    answer = client.request(method, PREFIX + path, QUERY_STRING=query)
    assert answer.status == 302
    assert answer.fields == {
        "location": location + suffix,
        "content-type": "text/plain; charset=utf-8",
        "content-length": "0",
        "x-content-type-options": "nosniff",
        "cache-control": "max-age=60, public",
        "access-control-allow-origin": "*",
    }


@every_construction
@pytest.mark.parametrize("name", ["\\evil.example", "evil:example", "a b", "é", "%2F", "?", "#", "evil.example"])
@pytest.mark.parametrize("prefix", ["/", "/static/"])
def test_line_41_a_redirect_never_leads_to_another_authority(
    tmp_path: Path, construction: str, name: str, prefix: str
) -> None:
    client = serve(
        plant(tmp_path, {f"{name}/index.html": b"index"}), prefix, index_file=True, construction=construction
    )
    location = client.get(prefix + name).headers["Location"]
    assert location is not None
    assert location.endswith("/")
    assert set(location[:-1]) <= set("%.-_~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    assert client.get(f"{prefix}{name}/").body == b"index"


def test_line_41_unlike_whitenoise_a_redirect_is_for_get_and_head_only(client: Client) -> None:
    assert client.request("POST", PREFIX + "docs").status == 405


@pytest.mark.parametrize("script_name", ["", "/mounted", "/mounted/deeper"])
def test_line_42_mounts_do_not_matter(client: Client, script_name: str) -> None:
    assert client.get(DIGITS, SCRIPT_NAME=script_name).body == FILES["digits.txt"]
    assert client.get(PREFIX + "docs", SCRIPT_NAME=script_name).headers["Location"] == "docs/"
    assert client.get(f"{script_name}/other{DIGITS}", SCRIPT_NAME=script_name).is_the_applications


@every_construction
@pytest.mark.parametrize(
    ("script_name", "location"), [("/mounted", "mounted/"), ("/a/b", "b/"), ("//evil.example", "evil.example/")]
)
def test_line_42_the_mount_point_without_its_slash_leads_to_its_index(
    shared_tree: Path, construction: str, script_name: str, location: str
) -> None:
    client = serve(shared_tree / "docs", "/", index_file=True, construction=construction)
    answer = client.get("", SCRIPT_NAME=script_name)
    assert (answer.status, answer.headers["Location"]) == (302, location)


@pytest.mark.parametrize(
    "path_info",
    [
        "/static/\xff\xfe",
        "/static/\xc3",
        "/static/\udcff",
        "/static/\u20ac",
        "/static/" + "x" * 1_000_000,
        "/\0",
        "",
    ],
    ids=ascii,
)
def test_line_43_a_path_that_is_no_text_or_has_no_end_goes_to_the_application(
    client: Client, path_info: str
) -> None:
    assert client.get("/", PATH_INFO=path_info).is_the_applications


@pytest.mark.parametrize(
    ("spelling", "other"),
    [
        ("/static/digits.txt", "/%73tatic/d%69gits%2Etxt"),
        ("/static/docs/%C3%BCber%20uns.txt", "/static/docs/%c3%bcber%20uns.txt"),
        ("/static/docs/%C3%BCber%20uns.txt", "/static/docs/über uns.txt"),
    ],
)
def test_line_43_percent_spellings_of_one_path_have_one_answer(client: Client, spelling: str, other: str) -> None:
    one, two = (call(client.application, create_environ(path)) for path in (spelling, other))
    assert one.status == two.status == 200
    assert (one.headers.items(), one.body) == (two.headers.items(), two.body)


@pytest.mark.parametrize(
    ("method", "path", "fields", "status"),
    [
        ("GET", DIGITS, {}, 200),
        ("GET", DIGITS, {"Range": "bytes=0-1"}, 206),
        ("GET", DIGITS, {"Range": "bytes=0-1,5-6"}, 206),
        ("GET", PREFIX + "docs", {}, 302),
        ("GET", DIGITS, {"If-None-Match": "*"}, 304),
        ("OPTIONS", DIGITS, {}, 204),
        ("GET", PREFIX + ".env", {}, 404),
        ("POST", DIGITS, {}, 405),
        ("GET", DIGITS, {"If-Match": '"other"'}, 412),
        ("GET", DIGITS, {"Range": "bytes=50-"}, 416),
    ],
)
def test_line_44_nosniff_is_everywhere(
    client: Client, method: str, path: str, fields: dict[str, str], status: int
) -> None:
    answer = client.request(method, path, fields)
    assert answer.status == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("digits.txt", "text/plain; charset=utf-8"),
        ("app.css", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("page.html", "text/html; charset=utf-8"),
        ("data.json", "application/json"),
        ("logo.svg", "image/svg+xml"),
        ("picture.png", "image/png"),
    ],
)
def test_line_45_text_has_a_charset_and_nothing_else_has(client: Client, name: str, media_type: str) -> None:
    assert client.get(PREFIX + name).headers["Content-Type"] == media_type
