"""What cannot be opened or read now is said, to the client as 503 and to the log; what may not be opened is not found."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.assets.failing import fail_with
from tests.conftest import Client, application, open_descriptors, plant
from whitemedia import WhiteMedia
from whitemedia.media import root as media_root
from whitemedia.media.root import MediaRoot

if TYPE_CHECKING:
    from tests.media.conftest import BeforeOpen, ServeMedia

pytestmark = pytest.mark.usefixtures("no_descriptor_leaks")

URL: Final = "/media/d/a.txt"
DATA: Final = b"0123456789"
UNAVAILABLE: Final = {
    "content-type": "text/plain; charset=utf-8",
    "content-length": "24",
    "x-content-type-options": "nosniff",
    "retry-after": "2",
    "cache-control": "no-store",
}
codes = pytest.mark.parametrize("code", ["EMFILE", "ENFILE", "EIO", "ENOMEM", "ESTALE", "EINTR"])


@pytest.fixture
def client(media: Path, serve_media: ServeMedia) -> Client:
    plant(media, {"d/a.txt": DATA})
    return serve_media()


def media_root_of(client: Client) -> MediaRoot:
    middleware: Any = client.application
    root = middleware.table.live_at("/media/")
    assert isinstance(root, MediaRoot)
    return root


# Opening


@codes
@pytest.mark.parametrize("number", [1, 2, 3], ids=["the root", "the folder", "the file"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_cannot_be_opened_now_is_unavailable_and_said_in_the_log(
    client: Client,
    before_open: BeforeOpen,
    caplog: pytest.LogCaptureFixture,
    *,
    code: str,
    number: int,
    method: str,
) -> None:
    before_open(number, fail_with(getattr(errno, code)))
    answer = client.request(method, URL, {"Range": "bytes=0-1", "If-Match": '"other"'})
    assert (answer.status, answer.fields) == (503, UNAVAILABLE)
    assert caplog.messages == [f"cannot open 'd/a.txt': {os.strerror(getattr(errno, code))}"]
    assert client.get(URL).body == DATA


@pytest.mark.parametrize("code", ["EACCES", "EPERM"])
@pytest.mark.parametrize("number", [1, 2, 3], ids=["the root", "the folder", "the file"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_may_not_be_opened_is_not_found_and_said_in_the_log(
    client: Client,
    before_open: BeforeOpen,
    caplog: pytest.LogCaptureFixture,
    *,
    code: str,
    number: int,
    method: str,
) -> None:
    before_open(number, fail_with(getattr(errno, code)))
    assert client.request(method, URL).status == 404
    [line] = caplog.messages
    assert line.startswith("cannot open 'd/a.txt' beneath ")
    assert line.endswith(os.strerror(getattr(errno, code)))
    assert client.get(URL).body == DATA


@pytest.fixture
def searched() -> Iterator[Path]:
    """A directory that this process may go through, but not list."""
    root = Path(tempfile.mkdtemp())
    plant(root, {"d/a.txt": DATA})
    for directory in (root, root / "d"):
        directory.chmod(0o111)
    is_root = os.geteuid() == 0
    if is_root:  # which nothing is denied to
        os.seteuid(65534)
    yield root
    if is_root:
        os.seteuid(0)
    for directory in (root, root / "d"):
        directory.chmod(0o700)
    shutil.rmtree(root)


@pytest.mark.skipif(not hasattr(os, "O_PATH"), reason="elsewhere a directory is opened to be read")
def test_a_file_is_had_through_directories_that_may_not_be_listed(
    searched: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As administrators have it, that the server has each file and nobody their names."""
    middleware = WhiteMedia(application, strict=True, cache_dir=None)
    middleware.add_media(searched)
    assert Client(middleware).get(URL).body == DATA
    assert caplog.messages == []


def test_a_missing_file_is_no_matter_for_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    assert client.get("/media/missing").status == 404
    assert client.get("/media/../missing").status == 404
    assert caplog.messages == []


def test_no_name_begins_a_line_of_the_log(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unvalidated = Client(client.application, validated=False)
    for code in (errno.EMFILE, errno.EACCES):
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", fail_with(code))
            unvalidated.get("/media/a\r\nCRITICAL forged\x1b[31m\x85\u2028")
    assert len(caplog.messages) == 2
    assert all(line.isprintable() for line in caplog.messages)


# Judging and reading


@pytest.mark.parametrize("code", ["EIO", "ESTALE"])
def test_a_file_that_cannot_be_judged_is_unavailable(
    client: Client, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    before = open_descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", fail_with(getattr(errno, code)))
        assert client.get(URL).status == 503
    assert open_descriptors() == before
    assert client.get(URL).body == DATA


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_whose_beginning_cannot_be_read_is_unavailable(
    client: Client, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("whitemedia.assets.files.Opened.read_head", fail_with(errno.EIO))
        assert client.request(method, URL).status == 503
    assert client.request(method, URL).status == 200


@pytest.mark.parametrize("exception", [ValueError, MemoryError, KeyboardInterrupt])
def test_whatever_is_raised_while_a_file_is_described_it_is_closed(
    client: Client, media: Path, monkeypatch: pytest.MonkeyPatch, exception: type[BaseException]
) -> None:
    def fail(head: bytes) -> str:
        raise exception

    before = open_descriptors()
    plant(media, {"a.png": b"not yet described"})
    monkeypatch.setattr(media_root, "ask_libmagic", fail)
    with pytest.raises(exception):
        client.get("/media/a.png")
    assert open_descriptors() == before


# What is remembered


def test_a_file_is_looked_into_once_while_it_stays_as_it_is(
    client: Client, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    monkeypatch.setattr(media_root, "is_settled", lambda *_: True)
    monkeypatch.setattr(media_root, "ask_libmagic", lambda head: str(asked.append(head) or ""))  # type: ignore[func-returns-value]
    plant(media, {"a.png": b"1"})
    first = client.get("/media/a.png")
    for _ in range(3):
        answer = client.get("/media/a.png")
        assert (answer.headers.items(), answer.body) == (first.headers.items(), b"1")
    assert asked == [b"1"]
    plant(media, {"a.png": b"22"})
    assert [client.get("/media/a.png").body for _ in range(2)] == [b"22"] * 2
    assert asked == [b"1", b"22"]


def test_a_young_file_is_looked_into_each_time(
    client: Client, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of its states may share one time."""
    asked: list[bytes] = []
    monkeypatch.setattr(media_root, "is_settled", lambda *_: False)
    monkeypatch.setattr(media_root, "ask_libmagic", lambda head: str(asked.append(head) or ""))  # type: ignore[func-returns-value]
    plant(media, {"a.png": b"1"})
    assert [client.get("/media/a.png").status for _ in range(3)] == [200] * 3
    assert asked == [b"1"] * 3
    assert media_root_of(client)._kept == {}


def test_no_more_files_are_remembered_than_are_allowed(
    client: Client, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_root, "MAX_KEPT", 8)
    monkeypatch.setattr(media_root, "is_settled", lambda *_: True)
    plant(media, {f"{number}.txt": b"%d" % number for number in range(50)})
    kept = media_root_of(client)._kept
    for number in (*range(50), *range(50)):
        assert client.get(f"/media/{number}.txt").body == b"%d" % number
        assert len(kept) <= 8
    assert all(found.opened is None for found in kept.values())


def test_what_is_not_there_is_not_remembered(client: Client) -> None:
    for number in range(50):
        assert client.get(f"/media/{number}.txt").status == 404
    assert media_root_of(client)._kept == {}


def test_one_name_under_two_prefixes_is_presented_as_each_root_says(media: Path, client: Client) -> None:
    middleware: Any = client.application
    middleware.add_media(media, "/downloads/", attachment=True)
    for _ in range(2):
        assert client.get(URL).headers["Content-Disposition"] is None
        assert client.get("/downloads/d/a.txt").headers["Content-Disposition"] == 'attachment; filename="a.txt"'
