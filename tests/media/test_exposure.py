"""No file can be had through a root that is less strict than the one it lies in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import SECRET, Client, application, plant
from tests.refusals import assert_refused
from whitemedia import OptionError, WhiteMedia
from whitemedia.media.options import MediaFields

Add = Callable[[WhiteMedia, Path], None]

GUARDED: Final[MediaFields] = {"authorize": lambda environ, name: False}


def add_files(middleware: WhiteMedia, root: Path) -> None:
    middleware.add_files(root, "/static/")


def add_hiding(middleware: WhiteMedia, root: Path) -> None:
    middleware.add_files(root, "/static/", hidden=("inner",))


def add_media(middleware: WhiteMedia, root: Path) -> None:
    middleware.add_media(root, "/media/")


def add_media_hiding(middleware: WhiteMedia, root: Path) -> None:
    middleware.add_media(root, "/media/", hidden=("INNER",))


def add_guarded(middleware: WhiteMedia, root: Path) -> None:
    middleware.add_media(root, "/members/", **GUARDED)


def add_signed(middleware: WhiteMedia, root: Path) -> None:
    middleware.add_media(root, "/signed/", sign_with="secret")


def add_private(middleware: WhiteMedia, root: Path) -> None:
    middleware.add_private(root, "/protected/")


def add_sendfile(middleware: WhiteMedia, root: Path) -> None:
    middleware.add_private(root)


WAYS_AROUND: Final = [
    (add_files, add_media),
    (add_files, add_guarded),
    (add_files, add_private),
    (add_files, add_sendfile),
    (add_media, add_guarded),
    (add_media, add_signed),
    (add_media, add_private),
]
NONE: Final = [
    (add_hiding, add_media),
    (add_hiding, add_private),
    (add_media_hiding, add_guarded),
    (add_media, add_files),
    (add_guarded, add_files),
    (add_guarded, add_media),
    (add_guarded, add_signed),
    (add_guarded, add_private),
    (add_private, add_sendfile),
    (add_private, add_guarded),
]


def names(pair: tuple[Add, Add]) -> str:
    return " ".join(one.__name__ for one in pair)


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    return plant(tmp_path / "outer", {"inner/deep/secret.txt": SECRET})


@pytest.fixture(params=["inner", "inner/deep", "."])
def inner(request: pytest.FixtureRequest, outer: Path) -> Path:
    path: str = request.param
    return outer / path


@pytest.mark.parametrize("pair", WAYS_AROUND, ids=names)
@pytest.mark.parametrize("outer_first", [True, False], ids=["outer first", "inner first"])
def test_a_root_within_one_that_is_not_so_strict_is_refused(
    outer: Path, inner: Path, pair: tuple[Add, Add], *, outer_first: bool
) -> None:
    middleware = WhiteMedia(application)
    calls = [(pair[0], outer), (pair[1], inner)]
    (add_first, first), (add_second, second) = calls if outer_first else reversed(calls)
    add_first(middleware, first)
    assert_refused("root", str(second), lambda: add_second(middleware, second))


@pytest.mark.parametrize("pair", NONE, ids=names)
def test_any_other_root_within_a_root_is_taken(outer: Path, pair: tuple[Add, Add]) -> None:
    middleware = WhiteMedia(application)
    pair[0](middleware, outer)
    pair[1](middleware, outer / "inner")
    pair[1](WhiteMedia(application), outer)


@pytest.mark.parametrize("autorefresh", [False, True])
def test_what_is_refused_is_not_served(outer: Path, *, autorefresh: bool) -> None:
    middleware = WhiteMedia(application, autorefresh=autorefresh)
    add_guarded(middleware, outer / "inner")
    with pytest.raises(OptionError, match="is served to everybody: move it, or hide it there"):
        add_files(middleware, outer)
    client = Client(middleware)
    assert client.get("/static/inner/deep/secret.txt").is_the_applications
    assert client.get("/members/deep/secret.txt").status == 403


def test_a_root_given_by_a_link_is_known_by_where_it_leads(outer: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(outer / "inner")
    middleware = WhiteMedia(application)
    add_files(middleware, outer)
    assert_refused("root", str(tmp_path / "link"), lambda: add_media(middleware, tmp_path / "link"))


def test_a_root_beside_one_whose_name_it_begins_with_is_none_within_it(tmp_path: Path) -> None:
    middleware = WhiteMedia(application)
    add_files(middleware, plant(tmp_path / "site", {"a.css": b"a"}))
    add_private(middleware, plant(tmp_path / "site-private", {"a.txt": SECRET}))
    assert Client(middleware).get("/static/a.css").body == b"a"
