"""Listings answer for directories and for nothing else, and show what is served."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes, urljoin

import pytest

from tests.answers import Answer
from tests.cli.page import Page
from tests.conftest import MODIFIED, PREFIX, SECRET, Client, application, plain, plant
from whitemedia import WhiteMedia
from whitemedia.assets.resource import Resource
from whitemedia.assets.roots import Listed
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.cli.listing import Listing, served_paths

FILE = Listed("a.css", is_directory=False, size=7, mtime_ns=MODIFIED * 10**9)
DOCS = Listed("docs", is_directory=True, size=0, mtime_ns=MODIFIED * 10**9)
TREE: dict[str, Sequence[Listed]] = {"": (FILE, DOCS), "docs/": (FILE,), "größe/": (), "\ufffd/": (FILE,)}


class Tree:
    """Directories by their URL paths."""

    def __init__(self, directories: Mapping[str, Sequence[Listed]] = TREE) -> None:
        self._directories = directories

    def list(self, url_path: str) -> Sequence[Listed] | None:
        return self._directories.get(url_path)


def listing(prefix: str = "/", served: Container[str] | None = None) -> Client:
    return Client(Listing(application, Tree(), prefix, served), validated=False)


def hrefs(answer: Answer) -> list[str]:
    assert not answer.is_the_applications
    return [row.href for row in Page(answer.body.decode("utf-8")).rows]


LISTED = {
    "the top": ("/", "/"),
    "a directory": ("/", "/docs/"),
    "a name in UTF-8": ("/", "/größe/"),
    "the top, beneath a prefix": ("/static/", "/static/"),
    "a directory beneath a prefix": ("/static/", "/static/docs/"),
    "a directory beneath a prefix in UTF-8": ("/größe/", "/größe/docs/"),
}

REDIRECTED = {
    "a directory": ("/", "/docs", "docs/"),
    "beneath a prefix": ("/static/", "/static/docs", "docs/"),
    "the prefix": ("/static/", "/static", "static/"),
    "a name in UTF-8": ("/", "/größe", "gr%C3%B6%C3%9Fe/"),
}

PASSED_ON = {
    "a file": ("/", "/a.css"),
    "a file with a slash": ("/", "/a.css/"),
    "what is not there": ("/", "/none/"),
    "an empty segment": ("/", "/docs//"),
    "an empty segment at the top": ("/", "//"),
    "a name that is not UTF-8": ("/", "/\udcff/"),
    "above the prefix": ("/static/", "/"),
    "beside the prefix": ("/static/", "/docs/"),
    "what begins as the prefix": ("/static/", "/static-private/"),
    "what the prefix begins as": ("/static/", "/stat"),
}


@pytest.mark.parametrize(("prefix", "path"), LISTED.values(), ids=LISTED)
def test_a_directory_is_listed(prefix: str, path: str) -> None:
    answer = listing(prefix).get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("prefix", "path", "location"), REDIRECTED.values(), ids=REDIRECTED)
@pytest.mark.parametrize(("query", "kept"), [("", ""), ("a=1&b=%20", "?a=1&b=%20"), ("a\r\nb", "?a%0D%0Ab")])
def test_without_its_slash_it_is_a_redirect_that_keeps_the_query(
    prefix: str, path: str, location: str, query: str, kept: str
) -> None:
    answer = listing(prefix).get(path, QUERY_STRING=query)
    assert answer.status == 302
    assert answer.headers["Location"] == location + kept
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.body == b""


def test_a_mount_point_without_its_slash_is_a_redirect() -> None:
    answer = listing().get("", SCRIPT_NAME="/mount")
    assert (answer.status, answer.headers["Location"]) == (302, "mount/")


@pytest.mark.parametrize(("prefix", "path"), PASSED_ON.values(), ids=PASSED_ON)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_everything_else_is_the_applications(prefix: str, path: str, method: str) -> None:
    path_info = path.encode("utf-8", "surrogateescape").decode("latin-1")
    assert listing(prefix).request(method, "", PATH_INFO=path_info).is_the_applications


@pytest.mark.parametrize("path", ["/docs/", "/docs"])
def test_head_is_get_without_the_body(path: str) -> None:
    get, head = listing().get(path), listing().head(path)
    assert head.fields == get.fields
    assert head.status == get.status
    assert head.body == b""


@pytest.mark.parametrize("path", ["/docs/", "/docs"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "get"])
def test_other_methods_are_refused(path: str, method: str) -> None:
    answer = listing().request(method, path)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_options_tells_the_methods() -> None:
    answer = listing().request("OPTIONS", "/docs/")
    assert answer.status == 204
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_only_what_is_served_is_listed() -> None:
    client = listing("/s/", {"/s/", "/s/a.css"})
    assert hrefs(client.get("/s/")) == ["./a.css"]
    assert client.get("/s/docs/").is_the_applications
    assert client.get("/s/docs").is_the_applications


def test_what_is_served_as_a_file_is_no_directory() -> None:
    assert hrefs(listing("/", {"/", "/docs"}).get("/")) == []
    assert hrefs(listing("/", {"/", "/a.css/"}).get("/")) == []


def whitemedia(root: Path, prefix: str = PREFIX) -> WhiteMedia:
    """With listings behind, as the command has them; the top has no index."""
    served = WhiteMedia(application, root, prefix, index_file="index.html")
    directory = DirectoryRoot(str(root), served.options.hidden, follow_symlinks=False)
    served.application = Listing(application, directory, prefix, served_paths(served.table.entries, prefix))
    return served


def crawl(client: Client, path: str) -> dict[str, int]:
    """Every path that links lead to, with its status."""
    statuses: dict[str, int] = {}
    pending = [path]
    while pending:
        path = pending.pop()
        answer = client.get("", PATH_INFO=_path_info(path))
        statuses[path] = answer.status
        if answer.status == 200 and path.endswith("/") and b"Index of" in answer.body:
            found = {urljoin(path, link) for link in Page(answer.body.decode("utf-8")).links}
            pending += found - statuses.keys() - set(pending)
    return statuses


def _path_info(path: str) -> str:
    return unquote_to_bytes(path).decode("latin-1")


def test_each_link_leads_to_what_is_served_and_all_is_linked(tree: Path) -> None:
    plant(
        tree, {"deep/er/still/end.txt": b"end", "only/.hidden": SECRET, "new\nline.txt": b"1", "?#%41.txt": b"2"}
    )
    (tree / "empty").mkdir()
    (tree / "out").symlink_to("../outside")
    (tree / "out.txt").symlink_to("../outside/secret.txt")
    statuses = crawl(Client(whitemedia(tree)), PREFIX)
    assert set(statuses.values()) == {200}
    linked = {_path_info(path) for path in statuses}
    served = {path for path, entry in plain(whitemedia(tree).table.entries).items() if isinstance(entry, Resource)}
    listed = {PREFIX + path for path in ("", ".well-known/", "deep/", "deep/er/", "deep/er/still/")}
    beside_an_index = {_path_info(f"{PREFIX}docs/%C3%BCber%20uns.txt")}
    assert linked == (served - beside_an_index) | listed


@pytest.mark.parametrize("path", [".git/", ".git", "only/", "out/", "out", "empty/", "none/", "docs/../", "../"])
def test_what_is_hidden_outside_or_empty_is_not_listed(tree: Path, path: str) -> None:
    plant(tree, {"only/.hidden": SECRET})
    (tree / "empty").mkdir()
    (tree / "out").symlink_to("../outside")
    answer = Client(whitemedia(tree)).get(PREFIX + path)
    assert answer.status == 404 or answer.is_the_applications


def test_an_empty_root_has_an_empty_listing(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    assert hrefs(Client(whitemedia(tmp_path / "root")).get(PREFIX)) == []


def test_the_index_of_a_directory_answers_before_its_listing(tree: Path) -> None:
    assert Client(whitemedia(tree)).get(f"{PREFIX}docs/").body == (tree / "docs/index.html").read_bytes()
