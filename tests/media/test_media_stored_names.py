"""What users call their files is a name and nothing else, on the way in and in the name that it is saved as."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.conftest import SECRET, plant
from whitemedia.media import names

if TYPE_CHECKING:
    from tests.media.conftest import ServeMedia

STRANGE: Final = (
    *("a b.txt", "ü.txt", "文書.txt", "...", "..a", "a..b", "a%2e%2e", "a;b", "a?b", "-rf", "CON", "~a"),
    "x" * 255,
    *("a\nb", "a\r\nSet-Cookie: b", "a\\b", "C:a", "\udcff.txt", "\u202egpj.txt", "a\tb", " ", "%", "*", "'\""),
)


@pytest.mark.parametrize("name", STRANGE, ids=lambda name: f"{name!a:.20}")
def test_a_strange_name_is_only_a_name(media: Path, serve_media: ServeMedia, name: str) -> None:
    plant(media, {name: b"inside"})
    path_info = "/media/" + os.fsencode(name).decode("latin-1")
    client = serve_media(hidden=())
    answer = client.get("/", PATH_INFO=path_info)
    assert (answer.status, answer.body) == (200, b"inside")
    saved = serve_media(hidden=(), attachment=True).get("/", PATH_INFO=path_info).headers["Content-Disposition"]
    assert saved is not None
    assert saved.isascii()
    assert saved.isprintable()
    assert not {"/", "\\"} & set(saved.removeprefix("attachment; "))


def test_a_backslash_or_a_colon_is_in_no_name_where_it_separates(
    media: Path, serve_media: ServeMedia, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(media, {"a\\b": SECRET, "C:a": SECRET, "a": b"inside"})
    monkeypatch.setattr(names, "_BACKSLASH_SEPARATES", True)
    client = serve_media()
    assert [client.get(f"/media/{name}").status for name in ("a\\b", "C:a", "a")] == [404, 404, 200]


def test_a_socket_is_not_found(media: Path, serve_media: ServeMedia, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(media)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert serve_media().get("/media/socket").status == 404


@pytest.mark.parametrize(
    ("hidden", "name", "status"),
    [
        ((), ".env", 200),
        (("*.key",), "a.KEY", 404),
        (("*.KEY",), "a.key", 404),
        (("private",), "Private/a", 404),
        (("*", "!*.png"), "a.PNG", 200),
        (("*", "!*.png"), "d/a.png", 404),
        ((".*", "!.well-known"), ".WELL-KNOWN/a", 200),
        (("[ab]",), "B", 404),
        ((), ".whitemedia-a", 404),
    ],
)
def test_names_are_hidden_by_the_last_pattern_that_matches_in_either_case(
    media: Path, serve_media: ServeMedia, hidden: tuple[str, ...], name: str, status: int
) -> None:
    plant(media, {name: b"1"})
    assert serve_media(hidden=hidden).get(f"/media/{name}").status == status
