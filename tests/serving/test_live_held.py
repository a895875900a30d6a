"""What is to be held in memory is read once, and answered as indexed or as it is now."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.answers import decode
from tests.conftest import BR_LIB, FILES, PREFIX, SECRET, open_descriptors, plant, serve
from tests.serving.site import KINDS, OLD, URL, build_site, fail_with, restore_time, rewrite_with_the_old_time
from whitemedia.assets.files import Opened

# What is held


def test_a_held_file_is_read_on_first_use_and_then_answered_as_indexed(tmp_path: Path) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    indexed = site.get()
    site.path.unlink()
    assert site.get().headers.items() == indexed.headers.items()
    assert site.get().body == OLD
    assert site.get(Range="bytes=4-10").body == b"version"
    assert site.get(If_None_Match=indexed.etag).status == 304


@pytest.mark.parametrize("fields", [{"Range": "bytes=0-1"}, {"If-None-Match": "*"}, {"Range": "bytes=999-"}])
def test_any_get_reads_a_held_file(tmp_path: Path, fields: dict[str, str]) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    site.client.get(URL, fields)
    site.path.unlink()
    assert site.get().body == OLD


def test_head_does_not_read_a_held_file(tmp_path: Path) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    assert site.client.head(URL).status == 200
    site.path.unlink()
    assert site.client.head(URL).status == 404


def test_head_opens_no_held_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP.md, line 38: also before its first GET has read it."""
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail_with("EMFILE"))
        head = site.client.head(URL)
    assert (head.status, head.headers.items()) == (200, site.get().headers.items())


def test_a_held_file_whose_state_lies_is_known_by_its_digest(tmp_path: Path) -> None:
    """A file system may keep all of a file's state while its bytes change: here, the index is made to believe it."""
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    indexed = site.client.head(URL)
    rewrite_with_the_old_time(site)
    resource: Any = site.client.application.table.entries[URL]  # type: ignore[attr-defined]
    content = resource.contents["identity"]
    status = site.path.stat()
    stat_key = content.body.stat_key._replace(ctime_ns=status.st_ctime_ns)
    resource.contents["identity"] = content._replace(body=content.body._replace(stat_key=stat_key))
    resource.render("identity")
    answer = site.get()
    assert answer.body == b"THE" + OLD[3:]
    assert answer.etag != indexed.etag
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_held_file_that_changes_while_it_is_read_is_answered_as_it_is_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    changes, real = iter([b"a new version"]), os.read

    def read(descriptor: int, length: int) -> bytes:
        for new in changes:
            site.path.write_bytes(new)
        return real(descriptor, length)

    monkeypatch.setattr(os, "read", read)
    answer = site.get()
    assert (answer.status, answer.body) == (200, b"a new version")
    assert answer.headers["Cache-Control"] == "no-cache"


# Siblings


def rewrite_sibling(path: Path) -> None:
    path.write_bytes(bytes(len(BR_LIB)))
    restore_time(path)


def instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    """A change that removes a file and makes something else of its name."""

    def change(path: Path) -> None:
        path.unlink()
        make(path)

    return change


SIBLING_CHANGES: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "truncated": lambda path: os.truncate(path, 100),
    "replaced": lambda path: path.write_bytes(SECRET),
    "same size and time": rewrite_sibling,
    "a link outside": instead(lambda path: os.symlink("../outside/secret.txt", path)),
    "a FIFO": instead(os.mkfifo),
    "a directory": instead(os.mkdir),
}
APP, LIB, ACCEPT = f"{PREFIX}app.css", f"{PREFIX}lib.js", {"Accept-Encoding": "br"}


@pytest.mark.parametrize("change", SIBLING_CHANGES.values(), ids=SIBLING_CHANGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_where_a_sibling_went_the_file_is_answered_as_indexed(
    tree: Path, change: Callable[[Path], object], method: str
) -> None:
    client = serve(tree, memory_limit=0)
    assert client.head(LIB, ACCEPT).headers["Content-Encoding"] == "br"
    change(tree / "lib.js.br")
    answer = client.request(method, LIB, ACCEPT)
    assert answer.headers.items() == client.request(method, LIB).headers.items()
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.body == (FILES["lib.js"] if method == "GET" else b"")


def test_where_sibling_and_file_changed_the_file_is_answered_as_it_is_now(tree: Path) -> None:
    client = serve(tree, memory_limit=0)
    (tree / "lib.js.br").unlink()
    (tree / "lib.js").write_bytes(b"new")
    answer = client.get(LIB, ACCEPT)
    assert answer.body == b"new"
    assert answer.headers["Content-Encoding"] is None
    assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-cache", "Accept-Encoding")
    (tree / "lib.js").unlink()
    assert client.get(LIB, ACCEPT).status == 404


def test_where_only_the_file_changed_its_sibling_is_one_whole_version(tree: Path) -> None:
    client = serve(tree, memory_limit=0)
    indexed = client.head(LIB, ACCEPT)
    (tree / "lib.js").write_bytes(b"new")
    answer = client.get(LIB, ACCEPT)
    assert answer.headers.items() == indexed.headers.items()
    assert decode("br", answer.body) == FILES["lib.js"]
    assert client.get(LIB).body == b"new"
    assert client.get(LIB).etag.removeprefix("W/") != answer.etag


@pytest.mark.parametrize("construction", ["memory", "store", "compress=off"])
def test_a_held_sibling_is_read_on_first_use_and_then_answered_as_indexed(tree: Path, construction: str) -> None:
    client = serve(tree, construction=construction)
    indexed = client.get(LIB, ACCEPT)
    (tree / "lib.js.br").unlink()
    (tree / "lib.js").unlink()
    answer = client.get(LIB, ACCEPT)
    assert (answer.status, answer.headers.items(), answer.body) == (200, indexed.headers.items(), BR_LIB)


@pytest.mark.parametrize("construction", ["memory", "store", "compress=off"])
def test_a_held_sibling_that_went_before_its_first_use_is_made_up_for_by_its_file(
    tree: Path, construction: str
) -> None:
    client = serve(tree, construction=construction)
    (tree / "lib.js.br").unlink()
    answer = client.get(LIB, ACCEPT)
    assert (answer.status, answer.body, answer.headers["Content-Encoding"]) == (200, FILES["lib.js"], None)
    (tree / "lib.js").unlink()
    assert client.get(LIB, ACCEPT).body == FILES["lib.js"]


def test_what_was_coded_at_start_is_answered_as_indexed_whatever_became_of_its_file(tree: Path) -> None:
    for construction in ("memory", "store"):
        client = serve(tree, construction=construction)
        indexed = client.head(APP, ACCEPT)
        (tree / "app.css").rename(tree / "away")
        for fields in ({}, {"Range": "bytes=0-"}):
            answer = client.get(APP, ACCEPT | fields)
            assert (answer.etag, decode("br", answer.body)) == (indexed.etag, FILES["app.css"])
        assert client.get(APP, ACCEPT | {"If-None-Match": indexed.etag}).status == 304
        assert client.get(APP).status == 404
        (tree / "away").rename(tree / "app.css")


@pytest.mark.parametrize(
    ("old", "new", "coding"),
    [(gzip.compress(b"<svg/>" * 50), b"<svg>plain</svg>", None), (b"<svg/>", gzip.compress(b"<svg/>"), "gzip")],
    ids=["no longer coded", "coded now"],
)
def test_an_svgz_that_changed_has_the_coding_that_it_has_now(
    tmp_path: Path, old: bytes, new: bytes, coding: str | None
) -> None:
    client = serve(plant(tmp_path, {"a.svgz": old}), memory_limit=0)
    (tmp_path / "a.svgz").write_bytes(new)
    answer = client.get("/static/a.svgz")
    assert (answer.headers["Content-Encoding"], answer.body) == (coding, new)


def test_a_descriptor_is_given_back_where_a_changed_file_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve(plant(tmp_path, {"a.svgz": gzip.compress(b"<svg/>")}), memory_limit=0)
    (tmp_path / "a.svgz").write_bytes(b"<svg>plain</svg>")
    before = open_descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(Opened, "read_head", fail_with("EIO"))
        assert client.get("/static/a.svgz").status == 503
    assert open_descriptors() == before


@pytest.mark.parametrize("at_once", [1, 100])
def test_a_held_file_that_comes_bit_by_bit_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    real = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, length: real(descriptor, min(length, at_once)))
    assert site.get().body == OLD
