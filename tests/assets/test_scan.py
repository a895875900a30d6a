"""One walk over a root: everything in it is a source, a directory to enter, or skipped with its reason; nothing raises."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets.files import StatKey
from whitemedia.assets.representation import Source
from whitemedia.assets.scan import MAX_LINK_DEPTH, MAX_NESTED_VISITS, DirectoryRoot, Skipped, Why
from whitemedia.options import Options

if TYPE_CHECKING:
    from tests.assets.conftest import Deny, Folder

HIDDEN = Options().hidden


class Found(NamedTuple):
    """What a walk found, by URL path."""

    sources: dict[str, Source]
    skipped: dict[str, tuple[Why, bool]]

    @property
    def served(self) -> set[str]:
        return set(self.sources)


def walk(path: Path, hidden: tuple[str, ...] = HIDDEN, *, follow_symlinks: bool = False) -> Found:
    found = list(DirectoryRoot(str(path), hidden, follow_symlinks=follow_symlinks).sources())
    sources = {item.url_path: item for item in found if isinstance(item, Source)}
    skipped = {item.url_path: (item.why, item.subtree) for item in found if isinstance(item, Skipped)}
    assert len(sources) + len(skipped) == len(found), "found twice"
    return Found(sources, skipped)


# What is served


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "d/e/f.css",
        "über uns.txt",
        "new\nline",
        "%41",
        "a b?c#d",
        "back\\slash",
        '"quoted"',
        "CON",
        "\u202e",
        "a..b",
    ],
)
def test_a_regular_file_is_a_source_under_its_own_name(folder: Folder, name: str) -> None:
    path = folder.file(name, b"12345")
    [source] = walk(folder.path).sources.values()
    assert source == Source(str(path), name, StatKey.of(path.stat()), source.root, ())


def test_a_root_given_as_a_relative_path_stays_where_it_was(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.file("a", b"inside")
    monkeypatch.chdir(folder.path.parent)
    root = DirectoryRoot(folder.path.name, HIDDEN, follow_symlinks=False)
    monkeypatch.chdir("/")
    assert root.path == str(folder.path)
    assert [found.url_path for found in root.sources()] == ["a"]


def test_a_root_whose_own_path_is_not_utf_8_is_served(folder: Folder) -> None:
    path = folder.path / "caf\udce9"
    make_undecodable(make_directory)(path)
    assert walk(path).served == {"below"}


def test_an_empty_root_has_nothing(folder: Folder) -> None:
    assert walk(folder.path) == ({}, {})


def test_a_source_can_be_opened_by_its_url_path_as_long_as_it_stays_in_the_root(
    folder: Folder, outside: Folder
) -> None:
    path = folder.file("d/a", b"inside")
    [source] = walk(folder.path).sources.values()
    opened = source.root.open("d/a")
    assert opened is not None
    with opened:
        assert opened.read_whole() == b"inside"
    path.unlink()
    path.symlink_to(outside.file("secret"))
    assert source.root.open("d/a") is None


# What is skipped, with its reason


def link_to(target: str) -> Callable[[Path], None]:
    return lambda place: place.symlink_to(target)


def make_two_links(place: Path) -> None:
    place.symlink_to("other~")
    place.with_name("other~").symlink_to(place.name)


def make_socket(place: Path) -> None:
    here = os.getcwd()
    os.chdir(place.parent)  # a socket's name is at most some 100 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(place.name)
    finally:
        os.chdir(here)


def make_device(place: Path) -> None:
    try:
        os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")


def make_file(place: Path) -> None:
    place.touch()


def make_directory(place: Path) -> None:
    place.mkdir()
    (place / "below").touch()


def make_undecodable(make: Callable[[Path], None]) -> Callable[[Path], None]:
    def make_or_skip(place: Path) -> None:
        try:
            make(place)
        except OSError as error:
            pytest.skip(f"this file system refuses the name: {error.strerror}")

    return make_or_skip


class Dirt(NamedTuple):
    """Something in a root that is not served."""

    title: str
    name: str
    make: Callable[[Path], None]
    why: Why
    subtree: bool


DIRTY = [
    Dirt("broken link", "a", link_to("missing"), Why.BROKEN_LINK, True),
    Dirt("link beneath a file", "a", link_to("served.txt/below"), Why.BROKEN_LINK, True),
    Dirt("link to itself", "a", link_to("a"), Why.LINK_LOOP, True),
    Dirt("two links to each other", "a", make_two_links, Why.LINK_LOOP, True),
    Dirt("link to its directory", "a", link_to("."), Why.LINK_LOOP, True),
    Dirt("link to its directory's parent", "deep/er/a", link_to(".."), Why.LINK_LOOP, True),
    Dirt("link to the root", "deep/er/a", link_to("../.."), Why.LINK_LOOP, True),
    Dirt("link out to a file", "a", link_to("../root-private/secret"), Why.OUTWARD_LINK, False),
    Dirt("link out to a directory", "a", link_to("../root-private"), Why.OUTWARD_LINK, True),
    Dirt("link out above the root", "a", link_to("../.."), Why.OUTWARD_LINK, True),
    Dirt("link out and by its name in again", "a", link_to("/"), Why.OUTWARD_LINK, True),
    Dirt("link to a device", "a", link_to("/dev/null"), Why.NOT_REGULAR, False),
    Dirt("FIFO", "a", os.mkfifo, Why.NOT_REGULAR, False),
    Dirt("socket", "a", make_socket, Why.NOT_REGULAR, False),
    Dirt("device", "a", make_device, Why.NOT_REGULAR, False),
    Dirt("file not UTF-8", "caf\udce9", make_undecodable(make_file), Why.UNDECODABLE, False),
    Dirt("directory not UTF-8", "caf\udce9", make_undecodable(make_directory), Why.UNDECODABLE, True),
    Dirt("hidden file", ".env", make_file, Why.HIDDEN, False),
    Dirt("hidden directory", ".git", make_directory, Why.HIDDEN, True),
    Dirt("hidden directory without a dot", "old~", make_directory, Why.HIDDEN, True),
    Dirt("hidden link to a directory", ".deep", link_to("deep"), Why.HIDDEN, True),
    Dirt("editor's lock, a hidden broken link", ".#a", link_to("nobody@host.1"), Why.HIDDEN, False),
    Dirt("hidden in a shown directory", "deep/.env", make_file, Why.HIDDEN, False),
    Dirt("hidden in .well-known", ".well-known/.env", make_file, Why.HIDDEN, False),
]


@pytest.mark.parametrize("row", DIRTY, ids=lambda row: row.title)
def test_what_cannot_be_served_is_skipped_with_its_reason_and_the_rest_served(
    folder: Folder, outside: Folder, row: Dirt
) -> None:
    outside.file("secret")
    folder.file("served.txt")
    folder.file("deep/er/served.txt")
    place = folder.path / row.name
    place.parent.mkdir(exist_ok=True)
    row.make(place)
    found = walk(folder.path)
    assert found.skipped[row.name] == (row.why, row.subtree)
    assert found.served == {"served.txt", "deep/er/served.txt"}


def test_a_directory_that_cannot_be_listed_is_one_skipped_subtree(folder: Folder, deny: Deny) -> None:
    folder.file("served.txt")
    folder.file("CLOSED X/below")
    deny(folder.path / "CLOSED X")
    found = walk(folder.path)
    assert (found.served, found.skipped) == ({"served.txt"}, {"CLOSED X": (Why.UNREADABLE, True)})


def test_a_root_that_cannot_be_listed_is_skipped(folder: Folder, deny: Deny) -> None:
    deny(folder.path)
    assert walk(folder.path) == ({}, {"": (Why.UNREADABLE, True)})


def test_what_is_gone_or_closed_between_listing_and_looking_is_skipped(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gone", "closed", "served.txt"):
        folder.file(name)
    failures = {str(folder.path / "gone"): errno.ENOENT, str(folder.path / "closed"): errno.EACCES}
    lstat = os.lstat

    def look(path: str) -> os.stat_result:
        if path in failures:
            raise OSError(failures[path], "")
        return lstat(path)

    monkeypatch.setattr(os, "lstat", look)
    found = walk(folder.path)
    assert found.served == {"served.txt"}
    assert found.skipped == {"gone": (Why.BROKEN_LINK, True), "closed": (Why.UNREADABLE, True)}


def test_only_what_a_clean_tree_has_too_is_expected() -> None:
    assert {why for why in Why if why.expected} == {Why.HIDDEN, Why.SIBLING}


# Hidden names


@pytest.mark.parametrize(
    ("patterns", "name", "hides"),
    [
        (HIDDEN, ".env", True),
        (HIDDEN, "..data", True),
        (HIDDEN, ".well-known", False),
        (HIDDEN, ".well-known2", True),
        (HIDDEN, "a~", True),
        (HIDDEN, "a.swp", True),
        (HIDDEN, "a.bak", True),
        (HIDDEN, "#a#", True),
        (HIDDEN, "a.css", False),
        (HIDDEN, "a.env", False),
        (HIDDEN, ".\n", True),
        (HIDDEN, "a\n~", True),
        (HIDDEN, ".\udce9", True),
        ((), ".env", False),
        (("*.map", "!app.map"), "app.map", False),
        (("!app.map", "*.map"), "app.map", True),
        (("*.map",), "APP.MAP", False),
        (("secret",), "secrets", False),
        (("[ab]?",), "b1", True),
        (("*", "!X1"), "X1", False),
    ],
)
def test_the_last_pattern_that_matches_a_name_decides(patterns: tuple[str, ...], name: str, hides: bool) -> None:
    assert DirectoryRoot("/", patterns, follow_symlinks=False).hides(name) is hides


def test_well_known_is_served(folder: Folder) -> None:
    folder.file(".well-known/security.txt")
    assert walk(folder.path).served == {".well-known/security.txt"}


def test_given_patterns_replace_the_default(folder: Folder) -> None:
    for name in (".env", "a.map", "d/b.map", "a.css"):
        folder.file(name)
    found = walk(folder.path, ("*.map",))
    assert found.served == {".env", "a.css"}
    assert found.skipped.keys() == {"a.map", "d/b.map"}


# Links


def test_links_that_stay_in_the_root_are_followed(folder: Folder) -> None:
    path = folder.file("d/e/a")
    folder.link("file", "d/e/a")
    folder.link("absolute", path)
    folder.link("directory", "d")
    folder.link("chain", "directory")
    found = walk(folder.path)
    assert found.skipped == {}
    assert found.served == {"d/e/a", "file", "absolute", "directory/e/a", "chain/e/a"}
    assert {source.stat_key for source in found.sources.values()} == {StatKey.of(path.stat())}


def test_a_mounted_kubernetes_volume_is_served(folder: Folder) -> None:
    """Its files are links through `..data`, a link that is swapped when the volume changes; its name is hidden."""
    folder.file("..2026_11_01/app.css")
    folder.file("..2026_11_01/fonts/a.woff2")
    folder.link("..data", "..2026_11_01")
    folder.link("app.css", "..data/app.css")
    folder.link("fonts", "..data/fonts")
    found = walk(folder.path)
    assert found.served == {"app.css", "fonts/a.woff2"}
    assert found.skipped == {"..2026_11_01": (Why.HIDDEN, True), "..data": (Why.HIDDEN, True)}


def test_a_link_is_judged_by_its_own_name_not_by_its_target_s(folder: Folder) -> None:
    folder.file(".hidden/a")
    folder.link("shown", ".hidden")
    folder.link(".dot", "shown/a")
    found = walk(folder.path)
    assert found.served == {"shown/a"}
    assert found.skipped.keys() == {".hidden", ".dot"}


def test_a_root_that_is_a_link_is_walked(folder: Folder, outside: Folder) -> None:
    folder.file("a")
    folder.link("b", "a")
    outside.link("current", folder.path)
    assert walk(outside.path / "current").served == {"a", "b"}


def test_follow_symlinks_serves_what_lies_outside(folder: Folder, outside: Folder) -> None:
    outside.file("d/a")
    folder.link("file", outside.path / "d" / "a")
    folder.link("directory", outside.path)
    found = walk(folder.path, follow_symlinks=True)
    assert (found.served, found.skipped) == ({"file", "directory/d/a"}, {})


def test_follow_symlinks_ends_at_links_that_lead_back(folder: Folder, outside: Folder) -> None:
    outside.file("a")
    outside.link("back", folder.path)
    outside.link("around", outside.path / "to-outside")
    outside.link("to-outside", outside.path)
    folder.link("out", outside.path)
    folder.link("up", folder.path.parent)
    found = walk(folder.path, follow_symlinks=True)
    assert found.served == {"out/a"}
    loops = ("up", "out/back", "out/around", "out/to-outside")
    assert found.skipped == dict.fromkeys(loops, (Why.LINK_LOOP, True))


def test_directories_that_link_to_each_other_end_at_a_few_links(folder: Folder) -> None:
    """Six directories that link to each other have two thousand paths without a loop; in all of them are files."""
    names = "abcdef"
    for name in names:
        folder.file(f"{name}/file")
        for other in names.replace(name, ""):
            folder.link(f"{name}/to-{other}", f"../{other}")
    found = walk(folder.path)
    assert found.served >= {f"{name}/file" for name in names}
    assert max(url_path.count("to-") for url_path in found.served) == MAX_LINK_DEPTH
    assert {why for why, _ in found.skipped.values()} == {Why.LINK_LOOP}


def test_links_to_files_are_followed_where_no_further_directory_is(folder: Folder) -> None:
    for number in range(MAX_LINK_DEPTH + 1):
        folder.link(f"{number}/to", f"../{number + 1}")
        folder.link(f"{number}/file-link", "../file")
    folder.file(f"{MAX_LINK_DEPTH + 1}/file")
    folder.file("file")
    found = walk(folder.path)
    deepest = "0/" + "to/" * MAX_LINK_DEPTH
    assert f"{deepest}file-link" in found.served
    assert found.skipped == {f"{deepest}to": (Why.LINK_LOOP, True)}


def test_a_directory_that_links_below_itself_is_not_a_loop(folder: Folder) -> None:
    folder.file("d/e/f/a")
    folder.link("d/short", "e/f")
    found = walk(folder.path)
    assert (found.served, found.skipped) == ({"d/e/f/a", "d/short/a"}, {})


# Depth


@pytest.fixture
def descend(folder: Folder) -> Iterator[Callable[[str, int], None]]:
    """Directories of one name in each other, and a file in the last one; removed without recursion."""

    def descend(name: str, depth: int) -> None:
        here = os.getcwd()
        os.chdir(folder.path)
        try:
            for _ in range(depth):
                os.mkdir(name)
                os.chdir(name)
            Path("bottom").write_bytes(b"deep")
        finally:
            os.chdir(here)

    yield descend
    aside = folder.path.parent / "aside"
    while below := [entry for entry in os.scandir(folder.path) if entry.is_dir()]:
        os.rename(below[0], aside)
        shutil.rmtree(folder.path)
        os.rename(aside, folder.path)


def test_a_thousand_levels_are_walked(folder: Folder, descend: Callable[[str, int], None]) -> None:
    descend("d", 1050)
    found = walk(folder.path)
    bottom = "d/" * 1050 + "bottom"
    assert (found.served, found.skipped) == ({bottom}, {})
    opened = found.sources[bottom].root.open(bottom)
    assert opened is not None
    with opened:
        assert opened.read_whole() == b"deep"


def test_what_is_deeper_than_a_path_may_be_long_is_unreadable(
    folder: Folder, descend: Callable[[str, int], None]
) -> None:
    folder.file("served.txt")
    descend("d" * 200, 30)
    found = walk(folder.path)
    assert found.served == {"served.txt"}
    assert [why for why, _ in found.skipped.values()] == [Why.UNREADABLE]


# Siblings


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


@pytest.mark.parametrize("name", [".app.css.gz", "notes.bak.gz", "x.txt~.br", "notes.bak.gz.br", "a.swp.zst"])
def test_a_compressed_form_of_what_is_hidden_is_hidden(folder: Folder, name: str) -> None:
    """With or without the file it stands beside."""
    folder.file(name)
    assert walk(folder.path) == ({}, {name: (Why.HIDDEN, False)})


@pytest.mark.parametrize("name", ["app.gz", ".gz", "gz", "app.css.gz", "a.tar.gz", "." + "gz." * 5000])
def test_a_suffix_alone_hides_nothing(folder: Folder, name: str) -> None:
    root = DirectoryRoot(str(folder.path), ("*.bak",), follow_symlinks=False)
    assert not root.hides(name)


# Any tree


class Step(NamedTuple):
    """One thing to make: in the `place`-th directory made so far; a link's target is the `target`-th thing."""

    kind: str
    place: int
    name: str
    target: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["file", "file", "directory", "directory", "link", "fifo"]),
        st.integers(0, 9),
        st.sampled_from(["a", "b", "a.gz", "a.br", ".env", "c~", ".well-known", "\n", "ü", "\udce9"]),
        st.integers(0, 30),
    ),
    max_size=25,
)


def make_tree(path: Path, made: list[Step]) -> None:
    directories, things = [path], [path, path.parent, path / "missing"]
    for step in made:
        place = directories[step.place % len(directories)] / step.name
        try:
            if step.kind == "file":
                place.open("x").close()
            elif step.kind == "directory":
                place.mkdir()
                directories.append(place)
            elif step.kind == "fifo":
                os.mkfifo(place)
            else:
                place.symlink_to(things[step.target % len(things)])
        except OSError:
            continue  # there is something of that name, or there cannot be
        things.append(place)


def is_within(name: str, directory: str) -> bool:
    return directory == "" or name.startswith(directory + "/")


@given(steps)
def test_every_file_of_any_tree_is_served_or_skipped_and_nothing_outside_is_served(made: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as parent:
        path = Path(parent) / "root"
        path.mkdir()
        make_tree(path, made)
        found = walk(path)
        closed = [name for name, (_, subtree) in found.skipped.items() if subtree]
        for directory, _, names in os.walk(path):
            for name in names:
                relative = os.path.relpath(os.path.join(directory, name), path)
                ways = [relative in found.sources, relative in found.skipped]
                ways.append(any(is_within(relative, subtree) for subtree in closed))
                assert sum(ways) == 1, relative
        for url_path, source in found.sources.items():
            assert Path(source.path).resolve().is_relative_to(path.resolve())
            assert stat.S_ISREG(os.stat(source.path).st_mode)
            assert not any(segment == ".env" or segment.endswith("~") for segment in url_path.split("/"))


# Stories


@pytest.mark.parametrize("count", [4, 12])
def test_a_few_directories_that_link_to_each_other_do_not_stand_for_thousands_of_paths(
    folder: Folder, count: int
) -> None:
    """Twelve such directories once stood for a million paths, and a start of a minute and a half."""
    for number in range(count):
        folder.file(f"{number}/served.txt")
        for other in set(range(count)) - {number}:
            folder.link(f"{number}/to{other}", f"../{other}")
    found = walk(folder.path)
    assert {f"{number}/to{(number + 1) % count}/served.txt" for number in range(count)} <= found.served
    assert len(found.served) <= count * (count + MAX_NESTED_VISITS)


def test_a_link_that_goes_while_it_is_resolved_is_skipped(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.file("served.txt")
    folder.link("link", "served.txt")
    resolve = os.path.realpath

    def resolve_too_late(path: str) -> str:
        if path.endswith("link"):
            raise FileNotFoundError(errno.ENOENT, "", path)
        return resolve(path)

    monkeypatch.setattr(os.path, "realpath", resolve_too_late)
    found = walk(folder.path)
    assert (found.served, found.skipped) == ({"served.txt"}, {"link": (Why.BROKEN_LINK, True)})


def test_a_windows_junction_is_judged_as_a_link(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a link to a directory anywhere, though its mode says that it is a directory."""
    folder.file("junction/a")
    look, resolve = os.lstat, os.path.realpath

    class Junction(NamedTuple):
        st_mode: int
        st_reparse_tag: int = 0xA0000003

    def look_at_a_junction(path: str) -> Any:
        status = look(path)
        return Junction(status.st_mode) if path.endswith("junction") else status

    monkeypatch.setattr(os, "lstat", look_at_a_junction)
    monkeypatch.setattr(
        os.path, "realpath", lambda path: "/elsewhere" if path.endswith("junction") else resolve(path)
    )
    found = walk(folder.path)
    assert (found.served, found.skipped) == (set(), {"junction": (Why.OUTWARD_LINK, True)})
