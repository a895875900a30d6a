"""Clean URLs through the application: a page without its suffix, alike from every construction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PREFIX, SECRET, TEXT, Client, every_construction, plant, serve

PAGE = b"<!doctype html>" + TEXT
FILES = {
    "about.html": PAGE,
    "d/über uns.html": b"about us",
    "a": b"the file",
    "a.html": b"the page of the file",
    "b.html": b"the page of the directory",
    "b/index.html": b"the directory",
    "c/index.html": b"another directory",
    "index.html": b"the top",
    "draft~.html": b"a page whose clean name is one that is hidden",
    "double.html.html": b"two suffixes",
    ".secret.html": SECRET,
    "notes.txt": b"no page",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "pages", FILES)


def clean(root: Path, construction: str, prefix: str = PREFIX, **options: Any) -> Client:
    given: Any = {"clean_urls": True, "index_file": True, **options}
    return serve(root, prefix, construction=construction, **given)


@every_construction
@pytest.mark.parametrize("prefix", ["/", PREFIX])
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("about", "about.html"),
        ("about.html", "about.html"),
        ("d/über uns", "d/über uns.html"),
        ("a", "a"),
        ("a.html", "a.html"),
        ("b", "b.html"),
        ("b/", "b/index.html"),
        ("c/", "c/index.html"),
        ("", "index.html"),
        ("draft~", "draft~.html"),
        ("double.html", "double.html.html"),
    ],
)
def test_a_page_answers_without_its_suffix_a_file_before_it_a_directory_after_it(
    root: Path, construction: str, prefix: str, path: str, name: str
) -> None:
    assert clean(root, construction, prefix).get(prefix + path).body == FILES[name]


@every_construction
@pytest.mark.parametrize(
    "path",
    ["about/", "about.htm", "about.html.html", "About", "index", "b/index", "notes", "double", "d", "missing"],
)
def test_nothing_else_answers(root: Path, construction: str, path: str) -> None:
    assert clean(root, construction).get(PREFIX + path).is_the_applications


@every_construction
def test_a_hidden_page_is_hidden_without_its_suffix_too(root: Path, construction: str) -> None:
    for path in (".secret", ".secret.html"):
        answer = clean(root, construction).get(PREFIX + path)
        assert (answer.status, SECRET in answer.body) == (404, False)


@every_construction
@pytest.mark.parametrize("kind", ["hidden", "broken link"])
def test_what_is_refused_under_that_name_is_not_a_page_instead(root: Path, construction: str, kind: str) -> None:
    """A file of that name is there: it goes before the page, though it is not sent."""
    plant(root, {"refused.html": b"page"})
    if kind == "hidden":
        plant(root, {"refused": SECRET})
    else:
        (root / "refused").symlink_to("nowhere")
    assert clean(root, construction, hidden=["refused"]).get(f"{PREFIX}refused").status == 404


@every_construction
def test_a_directory_without_a_page_of_its_name_still_leads_to_its_index(root: Path, construction: str) -> None:
    answer = clean(root, construction).get(f"{PREFIX}c")
    assert (answer.status, answer.headers["Location"]) == (302, "c/")


@every_construction
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Accept-Encoding": "gzip"},
        {"Range": "bytes=1-3"},
        {"If-None-Match": "*"},
        {"Origin": "https://a.example"},
    ],
)
def test_both_names_are_answered_alike(root: Path, construction: str, method: str, fields: dict[str, str]) -> None:
    client = clean(root, construction, cors=["https://a.example"], rules=[("about.html", {"X-Rule": "matched"})])
    one, other = (client.request(method, PREFIX + path, fields) for path in ("about", "about.html"))
    assert one.status < 500
    assert (one.status, one.headers.items(), one.body) == (other.status, other.headers.items(), other.body)


@every_construction
def test_without_the_option_a_page_has_its_suffix(root: Path, construction: str) -> None:
    client = serve(root, construction=construction)
    assert client.get(f"{PREFIX}about").is_the_applications
    assert client.get(f"{PREFIX}about.html").body == PAGE


@every_construction
def test_without_an_index_an_index_is_a_page_like_others(root: Path, construction: str) -> None:
    client = clean(root, construction, index_file=None)
    assert client.get(f"{PREFIX}index").body == FILES["index.html"]
    assert client.get(f"{PREFIX}b/index").body == FILES["b/index.html"]
    assert client.get(f"{PREFIX}c").is_the_applications


@every_construction
def test_the_latest_root_s_answers_whatever_stands_for_it(root: Path, tmp_path: Path, construction: str) -> None:
    later = plant(tmp_path / "later", {"a.html": b"later", "c.html": b"later", "about/index.html": b"later"})
    client = clean(root, construction)
    middleware: Any = client.application
    middleware.add_files(later, PREFIX)
    assert [client.get(PREFIX + name).body for name in ("a", "c", "b")] == [b"later", b"later", FILES["b.html"]]
    assert client.get(f"{PREFIX}about").headers["Location"] == "about/"


@pytest.mark.parametrize("construction", ["autorefresh"])
def test_a_page_that_comes_or_goes_is_seen_at_once(root: Path, construction: str) -> None:
    client = clean(root, construction)
    assert client.get(f"{PREFIX}new").is_the_applications
    plant(root, {"new.html": b"new"})
    assert client.get(f"{PREFIX}new").body == b"new"
    plant(root, {"new": b"the file"})
    assert client.get(f"{PREFIX}new").body == b"the file"
    (root / "new").unlink()
    assert client.get(f"{PREFIX}new").body == b"new"
    (root / "new.html").unlink()
    assert client.get(f"{PREFIX}new").is_the_applications
