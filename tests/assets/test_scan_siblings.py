"""What has a coding's suffix belongs to the file beside it, and is a plain file without one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.assets.walk import walk
from whitemedia.assets.files import StatKey
from whitemedia.assets.roots import Why
from whitemedia.assets.scan import DirectoryRoot

if TYPE_CHECKING:
    from tests.assets.conftest import Folder


def test_siblings_belong_to_their_file_and_are_no_sources(folder: Folder) -> None:
    names = ["app.css.br", "app.css.gz", "app.css.zst", "app.css.zstd"]
    for name in ["app.css", *names]:
        folder.file(f"d/{name}")
    found = walk(folder.path)
    [source] = found.sources.values()
    assert source.url_path == "d/app.css"
    assert [(item.coding, os.path.basename(item.path)) for item in source.siblings] == list(
        zip(["br", "gzip", "zstd", "zstd"], names, strict=True)
    )
    assert [item.stat_key for item in source.siblings] == [
        StatKey.of((folder.path / "d" / name).stat()) for name in names
    ]
    assert found.skipped == {f"d/{name}": (Why.SIBLING, False) for name in names}


@pytest.mark.parametrize("name", ["app.css.gz", "other.css.gz", "app.GZ", "appgz", "app.css.GZ", "app.gz"])
def test_what_has_the_suffix_but_not_its_file_beside_it_is_a_plain_file(folder: Folder, name: str) -> None:
    folder.file("app")
    folder.file("d/app.css")
    folder.file("other.css/gz")
    folder.file(name)
    found = walk(folder.path)
    siblings = {item for item, (why, _) in found.skipped.items() if why is Why.SIBLING}
    assert siblings == ({"app.gz"} if name == "app.gz" else set())
    assert (name in found.served) is (name != "app.gz")


def test_a_sibling_of_a_sibling_is_no_source_and_not_the_file_s(folder: Folder) -> None:
    for name in ("a", "a.gz", "a.gz.br", "a.gz.br.zst"):
        folder.file(name)
    found = walk(folder.path)
    assert (found.served, set(found.skipped)) == ({"a"}, {"a.gz", "a.gz.br", "a.gz.br.zst"})
    assert [os.path.basename(item.path) for item in found.sources["a"].siblings] == ["a.gz"]


def test_a_directory_with_a_sibling_s_name_is_entered(folder: Folder) -> None:
    folder.file("app.css")
    folder.file("app.css.gz/a")
    found = walk(folder.path)
    assert (found.served, found.skipped) == ({"app.css", "app.css.gz/a"}, {})
    assert found.sources["app.css"].siblings == ()


def test_a_hidden_or_broken_sibling_is_none(folder: Folder) -> None:
    folder.file("app.css")
    folder.file("app.css.gz")
    folder.link("app.css.br", "missing")
    found = walk(folder.path, ("*.gz",))
    assert found.sources["app.css"].siblings == ()
    assert found.skipped == {"app.css.gz": (Why.HIDDEN, False), "app.css.br": (Why.BROKEN_LINK, True)}


@pytest.mark.parametrize(
    "name", [".app.css.gz", "notes.bak.gz", "x.txt~.br", "notes.bak.gz.br", "a.bak.gz.br.zst"]
)
def test_a_compressed_form_of_what_is_hidden_is_hidden(folder: Folder, name: str) -> None:
    """With or without the file it stands beside."""
    folder.file(name)
    assert walk(folder.path) == ({}, {name: (Why.HIDDEN, False)})


@pytest.mark.parametrize("name", ["app.gz", ".gz", "gz", "app.css.gz", "a.tar.gz", "." + "gz." * 5000])
def test_a_suffix_alone_hides_nothing(folder: Folder, name: str) -> None:
    root = DirectoryRoot(str(folder.path), ("*.bak",), follow_symlinks=False)
    assert not root.hides(name)
