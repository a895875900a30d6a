"""Who serves a root believes its records of siblings, for what they say of these very bytes, and else decodes."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.assets.starting import check as check_answers
from tests.build.site import A, B, C, Site, encode
from tests.conftest import PREFIX, every_construction, serve
from whitemedia.assets import reading
from whitemedia.assets.codings import decodes_to
from whitemedia.assets.compression import Budget
from whitemedia.assets.indexing import Indexed, index_root
from whitemedia.assets.records import FOLDER, TEMPORARY, Record, write_records
from whitemedia.assets.roots import Why
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore
from whitemedia.options import build_options

ALL = ["app.css.br", "app.css.gz", "js/lib.js.br", "js/lib.js.gz"]


class Started(NamedTuple):
    """A start: siblings that were decoded, those that were refused, and what is sent coded."""

    decoded: int
    bad: list[str]
    coded: list[str]


def start(site: Site) -> Started:
    """Index as a server does that compresses nothing itself and remembers nothing."""
    decoded: list[bytes] = []

    def decode(coding: Any, coded: bytes, original: bytes) -> bool:
        decoded.append(coded)
        return decodes_to(coding, coded, original)

    options = build_options({"compress": "off", "cache_dir": None})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "decodes_to", decode)
        root = DirectoryRoot(str(site.path), options.hidden, follow_symlinks=False)
        indexed = index_root(root, PREFIX, options, MemoryStore(), Budget(options.memory_limit))
    bad = sorted(item.url_path for item in indexed.skipped if item.why is Why.BAD_SIBLING)
    return Started(len(decoded), bad, _coded(indexed))


def _coded(indexed: Indexed) -> list[str]:
    return sorted(
        f"{resource.source.url_path} {coding}"
        for resource in indexed.resources
        for coding in resource.codings
        if coding != "identity"
    )


CODED = ["app.css br", "app.css gzip", "js/lib.js br", "js/lib.js gzip"]


def flip(site: Site) -> None:
    data = bytearray(site.read("app.css.br"))
    data[len(data) // 2] ^= 1
    site.write("app.css.br", bytes(data))


def forge(site: Site) -> None:
    """Records of what is not so: of another original, of another coding."""
    own = hashlib.sha256(site.read("app.css.br")).digest()
    gzip = hashlib.sha256(site.read("app.css.gz")).digest()
    of_lib = hashlib.sha256(B).digest()
    write_records(
        str(site.path), {(of_lib, "br"): Record(11, own), (hashlib.sha256(A).digest(), "br"): Record(11, gzip)}
    )


def damage(position: int) -> Callable[[Site], None]:
    def damage(site: Site) -> None:
        data = bytearray(site.index.read_bytes())
        data[position % len(data)] ^= 1
        site.index.write_bytes(data)

    return damage


def check_out(site: Site) -> None:
    for name in ALL:
        os.utime(site.path / name, (1, 1))


def copy_records_of_another(site: Site) -> None:
    other = Site(site.path.with_name("other"), {"app.css": C})
    other.build()
    shutil.copy(other.index, site.index)


def swap(site: Site) -> None:
    br = site.read("app.css.br")
    site.write("app.css.br", site.read("js/lib.js.br"))
    site.write("js/lib.js.br", br)


CASES: dict[str, tuple[Callable[[Site], object], Started]] = {
    "as built": (lambda site: None, Started(0, [], CODED)),
    "times of a checkout": (
        check_out,
        Started(0, [], CODED),
    ),
    "a byte of a sibling": (flip, Started(1, ["app.css.br"], CODED[1:])),
    "siblings in each other's place": (swap, Started(2, ["app.css.br", "js/lib.js.br"], CODED[1::2])),
    "another content": (
        lambda site: site.write("app.css", C),
        Started(2, ["app.css.br", "app.css.gz"], CODED[2:]),
    ),
    "a foreign sibling": (
        lambda site: site.write("app.css.br", encode("br", 1, A)),
        Started(1, [], CODED),
    ),
    "an empty sibling": (lambda site: site.write("app.css.br", b""), Started(0, ["app.css.br"], CODED[1:])),
    "no records": (lambda site: site.index.unlink(), Started(4, [], CODED)),
    "no folder": (lambda site: shutil.rmtree(site.index.parent), Started(4, [], CODED)),
    "empty records": (lambda site: site.index.write_bytes(b""), Started(4, [], CODED)),
    "records cut short": (lambda site: os.truncate(site.index, 90), Started(4, [], CODED)),
    "records damaged at their start": (damage(0), Started(4, [], CODED)),
    "records damaged within": (damage(100), Started(4, [], CODED)),
    "records damaged at their end": (damage(-1), Started(4, [], CODED)),
    "records of another site": (copy_records_of_another, Started(4, [], CODED)),
    "records of what is not so": (forge, Started(4, [], CODED)),
}


@pytest.mark.parametrize(("act", "started"), CASES.values(), ids=CASES)
def test_only_what_the_records_do_not_vouch_for_is_decoded(
    built: Site, act: Callable[[Site], object], started: Started
) -> None:
    act(built)
    assert start(built) == started


@pytest.mark.parametrize(("act", "started"), CASES.values(), ids=CASES)
def test_whatever_became_of_it_every_answer_is_right(
    built: Site, act: Callable[[Site], object], started: Started
) -> None:
    act(built)
    site = {name: built.read(name) for name in ("app.css", "js/lib.js")}
    assert sorted(check_answers(serve(built.path, compress="off"), site)) == started.coded


@every_construction
def test_after_a_build_every_answer_is_right(built: Site, construction: str) -> None:
    built.write("new.css", C)
    built.build(codings=None, levels=None)
    site = {"app.css": A, "js/lib.js": B, "new.css": C}
    coded = check_answers(serve(built.path, construction=construction), site)
    assert len(coded) == 9


def test_what_is_served_is_what_was_built(built: Site) -> None:
    client = serve(built.path)
    for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
        for name in ("app.css", "js/lib.js"):
            assert client.get(PREFIX + name, {"Accept-Encoding": coding}).body == built.read(name + suffix)


@every_construction
@pytest.mark.parametrize("hidden", [None, (), ("!*",)], ids=["by default", "nothing", "all re-admitted"])
def test_what_is_a_builds_own_is_never_served(
    built: Site, construction: str, hidden: tuple[str, ...] | None
) -> None:
    built.write(f"{TEMPORARY}abc", b"half of a sibling")
    options: Any = {} if hidden is None else {"hidden": hidden}
    client = serve(built.path, construction=construction, not_found="answer", **options)
    for name in (f"{FOLDER}/index", f"{FOLDER}/lock", f"{FOLDER}/", FOLDER, f"{TEMPORARY}abc"):
        assert client.get(PREFIX + name).status == 404


def test_a_tree_that_is_copied_elsewhere_is_believed_there(built: Site, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(built.path, copied, copy_function=shutil.copyfile)
    assert start(Site(copied, {})) == Started(0, [], CODED)
