"""What whitenoise documents of index files: base.rst, "Index Files". Each claim holds of both."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.conftest import plant
from tests.migrating.sites import FILES, Maker, Site


@pytest.fixture
def indexed(make: Maker, root: Path) -> Site:
    """Either, with index files."""
    return make(root, "/static/", index_file=True)


@pytest.mark.parametrize(("path", "name"), [("/static/docs/", "docs/index.html"), ("/static/", "index.html")])
def test_a_directory_serves_its_index_file(indexed: Site, path: str, name: str) -> None:
    """base.rst: "Visiting /example/ will serve the file at /example/index.html"."""
    answer = indexed.get(path)
    assert (answer.status, answer.body) == (200, FILES[name])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/static/docs", "/static/docs/"),
        ("/static/docs/index.html", "/static/docs/"),
        ("/static", "/static/"),
        ("/static/index.html", "/static/"),
    ],
)
def test_other_urls_of_a_directory_redirect_to_it(indexed: Site, method: str, path: str, target: str) -> None:
    """base.rst: "Visiting /example", and "/example/index.html", "will redirect (302) to /example/"."""
    answer = indexed.request(method, path)
    location = answer.headers["Location"] or ""
    assert (answer.status, urljoin(path, location)) == (302, target)
    assert answer.headers["Cache-Control"] == "max-age=60, public"


@pytest.mark.parametrize("path", ["/static/docs", "/static/docs/index.html"])
def test_redirects_are_relative(indexed: Site, path: str) -> None:
    """base.py, redirect: "relative redirects as we don't know the absolute URL the app is being hosted under"."""
    location = indexed.get(path, SCRIPT_NAME="/mounted").headers["Location"] or ""
    assert urljoin(f"http://example.com/mounted{path}", location) == "http://example.com/mounted/static/docs/"


@pytest.mark.parametrize(
    ("folder", "location"),
    [("\u00fcber uns", "%C3%BCber%20uns/"), ("a:b", "a%3Ab/"), ("50%", "50%25/"), ("why?", "why%3F/")],
)
def test_redirects_are_percent_encoded(make: Maker, tmp_path: Path, folder: str, location: str) -> None:
    """responders.py, Redirect: `quote(location.encode("utf8"))`."""
    site = make(plant(tmp_path, {f"{folder}/index.html": b""}), index_file=True)
    assert site.get(f"/{folder}").headers["Location"] == location


def test_the_name_of_the_index_file_can_be_another(make: Maker, root: Path) -> None:
    """base.rst: "If you want to something other than index.html … set this option to an alternative filename"."""
    site = make(root, "/static/", index_file="main.html")
    assert site.get("/static/docs/").body == FILES["docs/main.html"]
    assert site.get("/static/docs").status == site.get("/static/docs/main.html").status == 302
    assert site.get("/static/docs/index.html").body == FILES["docs/index.html"]


@pytest.mark.parametrize("options", [{}, {"index_file": False}, {"index_file": None}], ids=str)
def test_index_files_are_files_like_others_by_default(
    make: Maker, root: Path, options: dict[str, bool | None]
) -> None:
    """base.rst, index_file: ":default: False"."""
    site = make(root, "/static/", **options)
    assert site.get("/static/docs/index.html").body == FILES["docs/index.html"]
    for path in ("/static/docs", "/static/docs/", "/static", "/static/"):
        assert site.get(path).is_the_applications


def test_a_directory_without_an_index_file_is_passed_through(indexed: Site) -> None:
    """base.rst: what matches no static file is passed through."""
    for path in ("/static/deep", "/static/deep/", "/static/deep/index.html"):
        assert indexed.get(path).is_the_applications
