"""How long an answer may be kept, by whom, and which other sites may have it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.answers import Answer
from tests.conftest import Client, plant

if TYPE_CHECKING:
    from tests.media.conftest import ServeMedia
    from whitemedia.media.options import MediaFields

URL: Final = "/media/a.png"
LISTED: Final = "https://a.example"
CORS: Final = frozenset({"access-control-allow-origin", "access-control-allow-credentials", "vary"})


@pytest.fixture
def serve(media: Path, serve_media: ServeMedia) -> ServeMedia:
    plant(media, {"a.png": b"0123456789"})
    return serve_media


def answers_of(client: Client, fields: dict[str, str] | None = None) -> dict[int, Answer]:
    """One of each status that a file is answered with."""
    asked = fields or {}
    whole = client.get(URL, asked)
    answers = [whole, client.get(URL, {**asked, "Range": "bytes=0-0"})]
    answers += [
        client.get(URL, {**asked, "If-None-Match": whole.etag}),
        client.get(URL, {**asked, "If-Match": '"x"'}),
    ]
    answers += [client.get(URL, {**asked, "Range": "bytes=99-"})]
    assert [answer.status for answer in answers] == [200, 206, 304, 412, 416]
    return {answer.status: answer for answer in answers}


@pytest.mark.parametrize(
    ("options", "cache_control"),
    [
        ({}, "no-cache"),
        ({"max_age": 0}, "no-cache"),
        ({"max_age": 60}, "max-age=60, public"),
        ({"max_age": None}, None),
        ({"authorize": lambda environ, name: True}, "private, no-cache"),
        ({"authorize": lambda environ, name: True, "max_age": 60}, "private, max-age=60"),
        ({"authorize": lambda environ, name: True, "max_age": None}, "private"),
    ],
    ids=["by default", "0", "60", "None", "guarded", "guarded, 60", "guarded, None"],
)
def test_caches_are_told_how_long_and_whose(
    serve: ServeMedia, options: MediaFields, cache_control: str | None
) -> None:
    client = serve(**options)
    answers = answers_of(client)
    assert {answers[status].headers["Cache-Control"] for status in (200, 206, 304)} == {cache_control}
    assert {answers[status].headers["Cache-Control"] for status in (412, 416)} == {None}
    assert client.get("/media/missing").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("policy", ["same-origin", "same-site", "cross-origin", None])
def test_who_may_embed_is_said_on_every_answer_about_a_file(serve: ServeMedia, policy: str | None) -> None:
    client = serve(cross_origin_resource_policy=policy)  # type: ignore[arg-type]
    answers = [*answers_of(client).values(), client.request("POST", URL), client.request("OPTIONS", URL)]
    assert {answer.headers["Cross-Origin-Resource-Policy"] for answer in answers} == {policy}


def test_by_default_no_other_origin_may_read_anything(serve: ServeMedia) -> None:
    client = serve()
    for answer in answers_of(client, {"Origin": LISTED}).values():
        assert not CORS & answer.fields.keys()
    preflight = client.request("OPTIONS", URL, {"Origin": LISTED, "Access-Control-Request-Method": "GET"})
    assert preflight.status == 204
    assert not any(name.startswith("access-control-") for name in preflight.fields)


@pytest.mark.parametrize("origin", [{}, {"Origin": LISTED}, {"Origin": "null"}], ids=repr)
def test_any_origin_may_read_what_all_may(serve: ServeMedia, origin: dict[str, str]) -> None:
    for answer in answers_of(serve(cors="*"), origin).values():
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert not {"access-control-allow-credentials", "vary"} & answer.fields.keys()


@pytest.mark.parametrize("credentials", [True, False], ids=["credentials", "no credentials"])
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (LISTED, True),
        ("https://b.example", True),
        ("https://evil.example", False),
        ("null", False),
        (None, False),
        ("https://a.example.evil.example", False),
        ("http://a.example", False),
        ("*", False),
    ],
)
def test_an_origin_that_is_listed_may_read_and_every_answer_says_on_whom_it_depends(
    serve: ServeMedia, origin: str | None, allowed: bool, credentials: bool
) -> None:
    client = serve(cors=[LISTED, "https://b.example"], cors_credentials=credentials)
    asked = {} if origin is None else {"Origin": origin}
    answers = [*answers_of(client, asked).values(), client.get("/media/missing", asked)]
    answers += [client.request("POST", URL, asked), client.get("/media/.hidden", asked)]
    for answer in answers:
        assert answer.headers["Vary"] == "Origin"
        assert answer.headers["Access-Control-Allow-Origin"] == (origin if allowed else None)
        assert answer.headers["Access-Control-Allow-Credentials"] == ("true" if allowed and credentials else None)


@pytest.mark.parametrize(("origin", "allowed"), [(LISTED, True), ("https://evil.example", False)])
@pytest.mark.parametrize("name", ["a.png", "missing"])
def test_a_preflight_is_answered_for_listed_origins_whatever_is_there(
    serve: ServeMedia, origin: str, allowed: bool, name: str
) -> None:
    fields = {"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    answer = serve(cors=[LISTED]).request("OPTIONS", f"/media/{name}", fields)
    assert (answer.status, answer.headers["Vary"]) == (204, "Origin")
    assert answer.headers["Access-Control-Allow-Headers"] == ("range" if allowed else None)


def test_a_refusal_may_be_read_by_a_listed_origin_and_is_the_same_for_all_files(serve: ServeMedia) -> None:
    client = serve(cors=[LISTED], cors_credentials=True, authorize=lambda environ, name: False)
    one, two = (client.get(f"/media/{name}", {"Origin": LISTED}) for name in ("a.png", "missing"))
    assert (one.status, one.headers["Access-Control-Allow-Origin"]) == (403, LISTED)
    assert (one.headers.items(), one.body) == (two.headers.items(), two.body)
