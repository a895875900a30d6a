"""What whitenoise documents of autorefresh: base.rst, its changelog. Each claim holds of both."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import SECRET, plant
from tests.migrating.sites import FILES, GZIPPED, SCRIPT, Maker, Site


@pytest.fixture(params=["whitemedia, autorefresh", "whitenoise, autorefresh"])
def live(request: pytest.FixtureRequest) -> Maker:
    """Makes sites of ours and of whitenoise's, both with autorefresh."""
    return Maker(request.param)


@pytest.fixture
def site(live: Maker, tmp_path: Path) -> Site:
    """Either, over a root with one file, to be changed."""
    return live(plant(tmp_path / "static", {"a.txt": b"before"}), "/static/", index_file=True)


def test_a_changed_file_is_seen_at_once(site: Site, tmp_path: Path) -> None:
    """base.rst: "Recheck the filesystem to see if any files have changed before responding"."""
    tags = set()
    for data in (b"before", b"after", b"before", b"AFTER"):
        (tmp_path / "static" / "a.txt").write_bytes(data)
        answer = site.get("/static/a.txt")
        assert (answer.body, answer.headers["Content-Length"]) == (data, str(len(data)))
        tags.add(answer.etag)
    assert len(tags) >= 2


def test_a_browser_that_has_the_old_file_gets_the_new_one(site: Site, tmp_path: Path) -> None:
    """base.rst: "pick up changes to static files without restarting the server"."""
    etag = site.get("/static/a.txt").etag
    assert site.get("/static/a.txt", {"If-None-Match": etag}).status == 304
    (tmp_path / "static" / "a.txt").write_bytes(b"afterwards")
    assert site.get("/static/a.txt", {"If-None-Match": etag}).body == b"afterwards"


def test_a_new_file_is_seen_at_once(site: Site, tmp_path: Path) -> None:
    """Changelog 2.0: "picks up changes to static files made after application startup"."""
    assert site.get("/static/new/b.txt").is_the_applications
    plant(tmp_path / "static", {"new/b.txt": b"new"})
    assert site.get("/static/new/b.txt").body == b"new"


def test_a_deleted_file_is_passed_through(site: Site, tmp_path: Path) -> None:
    """base.rst: all others are passed through."""
    (tmp_path / "static" / "a.txt").unlink()
    assert site.get("/static/a.txt").is_the_applications


def test_a_new_index_file_is_seen_at_once(site: Site, tmp_path: Path) -> None:
    """base.rst, "Index Files"."""
    assert site.get("/static/docs/").is_the_applications
    plant(tmp_path / "static", {"docs/index.html": b"index"})
    assert site.get("/static/docs/").body == b"index"
    assert site.get("/static/docs").headers["Location"] == "docs/"
    assert site.get("/static/docs/index.html").headers["Location"] == "./"


def test_a_new_compressed_file_is_seen_at_once(site: Site, tmp_path: Path) -> None:
    """base.rst, "Compression Support"."""
    for files, coding in (({"app.js": SCRIPT}, None), ({"app.js.gz": GZIPPED}, "gzip")):
        plant(tmp_path / "static", files)
        answer = site.get("/static/app.js", {"Accept-Encoding": "gzip"})
        assert (answer.headers["Content-Encoding"], answer.content) == (coding, SCRIPT)


def test_a_directory_may_be_made_after_the_application_has_started(live: Maker, tmp_path: Path) -> None:
    """test_whitenoise.py: "we don't warn about missing directories as these can be created after"; changelog 4.1."""
    site = live(tmp_path / "later", "/static/")
    plant(tmp_path / "later", FILES)
    assert site.get("/static/deep/er/file.txt").body == b"deep"


def test_of_two_roots_the_last_is_asked_first(live: Maker, tmp_path: Path) -> None:
    """base.py, add_files: "later ones match first when they're checked in autorefresh mode"."""
    site = live(plant(tmp_path / "one", {"a.txt": b"one", "b.txt": b"one"}))
    site.middleware.add_files(str(plant(tmp_path / "two", {"a.txt": b"two"})))
    assert [site.get(f"/{name}.txt").body for name in "ab"] == [b"two", b"one"]
    (tmp_path / "two" / "a.txt").unlink()
    assert site.get("/a.txt").body == b"one"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../outside/secret.txt",
        "/static/../static-private/secret.txt",
        "/static/a.txt/../../outside/secret.txt",
        "/static/..\\outside\\secret.txt",
        "/static-private/secret.txt",
        "/static/OUTSIDE/secret.txt",
    ],
)
def test_nothing_outside_the_root_is_served(live: Maker, tmp_path: Path, path: str) -> None:
    """Changelog 6.12.0: "unauthorised file access vulnerability in autorefresh mode"; 4.1.3."""
    plant(tmp_path, {"outside/secret.txt": SECRET, "static-private/secret.txt": SECRET, "static/a.txt": b"a"})
    site = live(tmp_path / "static", "/static/")
    absolute = path.replace("OUTSIDE", str(tmp_path / "outside").replace(os.sep, "/"))
    assert SECRET not in site.get(absolute).body


def test_a_root_that_is_deleted_and_made_again_is_served(site: Site, tmp_path: Path) -> None:
    """base.rst: a build tool may empty its folder."""
    shutil.rmtree(tmp_path / "static")
    assert site.get("/static/a.txt").is_the_applications
    plant(tmp_path / "static", {"a.txt": b"again"})
    assert site.get("/static/a.txt").body == b"again"
