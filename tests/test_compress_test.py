"""`compress_test` says which files are compressed; what is smaller by it, and what is compressed already, is not its matter."""

from __future__ import annotations

import errno
import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.answers import check_bytes
from tests.assets.starting import ALL, SITE, Cache
from tests.conftest import (
    BR_LIB,
    FILES,
    PREFIX,
    TEXT,
    Client,
    application,
    construct,
    every_construction,
    every_table,
    plant,
    serve,
)
from tests.refusals import assert_refused
from whitemedia import WhiteMedia
from whitemedia.assets import reading, validators

TREE = {
    "app.css": TEXT,
    "lib.js": FILES["lib.js"],
    "lib.js.br": BR_LIB,
    "short.css": b"a { color: red }\n" * 5,
    "map.dat": b"0 0 1 1\n" * 100,
    "docs/noise.png": FILES["picture.png"],
    "digits.txt": FILES["digits.txt"],
    "empty.txt": b"",
    "drawing.svgz": gzip.compress(b"<svg/>" * 100, mtime=0),
    "plain.svgz": b"<svg/>" * 100,
    ".env": TEXT,
}
TYPES = {".dat": "application/x-dat"}
CODED = ("br", "gzip", "zstd")
AS_IS = ("app.css", "short.css", "map.dat", "docs/noise.png", "digits.txt", "empty.txt")
Asked = list[tuple[str, str, int]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", TREE)


def asking(asked: Asked, answer: object = True) -> Callable[..., Any]:
    """A test that remembers what it is asked."""

    def test(path: str, media_type: str, length: int) -> object:
        asked.append((path, media_type, length))
        return answer

    return test


def coding_of(client: Client, name: str, accepted: str = ", ".join(CODED)) -> str | None:
    """The coding that a file is sent in; its bytes are right, and Vary is there if there is a choice."""
    answer = client.get(PREFIX + name, {"Accept-Encoding": accepted})
    assert (answer.status, answer.content) == (200, TREE[name])
    return answer.headers["Content-Encoding"]


def is_varied(client: Client, name: str) -> bool:
    return "Accept-Encoding" in (client.get(PREFIX + name).headers["Vary"] or "")


# What it is asked


@every_table
def test_it_is_asked_of_each_file_that_could_be_coded(root: Path, construction: str) -> None:
    """By its path below the root, its type and its length; not of siblings, nor of what is coded itself or hidden."""
    asked: Asked = []
    construct(application, root, construction=construction, mimetypes=TYPES, compress_test=asking(asked))
    media_types = {
        "app.css": "text/css",
        "lib.js": "text/javascript",
        "short.css": "text/css",
        "map.dat": "application/x-dat",
        "docs/noise.png": "image/png",
        "digits.txt": "text/plain",
        "empty.txt": "text/plain",
        "plain.svgz": "image/svg+xml",
    }
    assert set(asked) == {(name, media_type, len(TREE[name])) for name, media_type in media_types.items()}


def test_it_is_not_asked_of_what_is_too_large_or_cannot_be_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Asked = []
    real = os.open

    def open_but_one(path: Any, *arguments: Any, **given: Any) -> int:
        if os.fspath(path).endswith("short.css"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, *arguments, **given)

    monkeypatch.setattr(reading, "READ_LIMIT", len(TEXT) - 1)
    monkeypatch.setattr(os, "open", open_but_one)
    serve(root, compress_test=asking(asked))
    assert {path for path, _, _ in asked} == {*AS_IS, "plain.svgz"} - {"app.css", "short.css"}


def test_without_one_it_is_asked_whether_it_is_text_of_some_length(root: Path) -> None:
    client = serve(root, mimetypes=TYPES)
    assert [name for name in AS_IS if coding_of(client, name)] == ["app.css"]


# What it answers


@every_construction
@pytest.mark.parametrize("answer", [False, None, 0, ""], ids=repr)
def test_what_it_refuses_is_left_alone(root: Path, construction: str, answer: object) -> None:
    """As if nothing could be coded: not even Vary is sent."""
    asked: Asked = []
    client = serve(root, construction=construction, mimetypes=TYPES, compress_test=asking(asked, answer))
    plain = serve(root, compress="off", cache_dir=None, mimetypes=TYPES)
    for name in AS_IS:
        for coding in CODED:
            assert coding_of(client, name, coding) is None
        if construction != "autorefresh":
            fields = {"Accept-Encoding": "br"}
            assert client.get(PREFIX + name, fields).fields == plain.get(PREFIX + name, fields).fields
        assert not is_varied(client, name)


@pytest.mark.parametrize("construction", ["memory", "store"])
@pytest.mark.parametrize("answer", [True, 1, "yes"], ids=repr)
def test_what_it_chooses_is_coded_if_that_is_5_percent_smaller(
    root: Path, construction: str, answer: object
) -> None:
    """Also what is short, or of a type that is none to be coded by default."""
    client = serve(root, construction=construction, mimetypes=TYPES, compress_test=asking([], answer))
    for name in ("app.css", "short.css", "map.dat"):
        assert [coding_of(client, name, coding) for coding in CODED] == list(CODED)
        assert is_varied(client, name)
    for name in ("docs/noise.png", "digits.txt", "empty.txt"):
        assert coding_of(client, name) is None
        assert not is_varied(client, name)


@pytest.mark.parametrize("construction", ["compress=off", "memory_limit=0", "autorefresh"])
def test_where_nothing_is_coded_it_changes_nothing(root: Path, construction: str) -> None:
    client = serve(root, construction=construction, mimetypes=TYPES, compress_test=asking([]))
    assert [coding_of(client, name) for name in AS_IS] == [None] * len(AS_IS)


@every_construction
@pytest.mark.parametrize("answer", [True, False])
def test_a_sibling_is_used_whatever_it_says(root: Path, construction: str, answer: bool) -> None:
    client = serve(root, construction=construction, compress_test=asking([], answer))
    sent = client.get(f"{PREFIX}lib.js", {"Accept-Encoding": "br"})
    assert (sent.headers["Content-Encoding"], sent.body) == ("br", BR_LIB)
    assert is_varied(client, "lib.js")
    others = list(CODED[1:]) if answer and construction in ("memory", "store") else [None] * 2
    assert [coding_of(client, "lib.js", coding) for coding in CODED[1:]] == others


@every_construction
def test_what_it_chooses_is_answered_as_any_other(root: Path, construction: str) -> None:
    client = serve(root, construction=construction, mimetypes=TYPES, compress_test=asking([]))
    bodies = {}
    for coding in (*CODED, "identity"):
        whole = client.get(f"{PREFIX}map.dat", {"Accept-Encoding": coding})
        bodies[whole.etag] = whole.body
    for coding in (*CODED, "identity"):
        answer = client.get(f"{PREFIX}map.dat", {"Accept-Encoding": coding, "Range": "bytes=1-2"})
        assert answer.status == 206
        check_bytes(answer, bodies)


# For which files


def test_a_root_may_have_its_own_and_none_is_the_default_again(root: Path, tmp_path: Path) -> None:
    asked: Asked = []
    wm = construct(application, root, mimetypes=TYPES, compress_test=asking(asked, answer=False))
    asked.clear()
    wm.add_files(root, "/all", compress_test=asking([]))
    wm.add_files(root, "/default", compress_test=None)
    assert asked == []
    client = Client(wm)
    fields = {"Accept-Encoding": "br"}
    coded = {
        prefix: [name for name in AS_IS if client.get(prefix + name, fields).headers["Content-Encoding"]]
        for prefix in (PREFIX, "/all/", "/default/")
    }
    assert coded == {PREFIX: [], "/all/": ["app.css", "short.css", "map.dat"], "/default/": ["app.css"]}


def test_bytes_are_asked_for_too() -> None:
    asked: Asked = []
    wm = WhiteMedia(application, compress_test=asking(asked))
    wm.add_bytes("/feed/map.dat", TREE["map.dat"], "application/x-dat")
    wm.add_bytes("/left.css", TEXT, compress_test=lambda path, media_type, length: False)
    wm.add_bytes("/short.css", TREE["short.css"], compress_test=None)
    wm.add_bytes("/drawing.svgz", TREE["drawing.svgz"])
    assert asked == [("feed/map.dat", "application/x-dat", 800)]
    client, fields = Client(wm), {"Accept-Encoding": "br"}
    paths = ("/feed/map.dat", "/left.css", "/short.css")
    assert [client.get(path, fields).headers["Content-Encoding"] for path in paths] == ["br", None, None]
    assert [client.get(path).headers["Vary"] for path in paths] == ["Accept-Encoding", None, None]


# With a store


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """A root, and a store that is not there yet."""
    monkeypatch.setattr(validators, "SETTLED_NS", 0)
    return Cache(tmp_path)


CSS = frozenset(name for name in ALL if name.startswith("app.css"))
OF_SIBLING = frozenset({"lib.js br"})


def only_css(path: str, media_type: str, length: int) -> bool:
    return media_type == "text/css"


def test_what_is_remembered_follows_what_it_says_at_each_start(cache: Cache) -> None:
    """What was refused once is coded when it is chosen, and once; what was chosen once is not sent when it is refused."""
    steps = [(only_css, CSS | OF_SIBLING, 3), (only_css, CSS | OF_SIBLING, 0), (None, ALL, 5), (None, ALL, 0)]
    steps += [(asking([], answer=False), OF_SIBLING, 0), (only_css, CSS | OF_SIBLING, 0)]
    for test, coded, encoded in steps:
        cache.encoded.clear()
        assert cache.start(compress_test=test) == coded
        assert len(cache.encoded) == encoded


@pytest.mark.parametrize("empty", [False, True], ids=["no empty file", "an empty file"])
def test_what_a_start_has_tried_the_next_one_does_not(cache: Cache, empty: bool) -> None:
    """Of what is short or noise it is remembered that it is not worth it, of an empty file too."""
    if empty:
        plant(cache.root, {"empty.css": b""})
    assert cache.start(compress_test=asking([])) == ALL
    cache.encoded.clear()
    assert cache.start(compress_test=asking([])) == ALL
    assert cache.encoded == []


def test_it_is_asked_the_same_at_every_start(cache: Cache) -> None:
    first: Asked = []
    second: Asked = []
    cache.start(compress_test=asking(first))
    cache.start(compress_test=asking(second))
    assert set(first) == set(second)
    assert {path for path, _, _ in second} == SITE.keys()


# What goes wrong


@pytest.mark.parametrize(
    "error", [KeyError("mine"), FileNotFoundError(errno.ENOENT, "mine"), OSError("mine")], ids=repr
)
@pytest.mark.parametrize("start", ["first", "later"])
def test_what_it_raises_is_raised_where_the_application_is_wrapped(
    cache: Cache, start: str, error: Exception
) -> None:
    def fail(path: str, media_type: str, length: int) -> bool:
        raise error

    if start == "later":
        cache.start()
    with pytest.raises(type(error)) as raised:
        cache.start(compress_test=fail)
    assert raised.value is error
    assert cache.start() == ALL  # nobody holds the lock


def test_what_it_raises_of_bytes_is_raised_and_what_was_there_stays() -> None:
    wm = WhiteMedia(application)
    wm.add_bytes("/a.css", TEXT)
    with pytest.raises(ZeroDivisionError):
        wm.add_bytes("/a.css", b"new", compress_test=lambda path, media_type, length: bool(1 // 0))
    assert Client(wm).get("/a.css").body == TEXT


@pytest.mark.parametrize("value", [True, "*.css", 1, [], {}], ids=repr)
def test_what_cannot_be_called_is_refused(root: Path, value: Any) -> None:
    wm = WhiteMedia(application)
    assert_refused("compress_test", value, lambda: WhiteMedia(application, root, compress_test=value))
    assert_refused("compress_test", value, lambda: wm.add_files(root, "/x", compress_test=value))
    assert_refused("compress_test", value, lambda: wm.add_bytes("/x", b"", compress_test=value))
