"""What is no file of the root any more is a 404; what cannot be opened now is a 503."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SECRET, open_descriptors
from tests.serving.site import KINDS, OLD, URL, Kind, Site, build_site, fail_with

# Changes that leave no file of the root


def replace_by_directory(site: Site) -> None:
    site.path.unlink()
    site.path.mkdir()


def replace_by_fifo(site: Site) -> None:
    site.path.unlink()
    os.mkfifo(site.path)


def link_to(target: str) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        site.path.unlink()
        site.path.symlink_to(target)

    return change


def link_the_folder_outside(site: Site) -> None:
    folder = site.path.parent
    folder.rename(folder.with_name("before"))
    folder.symlink_to(site.outside)


def replace_the_folder_by_a_file(site: Site) -> None:
    folder = site.path.parent
    folder.rename(folder.with_name("before"))
    folder.write_bytes(b"")


GONE: dict[str, Callable[[Site], object]] = {
    "deleted": lambda site: site.path.unlink(),
    "a directory": replace_by_directory,
    "a FIFO": replace_by_fifo,
    "a link outside": link_to("../../outside/file.bin"),
    "a link to the root's parent": link_to("../.."),
    "a link to a device": link_to("/dev/zero"),
    "a broken link": link_to("nothing"),
    "a link to itself": link_to("file.bin"),
    "in a folder that leads outside": link_the_folder_outside,
    "in a folder that is a file": replace_the_folder_by_a_file,
}


@pytest.mark.parametrize("change", GONE.values(), ids=GONE)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_file_of_the_root_any_more_is_404(
    site: Site, change: Callable[[Site], object], method: str
) -> None:
    tag = site.client.head(URL).etag
    change(site)
    before = open_descriptors()
    for fields in ({}, {"Range": "bytes=0-1"}, {"If-None-Match": tag}, {"If-Match": '"other"'}):
        answer = site.client.request(method, URL, fields)
        assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")
        assert answer.body == (b"" if method == "HEAD" else b"404 Not Found\n")
    assert open_descriptors() == before


def test_a_file_that_comes_back_is_served_again(site: Site) -> None:
    site.path.unlink()
    assert site.get().status == 404
    site.path.write_bytes(b"a new version")
    assert site.get().body == b"a new version"


def test_a_file_that_is_moved_away_and_back_is_whole(site: Site) -> None:
    aside = site.outside / "aside"
    site.path.rename(aside)
    assert site.get().status == 404
    aside.rename(site.path)
    assert site.get().body == site.old


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_with_follow_symlinks_a_link_outside_is_served(tmp_path: Path, kind: Kind) -> None:
    site = build_site(tmp_path, kind, {"follow_symlinks": True})
    link_to("../../outside/file.bin")(site)
    assert site.get().body == SECRET


# A file that cannot be opened now


@pytest.mark.parametrize("code", ["EMFILE", "ENFILE", "EACCES", "EPERM", "EIO", "ENOMEM"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_cannot_be_opened_now_is_503_and_to_be_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: str, method: str
) -> None:
    if method == "HEAD":
        os.utime(site.path)  # of a held file in its state HEAD needs nothing
    before = open_descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail_with(code))
        answer = site.client.request(method, URL, {"Range": "bytes=0-1", "If-Match": '"other"'})
    assert answer.status == 503
    assert answer.fields == {
        "content-type": "text/plain; charset=utf-8",
        "content-length": "24",
        "x-content-type-options": "nosniff",
        "retry-after": "2",
        "cache-control": "no-store",
    }
    [line] = caplog.messages
    assert repr(str(site.path)) in line
    assert open_descriptors() == before
    assert site.get().body == site.old


@pytest.mark.parametrize("code", ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"])
def test_errors_that_say_there_is_no_file_are_404(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    monkeypatch.setattr(os, "open", fail_with(code))
    assert site.get().status == 404
    assert caplog.messages == []


@pytest.mark.parametrize("opens", range(1, 4))
def test_descriptors_that_run_out_on_the_way_to_a_changed_file_are_503_and_given_back(
    site: Site, monkeypatch: pytest.MonkeyPatch, opens: int
) -> None:
    site.path.write_bytes(b"a new version")
    before, real, left = open_descriptors(), os.open, [opens]

    def open_a_few(*args: Any, **kwargs: Any) -> int:
        left[0] -= 1
        return real(*args, **kwargs) if left[0] >= 0 else fail_with("EMFILE")()

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", open_a_few)
        assert site.get().status == 503
    assert open_descriptors() == before
    assert site.get().body == b"a new version"


@pytest.mark.parametrize("code", ["EIO", "EISDIR"])
def test_a_held_file_that_cannot_be_read_now_is_503(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    before = open_descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(os, "read", fail_with(code))
        assert site.get().status == 503
    assert open_descriptors() == before
    assert site.get().body == OLD


def test_a_descriptor_is_given_back_where_its_file_cannot_be_judged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", fail_with("EIO"))
        assert site.client.get(URL).status == 503
    assert open_descriptors() == before
