"""Lines 27 to 36: which coding is selected, and what varies with it."""

from __future__ import annotations

from pathlib import Path
from wsgiref.headers import Headers

import brotli
import pytest

from tests.conftest import FILES, PREFIX, Client, every_construction, plant, serve
from tests.rules import BODIES, DIGITS, EMPTY, LARGE, LIB, SMALLEST


@pytest.mark.parametrize(
    ("field", "coding"),
    [
        pytest.param("", "identity", id="27 empty"),
        pytest.param("deflate", "identity", id="28 none of ours"),
        pytest.param("gzip", "gzip", id="28 one"),
        pytest.param("gzip, br, zstd", SMALLEST, id="28 a tie goes to the smaller body"),
        pytest.param("gzip;q=0.9, br;q=0.8, zstd;q=0.7", "gzip", id="28 highest q"),
        pytest.param("br;q=0.001", "br", id="28 identity unlisted is below any listed one"),
        pytest.param("gzip;q=0.5, identity;q=0.9", "identity", id="28 identity listed ranks by its q"),
        pytest.param("gzip;q=0.5, identity;q=0.4", "gzip", id="28 identity listed below"),
        pytest.param("br;q=0, gzip", "gzip", id="29 q=0"),
        pytest.param("br;q=0.0, zstd;q=0.000, gzip;q=0.1", "gzip", id="29 0.0 and 0.000"),
        pytest.param("br ; Q=0, zstd\t;\tq=0., gzip", "gzip", id="29 upper case and space"),
        pytest.param("gzip;q=0", "identity", id="29 nothing else listed"),
        pytest.param("*", SMALLEST, id="30 star"),
        pytest.param("br;q=0, zstd;q=0, *", "gzip", id="30 star does not cover what is excluded"),
        pytest.param("gzip, *;q=0.5", "gzip", id="30 star below a listed one"),
        pytest.param("gzip;q=0.2, *;q=0.5", SMALLEST, id="30 star above a listed one"),
        pytest.param("*;q=0", "identity", id="31 nothing is acceptable"),
        pytest.param("identity;q=0", "identity", id="31 identity excluded, nothing listed"),
        pytest.param("identity;q=0, *", SMALLEST, id="31 identity excluded, star"),
        pytest.param("identity;q=0, gzip;q=0.1", "gzip", id="31 identity excluded, one listed"),
        pytest.param("GZip", "gzip", id="32 case"),
        pytest.param("x-gzip", "gzip", id="32 x-gzip"),
        pytest.param("bro, gzipped, xgzip, zstandard", "identity", id="32 whole tokens"),
        pytest.param("br;q=high, gzip;q=0.1", "gzip", id="33 a malformed q drops the member"),
        pytest.param("br;q=1.1, zstd;q=0.1234, gzip;q=0.1", "gzip", id="33 q out of range"),
        pytest.param("br;q=-1, gzip;q=0.1", "gzip", id="33 negative"),
        pytest.param("b r, gzip", "gzip", id="33 no token"),
        pytest.param("gzip;q=1" + " " * 100_000 + "x", "identity", id="33 linear in space"),
        pytest.param("gzip," * 200_000, "gzip", id="33 linear in members"),
    ],
)
def test_lines_27_to_33_accept_encoding_selects(client: Client, field: str, coding: str) -> None:
    answer = client.get(LIB, {"Accept-Encoding": field})
    assert answer.headers["Content-Encoding"] == (None if coding == "identity" else coding)
    assert answer.body == BODIES[coding]


def test_line_27_an_absent_accept_encoding_is_identity(client: Client) -> None:
    answer = client.get(LIB)
    assert (answer.headers["Content-Encoding"], answer.body) == (None, FILES["lib.js"])


@pytest.mark.parametrize("coding", BODIES)
@pytest.mark.parametrize(
    ("method", "fields", "status"),
    [
        ("GET", {}, 200),
        ("HEAD", {}, 200),
        ("GET", {"Range": "bytes=1-2"}, 206),
        ("GET", {"Range": "bytes=1-2,5-6"}, 206),
        ("GET", {"Range": "bytes=999999-"}, 416),
        ("GET", {"If-None-Match": "*"}, 304),
        ("HEAD", {"If-None-Match": "*"}, 304),
        ("GET", {"If-Match": '"other"'}, 412),
    ],
)
def test_line_34_every_answer_of_a_coded_url_varies(
    client: Client, coding: str, method: str, fields: dict[str, str], status: int
) -> None:
    answer = client.request(method, LIB, {"Accept-Encoding": coding, **fields})
    assert answer.status == status
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_line_34_a_url_without_codings_does_not_vary(client: Client) -> None:
    for path in (DIGITS, LARGE, EMPTY, PREFIX + "picture.png"):
        assert client.get(path, {"Accept-Encoding": "br"}).headers["Vary"] is None


@every_construction
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("Cookie", "Cookie, Accept-Encoding"),
        ("Origin, accept-encoding", "Origin, accept-encoding"),
        ("*", "*"),
    ],
)
def test_line_34_vary_is_merged_with_the_users(
    shared_tree: Path, construction: str, given: str, sent: str
) -> None:
    def vary(headers: Headers, path: str, url: str) -> None:
        headers["Vary"] = given

    client = serve(shared_tree, add_headers_function=vary, construction=construction)
    assert client.get(LIB).headers["Vary"] == sent
    assert client.get(DIGITS).headers["Vary"] == given


def test_line_35_codings_share_the_type_and_content_and_differ_in_tag(client: Client) -> None:
    answers = [client.get(LIB, {"Accept-Encoding": coding}) for coding in BODIES]
    assert {answer.headers["Content-Type"] for answer in answers} == {"text/javascript; charset=utf-8"}
    assert {answer.content for answer in answers} == {FILES["lib.js"]}
    assert len({answer.etag for answer in answers}) == len(BODIES)


@pytest.mark.parametrize("name", ["empty.txt", "one.txt", "digits.txt", "picture.png", "large.bin"])
def test_line_36_what_does_not_shrink_by_a_twentieth_is_never_coded(client: Client, name: str) -> None:
    for coding in ("br", "gzip", "zstd"):
        assert client.get(PREFIX + name, {"Accept-Encoding": coding}).headers["Content-Encoding"] is None


@pytest.mark.parametrize("name", ["app.css", "app.js", "page.html", "data.json", "logo.svg"])
@pytest.mark.parametrize("coding", ["br", "gzip", "zstd"])
def test_line_36_at_startup_text_is_coded(clients: dict[str, Client], name: str, coding: str) -> None:
    answer = clients["memory"].get(PREFIX + name, {"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert answer.content == FILES[name]
    assert len(answer.body) <= 0.95 * len(FILES[name])


@every_construction
def test_line_36_a_sibling_that_is_hardly_smaller_is_not_sent(tmp_path: Path, construction: str) -> None:
    noise = FILES["picture.png"] + bytes(150)
    coded = brotli.compress(noise)
    assert 0.95 < len(coded) / len(noise) < 1
    client = serve(plant(tmp_path, {"noise.bin": noise, "noise.bin.br": coded}), construction=construction)
    answer = client.get(f"{PREFIX}noise.bin", {"Accept-Encoding": "br"})
    assert (answer.body, answer.headers["Content-Encoding"]) == (noise, None)
