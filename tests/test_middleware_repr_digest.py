"""Repr-Digest (RFC 9530): the SHA-256 of the selected representation as it is coded, or nothing."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path
from typing import Any

import http_sf
import pytest

from tests.answers import Answer
from tests.conftest import FILES, PREFIX, every_construction, every_table, plant, serve, whitemedia_of
from whitemedia import OptionError

NAMES = ["app.css", "lib.js", "picture.png", "large.bin", "empty.txt", "docs/über uns.txt"]


def digest_of(answer: Answer) -> bytes | None:
    """The digest that an answer tells, as a parser of structured fields reads it."""
    field = answer.headers["Repr-Digest"]
    if field is None:
        return None
    parsed: Any = http_sf.parse(field.encode("ascii"), tltype="dictionary")
    [(algorithm, (value, parameters))] = parsed.items()
    assert (algorithm, parameters) == ("sha-256", {})
    assert isinstance(value, bytes)
    return value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
@every_construction
def test_it_is_of_the_selected_representation_as_it_is_coded(
    shared_tree: Path, name: str, coding: str, construction: str
) -> None:
    client = serve(shared_tree, construction=construction, repr_digest=True)
    answer = client.get(PREFIX + name, {"Accept-Encoding": coding})
    assert digest_of(answer) == hashlib.sha256(answer.body).digest()
    assert digest_of(client.head(PREFIX + name, {"Accept-Encoding": coding})) == digest_of(answer)


@pytest.mark.parametrize("ranges", ["bytes=1-3", "bytes=-2", "bytes=0-1,4-5"])
@pytest.mark.parametrize("name", ["app.css", "large.bin"])
@every_construction
def test_a_part_has_the_digest_of_the_whole(shared_tree: Path, name: str, ranges: str, construction: str) -> None:
    client = serve(shared_tree, construction=construction, repr_digest=True)
    answer = client.get(PREFIX + name, {"Range": ranges})
    assert answer.status == 206
    assert digest_of(answer) == hashlib.sha256(FILES[name]).digest()


@every_construction
@pytest.mark.parametrize(
    ("fields", "status"),
    [({"If-None-Match": "*"}, 304), ({"If-Match": '"x"'}, 412), ({"Range": "bytes=999999999-"}, 416)],
)
def test_what_has_no_representation_in_it_tells_none(
    shared_tree: Path, construction: str, fields: dict[str, str], status: int
) -> None:
    """A 304 repeats metadata only where that guides a cache (RFC 9110, section 15.4.5)."""
    answer = serve(shared_tree, construction=construction, repr_digest=True).get(PREFIX + "app.css", fields)
    assert (answer.status, digest_of(answer)) == (status, None)


@every_construction
def test_other_methods_and_redirects_tell_none(shared_tree: Path, construction: str) -> None:
    client = serve(shared_tree, construction=construction, repr_digest=True, index_file=True)
    for answer in (
        client.request("POST", PREFIX + "app.css"),
        client.request("OPTIONS", PREFIX + "app.css"),
        client.get(PREFIX + "docs"),
        client.get(PREFIX + ".env"),
    ):
        assert digest_of(answer) is None


@every_construction
def test_without_the_option_none_is_told(shared_tree: Path, construction: str) -> None:
    assert digest_of(serve(shared_tree, construction=construction).get(PREFIX + "app.css")) is None


def test_one_root_may_tell_it_alone(tmp_path: Path) -> None:
    client = serve(plant(tmp_path / "a", {"a.css": b"a{}"}))
    whitemedia_of(client).add_files(plant(tmp_path / "b", {"b.css": b"b{}"}), "/b/", repr_digest=True)
    assert digest_of(client.get("/static/a.css")) is None
    assert digest_of(client.get("/b/b.css")) == hashlib.sha256(b"b{}").digest()


@every_construction
def test_the_versioned_name_and_bytes_that_were_added_tell_it(shared_tree: Path, construction: str) -> None:
    client = serve(shared_tree, construction=construction, repr_digest=True)
    whitemedia_of(client).add_bytes("/robots.txt", b"User-agent: *\n")
    for path in (whitemedia_of(client).url_for("app.css"), "/robots.txt"):
        answer = client.get(path)
        assert digest_of(answer) == hashlib.sha256(answer.body).digest()


def test_an_earlier_version_tells_its_own(tmp_path: Path) -> None:
    old, new = b".old { color: red }\n" * 50, b".new { color: blue }\n" * 50
    options: Any = {"cache_dir": str(tmp_path / "cache"), "repr_digest": True}
    root = plant(tmp_path / "root", {"app.css": old})
    url = whitemedia_of(serve(root, **options)).url_for("app.css")
    plant(root, {"app.css": new})
    answer = serve(root, **options).get(url)
    assert (answer.body, digest_of(answer)) == (old, hashlib.sha256(old).digest())


def test_what_is_rewritten_tells_that_of_what_is_sent(tmp_path: Path) -> None:
    root = plant(tmp_path, {"app.css": b"a { background: url(a.png) }" * 20, "a.png": b"1"})
    for coding in ("identity", "gzip"):
        client = serve(root, rewrite=True, repr_digest=True)
        answer = client.get(PREFIX + "app.css", {"Accept-Encoding": coding})
        assert b"a.6b86b273ff34.png" in answer.content
        assert digest_of(answer) == hashlib.sha256(answer.body).digest()


@pytest.mark.parametrize("options", [{}, {"memory_limit": 0}])
@every_table
def test_a_file_that_changed_since_it_was_indexed_does_not_tell_the_old_one(
    tree: Path, construction: str, options: Any
) -> None:
    client = serve(tree, construction=construction, repr_digest=True, **options)
    changed = b"x" * len(FILES["large.bin"])
    plant(tree, {"large.bin": changed}, 1_700_000_009)
    for answer in (client.head(PREFIX + "large.bin"), client.get(PREFIX + "large.bin")):
        assert (answer.status, digest_of(answer)) == (200, None)
    assert client.get(PREFIX + "large.bin").body == changed


def test_in_development_a_change_has_its_own_at_once(tmp_path: Path) -> None:
    client = serve(plant(tmp_path, {"a.css": b"a{}"}), construction="autorefresh", repr_digest=True)
    for number, text in enumerate((b"a{}", b"b{}")):
        plant(tmp_path, {"a.css": text}, 1_700_000_000 + number)
        assert digest_of(client.get(PREFIX + "a.css")) == hashlib.sha256(text).digest()


def test_a_file_that_is_not_read_at_start_tells_none(tmp_path: Path) -> None:
    with open(tmp_path / "large.bin", "wb") as file:
        os.truncate(file.fileno(), (64 << 20) + 1)
    answer = serve(tmp_path, repr_digest=True).head(PREFIX + "large.bin")
    assert (answer.status, digest_of(answer)) == (200, None)


def test_svgz_tells_that_of_the_bytes_that_are_stored(tmp_path: Path) -> None:
    data = gzip.compress(b"<svg/>", mtime=0)
    answer = serve(plant(tmp_path, {"a.svgz": data}), repr_digest=True).get(PREFIX + "a.svgz")
    assert digest_of(answer) == hashlib.sha256(data).digest()


@pytest.mark.parametrize("field", ["Repr-Digest", "repr-digest", "Content-Digest"])
def test_nobody_else_may_set_it(tmp_path: Path, field: str) -> None:
    with pytest.raises(OptionError, match="whitemedia's own"):
        serve(plant(tmp_path, {"a.css": b"a{}"}), rules=[("*", {field: "sha-256=:AA==:"})])
