"""What lies there compressed is a body if it is right; only what is missing is coded."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

import brotli
import pytest

from tests.assets.resources import DECODE, TEXT, by_name, coded_bodies, fields_of, in_memory, only, plant_siblings
from whitemedia.assets import reading
from whitemedia.assets.codings import BY_NAME
from whitemedia.assets.roots import Why
from whitemedia.assets.validators import digest_etag

if TYPE_CHECKING:
    from tests.assets.conftest import Folder, Index


# Siblings


@pytest.mark.parametrize("missing", ["br", "gzip"])
def test_right_siblings_are_the_bodies_and_only_what_is_missing_is_coded(
    folder: Folder, index: Index, missing: str
) -> None:
    coded = plant_siblings(folder)
    suffix = BY_NAME[missing].suffixes[0]
    (folder.path / f"app.css{suffix}").unlink()
    del coded[missing]
    made = {name: BY_NAME[name].encode(TEXT, BY_NAME[name].startup_level) for name in (missing, "zstd")}
    resource = only(index())
    assert coded_bodies(resource) == {**coded, **made}
    assert in_memory(resource) == made
    assert set(resource.held) == {*coded, "identity"}


def test_beside_br_and_gzip_nothing_is_coded(folder: Folder, index: Index) -> None:
    """Who takes zstd takes br, which is smaller where it was built."""
    coded = plant_siblings(folder)
    resource = only(index())
    assert (coded_bodies(resource), in_memory(resource)) == (coded, {})


def test_with_compress_off_siblings_alone_are_used(folder: Folder, index: Index) -> None:
    coded = plant_siblings(folder)
    folder.file("other.css", TEXT)
    found = by_name(index(compress="off"))
    assert coded_bodies(found["app.css"]) == coded
    assert found["other.css"].codings == ("identity",)


def test_a_wrong_sibling_is_made_up_for(folder: Folder, index: Index) -> None:
    folder.file("app.css", TEXT)
    folder.file("app.css.br", brotli.compress(TEXT + b"stale"))
    assert DECODE["br"](coded_bodies(only(index()))["br"], len(TEXT)) == TEXT


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
    assert (resource.codings, resource.held, resource.contents["identity"].digest) == (("identity",), (), None)
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
    assert (resource.contents["gzip"].length, resource.held) == (len(data), ("gzip",))
    assert resource.contents["gzip"].etag == digest_etag(hashlib.sha256(data).digest())
    assert fields_of(resource)["Content-Type"] == "image/svg+xml"
    assert "Vary" not in fields_of(resource)
    assert ("Content-Encoding", "gzip") in resource.select("").ok.headers


def test_an_svgz_that_is_not_compressed_is_a_plain_svg(folder: Folder, index: Index) -> None:
    folder.file("a.svgz", b"<svg>" + TEXT)
    resource = only(index())
    assert set(resource.codings) == {"br", "gzip", "zstd", "identity"}
    assert fields_of(resource)["Content-Type"] == "image/svg+xml"
