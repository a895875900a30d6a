"""From a root to resources: bodies, tags, fields, and a memory budget that comes out the same in every process."""

from __future__ import annotations

import gzip
import hashlib
import random
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets import compression, indexing, reading
from whitemedia.assets.codings import CODINGS
from whitemedia.assets.compression import Budget
from whitemedia.assets.files import StatKey
from whitemedia.assets.indexing import Indexed, index_root
from whitemedia.assets.representation import Content, FileBody, Resource
from whitemedia.assets.scan import DirectoryRoot, Why
from whitemedia.assets.store import MemoryStore
from whitemedia.assets.validators import digest_etag
from whitemedia.options import OptionError, Options

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder, Index, Spy

MiB = 1 << 20
DECODE = {coding.name: coding.decode for coding in CODINGS}


def make_text(length: int, seed: int = 0) -> bytes:
    """Text that every coding makes shorter, a little different for each seed."""
    return (b"%d: one line of a text, and another one\n" % seed * (length // 30 + 1))[:length]


def make_noise(length: int, seed: int = 0) -> bytes:
    """Bytes that no coding makes shorter."""
    return random.Random(seed).randbytes(length)


TEXT = make_text(5_000)


def by_name(indexed: Indexed) -> dict[str, Resource]:
    return {resource.source.url_path: resource for resource in indexed.resources}


def only(indexed: Indexed) -> Resource:
    [resource] = indexed.resources
    return resource


def in_memory(resource: Resource) -> dict[str, bytes]:
    return {
        coding: content.body for coding, content in resource.contents.items() if isinstance(content.body, bytes)
    }


def names_held(indexed: Indexed) -> list[str]:
    return [resource.source.url_path for resource in indexed.resources if resource.held]


def fields_of(resource: Resource) -> dict[str, str]:
    return dict(resource.headers)


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


# Siblings


def plant_siblings(folder: Folder, name: str = "app.css", data: bytes = TEXT) -> dict[str, bytes]:
    coded = {"br": brotli.compress(data), "gzip": gzip.compress(data, 1)}
    folder.file(name, data)
    folder.file(f"{name}.br", coded["br"])
    folder.file(f"{name}.gz", coded["gzip"])
    return coded


def test_right_siblings_are_the_bodies_and_only_what_is_missing_is_coded(folder: Folder, index: Index) -> None:
    coded = plant_siblings(folder)
    assert in_memory(only(index())) == {**coded, "zstd": CODINGS[1].encode(TEXT, CODINGS[1].startup_level)}


def test_with_compress_off_siblings_alone_are_used(folder: Folder, index: Index) -> None:
    coded = plant_siblings(folder)
    folder.file("other.css", TEXT)
    found = by_name(index(compress="off"))
    assert in_memory(found["app.css"]) == coded
    assert found["other.css"].codings == ("identity",)


def test_a_wrong_sibling_is_made_up_for(folder: Folder, index: Index) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.br", brotli.compress(TEXT + b"stale"))
    assert DECODE["br"](in_memory(only(index()))["br"], len(TEXT)) == TEXT


def test_an_orphan_is_a_plain_file_of_its_own_type(folder: Folder, index: Index) -> None:
    folder.file("app.css.gz", gzip.compress(TEXT))
    resource = only(index())
    assert (resource.source.url_path, resource.codings) == ("app.css.gz", ("identity",))
    assert fields_of(resource)["Content-Type"] == "application/gzip"


def test_a_sibling_of_a_file_over_the_read_limit_is_not_used(
    folder: Folder, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READ_LIMIT", len(TEXT) - 1)
    plant_siblings(folder)
    indexed = index()
    resource = only(indexed)
    assert (resource.codings, resource.held, resource.contents["identity"].digest) == (("identity",), False, None)
    assert [item.url_path for item in indexed.skipped if item.why is Why.UNCHECKED_SIBLING] == [
        "app.css.br",
        "app.css.gz",
    ]


# .svgz


@pytest.mark.parametrize("name", ["a.svgz", "a.SVGZ"])
def test_a_real_svgz_is_sent_as_gzip_whatever_is_accepted(folder: Folder, index: Index, name: str) -> None:
    data = gzip.compress(b"<svg>" + TEXT)
    folder.file(name, data)
    folder.file(f"{name}.br", brotli.compress(data))
    resource = only(index())
    assert resource.codings == ("gzip",)
    assert resource.select("identity").coding == "gzip"
    assert (resource.contents["gzip"].length, resource.held) == (len(data), True)
    assert resource.contents["gzip"].etag == digest_etag(hashlib.sha256(data).digest())
    assert fields_of(resource)["Content-Type"] == "image/svg+xml"
    assert "Vary" not in fields_of(resource)
    assert ("Content-Encoding", "gzip") in resource.select("").ok.headers


def test_an_svgz_that_is_not_compressed_is_a_plain_svg(folder: Folder, index: Index) -> None:
    folder.file("a.svgz", b"<svg>" + TEXT)
    resource = only(index())
    assert set(resource.codings) == {"br", "gzip", "zstd", "identity"}
    assert fields_of(resource)["Content-Type"] == "image/svg+xml"


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


# The memory limit


def test_the_smallest_are_held_first(folder: Folder, index: Index) -> None:
    for length in (300, 100, 200, 400):
        folder.file(f"{length}.png", make_noise(length))
    assert names_held(index(memory_limit=650)) == ["100.png", "200.png", "300.png"]


def test_coded_bodies_come_before_identities(folder: Folder, index: Index) -> None:
    folder.file("app.css", TEXT)
    folder.file("tiny.png", b"123456")
    spent = sum(map(len, in_memory(by_name(index())["app.css"]).values()))
    found = by_name(index(memory_limit=spent + 5))
    assert found["app.css"].contents.keys() == {"br", "gzip", "zstd", "identity"}
    assert not found["tiny.png"].held


def test_equal_files_are_taken_by_their_names(folder: Folder, index: Index) -> None:
    for name in ("c.png", "a.png", "b.png"):
        folder.file(name, make_noise(100))
    assert names_held(index(memory_limit=250)) == ["a.png", "b.png"]


@pytest.mark.parametrize(("spare", "held"), [(0, True), (-1, False)])
def test_a_large_identity_is_not_held(
    folder: Folder, index: Index, monkeypatch: pytest.MonkeyPatch, spare: int, held: bool
) -> None:
    monkeypatch.setattr(indexing, "HELD_LIMIT", 1000 + spare)
    folder.file("a.png", make_noise(1000))
    assert only(index()).held is held


def test_a_limit_of_0_holds_nothing_codes_nothing_and_uses_siblings_as_files(folder: Folder, index: Index) -> None:
    plant_siblings(folder)
    folder.file("other.css", TEXT)
    indexed = index(memory_limit=0)
    found = by_name(indexed)
    assert names_held(indexed) == []
    assert found["other.css"].codings == ("identity",)
    assert set(found["app.css"].codings) == {"br", "gzip", "identity"}
    for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
        path = folder.path / f"app.css{suffix}"
        content = found["app.css"].contents[coding]
        assert content.body == FileBody(str(path), StatKey.of(path.stat()))
        assert (content.length, content.digest) == (
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).digest(),
        )


def test_a_sibling_that_the_limit_does_not_admit_is_a_file_body(folder: Folder, index: Index) -> None:
    coded = plant_siblings(folder)
    resource = only(index(memory_limit=len(coded["br"])))
    assert in_memory(resource) == {"br": coded["br"]}
    assert isinstance(resource.contents["gzip"].body, FileBody)


def test_roots_share_one_budget_and_one_store(folder: Folder, outside: Folder, index: Index) -> None:
    for root in (folder, outside):
        root.file("a.png", make_noise(100))
    budget = Budget(150)
    first = index(budget=budget)
    second = index(outside.path, budget=budget)
    assert (names_held(first), names_held(second), budget.spent) == (["a.png"], [], 100)


def coded_bodies(indexed: Indexed) -> list[tuple[str, bool, dict[str, bytes]]]:
    return [(resource.source.url_path, resource.held, in_memory(resource)) for resource in indexed.resources]


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 3_000), st.integers(0, 2)), max_size=8),
    st.integers(0, 12_000),
    st.integers(1, 5_000),
)
def test_any_limit_is_kept_and_spent_alike_whatever_is_read_ahead(
    files: list[tuple[bool, int, int]], limit: int, window: int
) -> None:
    with tempfile.TemporaryDirectory() as path, pytest.MonkeyPatch.context() as patch:
        for number, (is_text, length, seed) in enumerate(files):
            data = make_text(length, seed) if is_text else make_noise(length, seed)
            (Path(path) / f"{number}.{'css' if is_text else 'png'}").write_bytes(data)
        root, options = DirectoryRoot(path, (), follow_symlinks=False), Options(memory_limit=limit)
        budgets = [Budget(limit) for _ in range(3)]
        results = [index_root(root, "/", options, MemoryStore(), budgets[0])]
        patch.setattr(indexing, "_WINDOW_BYTES", window)
        results.append(index_root(root, "/", options, MemoryStore(), budgets[1]))
        patch.setattr(compression, "count_cores", lambda: 1)
        results.append(index_root(root, "/", options, MemoryStore(), budgets[2]))
    unique = {body for resource in results[0].resources for body in in_memory(resource).values()}
    held = [resource.contents["identity"].length for resource in results[0].resources if resource.held]
    left = [resource.contents["identity"].length for resource in results[0].resources if not resource.held]
    assert budgets[0].spent == sum(map(len, unique)) + sum(held) <= limit
    assert max(held, default=0) <= min(left, default=limit)
    assert len({budget.spent for budget in budgets}) == 1
    assert coded_bodies(results[0]) == coded_bodies(results[1]) == coded_bodies(results[2])


# Work that is done once


def test_identical_content_is_coded_once_in_and_across_roots(
    folder: Folder, outside: Folder, index: Index, spy: Spy
) -> None:
    store, budget = MemoryStore(), Budget(MiB)
    coded = spy(compression, "_code")
    folder.file("a.css", TEXT)
    folder.file("b.js", TEXT)
    outside.file("c.css", TEXT)
    one, other = index(store=store, budget=budget).resources
    spent = budget.spent - 2 * len(TEXT)
    third = only(index(outside.path, store=store, budget=budget))
    assert [coding.name for coding, _ in coded] == [coding.name for coding in CODINGS]
    assert in_memory(one) == in_memory(other) == in_memory(third)
    assert spent == sum(map(len, in_memory(one).values())) == budget.spent - 3 * len(TEXT)


def test_a_coded_file_is_not_coded_again(folder: Folder, index: Index, spy: Spy) -> None:
    coded = spy(compression, "_code")
    folder.file("a.svgz", gzip.compress(make_noise(1_000)))
    index()
    assert coded == []


def test_the_store_is_committed_once_when_all_is_known(folder: Folder, index: Index, spy: Spy) -> None:
    coded = spy(compression, "_code")

    class Committed(MemoryStore):
        coded_before: list[int]

        def commit(self) -> None:
            self.coded_before = [*getattr(self, "coded_before", []), len(coded)]

    store = Committed()
    folder.file("a.css", TEXT)
    index(store=store)
    assert store.coded_before == [3]


def test_no_thread_of_ours_is_alive_when_the_index_is_ready(folder: Folder, index: Index) -> None:
    """A server forks next, and a thread does not survive that."""
    before = threading.enumerate()
    for number in range(20):
        folder.file(f"{number}.css", make_text(2_000, number))
    index()
    assert threading.enumerate() == before


@pytest.mark.parametrize(("bound", "limit"), [("_WINDOW", 2), ("_WINDOW_BYTES", 2_500)])
def test_what_waits_to_be_coded_is_bounded(
    folder: Folder, index: Index, monkeypatch: pytest.MonkeyPatch, bound: str, limit: int
) -> None:
    """Sources are read ahead of the coding, but not all of them at once: in number, nor in bytes."""
    events: list[str] = []

    def note(event: str, function: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object) -> object:
            events.append(event)
            return function(*given)

        return call

    monkeypatch.setattr(indexing, bound, limit)
    monkeypatch.setattr(reading.Reader, "read", note("read", reading.Reader.read))
    monkeypatch.setattr(indexing._Builder, "build", note("build", indexing._Builder.build))
    for number in range(5):
        folder.file(f"{number}.css", make_text(1_000, number))
    index()
    assert events == ["read"] * 3 + ["build", "read"] * 2 + ["build"] * 3
