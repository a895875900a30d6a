"""Of a file that changes, each answer is one whole version, with its own tag and length."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import pytest

from tests.conftest import MODIFIED, PREFIX, make_environ, open_descriptors, plant, serve
from tests.serving.site import KINDS, URL, Kind, Site, build_site, restore_time, rewrite_with_the_old_time
from whitemedia.assets.files import Opened
from whitemedia.serving.responder import ATTEMPTS

# Changes that leave a regular file


def replace_with_the_old_time(site: Site) -> None:
    new = plant(site.outside, {"new": b"THE" + site.old[3:]}) / "new"
    new.replace(site.path)


def link_within(site: Site) -> None:
    site.path.unlink()
    site.path.symlink_to("other.bin")


CHANGES: dict[str, Callable[[Site], object]] = {
    "truncated": lambda site: os.truncate(site.path, 40),
    "emptied": lambda site: os.truncate(site.path, 0),
    "grown": lambda site: os.truncate(site.path, len(site.old) + 1),
    "rewritten": lambda site: site.path.write_bytes(b"a new version"),
    "same size and time, rewritten": rewrite_with_the_old_time,
    "same size and time, replaced": replace_with_the_old_time,
    "replaced by a link within the root": link_within,
}
every_change = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


@every_change
def test_a_changed_file_is_answered_as_it_is_now(site: Site, change: Callable[[Site], object]) -> None:
    indexed = site.client.head(URL)
    change(site)
    new = site.path.read_bytes()
    head, answer = site.client.head(URL), site.get()
    assert (answer.status, answer.body) == (200, new)
    assert head.headers.items() == answer.headers.items()
    assert answer.etag.removeprefix("W/") != indexed.etag
    assert answer.headers["Cache-Control"] == "no-cache"
    kept = {"content-type", "access-control-allow-origin", "x-content-type-options", "accept-ranges"}
    assert {name: answer.fields[name] for name in kept} == {name: indexed.fields[name] for name in kept}


@every_change
def test_a_changed_file_is_judged_by_its_new_tag(site: Site, change: Callable[[Site], object]) -> None:
    old = site.client.head(URL).etag
    change(site)
    new = site.client.head(URL).etag
    for method in ("GET", "HEAD"):
        assert site.client.request(method, URL, {"If-None-Match": old}).status == 200
        assert site.client.request(method, URL, {"If-Match": old}).status == 412
        answer = site.client.request(method, URL, {"If-None-Match": new})
        assert (answer.status, answer.headers["ETag"], answer.headers["Cache-Control"]) == (304, new, "no-cache")


@every_change
def test_a_range_of_a_changed_file_never_joins_two_versions(site: Site, change: Callable[[Site], object]) -> None:
    old = site.client.head(URL).etag
    change(site)
    answer = site.get(Range="bytes=2-4", If_Range=old)
    assert (answer.status, answer.body) == (200, site.path.read_bytes())


@pytest.mark.parametrize(("age", "status"), [(0, 200), (1, 200), (2, 206), (60, 206)])
def test_the_tag_of_a_changed_file_is_weak_until_its_time_has_settled(
    site: Site, monkeypatch: pytest.MonkeyPatch, age: int, status: int
) -> None:
    site.path.write_bytes(b"a new version")
    restore_time(site.path)
    monkeypatch.setattr("time.time", lambda: float(MODIFIED + age))
    tag = site.client.head(URL).etag
    assert tag.startswith("W/") == (status == 200)
    assert site.get(Range="bytes=2-4", If_Range=tag).status == status
    assert site.get(Range="bytes=2-4").body == b"new"
    assert [part.data for part in site.get(Range="bytes=0-0,2-4").parts] == [b"a", b"new"]


def test_a_changed_file_may_be_longer_than_a_range_of_the_index_would_allow(site: Site) -> None:
    with site.path.open("ab") as file:
        file.write(b"!")
    assert site.get(Range=f"bytes={len(site.old)}-").body == b"!"
    os.truncate(site.path, 5)
    assert site.get(Range="bytes=5-").headers["Content-Range"] == "bytes */5"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_changed_file_is_never_immutable_and_never_expires_later(tmp_path: Path, kind: Kind) -> None:
    def expire(headers: Headers, path: str, url: str) -> None:
        headers["Expires"] = "Fri, 31 Dec 9999 23:59:59 GMT"
        headers["X-Kept"] = "kept"

    site = build_site(tmp_path, kind, {"immutable_file_test": ".", "add_headers_function": expire})
    assert "immutable" in site.client.head(URL).fields["cache-control"]
    site.path.write_bytes(b"a new version")
    fields = site.get().fields
    assert (fields["cache-control"], fields["x-kept"]) == ("no-cache", "kept")
    assert "expires" not in fields


def test_a_file_that_is_touched_and_not_changed_is_still_one_whole_version(site: Site) -> None:
    os.utime(site.path)
    answer = site.get()
    assert (answer.status, answer.body) == (200, site.old)


def test_two_states_with_one_time_have_two_tags(site: Site) -> None:
    """Written in place twice, each time with the time set back: the status change time tells them apart."""
    rewrite_with_the_old_time(site)
    first = site.client.head(URL).etag
    time.sleep(0.2)  # far longer than the tick of a file system's clock
    with site.path.open("r+b") as file:
        file.write(b"TOO")
    restore_time(site.path)
    answer = site.get(Range="bytes=2-4", If_Range=first)
    assert (answer.status, answer.body) == (200, site.path.read_bytes())


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ("max-age=60, public", "no-cache"),
        ("max-age=31536000, public, immutable", "no-cache"),
        ("private, max-age=60", "private, no-cache"),
        ("No-Store", "no-store, no-cache"),
        ("private, no-store", "private, no-store, no-cache"),
    ],
)
def test_a_changed_file_is_cached_no_longer_and_no_wider_than_its_resource(
    tmp_path: Path, given: str, answered: str
) -> None:
    def add_headers(headers: Headers, path: str, url: str) -> None:
        headers["Cache-Control"] = given
        headers["CDN-Cache-Control"] = "max-age=31536000, immutable"
        del headers["Last-Modified"]

    client = serve(plant(tmp_path, {"a.bin": b"old"}), memory_limit=0, add_headers_function=add_headers)
    (tmp_path / "a.bin").write_bytes(b"new version")
    answer = client.get("/static/a.bin")
    assert (answer.body, answer.headers["Cache-Control"]) == (b"new version", answered)
    assert "cdn-cache-control" not in answer.fields
    assert "last-modified" not in answer.fields


# Under load


def test_of_a_file_that_is_replaced_all_the_time_every_answer_is_one_version(tmp_path: Path) -> None:
    """Each version has its number in every byte, and its own length: of two that were joined one would tell."""
    versions = [bytes([number]) * (300_000 + number) for number in range(8)]
    root = plant(tmp_path / "root", {"file.bin": versions[0]})
    client = serve(root, memory_limit=0)
    stop = threading.Event()

    def replace() -> None:
        number = 0
        while not stop.is_set():
            number = (number + 1) % len(versions)
            (tmp_path / "new").write_bytes(versions[number])
            (tmp_path / "new").replace(root / "file.bin")

    thread = threading.Thread(target=replace)
    thread.start()
    try:
        answers = [client.get(f"{PREFIX}file.bin") for _ in range(300)]
    finally:
        stop.set()
        thread.join()
    assert {answer.status for answer in answers} == {200}
    assert all(answer.body in versions for answer in answers)
    by_tag = {answer.etag: answer.body for answer in answers}
    assert all(by_tag[answer.etag] == answer.body for answer in answers)
    assert len(set(by_tag.values())) > 1


def test_reading_of_a_file_that_is_rewritten_meanwhile_is_broken_off(tmp_path: Path) -> None:
    site = build_site(tmp_path, KINDS["too large to be held"], {})
    body: Any = site.client.application(make_environ("GET", URL), lambda *_: lambda _: None)
    assert next(iter(body))
    with site.path.open("r+b") as file:
        file.write(b"THE")
    with pytest.raises(ConnectionResetError):
        next(iter(body))
    body.close()


# Changes between opening and reading


def change_before_reading(site: Site, monkeypatch: pytest.MonkeyPatch, times: int) -> list[bytes]:
    """Let the file be another one, of the same name, each of the first `times` that it is to be read: what it was."""
    contents: list[bytes] = []
    is_rewritten = Opened.is_rewritten

    def change(opened: Opened) -> bool:
        if len(contents) < times:
            contents.append(site.path.read_bytes())
            site.path.write_bytes(b"version %d, longer and longer" % len(contents) + b"r" * len(contents))
        return is_rewritten(opened)

    monkeypatch.setattr(Opened, "is_rewritten", change)
    return contents


@pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
def test_a_file_that_changes_before_it_is_read_is_opened_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    site.path.write_bytes(b"no longer as indexed")
    contents = change_before_reading(site, monkeypatch, times)
    answer = site.get()
    assert len(contents) == times
    assert (answer.status, answer.body) == (200, site.path.read_bytes())


def test_a_file_that_never_stands_still_is_unavailable(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.path.write_bytes(b"no longer as indexed")
    before = open_descriptors()
    contents = change_before_reading(site, monkeypatch, 99)
    answer = site.get()
    assert (answer.status, answer.headers["Retry-After"], len(contents)) == (503, "2", ATTEMPTS)
    assert open_descriptors() == before
