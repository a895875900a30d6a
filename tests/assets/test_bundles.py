"""Where the files are that a manifest names, what is wrong with one, and when it is read again."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assets.manifest_files import NAMES, read_json
from tests.conftest import plant
from whitemedia.assets.bundles import Bundle, Known, find_place
from whitemedia.assets.manifests import parse_manifest
from whitemedia.assets.representation import Source
from whitemedia.assets.roots import Directory, Skipped
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.options import OptionError


def bundle(root: Path, manifest: Path, *, live: bool = False, strict: bool = False) -> Bundle:
    directory = DirectoryRoot(str(root), (".*",), follow_symlinks=False)
    return Bundle(str(manifest), directory, live=live, strict=strict)


def write(path: Path, value: object, modified: int = 1_700_000_000) -> Path:
    plant(path.parent, {path.name: json.dumps(value).encode()}, modified)
    return path


def known(root: Path, files: list[str], manifest: Path | None = None) -> Known:
    """Of a manifest that names these."""
    path = write(manifest or root.parent / "manifest.json", {f"source{at}": file for at, file in enumerate(files)})
    return bundle(root, path).known


# Where its files are


@pytest.mark.parametrize(
    ("there", "named", "placed"),
    [
        (["assets/a.js"], ["assets/a.js"], ["assets/a.js"]),
        (["a.js", "b.js"], ["/static/a.js", "/static/b.js"], ["a.js", "b.js"]),
        (["js/a.js"], ["/static/build/js/a.js"], ["js/a.js"]),
        (["build/a.js"], ["/static/build/a.js"], ["build/a.js"]),
        (["a.js"], ["../public/dist/a.js"], ["a.js"]),
        (["a.js"], ["./a.js"], ["a.js"]),
        (["a.js"], ["auto/a.js"], ["a.js"]),
        (["a.js"], ["/static/a.js?0123456789abcdef"], ["a.js"]),
        (
            ["a.js", "dist/b.js", "dist/c.js"],
            ["dist/a.js", "dist/b.js", "dist/c.js"],
            ["dist/a.js", "dist/b.js", "dist/c.js"],
        ),
        (["a.js", "b.js"], ["dist/a.js", "dist/b.js", "c.js"], ["a.js", "b.js", "c.js"]),
        ([], ["/static/a.js"], ["static/a.js"]),
    ],
)
def test_the_files_that_are_there_tell_where_all_are(
    tmp_path: Path, there: list[str], named: list[str], placed: list[str]
) -> None:
    root = plant(tmp_path / "root", dict.fromkeys(there, b""))
    root.mkdir(exist_ok=True)
    found = known(root, named)
    assert [found.place(file) for file in named] == placed
    assert found.is_here == bool(there)


@pytest.mark.parametrize("manifest", ["dist/manifest.json", "dist/.vite/manifest.json"])
def test_they_may_be_beside_the_manifest(tmp_path: Path, manifest: str) -> None:
    """As where the bundler writes into a folder of the root."""
    root = plant(tmp_path / "root", {"dist/assets/a.js": b""})
    assert known(root, ["assets/a.js"], root / manifest).place("assets/a.js") == "dist/assets/a.js"


@pytest.mark.parametrize(
    ("file", "url"),
    [
        ("https://cdn.example/a.js", "https://cdn.example/a.js"),
        ("http://localhost:8080/a.js", "http://localhost:8080/a.js"),
        ("//cdn.example/a.js", "https://cdn.example/a.js"),
        ("https://cdn.example/ü b.js", "https://cdn.example/%C3%BC%20b.js"),
        ('https://cdn.example/"><script>', "https://cdn.example/%22%3E%3Cscript%3E"),
    ],
)
def test_what_is_on_another_host_stays_there(tmp_path: Path, file: str, url: str) -> None:
    root = plant(tmp_path / "root", {"a.js": b"", "b.js": b""})
    assert known(root, [file, "b.js"]).place(file) == url


@pytest.mark.parametrize(
    "file",
    [
        "../outside.js",
        "/../outside.js",
        "a/../../outside.js",
        "..\\outside.js",
        "javascript:alert(1)",
        "data:text/javascript,1",
        "a\0.js",
        "\ud800.js",
        "/".join("a" * 5000),
        "",
        "/",
        "///",
        ".",
    ],
)
def test_what_is_no_path_of_a_file_is_never_there(tmp_path: Path, file: str) -> None:
    plant(tmp_path, {"outside.js": b""})
    root = plant(tmp_path / "root", {"b.js": b""})
    found = known(root, ["b.js", file])
    assert not found.place(file).startswith(("/", "https:", "http:"))
    assert found.place("b.js") == "b.js"
    assert not known(root, [file or "."]).is_here


@pytest.mark.parametrize("name", NAMES)
def test_all_files_of_a_real_manifest_are_found_where_they_were_written(tmp_path: Path, name: str) -> None:
    manifest = parse_manifest(read_json(name))
    files = {file.removeprefix("/static/").removeprefix("dist/") for file in manifest.files()}
    root = plant(tmp_path / "root", dict.fromkeys(files, b""))
    found = bundle(root, write(tmp_path / "manifest.json", read_json(name))).known
    assert {found.place(file) for file in manifest.files()} == files


PATHS = st.lists(st.sampled_from(["a", "b", "static", "..", "."]), min_size=1, max_size=4).map("/".join)


@given(st.sets(PATHS, min_size=1), st.sets(PATHS), st.sampled_from(["", "/", "/static/", "dist/"]))
def test_of_all_places_that_is_taken_where_most_are(named: set[str], there: set[str], public: str) -> None:
    files = sorted(public + path for path in named)
    place = find_place(files, [""], there.__contains__)
    plain = [path for path in there if not {".", ".."} & set(path.split("/"))]
    drop = "/gone" if place is None else place[0]
    hits = sum(file[len(drop) :].lstrip("/") in plain for file in files if file.startswith(drop))
    assert hits >= sum(file.removeprefix(public) in plain for file in files)


def test_a_manifest_of_thousands_is_told_by_few(tmp_path: Path) -> None:
    looked: list[str] = []
    files = (f"/static/js/{number}.js" for number in range(10_000))
    root = plant(tmp_path / "root", {"js/1.js": b""})

    class Counting(DirectoryRoot):
        def look(self, url_path: str) -> Source | Skipped | Directory | None:
            looked.append(url_path)
            return super().look(url_path)

    path = write(tmp_path / "manifest.json", {file: file for file in files})
    directory = Counting(str(root), (), follow_symlinks=False)
    assert Bundle(str(path), directory, live=False, strict=False).known.place("/static/js/9.js") == "js/9.js"
    assert len(looked) < 200


# What is wrong with it


WRONG = {
    "missing": None,
    "empty": b"",
    "no JSON": b"<!doctype html>",
    "cut": b'{"a.js": {"file": "a.',
    "not UTF-8": b'{"a.js": "\xff\xfe\xff"}',
    "too deep": b'{"a":' * 100_000,
    "a list": b'["a.js"]',
    "nothing": b"{}",
    "another": b'{"a": {"b": {"c": 1}}}',
}


@pytest.fixture(params=list(WRONG))
def wrong(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path, data = tmp_path / "manifest.json", WRONG[request.param]
    if data is not None:
        path.write_bytes(data)
    return path


def test_a_wrong_one_is_one_warning(wrong: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = bundle(tmp_path, wrong, live=True)
    for _ in range(3):
        assert dict(found.known.manifest.chunks) == {}
    [record] = caplog.records
    assert (record.levelno, str(wrong) in record.getMessage()) == (logging.WARNING, True)


def test_with_strict_a_wrong_one_raises(wrong: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError) as raised:
        bundle(tmp_path, wrong, strict=True)
    assert (raised.value.option, raised.value.value) == ("manifest", str(wrong))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")
def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path):
        with pytest.raises(OptionError, match="no such file"):
            bundle(tmp_path, path, strict=True)


def test_one_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b'\xef\xbb\xbf{"a.js": "a.1.js"}')
    assert set(bundle(tmp_path, tmp_path / "manifest.json").known.manifest.chunks) == {"a.js"}


# When it is read again


def test_in_development_it_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    found = bundle(tmp_path, path, live=True)
    for number in range(3):
        write(path, {f"{number}.js": "a.js"}, 1_700_000_000 + number)
        assert set(found.known.manifest.chunks) == {f"{number}.js"}


def test_what_was_known_counts_while_it_is_written_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(tmp_path / "manifest.json", {"a.js": "a.1.js"})
    found = bundle(tmp_path, path, live=True, strict=True)
    path.unlink()
    assert set(found.known.manifest.chunks) == {"a.js"}
    path.write_bytes(b'{"b.js":')
    assert set(found.known.manifest.chunks) == {"a.js"}
    assert len(caplog.records) == 2


def test_else_it_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "manifest.json", {"a.js": "a.1.js"})
    found = bundle(tmp_path, path)
    path.unlink()
    assert set(found.known.manifest.chunks) == {"a.js"}
