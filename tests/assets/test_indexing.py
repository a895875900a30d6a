"""From a root to resources: bodies, tags and fields of each file, and what is skipped."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

import pytest

from tests.assets.resources import DECODE, TEXT, by_name, fields_of, in_memory, make_noise, make_text, only
from whitemedia.assets import reading
from whitemedia.assets.compression import Budget
from whitemedia.assets.files import StatKey
from whitemedia.assets.indexing import index_root
from whitemedia.assets.representation import Content, FileBody
from whitemedia.assets.roots import Why
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.options import OptionError, Options

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder, Index


# One file


def test_a_text_has_a_body_in_each_coding_smallest_first_and_identity_last(folder: Folder, index: Index) -> None:
    path = folder.file("app.css", TEXT)
    resource = only(index())
    lengths = [resource.contents[coding].length for coding in resource.codings]
    assert set(resource.codings) == {"br", "gzip", "zstd", "identity"}
    assert resource.codings[-1] == "identity"
    assert lengths[:-1] == sorted(lengths[:-1])
    for coding, body in in_memory(resource).items():
        assert DECODE[coding](body, len(TEXT)) == TEXT
    assert resource.contents["identity"].body == FileBody(str(path), StatKey.of(path.stat()))
    assert resource.held


def test_each_body_has_the_strong_tag_of_its_own_bytes(folder: Folder, index: Index) -> None:
    folder.file("app.css", TEXT)
    contents = only(index()).contents
    bodies = {"identity": TEXT, **in_memory(only(index()))}
    assert contents == {
        coding: Content(
            len(bodies[coding]),
            hashlib.sha256(bodies[coding]).digest(),
            f'"{hashlib.sha256(bodies[coding]).hexdigest()[:32]}"',
            contents[coding].body,
        )
        for coding in ("br", "gzip", "zstd", "identity")
    }


@pytest.mark.parametrize(
    ("name", "data"),
    [("app.css", TEXT[:100]), ("app.png", TEXT), ("app.css", make_noise(5_000)), ("app.css", b"")],
    ids=["short", "coded by its nature", "not made shorter", "empty"],
)
def test_what_is_not_worth_coding_has_one_body_and_does_not_vary(
    folder: Folder, index: Index, name: str, data: bytes
) -> None:
    folder.file(name, data)
    resource = only(index())
    assert resource.codings == ("identity",)
    assert "Vary" not in fields_of(resource)


@pytest.mark.parametrize(("compress", "codings"), [("startup", 4), ("off", 2)])
def test_what_has_several_bodies_varies(folder: Folder, index: Index, compress: Any, codings: int) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", gzip.compress(TEXT))
    resource = only(index(compress=compress))
    assert len(resource.codings) == codings
    assert fields_of(resource)["Vary"] == "Accept-Encoding"


def test_the_function_s_vary_is_merged_into_ours(folder: Folder, index: Index) -> None:
    def vary(headers: Headers, path: str, url: str) -> None:
        headers["Vary"] = "Origin"

    folder.file("app.css", TEXT)
    folder.file("app.png", TEXT)
    found = by_name(index(add_headers_function=vary))
    assert fields_of(found["app.css"])["Vary"] == "Origin, Accept-Encoding"
    assert fields_of(found["app.png"])["Vary"] == "Origin"


def test_every_file_accepts_ranges_and_has_its_type_and_date(folder: Folder, index: Index) -> None:
    folder.file("app.css", TEXT, mtime=784_111_777)
    resource = only(index())
    assert resource.last_modified == 784_111_777
    assert fields_of(resource)["Content-Type"] == "text/css; charset=utf-8"
    assert fields_of(resource)["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("mtime", [0, 1, time.time() + 86_400], ids=["epoch", "Nix", "tomorrow"])
def test_a_time_that_is_no_time_is_not_sent(folder: Folder, index: Index, mtime: float) -> None:
    folder.file("app.css", TEXT, mtime=mtime)
    assert only(index()).last_modified is None


@pytest.mark.parametrize(("unsafe_methods", "passes"), [("refuse", False), ("pass", True)])
def test_unsafe_methods_are_the_application_s_where_it_is_asked_for(
    folder: Folder, unsafe_methods: str, passes: bool
) -> None:
    folder.file("app.css")
    options = Options(unsafe_methods=unsafe_methods)
    root = DirectoryRoot(str(folder.path), (), follow_symlinks=False)
    assert only(index_root(root, "/", options, MemoryStore(), Budget(0))).passes_unsafe is passes


def test_files_of_equal_headers_and_codings_share_them(folder: Folder, index: Index) -> None:
    """A site has thousands of files and a handful of such values."""
    for number in range(2):
        folder.file(f"{number}.css", make_text(500, number))
    one, other = index().resources
    assert one.headers is other.headers
    assert one.selection is other.selection


# Tags without a digest


@pytest.mark.parametrize(("age", "weak"), [(10, False), (0, True)])
def test_a_file_over_the_read_limit_is_tagged_by_size_and_time(
    folder: Folder, index: Index, monkeypatch: pytest.MonkeyPatch, age: float, weak: bool
) -> None:
    monkeypatch.setattr(reading, "READ_LIMIT", 10)
    path = folder.file("app.css", TEXT, mtime=time.time() - age)
    content = only(index()).contents["identity"]
    assert content.length == len(TEXT)
    assert content.etag == ("W/" if weak else "") + f'"{len(TEXT):x}-{path.stat().st_mtime_ns:x}"'


# The URL


@pytest.mark.parametrize(
    ("index_file", "name", "url"),
    [
        (None, "d/index.html", "/static/d/index.html"),
        (None, "d/None", "/static/d/None"),
        (True, "d/index.html", "/static/d/"),
        (True, "index.html", "/static/"),
        (True, "d/myindex.html", "/static/d/myindex.html"),
        (True, "index.html/a", "/static/index.html/a"),
        ("start", "d/start", "/static/d/"),
        (None, "über uns.txt", "/static/über uns.txt"),
    ],
)
def test_functions_are_asked_with_the_path_and_the_decoded_url_that_answers(
    folder: Folder, index: Index, index_file: str | bool | None, name: str, url: str
) -> None:
    asked = []

    def add_headers(headers: Headers, path: str, url: str) -> None:
        asked.append((path, url))

    def immutable(path: str, url: str) -> bool:
        asked.append((path, url))
        return False

    path = folder.file(name)
    index(index_file=index_file, add_headers_function=add_headers, immutable_file_test=immutable)
    assert asked == [(str(path), url)] * 2


def test_the_immutable_test_is_searched_in_the_url_below_the_prefix_too(folder: Folder, index: Index) -> None:
    folder.file("app.3f2a9b1c.css")
    folder.file("app.css")
    found = by_name(index(immutable_file_test=r"^/static/app\.[0-9a-f]{8}\.css$"))
    assert "immutable" in fields_of(found["app.3f2a9b1c.css"])["Cache-Control"]
    assert "immutable" not in fields_of(found["app.css"])["Cache-Control"]


def test_a_wrong_header_stops_the_index_and_leaves_no_thread(folder: Folder, index: Index) -> None:
    def set_etag(headers: Headers, path: str, url: str) -> None:
        headers["ETag"] = '"mine"'

    folder.file("app.css", TEXT)
    with pytest.raises(OptionError, match=r"add_headers_function='ETag'"):
        index(add_headers_function=set_etag)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("whitemedia")] == []


# What cannot be served


def test_what_the_walk_and_the_reading_skip_are_together(folder: Folder, index: Index, deny: Deny) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.gz", b"foreign")
    folder.file(".env")
    folder.link("broken", "missing")
    deny(folder.file("closed.css"))
    indexed = index()
    assert by_name(indexed).keys() == {"app.css"}
    assert {(item.url_path, item.why) for item in indexed.skipped} == {
        (".env", Why.HIDDEN),
        ("broken", Why.BROKEN_LINK),
        ("closed.css", Why.UNREADABLE),
        ("app.css.gz", Why.SIBLING),
        ("app.css.gz", Why.BAD_SIBLING),
    }


def test_an_empty_root_is_indexed(index: Index, folder: Folder) -> None:
    indexed = index()
    assert (indexed.prefix, indexed.root.path) == ("/static/", str(folder.path))
    assert (indexed.resources, indexed.skipped) == ((), ())
