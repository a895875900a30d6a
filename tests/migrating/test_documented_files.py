"""What whitenoise documents on which files are served, and where: base.rst, flask.rst, its changelog.

Each claim holds of whitemedia and of whitenoise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import make_environ, plant
from tests.migrating.sites import DIGITS, FILES, Maker, Site


@pytest.mark.parametrize("name", ["digits.txt", "deep/er/file.txt", "docs/index.html", "report.pdf"])
def test_files_are_served_also_those_in_subdirectories(site: Site, name: str) -> None:
    """base.rst: "descending into sub-directories"."""
    answer = site.get(f"/static/{name}")
    assert (answer.status, answer.body) == (200, FILES[name])


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize(
    "path",
    ["/", "/static", "/static/", "/static/missing.txt", "/static/deep", "/digits.txt", "/static/digits.txt/"],
)
def test_all_other_requests_are_passed_through(site: Site, method: str, path: str) -> None:
    """base.rst: "all others are passed through to the original WSGI application"."""
    assert site.request(method, path).is_the_applications


def test_without_a_root_nothing_is_served_until_one_is_added(make: Maker, root: Path) -> None:
    """base.rst, `root`: "If set, passed to add_files method"."""
    site = make()
    assert site.get("/digits.txt").is_the_applications
    site.middleware.add_files(str(root))
    assert site.get("/digits.txt").body == DIGITS


def test_more_directories_are_added_each_with_a_prefix(make: Maker, root: Path) -> None:
    """base.rst: `application.add_files("/path/to/more/static/files", prefix="more-files/")`."""
    site = make(str(root))
    site.middleware.add_files(str(root / "docs"), prefix="more-files/")
    assert site.get("/digits.txt").body == DIGITS
    assert site.get("/more-files/main.html").body == FILES["docs/main.html"]


@pytest.mark.parametrize("prefix", ["assets", "/assets", "assets/", "/assets/"])
def test_slashes_are_added_to_a_prefix(make: Maker, root: Path, prefix: str) -> None:
    """base.rst, `prefix`: "Trailing slashes are automatically added"."""
    site = make(root, prefix)
    assert site.get("/assets/digits.txt").body == DIGITS
    assert site.get("/assetsdigits.txt").is_the_applications


@pytest.mark.parametrize("prefix", [None, "", "/"])
def test_files_are_served_from_the_url_root_by_default(make: Maker, root: Path, prefix: str | None) -> None:
    """flask.rst: "By default, WhiteNoise will serve up static files from the URL root"."""
    assert make(root, prefix).get("/digits.txt").body == DIGITS


def test_a_root_may_be_a_path_or_relative(make: Maker, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changelog 4.1: "Support supplying paths as Pathlib instances"; flask.rst: `root="static/"`."""
    monkeypatch.chdir(root.parent)
    for given in (root, str(root), f"{root.name}/", Path(root.name)):
        assert make(given).get("/digits.txt").body == DIGITS


def test_of_two_files_for_one_url_that_of_the_last_root_is_served(make: Maker, tmp_path: Path) -> None:
    """base.py, add_files: "Later calls to `add_files` overwrite earlier ones"."""
    site = make(plant(tmp_path / "one", {"a.txt": b"one", "b.txt": b"one"}), "/static/")
    site.middleware.add_files(str(plant(tmp_path / "two", {"a.txt": b"two"})), prefix="/static/")
    assert [site.get(f"/static/{name}.txt").body for name in "ab"] == [b"two", b"one"]


@pytest.mark.parametrize("make", ["whitemedia", "whitenoise"], indirect=True)
def test_files_added_after_the_start_are_not_seen(make: Maker, tmp_path: Path) -> None:
    """django.rst: "For performance and security reasons WhiteNoise does not check for new files after startup"."""
    site = make(plant(tmp_path, {"a.txt": b"a"}), "/static/")
    plant(tmp_path, {"late.txt": b"late"})
    assert site.get("/static/late.txt").is_the_applications


def test_links_that_stay_beneath_the_root_are_followed(make: Maker, tmp_path: Path) -> None:
    """Changelog 2.0: "always follow symlinks". Those that lead out of the root are a difference."""
    plant(tmp_path, {"folder/a.txt": b"a"})
    (tmp_path / "file.txt").symlink_to("folder/a.txt")
    (tmp_path / "linked").symlink_to("folder")
    site = make(tmp_path, "/static/")
    assert site.get("/static/file.txt").body == site.get("/static/linked/a.txt").body == b"a"


def test_non_ascii_names_are_served(site: Site) -> None:
    """Changelog 3.2.1: "Handle non-ASCII URLs correctly when using the wsgi.py integration"."""
    assert site.get("/static/nonascii\u2713.txt").body == b"non-ascii"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/static/\u263a", id="no such name"),
        pytest.param("/static/\ud800", id="a lone surrogate"),
        pytest.param("/blah" * 1000, id="too long for a file system"),
        pytest.param("/static/" + "x" * 300, id="a name too long for a file system"),
        pytest.param("/static/C:/Windows/System.ini", id="an absolute path on Windows"),
        pytest.param("/static//etc/passwd", id="an absolute path"),
        pytest.param("/static/digits.txt\0", id="a NUL"),
    ],
)
def test_odd_urls_are_passed_through(site: Site, path: str) -> None:
    """Changelog 3.2.3: "Gracefully handle invalid byte sequences in URLs", "filenames which are too long"."""
    assert site.get(path).is_the_applications


def test_an_invalid_byte_sequence_is_passed_through(site: Site) -> None:
    """Changelog 3.2.3."""
    assert site.get("/", PATH_INFO="/static/\xff\xfe.txt").is_the_applications


def test_an_environ_without_path_info_is_passed_through(make: Maker, root: Path) -> None:
    """test_whitenoise.py, test_handles_missing_path_info_key."""
    environ = make_environ("GET", "/")
    del environ["PATH_INFO"]
    assert make.wrap(lambda given, _: [given is environ], root)(environ, None) == [True]


def test_an_application_mounted_elsewhere_serves_its_files(site: Site) -> None:
    """base.py, redirect: "we don't know the absolute URL the app is being hosted under"."""
    assert site.get("/static/digits.txt", SCRIPT_NAME="/mounted/here").body == DIGITS


def test_other_middleware_may_stand_in_front(make: Maker, root: Path) -> None:
    """base.rst, "Redirecting to HTTPS": "Simply wrap the WhiteNoise WSGI application with `sslify()`"."""
    site = make(root)

    def sslify(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
            headers.append(("Strict-Transport-Security", "max-age=31536000"))
            return start_response(status, headers)

        return site.middleware(environ, start)

    for _ in range(2):
        headers = Site(sslify).get("/digits.txt").headers
        assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]


# Flask


def flask() -> Any:
    app = Flask("app", static_folder=None)
    app.add_url_rule("/", view_func=lambda: "the application")
    return app


def test_flasks_wsgi_app_is_wrapped(make: Maker, root: Path) -> None:
    """flask.rst: `app.wsgi_app = WhiteNoise(app.wsgi_app, root="static/")`."""
    app = flask()
    app.wsgi_app = make.wrap(app.wsgi_app, root)
    assert Site(app).get("/digits.txt").body == DIGITS
    assert Site(app).get("/").body == b"the application"


def test_folders_are_added_to_flasks_wsgi_app_one_by_one(make: Maker, root: Path) -> None:
    """flask.rst: `for static in my_static_folders: app.wsgi_app.add_files(static)`."""
    app = flask()
    app.wsgi_app = make.wrap(app.wsgi_app)
    for folder in (root / "docs", root / "deep"):
        app.wsgi_app.add_files(str(folder))
    assert Site(app).get("/main.html").body == FILES["docs/main.html"]
    assert Site(app).get("/er/file.txt").body == b"deep"
    assert Site(app).get("/").body == b"the application"
