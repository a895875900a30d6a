"""Who may read an answer: every answer of a file for listed origins depends on who asks, and says so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import pytest

from tests.answers import Answer
from tests.conftest import CONSTRUCTIONS, PREFIX, Client, every_construction, open_descriptors, serve
from tests.refusals import assert_refused
from whitemedia import WhiteMedia
from whitemedia.assets.files import Opened

A, B = "https://a.example", "http://localhost:5173"
STRANGERS: list[dict[str, str]] = [
    {},
    {"Origin": ""},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://A.example"},
    {"Origin": "https://a.example.evil.com"},
    {"Origin": "https://a.example, https://evil.example"},
    {"Origin": f"{A} {B}"},
    {"Origin": "*"},
]

ANSWERS: dict[str, tuple[str, str, dict[str, str], int]] = {
    "200": ("GET", "digits.txt", {}, 200),
    "200 of a coding": ("GET", "lib.js", {"Accept-Encoding": "gzip"}, 200),
    "200 of a file": ("GET", "large.bin", {}, 200),
    "200 of an index": ("GET", "docs/", {}, 200),
    "HEAD": ("HEAD", "digits.txt", {}, 200),
    "HEAD of a file": ("HEAD", "large.bin", {}, 200),
    "206": ("GET", "digits.txt", {"Range": "bytes=1-3"}, 206),
    "206 of a file": ("GET", "large.bin", {"Range": "bytes=1-3"}, 206),
    "206 of several": ("GET", "digits.txt", {"Range": "bytes=1-2,5-6"}, 206),
    "206 of several of a file": ("GET", "large.bin", {"Range": "bytes=1-2,5-6"}, 206),
    "206 of a long part of a file": ("GET", "large.bin", {"Range": "bytes=1-100000"}, 206),
    "206 of several long parts of a file": ("GET", "large.bin", {"Range": "bytes=0-70000,80000-150000"}, 206),
    "302": ("GET", "docs", {}, 302),
    "302 of the index itself": ("HEAD", "docs/index.html", {}, 302),
    "304": ("GET", "digits.txt", {"If-None-Match": "*"}, 304),
    "304 by date": ("GET", "digits.txt", {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"}, 304),
    "304 of a file": ("GET", "large.bin", {"If-None-Match": "*"}, 304),
    "204": ("OPTIONS", "digits.txt", {}, 204),
    "204 of a redirect": ("OPTIONS", "docs", {}, 204),
    "204 to a preflight": ("OPTIONS", "large.bin", {"Access-Control-Request-Method": "GET"}, 204),
    "405": ("POST", "digits.txt", {}, 405),
    "405 of a redirect": ("DELETE", "docs", {}, 405),
    "412": ("GET", "digits.txt", {"If-Match": '"x"'}, 412),
    "412 of a file": ("HEAD", "large.bin", {"If-Match": '"x"'}, 412),
    "416": ("GET", "digits.txt", {"Range": "bytes=99-"}, 416),
    "416 of a file": ("GET", "large.bin", {"Range": "bytes=9999999-"}, 416),
}

every_answer = pytest.mark.parametrize("name", ANSWERS)


@pytest.fixture(scope="module")
def listing(shared_tree: Path) -> dict[str, Client]:
    """A client of each construction, for two origins that may send cookies."""
    given: Any = {"cors": (A, B), "cors_credentials": True, "index_file": True}
    return {name: serve(shared_tree, construction=name, **given) for name in CONSTRUCTIONS}


def ask(client: Client, name: str, fields: Mapping[str, str]) -> Answer:
    method, path, own, status = ANSWERS[name]
    answer = client.request(method, PREFIX + path, {**own, **fields})
    assert answer.status == status
    return answer


def varies(answer: Answer) -> set[str]:
    return {member.strip() for member in (answer.headers["Vary"] or "").split(",")} - {""}


# Every answer


@every_answer
@every_construction
def test_every_answer_names_the_listed_origin_that_asks_and_nobody_else(
    listing: dict[str, Client], construction: str, name: str
) -> None:
    client = listing[construction]
    for origin in (A, B):
        answer = ask(client, name, {"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in varies(answer)
    for stranger in STRANGERS:
        answer = ask(client, name, stranger)
        assert not [field for field in answer.fields if field.startswith("access-control-")]
        assert "Origin" in varies(answer)


@every_answer
@every_construction
def test_what_one_origin_is_told_is_not_told_to_the_next(
    listing: dict[str, Client], construction: str, name: str
) -> None:
    """Answers are prepared once: they must not be changed."""
    client = listing[construction]
    asking: list[dict[str, str]] = [{"Origin": A}, {"Origin": B}, {}]
    first = [ask(client, name, fields).fields for fields in asking]
    again = [ask(client, name, fields).fields for fields in reversed(asking)][::-1]
    for fields in (*first, *again):
        fields.pop("content-type", None)  # of several ranges: its boundary is another each time
    assert first == again
    assert [fields.get("access-control-allow-origin") for fields in first] == [A, B, None]


@every_answer
@every_construction
def test_but_for_the_origin_an_answer_is_the_one_without_a_list(
    listing: dict[str, Client], clients: dict[str, Client], construction: str, name: str
) -> None:
    answer, other = (ask(which[construction], name, {"Origin": A}) for which in (listing, clients))
    fields, others = answer.fields, other.fields
    assert fields.pop("access-control-allow-credentials") == "true"
    assert (fields.pop("access-control-allow-origin"), others.pop("access-control-allow-origin")) == (A, "*")
    assert varies(answer) - {"Origin"} == varies(other)
    if "of several" in name:  # their boundary is another each time
        assert answer.parts == other.parts
    else:
        assert (fields.pop("content-type", None), answer.body) == (others.pop("content-type", None), other.body)
    judged = dict.fromkeys(("vary", "content-type"))
    assert {**fields, **judged} == {**others, **judged}


def test_without_credentials_no_answer_says_so(shared_tree: Path) -> None:
    answer = serve(shared_tree, cors=[A]).get(f"{PREFIX}digits.txt", {"Origin": A})
    assert answer.headers["Access-Control-Allow-Origin"] == A
    assert answer.headers["Access-Control-Allow-Credentials"] is None


@every_construction
@pytest.mark.parametrize("allowed", [True, False])
def test_where_no_list_is_no_answer_depends_on_the_origin(
    shared_tree: Path, construction: str, allowed: bool
) -> None:
    client = serve(shared_tree, construction=construction, allow_all_origins=allowed, index_file=True)
    for name in ANSWERS:
        answer = ask(client, name, {"Origin": A})
        assert answer.headers["Access-Control-Allow-Origin"] == ("*" if allowed else None)
        assert "Origin" not in varies(answer)


@every_construction
def test_what_is_hidden_is_hidden_from_listed_origins_too(listing: dict[str, Client], construction: str) -> None:
    answer = listing[construction].get(f"{PREFIX}.env", {"Origin": A})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (404, None)


@pytest.mark.parametrize("construction", ["memory", "memory_limit=0"])
def test_a_file_that_changes_or_goes_is_still_answered_by_origin(tree: Path, construction: str) -> None:
    client = serve(tree, construction=construction, cors=[A])
    (tree / "large.bin").write_bytes(b"changed")
    for status in (200, 404):
        for fields, allowed in (({"Origin": A}, A), ({"Origin": B}, None)):
            answer = client.get(f"{PREFIX}large.bin", fields)
            assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, allowed)
            assert "Origin" in varies(answer)
        (tree / "large.bin").unlink(missing_ok=True)


@every_answer
@every_construction
def test_every_answer_says_who_may_time_and_embed_it(shared_tree: Path, construction: str, name: str) -> None:
    given: Any = {"timing_allow_origin": [A, B], "cross_origin_resource_policy": "same-site"}
    answer = ask(serve(shared_tree, construction=construction, index_file=True, **given), name, {})
    assert answer.headers["Timing-Allow-Origin"] == f"{A}, {B}"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-site"


# Files


@every_answer
@every_construction
def test_a_file_is_closed_once_and_none_is_left_open(
    listing: dict[str, Client], monkeypatch: pytest.MonkeyPatch, construction: str, name: str
) -> None:
    ask(listing[construction], name, {"Origin": A})  # reads what is held
    opened: list[Opened] = []
    closed: list[Opened] = []
    init, close = Opened.__init__, Opened.close

    def count_opened(self: Opened, *given: Any) -> None:
        opened.append(self)
        init(self, *given)

    def count_closed(self: Opened) -> None:
        closed.extend([] if self.file.closed else [self])
        close(self)

    monkeypatch.setattr(Opened, "__init__", count_opened)
    monkeypatch.setattr(Opened, "close", count_closed)
    before = open_descriptors()
    ask(listing[construction], name, {"Origin": A})
    assert open_descriptors() == before
    assert sorted(map(id, opened)) == sorted(map(id, closed))
    assert opened or "file" not in name


# Single files


def deny(headers: Headers, path: str, url: str) -> None:
    del headers["Access-Control-Allow-Origin"]


def open_up(headers: Headers, path: str, url: str) -> None:
    headers["Access-Control-Allow-Origin"] = "*"


@every_construction
@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"rules": [("digits.txt", {"Access-Control-Allow-Origin": None})]}, None),
        ({"rules": [("digits.txt", {"Access-Control-Allow-Origin": "*"})]}, "*"),
        ({"add_headers_function": deny}, None),
        ({"add_headers_function": open_up}, "*"),
        (
            {
                "rules": [("digits.txt", {"Access-Control-Allow-Origin": None})],
                "add_headers_function": open_up,
            },
            "*",
        ),
    ],
)
def test_a_single_file_s_sharing_can_be_removed_or_replaced(
    shared_tree: Path, construction: str, given: dict[str, Any], allowed: str | None
) -> None:
    """Then it depends on no origin any more."""
    client = serve(shared_tree, construction=construction, cors=[A], **given)
    for fields in ({"Origin": A}, {"Origin": B}, {}):
        answer = client.get(f"{PREFIX}digits.txt", fields)
        assert (answer.headers["Access-Control-Allow-Origin"], varies(answer)) == (allowed, set())


@every_construction
def test_a_rule_for_one_file_leaves_the_others_as_they_were(shared_tree: Path, construction: str) -> None:
    rules = [("digits.txt", {"Access-Control-Allow-Origin": None})]
    client = serve(shared_tree, construction=construction, cors=[A], rules=rules)
    answer = client.get(f"{PREFIX}one.txt", {"Origin": A})
    assert (answer.headers["Access-Control-Allow-Origin"], varies(answer)) == (A, {"Origin"})


def test_credentials_that_a_rule_allows_too_are_allowed_once(shared_tree: Path) -> None:
    rules = [("**", {"Access-Control-Allow-Credentials": "true"})]
    client = serve(shared_tree, cors=[A], cors_credentials=True, rules=rules)
    assert client.get(f"{PREFIX}digits.txt", {"Origin": A}).headers["Access-Control-Allow-Credentials"] == "true"


# One root's origins, and contradictions


def test_each_root_has_its_own_origins(shared_tree: Path) -> None:
    client = serve(shared_tree, cors=[A], cors_credentials=True)
    middleware: Any = client.application
    middleware.add_files(shared_tree, "/b/", cors=[B])
    middleware.add_files(shared_tree, "/any/", cors="*", cors_credentials=False)
    middleware.add_files(shared_tree, "/none/", cors=())
    for prefix, allowed in (
        (PREFIX, [A, None]),
        ("/b/", [None, B]),
        ("/any/", ["*", "*"]),
        ("/none/", [None, None]),
    ):
        answers = [client.get(f"{prefix}digits.txt", {"Origin": origin}) for origin in (A, B)]
        assert [answer.headers["Access-Control-Allow-Origin"] for answer in answers] == allowed
        assert ["Origin" in varies(answer) for answer in answers] == [prefix in (PREFIX, "/b/")] * 2


def test_options_that_contradict_each_other_are_refused_at_once(shared_tree: Path) -> None:
    def behind(environ: Any, start_response: Any) -> Any:
        raise AssertionError("not asked")

    assert_refused("allow_all_origins", True, lambda: WhiteMedia(behind, cors=[A], allow_all_origins=True))
    assert_refused("allow_all_origins", False, lambda: WhiteMedia(behind, cors="*", allow_all_origins=False))
    assert_refused("cors_credentials", True, lambda: WhiteMedia(behind, cors_credentials=True))
    wm = WhiteMedia(behind, cors=[A])
    for add in (partial(wm.add_files, shared_tree, "/static/"), partial(wm.add_bytes, "/a", b"")):
        assert_refused("allow_all_origins", True, partial(add, allow_all_origins=True))
        assert_refused("cors_credentials", True, partial(add, cors="*", cors_credentials=True))
    assert wm.table.entries == {}
