"""Of a file that comes, goes and changes, each answer is one whole state, and nothing is left open."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.conftest import MODIFIED, SECRET, Client, make_environ, open_descriptors, plant
from tests.media.contents import HONEST
from whitemedia.assets.files import Opened
from whitemedia.serving.body import SHARED_BLOCK
from whitemedia.serving.responder import ATTEMPTS

if TYPE_CHECKING:
    from tests.media.conftest import ServeMedia

pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")

URL: Final = "/media/d/a.txt"
OLD: Final = b"the old version"
LENGTH_OF_LARGE: Final = (3 << 19) + 1


@pytest.fixture
def path(media: Path) -> Path:
    return plant(media, {"d/a.txt": OLD, "b.txt": b"another file"}) / "d" / "a.txt"


@pytest.fixture
def client(path: Path, serve_media: ServeMedia) -> Client:
    return serve_media()


# Between requests


def replace_with_the_old_time(path: Path) -> None:
    plant(path.parent, {"new": b"THE" + OLD[3:]})
    (path.parent / "new").replace(path)


def rewrite_with_the_old_time(path: Path) -> None:
    before = path.stat().st_ctime_ns
    while path.stat().st_ctime_ns == before:  # within one tick of the file system's clock
        path.write_bytes(b"THE" + OLD[3:])
        os.utime(path, (MODIFIED, MODIFIED))


CHANGES: Final[dict[str, Callable[[Path], object]]] = {
    "truncated": lambda path: os.truncate(path, 5),
    "emptied": lambda path: os.truncate(path, 0),
    "grown": lambda path: os.truncate(path, 99),
    "rewritten": lambda path: path.write_bytes(b"a new version"),
    "same size and time, rewritten": rewrite_with_the_old_time,
    "same size and time, replaced": replace_with_the_old_time,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_file_is_answered_as_it_is_now_under_another_tag(
    client: Client, path: Path, change: Callable[[Path], object]
) -> None:
    old = client.get(URL).etag
    change(path)
    head, answer = client.head(URL), client.get(URL)
    assert (answer.status, answer.body) == (200, path.read_bytes())
    assert answer.etag.removeprefix("W/") == head.etag.removeprefix("W/") != old
    assert client.get(URL, {"If-None-Match": old}).status == 200
    assert client.get(URL, {"If-Match": old}).status == 412
    assert client.get(URL, {"If-Range": old, "Range": "bytes=0-0"}).body == path.read_bytes()


def link_to(target: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.unlink()
        path.symlink_to(target)

    return change


def become_a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def link_the_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("moved"))
    path.parent.symlink_to("../outside")
    plant(path.parent, {"a.txt": SECRET})


GONE: Final[dict[str, Callable[[Path], object]]] = {
    "deleted": Path.unlink,
    "a link outside": link_to("../../secret.txt"),
    "a link within": link_to("../b.txt"),
    "a FIFO": become_a_fifo,
    "a directory": become_a_directory,
    "in a folder that is a link": link_the_folder,
    "in a folder that is gone": lambda path: path.parent.rename(path.parent.with_name("moved")),
    "in a root that is gone": lambda path: path.parents[1].rename(path.parents[2] / "moved"),
}


@pytest.mark.parametrize("change", GONE.values(), ids=GONE)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_file_any_more_is_not_found(
    client: Client, path: Path, change: Callable[[Path], object], method: str
) -> None:
    tag = client.head(URL).etag
    change(path)
    for fields in ({}, {"Range": "bytes=0-1"}, {"If-None-Match": tag}, {"If-Match": '"other"'}):
        answer = client.request(method, URL, fields)
        assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")


def test_a_root_that_comes_later_and_a_file_that_comes_back_are_served(
    media: Path, serve_media: ServeMedia
) -> None:
    media.rmdir()
    client = serve_media()
    assert client.get(URL).status == 404
    path = plant(media, {"d/a.txt": OLD}) / "d/a.txt"
    assert client.get(URL).body == OLD
    path.unlink()
    assert client.get(URL).status == 404
    path.write_bytes(b"again")
    assert client.get(URL).body == b"again"


def test_a_file_that_becomes_another_kind_is_presented_anew(media: Path, serve_media: ServeMedia) -> None:
    client = serve_media()
    plant(media, {"a.png": HONEST["png"]})
    assert client.get("/media/a.png").headers["Content-Type"] == "image/png"
    plant(media, {"a.png": b"<!doctype html><script>alert(1)</script>"})
    answer = client.get("/media/a.png")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a.png"'


# Between opening and reading


def change_before_reading(path: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Let the file be another, each of the first `times` that it is to be read."""
    changes: list[int] = []
    is_rewritten = Opened.is_rewritten

    def change(opened: Opened) -> bool:
        if len(changes) < times:
            changes.append(path.write_bytes(b"longer and longer" + b"r" * len(changes)))
        return is_rewritten(opened)

    monkeypatch.setattr(Opened, "is_rewritten", change)
    return changes


@pytest.mark.parametrize("times", [1, ATTEMPTS - 1, 99])
def test_a_file_that_changes_before_it_is_read_is_opened_again_and_at_last_given_up(
    client: Client, path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    changes = change_before_reading(path, monkeypatch, times)
    answer = client.get(URL)
    assert len(changes) == min(times, ATTEMPTS)
    if times < ATTEMPTS:
        assert (answer.status, answer.body) == (200, path.read_bytes())
    else:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")


def truncate(path: Path) -> None:
    os.truncate(path, 10)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(1 << 20)
        file.write(b"foreign")


def start_reading(client: Client, path: Path) -> Any:
    """The body of a large file, of which a block has been read."""
    path.write_bytes(b"o" * LENGTH_OF_LARGE)
    os.utime(path, (MODIFIED, MODIFIED))
    body: Any = client.application(make_environ("GET", URL), lambda *_: lambda _: None)
    assert next(body) == b"o" * SHARED_BLOCK
    return body


@pytest.mark.parametrize("change", [truncate, overwrite])
def test_reading_is_broken_off_where_a_large_file_is_written_meanwhile(
    client: Client, path: Path, caplog: pytest.LogCaptureFixture, change: Callable[[Path], None]
) -> None:
    body = start_reading(client, path)
    change(path)
    with pytest.raises(ConnectionResetError):
        next(body)
    body.close()
    assert "changed while it was sent" in caplog.text


@pytest.mark.parametrize("change", GONE.values(), ids=GONE)
def test_what_was_opened_is_read_to_its_end_though_its_name_is_gone(
    client: Client, path: Path, change: Callable[[Path], object]
) -> None:
    body = start_reading(client, path)
    change(path)
    assert sum(map(len, body)) == LENGTH_OF_LARGE - SHARED_BLOCK
    body.close()


def test_a_download_that_is_broken_off_leaves_nothing_open(client: Client, path: Path) -> None:
    before = open_descriptors()
    for _ in range(5):
        start_reading(client, path).close()
    assert open_descriptors() == before
