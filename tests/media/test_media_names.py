"""Whatever name is asked for, and whatever lies beneath the root: never a secret, and never a question to the application."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.answers import Answer
from tests.conftest import SECRET, Client, application, plant
from whitemedia import WhiteMedia
from whitemedia.media import names

NOT_FOUND: Final = {
    "content-type": "text/plain; charset=utf-8",
    "content-length": "14",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
FILES: Final = {"a.txt": b"inside", "d/a.txt": b"inside", "d/b.txt": b"b"}


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with what users and attackers leave in it, among secrets."""
    directory = tmp_path_factory.mktemp("exposed")
    outside = (
        "secret.txt",
        "outside/secret.txt",
        "media-private/secret.txt",
        "mediax/secret.txt",
        "media../secret.txt",
    )
    plant(directory, dict.fromkeys(outside, SECRET))
    hidden = (".env", ".ENV.LOCAL", ".git/config", "d/.hidden/a.txt", "notes.txt~", "A.SWP", "old.Bak", "#draft#")
    root = plant(directory / "media", {**FILES, **dict.fromkeys(hidden, SECRET), ".well-known/a.txt": b"inside"})
    (root / "inward.txt").symlink_to("a.txt")
    (root / "inward").symlink_to("d")
    (root / "outward.txt").symlink_to("../secret.txt")
    (root / "outward").symlink_to("../outside")
    (root / "absolute.txt").symlink_to(directory / "secret.txt")
    (root / "up").symlink_to("..")
    (root / "null").symlink_to(os.devnull)
    (root / "passwd").symlink_to("/etc/passwd")
    (root / "broken").symlink_to("missing")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "fifo")
    return root


@pytest.fixture(scope="module")
def client(exposed: Path) -> Client:
    """What is asked of it is not what a validator lets pass."""
    middleware = WhiteMedia(application, exposed.parent / "outside", "/static/")
    middleware.add_media(exposed, "/media/")
    return Client(middleware, validated=False)


def assert_not_found(method: str, answer: Answer) -> None:
    assert (answer.status, answer.fields) == (404, NOT_FOUND)
    assert answer.body == (b"" if method == "HEAD" else b"404 Not Found\n")


REFUSED: Final = {
    "dot segments": "/media/../secret.txt",
    "dot segments to a neighbour": "/media/../media-private/secret.txt",
    "dot segments that lead back": "/media/../media/a.txt",
    "dot segments from a folder": "/media/d/../../secret.txt",
    "dot segments within": "/media/d/../a.txt",
    "dot segments at the end": "/media/d/..",
    "a final dot": "/media/d/.",
    "a dot in front": "/media/./a.txt",
    "a dot in the middle": "/media/d/./a.txt",
    "dot segments from what is missing": "/media/missing/../a.txt",
    "dot segments from a file": "/media/a.txt/../d/a.txt",
    "many dot segments": "/media/" + "../" * 2000 + "etc/passwd",
    "percent-encoded twice": "/media/%2e%2e/secret.txt",
    "percent-encoded twice, all of it": "/media/%2e%2e%2fsecret.txt",
    "percent-encoded three times": "/media/%252e%252e%252fsecret.txt",
    "half encoded": "/media/.%2e/secret.txt",
    "an encoded slash": "/media/d%2fa.txt",
    "an absolute path": "/media//etc/passwd",
    "two slashes": "/media//a.txt",
    "two slashes in the middle": "/media/d//a.txt",
    "a slash behind a file": "/media/a.txt/",
    "a slash behind a folder": "/media/d/",
    "beneath a file": "/media/a.txt/a.txt",
    "a folder": "/media/d",
    "nothing": "/media/",
    "only slashes": "/media////",
    "a NUL": "/media/a.txt\0",
    "a NUL before an extension": "/media/a.txt\0.png",
    "a NUL alone": "/media/\0",
    "a NUL behind dot segments": "/media/..\0/secret.txt",
    "backslashes": "/media/..\\secret.txt",
    "backslashes in a folder": "/media/d\\a.txt",
    "a backslash in front": "/media/\\a.txt",
    "a drive": "/media/C:/a.txt",
    "a drive's own directory": "/media/C:a.txt",
    "a share": "/media///host/share",
    "a stream": "/media/a.txt::$DATA",
    "a URL": "/media/file:///etc/passwd",
    "a final dot, which Windows drops": "/media/a.txt.",
    "a final space, which Windows drops": "/media/a.txt ",
    "a short name": "/media/A~1.TXT",
    "upper case": "/media/A.TXT",
    "CON": "/media/CON",
    "NUL.txt": "/media/NUL.txt",
    "AUX in a folder": "/media/d/AUX",
    "COM¹": "/media/COM\xc2\xb9",
    "a very long name": "/media/" + "a" * 256,
    "a megabyte of name": "/media/" + "a" * 1_000_000,
    "2000 segments": "/media/" + "d/" * 2000 + "a.txt",
    "half a million segments": "/media/" + "a/" * 500_000,
    "an overlong dot": "/media/\xc0\xae\xc0\xae/secret.txt",
    "an overlong slash": "/media/..\xc0\xafsecret.txt",
    "bytes that are no UTF-8": "/media/\xff\xfe",
    "a surrogate in UTF-8": "/media/\xed\xa0\x80",
    "half a character": "/media/\xc3",
    "what no server sends": "/media/\u20ac",
    "a lone surrogate": "/media/\ud800",
    "an escaped byte": "/media/\udcff",
    "what no server sends, behind dots": "/media/../\u20ac",
    "fullwidth dots": "/media/\xef\xbc\x8e\xef\xbc\x8e/secret.txt",
    "two dot leader": "/media/\xe2\x80\xa5/secret.txt",
    "a line feed": "/media/a.txt\n",
    "CR and LF": "/media/a\r\nSet-Cookie: a",
    "a tab": "/media/\ta.txt",
    "a glob": "/media/*",
    "a home": "/media/~root/.bashrc",
    "hidden": "/media/.env",
    "hidden in upper case": "/media/.ENV.LOCAL",
    "hidden folder": "/media/.git/config",
    "hidden folder in another case": "/media/.Git/config",
    "hidden in a folder": "/media/d/.hidden/a.txt",
    "a copy": "/media/notes.txt~",
    "a swap file in upper case": "/media/A.SWP",
    "a backup in mixed case": "/media/old.Bak",
    "a draft": "/media/#draft#",
    "hidden beneath what is re-admitted": "/media/.well-known/.env",
    "hidden and missing": "/media/.missing",
    "a link within": "/media/inward.txt",
    "a link within, of a folder": "/media/inward/a.txt",
    "a link outside": "/media/outward.txt",
    "a link outside, of a folder": "/media/outward/secret.txt",
    "an absolute link": "/media/absolute.txt",
    "a link upwards": "/media/up/secret.txt",
    "a link upwards and back": "/media/up/media/a.txt",
    "a link to a device": "/media/null",
    "a link to the system": "/media/passwd",
    "a broken link": "/media/broken",
    "a link to itself": "/media/loop",
    "a FIFO": "/media/fifo",
    "beneath a FIFO": "/media/fifo/a.txt",
    "a sibling": "/media/a.txt.br",
    "missing": "/media/missing.txt",
}

PASSED_ON: Final = {
    "the prefix without its slash": "/media",
    "a prefix that goes on": "/mediax/secret.txt",
    "a prefix with a dash": "/media-private/secret.txt",
    "a prefix with dots": "/media../secret.txt",
    "a backslash after the prefix": "/media\\a.txt",
    "a NUL after the prefix": "/media\0/a.txt",
    "an encoded slash after the prefix": "/media%2fa.txt",
    "another case": "/MEDIA/a.txt",
    "two slashes in front": "//media/a.txt",
    "dot segments in front of the prefix": "/x/../media/a.txt",
    "no slash in front": "media/a.txt",
    "nothing at all": "",
}


@pytest.mark.parametrize("path_info", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_file_of_the_root_is_not_found_and_not_asked_of_the_application(
    client: Client, method: str, path_info: str
) -> None:
    assert_not_found(method, client.request(method, "/", PATH_INFO=path_info))


@pytest.mark.parametrize("path_info", REFUSED.values(), ids=REFUSED)
def test_with_the_separators_of_windows_nothing_more_is_found(
    client: Client, monkeypatch: pytest.MonkeyPatch, path_info: str
) -> None:
    monkeypatch.setattr(names, "_BACKSLASH_SEPARATES", True)
    assert_not_found("GET", client.get("/", PATH_INFO=path_info))


@pytest.mark.parametrize("path_info", PASSED_ON.values(), ids=PASSED_ON)
def test_what_is_not_beneath_the_prefix_is_the_application_s(client: Client, path_info: str) -> None:
    answer = client.get("/", PATH_INFO=path_info)
    assert answer.is_the_applications
    assert SECRET not in answer.body


@pytest.mark.parametrize("path_info", ["/media/a.txt", "/media/d/a.txt", "/media/.well-known/a.txt"])
def test_what_is_a_file_of_the_root_is_answered(client: Client, path_info: str) -> None:
    answer = client.get("/", PATH_INFO=path_info)
    assert (answer.status, answer.body) == (200, b"inside")


fragments = [
    "/",
    "..",
    ".",
    "\\",
    "\0",
    ".env",
    "a.txt",
    "d",
    "outward",
    "up",
    "secret.txt",
    "media",
    "%2e",
    "\xff",
    "\ud800",
]
path_infos = st.one_of(
    st.lists(st.sampled_from(fragments), max_size=8).map("".join),
    st.text(st.characters(), max_size=40),
    st.binary(max_size=40).map(lambda data: data.decode("latin-1")),
)


@given(below=path_infos, method=st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "", "\xff"]))
def test_no_path_raises_tells_a_secret_or_reaches_the_application(client: Client, below: str, method: str) -> None:
    answer = client.request(method, "/", PATH_INFO=f"/media/{below}")
    assert answer.status in (200, 204, 404, 405)
    assert not answer.is_the_applications
    assert SECRET not in answer.body
