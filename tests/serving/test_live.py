"""Files that change after they were indexed: each answer is one whole version, with its own tag and length, or a 404.

Not so what the index holds: it is answered as indexed, whatever becomes of its file.
"""

from __future__ import annotations

import errno
import gzip
import os
import threading
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from wsgiref.headers import Headers

import pytest

from tests.conftest import (
    BR_LIB,
    FILES,
    MODIFIED,
    PREFIX,
    SECRET,
    Answer,
    Client,
    decode,
    make_environ,
    open_descriptors,
    plant,
    serve,
)

if TYPE_CHECKING:
    from whitemedia.options import OptionFields

OLD = b"the version that was indexed " * 4
URL = f"{PREFIX}folder/file.bin"
LARGE = 1 << 20  # one byte more is not held in memory


class Kind(NamedTuple):
    """A file whose body is not in memory, and the options that make it so."""

    data: bytes
    options: OptionFields


KINDS = {
    "nothing is held": Kind(OLD, {"memory_limit": 0}),
    "too large to be held": Kind(OLD * (LARGE // len(OLD) + 1), {}),
    "held, but not yet read": Kind(OLD, {}),
}


class Site(NamedTuple):
    """A root with one file, and a client."""

    path: Path
    outside: Path
    client: Client
    old: bytes

    def get(self, **fields: str) -> Answer:
        return self.client.get(URL, {name.replace("_", "-"): value for name, value in fields.items()})


@pytest.fixture(params=list(KINDS))
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return build_site(tmp_path, KINDS[request.param], {})


def build_site(directory: Path, kind: Kind, options: OptionFields) -> Site:
    root = plant(
        directory / "root", {"folder/file.bin": kind.data, "folder/other.bin": b"another file of the root"}
    )
    outside = plant(directory / "outside", {"file.bin": SECRET})
    merged: OptionFields = {**kind.options, **options}
    return Site(root / "folder" / "file.bin", outside, serve(root, **merged), kind.data)


# Changes that leave a regular file


def restore_time(path: Path) -> None:
    os.utime(path, (MODIFIED, MODIFIED))


def rewrite_with_the_old_time(site: Site) -> None:
    with site.path.open("r+b") as file:
        file.write(b"THE")
    restore_time(site.path)


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


# What is held


def test_a_held_file_is_read_on_first_use_and_then_answered_as_indexed(tmp_path: Path) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    indexed = site.get()
    site.path.unlink()
    assert site.get().headers.items() == indexed.headers.items()
    assert site.get().body == OLD
    assert site.get(Range="bytes=4-10").body == b"version"
    assert site.get(If_None_Match=indexed.etag).status == 304


@pytest.mark.parametrize("fields", [{"Range": "bytes=0-1"}, {"If-None-Match": "*"}, {"Range": "bytes=999-"}])
def test_any_get_reads_a_held_file(tmp_path: Path, fields: dict[str, str]) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    site.client.get(URL, fields)
    site.path.unlink()
    assert site.get().body == OLD


def test_head_does_not_read_a_held_file(tmp_path: Path) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    assert site.client.head(URL).status == 200
    site.path.unlink()
    assert site.client.head(URL).status == 404


def test_a_held_file_whose_state_lies_is_known_by_its_digest(tmp_path: Path) -> None:
    """A file system may keep all of a file's state while its bytes change: here, the index is made to believe it."""
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    indexed = site.client.head(URL)
    rewrite_with_the_old_time(site)
    resource: Any = site.client.application.table.entries[URL]  # type: ignore[attr-defined]
    content = resource.contents["identity"]
    status = site.path.stat()
    stat_key = content.body.stat_key._replace(ctime_ns=status.st_ctime_ns)
    resource.render("identity", content._replace(body=content.body._replace(stat_key=stat_key)))
    answer = site.get()
    assert answer.body == b"THE" + OLD[3:]
    assert answer.etag != indexed.etag
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_held_file_that_changes_while_it_is_read_is_answered_as_it_is_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = build_site(tmp_path, KINDS["held, but not yet read"], {})
    changes = iter([b"a new version"])

    class Changing(FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            for new in changes:
                site.path.write_bytes(new)
            return super().read(size)

    monkeypatch.setattr("whitemedia.assets.files.FileIO", Changing)
    answer = site.get()
    assert (answer.status, answer.body) == (200, b"a new version")
    assert answer.headers["Cache-Control"] == "no-cache"


# Siblings


def rewrite_sibling(path: Path) -> None:
    path.write_bytes(bytes(len(BR_LIB)))
    restore_time(path)


def instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    """A change that removes a file and makes something else of its name."""

    def change(path: Path) -> None:
        path.unlink()
        make(path)

    return change


SIBLING_CHANGES: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "truncated": lambda path: os.truncate(path, 100),
    "replaced": lambda path: path.write_bytes(SECRET),
    "same size and time": rewrite_sibling,
    "a link outside": instead(lambda path: os.symlink("../outside/secret.txt", path)),
    "a FIFO": instead(os.mkfifo),
    "a directory": instead(os.mkdir),
}
LIB, ACCEPT = f"{PREFIX}lib.js", {"Accept-Encoding": "br"}


@pytest.mark.parametrize("change", SIBLING_CHANGES.values(), ids=SIBLING_CHANGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_where_a_sibling_went_the_file_is_answered_as_indexed(
    tree: Path, change: Callable[[Path], object], method: str
) -> None:
    client = serve(tree, memory_limit=0)
    assert client.head(LIB, ACCEPT).headers["Content-Encoding"] == "br"
    change(tree / "lib.js.br")
    answer = client.request(method, LIB, ACCEPT)
    assert answer.headers.items() == client.request(method, LIB).headers.items()
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.body == (FILES["lib.js"] if method == "GET" else b"")


def test_where_sibling_and_file_changed_the_file_is_answered_as_it_is_now(tree: Path) -> None:
    client = serve(tree, memory_limit=0)
    (tree / "lib.js.br").unlink()
    (tree / "lib.js").write_bytes(b"new")
    answer = client.get(LIB, ACCEPT)
    assert answer.body == b"new"
    assert answer.headers["Content-Encoding"] is None
    assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-cache", "Accept-Encoding")
    (tree / "lib.js").unlink()
    assert client.get(LIB, ACCEPT).status == 404


def test_where_only_the_file_changed_its_sibling_is_one_whole_version(tree: Path) -> None:
    client = serve(tree, memory_limit=0)
    indexed = client.head(LIB, ACCEPT)
    (tree / "lib.js").write_bytes(b"new")
    answer = client.get(LIB, ACCEPT)
    assert answer.headers.items() == indexed.headers.items()
    assert decode("br", answer.body) == FILES["lib.js"]
    assert client.get(LIB).body == b"new"
    assert client.get(LIB).etag.removeprefix("W/") != answer.etag


def test_a_sibling_that_is_held_is_answered_as_indexed(tree: Path) -> None:
    client = serve(tree)
    (tree / "lib.js.br").unlink()
    (tree / "lib.js").unlink()
    assert client.get(LIB, ACCEPT).body == BR_LIB


# A file that cannot be opened now


@pytest.mark.parametrize("code", ["EMFILE", "ENFILE", "EACCES", "EPERM", "EIO", "ENOMEM"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_cannot_be_opened_now_is_503_and_to_be_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: str, method: str
) -> None:
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

    class Failing(FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return bytes(fail_with(code)())

    with monkeypatch.context() as patch:
        patch.setattr("whitemedia.assets.files.FileIO", Failing)
        assert site.get().status == 503
    assert open_descriptors() == before
    assert site.get().body == OLD


def fail_with(code: str) -> Callable[..., int]:
    def fail(*args: object, **kwargs: object) -> int:
        raise OSError(getattr(errno, code), code)

    return fail


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


# Stories


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


def test_a_descriptor_is_given_back_where_its_file_cannot_be_judged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", fail_with("EIO"))
        assert site.client.get(URL).status == 503
    assert open_descriptors() == before


@pytest.mark.parametrize(
    ("old", "new", "coding"),
    [(gzip.compress(b"<svg/>" * 50), b"<svg>plain</svg>", None), (b"<svg/>", gzip.compress(b"<svg/>"), "gzip")],
    ids=["no longer coded", "coded now"],
)
def test_an_svgz_that_changed_has_the_coding_that_it_has_now(
    tmp_path: Path, old: bytes, new: bytes, coding: str | None
) -> None:
    client = serve(plant(tmp_path, {"a.svgz": old}), memory_limit=0)
    (tmp_path / "a.svgz").write_bytes(new)
    answer = client.get("/static/a.svgz")
    assert (answer.headers["Content-Encoding"], answer.body) == (coding, new)


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
