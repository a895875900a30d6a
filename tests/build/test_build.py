"""A build writes beside each file worth it the siblings that were asked for, and nothing else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.assets.resources import make_noise
from tests.build.site import LEVELS, A, B, C, Site, encode, make_text, names, snapshot
from whitemedia.assets.codings import BY_NAME
from whitemedia.assets.compression import is_smaller
from whitemedia.assets.records import FOLDER
from whitemedia.build import Total


@pytest.mark.parametrize(
    "levels",
    [{}, {"br": 0, "zstd": 1, "gzip": 1}, {"br": 5, "zstd": 3, "gzip": 6}],
    ids=["by default", "lowest", "in between"],
)
def test_each_sibling_is_of_the_level_that_was_asked_for(site: Site, levels: dict[str, int]) -> None:
    result = site.build(codings=None, levels=levels)
    for coding in BY_NAME.values():
        level = levels.get(coding.name, coding.build_level)
        for name, data in (("app.css", A), ("js/lib.js", B)):
            assert site.read(name + coding.suffixes[0]) == encode(coding.name, level, data)
    assert [(total.coding, total.level, total.files, total.written) for total in result.totals] == [
        (name, levels.get(name, coding.build_level), 2, 2) for name, coding in BY_NAME.items()
    ]
    assert result.is_complete
    assert site.wrong() == []


def test_only_the_codings_that_were_asked_for_are_written(site: Site) -> None:
    site.build(codings=["gzip"])
    assert site.siblings() == ["app.css.gz", "js/lib.js.gz"]


def test_a_result_tells_what_there_is(site: Site) -> None:
    site.write("picture.png", make_noise(1_000))
    result = site.build(codings=["gzip"])
    coded = len(encode("gzip", 6, A)) + len(encode("gzip", 6, B))
    assert result.root == str(site.path)
    assert (result.files, result.bytes) == (3, len(A) + len(B) + 1_000)
    assert result.totals == (Total("gzip", 6, 2, len(A) + len(B), coded, 2),)
    assert (result.missing, result.stale, result.leftover, result.pruned) == ((), (), (), ())
    assert (result.failures, result.unused) == ((), ())


@pytest.mark.parametrize("modified", [1_700_000_000.25, 1.5, 4_102_444_800], ids=["lately", "1970", "2100"])
def test_a_sibling_has_the_modification_time_of_its_file(site: Site, modified: float) -> None:
    path = site.write("app.css", A, modified)
    site.build()
    assert path.with_name("app.css.br").stat().st_mtime_ns == path.stat().st_mtime_ns


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o664, 0o444, 0o4755], ids=oct)
def test_a_sibling_may_be_read_by_those_who_may_read_its_file_and_is_never_executable(
    site: Site, mode: int
) -> None:
    path = site.path / "app.css"
    path.chmod(mode)
    umask = os.umask(0o077)
    try:
        site.build()
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.with_name("app.css.br").stat().st_mode) == mode & 0o666


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
@pytest.mark.parametrize("umask", [0o022, 0o077], ids=oct)
@pytest.mark.parametrize(("mode", "others"), [(0o755, True), (0o700, False)])
def test_the_records_may_be_read_by_those_who_may_read_the_root(
    site: Site, mode: int, others: bool, umask: int
) -> None:
    """Else a server of another user would decode every sibling at each start."""
    site.path.chmod(mode)
    before = os.umask(umask)
    try:
        site.build()
    finally:
        os.umask(before)
    readable = site.index.stat().st_mode & stat.S_IROTH and site.index.parent.stat().st_mode & stat.S_IXOTH
    assert bool(readable) is others


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_what_root_builds_belongs_to_whom_the_files_belong(site: Site) -> None:
    """Else a server in the files' group could not read siblings of files of which only that group may."""
    os.chown(site.path, 1, 2)
    for path in site.path.rglob("*"):
        os.chown(path, 1, 2)
    site.build()
    made = [site.index.parent, site.index, *site.path.rglob("*.br")]
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(1, 2)}


NOT_CODED = {
    "short.css": A[:199],
    "empty.css": b"",
    "picture.png": A,
    "archive.zip": A,
    "noise.css": make_noise(2_000),
    "drawing.svgz": encode("gzip", 9, A),
    ".hidden.css": A,
    ".git/config.txt": A,
    "app.css~": A,
    ".whitemedia/notes.css": A,
    ".whitemedia-new-notes/a.css": A,
}


@pytest.mark.parametrize("name", NOT_CODED)
def test_nothing_is_written_for_what_is_small_coded_already_or_hidden(site: Site, name: str) -> None:
    site.write(name, NOT_CODED[name])
    site.build()
    assert [one for one in names(site.path) if one.startswith(f"{name}.")] == []
    assert site.read(name) == NOT_CODED[name]
    assert not list((site.path / FOLDER).glob("*.br"))


CODED = {
    "long enough.css": A[:200],
    "drawing.svg": A,
    "no drawing.svgz": A,
    "README": A,
    "ü/ö ß.txt": A,
    "a\nb.css": A,
    ".well-known/a.txt": A,
    "a.br.css": A,
}


@pytest.mark.parametrize("name", CODED)
def test_siblings_are_written_for_whatever_else_is_text(site: Site, name: str) -> None:
    site.write(name, CODED[name])
    site.build()
    assert {f"{name}.br", f"{name}.gz"} <= set(site.siblings())
    assert site.wrong() == []


def test_a_body_that_is_not_5_percent_smaller_is_not_written_and_not_tried_again(site: Site) -> None:
    site.remove("app.css", "js/lib.js")
    tight = make_noise(1_900) + b"\0" * 100
    assert [is_smaller(len(encode("gzip", 9, data)), len(data)) for data in (tight, tight[:-70])] == [False, False]
    site.write("tight.css", tight)
    first = site.build()
    assert (first.is_complete, site.encoded) == (True, ["br 5", "gzip 6"])
    assert site.siblings() == []
    assert site.check().is_complete
    site.build()
    assert site.encoded == []
    site.build(levels={"br": 4, "gzip": 1})
    assert site.encoded == []
    site.build(levels={"br": 6, "gzip": 6})
    assert site.encoded == ["br 6"]


@pytest.mark.parametrize("threads", [1, 4])
def test_identical_content_is_coded_once_and_written_beside_each(site: Site, threads: int) -> None:
    for name in ("copy.css", "a/copy.css", "a/b/copy.js"):
        site.write(name, A)
    site.build(threads=threads)
    assert site.encoded == ["br 5", "br 5", "gzip 6", "gzip 6"]
    assert len(site.siblings()) == 2 * 5
    assert site.wrong() == []


def test_a_second_build_codes_and_writes_nothing(built: Site) -> None:
    """Nor the records: what copies a tree by its times, or makes a layer of it, has nothing to do."""
    built.write("tight.css", make_noise(2_000))
    built.build()
    before = snapshot(built.path)
    result = built.build()
    assert built.encoded == []
    assert snapshot(built.path) == before
    assert [total.written for total in result.totals] == [0, 0]
    assert [total.files for total in result.totals] == [2, 2]


def test_equal_trees_have_equal_records(tmp_path: Path) -> None:
    sites = [Site(tmp_path / str(number), {"app.css": A, "b.css": B, "c.css": C}) for number in range(2)]
    for threads, site in enumerate(sites, 1):
        site.build(threads=threads)
    assert sites[0].index.read_bytes() == sites[1].index.read_bytes()


def test_a_choice_is_asked_with_path_type_and_length_and_counts(site: Site) -> None:
    asked = []

    def choose(path: str, media_type: str, length: int) -> bool:
        asked.append((path, media_type, length))
        return path == "picture.png"

    site.write("picture.png", A)
    site.build(compress_test=choose)
    assert sorted(asked) == [
        ("app.css", "text/css", len(A)),
        ("js/lib.js", "text/javascript", len(B)),
        ("picture.png", "image/png", len(A)),
    ]
    assert site.siblings() == ["picture.png.br", "picture.png.gz"]


def test_options_of_whitemedia_mean_what_they_mean_there(site: Site) -> None:
    site.write(".env.css", C)
    site.write("data.blob", C)
    site.build(codings=["gzip"], hidden=["*.js"], mimetypes={".blob": "text/plain"})
    assert site.siblings() == [".env.css.gz", "app.css.gz", "data.blob.gz"]


def test_progress_is_told_in_bytes_from_none_to_all(site: Site) -> None:
    told: list[tuple[int, int]] = []
    site.write("large.css", make_text(9, 400))
    site.build(progress=lambda done, length: told.append((done, length)))
    length = 2 * (len(A) + len(B) + len(make_text(9, 400)))
    assert told[0] == (0, length)
    assert told[-1] == (length, length)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    told.clear()
    site.build(progress=lambda done, length: told.append((done, length)))
    assert told == [(0, 0)]


def test_levels_are_of_the_table() -> None:
    """The tests beside this one rely on levels that can be raised and lowered."""
    assert {name: level in BY_NAME[name].levels for name, level in LEVELS.items()} == {"br": True, "gzip": True}
    for coding, level in LEVELS.items():
        lengths = [len(encode(coding, one, A)) for one in (1, level, BY_NAME[coding].levels[-1])]
        assert lengths == sorted(set(lengths), reverse=True)
