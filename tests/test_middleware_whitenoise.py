"""whitenoise's options mean what they mean to whitenoise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

import pytest
from whitenoise import WhiteNoise

from tests.conftest import BR_LIB, FILES, PREFIX, application, call, make_environ, plant
from whitemedia import WhiteMedia

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that whitenoise serves whole, too."""
    served = {name: data for name, data in FILES.items() if not name.startswith(".") and not name.endswith("~")}
    hashed = {"bundle.0123abcd.js": b"hashed", "page.0123abcd.html": b"hashed", "data.foo": b"1", "feed": b"2"}
    return plant(tmp_path_factory.mktemp("clean"), {**served, **hashed, "lib.js.br": BR_LIB})


NAMES = (
    "app.css",
    "app.js",
    "page.html",
    "data.json",
    "logo.svg",
    "digits.txt",
    "picture.png",
    "bundle.0123abcd.js",
)
SHARED = ("content-type", "cache-control", "access-control-allow-origin", "x-test", "x-application")


def both(root: Path, prefix: str | None = PREFIX, **options: Any) -> tuple[WhiteMedia, Any]:
    """Ours and whitenoise, with the same options."""
    theirs: Any = WhiteNoise(application, str(root), prefix, **options)
    return WhiteMedia(application, root, prefix, **options), theirs


def ask(middleware: WSGIApplication, path: str) -> tuple[int, dict[str, str]]:
    """Status, and the fields that mean the same to both; whitenoise quotes the charset."""
    answer = call(middleware, make_environ("HEAD", path))
    names = ("location", "cache-control") if answer.status == 302 else SHARED
    return answer.status, {name: answer.fields[name].replace('"', "") for name in names if name in answer.fields}


def assert_same(ours: WhiteMedia, theirs: Any, path: str) -> None:
    assert ask(ours, path) == ask(theirs, path)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_age": 0},
        {"max_age": 3600},
        {"max_age": None},
        {"allow_all_origins": False},
        {"charset": "iso-8859-1"},
        {"mimetypes": {".foo": "application/foo", "feed": "application/atom+xml", ".css": "text/x-css"}},
        {"mimetypes": None},
        {"index_file": True},
        {"index_file": "page.html"},
        {"index_file": None},
        {"index_file": False},
    ],
    ids=str,
)
def test_options_mean_what_they_mean_to_whitenoise(clean: Path, options: dict[str, Any]) -> None:
    ours, theirs = both(clean, **options)
    names = [*NAMES, "docs", "docs/", "docs/index.html", "", "page.html", "index.html", "missing"]
    names += ["data.foo", "feed"] if options.get("mimetypes") else []
    for name in names:
        assert_same(ours, theirs, PREFIX + name)


@pytest.mark.parametrize("prefix", ["static", "/static", "static/", "/static/", "/", None, "a/b"])
def test_prefixes_mean_what_they_mean_to_whitenoise(clean: Path, prefix: str | None) -> None:
    ours, theirs = both(clean, prefix, index_file=True)
    for path in (
        "/",
        "/static/",
        "/static/docs",
        "/docs/",
        "/a/b/docs/index.html",
        "/a/b/app.css",
        "/app.css",
        "/static",
    ):
        assert_same(ours, theirs, path)


@pytest.mark.parametrize(
    "test",
    [
        r"\.[0-9a-f]{8}\.",
        r"^/static/bundle",
        r"docs/",
        lambda path, url: url.endswith(".js") and os.path.isfile(path),
    ],
    ids=["regex", "regex on the URL's start", "regex on a folder", "callable"],
)
def test_what_is_immutable_to_whitenoise_is_for_us_but_for_a_year_not_ten(clean: Path, test: Any) -> None:
    ours, theirs = both(clean, immutable_file_test=test, index_file=True)
    found = set()
    for name in (*NAMES, "docs/", "docs/über uns.txt", "page.0123abcd.html"):
        (_, one), (_, two) = ask(ours, PREFIX + name), ask(theirs, PREFIX + name)
        assert one["cache-control"] == two["cache-control"].replace("max-age=315360000", "max-age=31536000")
        found.add(one["cache-control"])
    assert found == {"max-age=60, public", "max-age=31536000, public, immutable"}


def test_functions_are_called_with_whitenoises_arguments(clean: Path) -> None:
    calls: dict[str, set[tuple[str, str, str]]] = {"ours": set(), "theirs": set()}

    def record(who: str) -> dict[str, Any]:
        def add_headers(headers: Headers, path: str, url: str) -> None:
            calls[who].add(("headers", path, url))
            assert isinstance(headers, Headers)
            headers["X-Test"] = f"{headers['Content-Type']} of {url.encode()!a}"
            headers["Cache-Control"] = "private"
            del headers["Access-Control-Allow-Origin"]

        def is_immutable(path: str, url: str) -> bool:
            calls[who].add(("test", path, url))
            return False

        return {"add_headers_function": add_headers, "immutable_file_test": is_immutable, "index_file": True}

    theirs: Any = WhiteNoise(application, str(clean), PREFIX, **record("theirs"))
    ours = WhiteMedia(application, clean, PREFIX, **record("ours"))
    assert calls["ours"] == calls["theirs"]
    for name in (*NAMES, "docs/", "docs/über uns.txt"):
        assert_same(ours, theirs, PREFIX + name)


def test_later_roots_win_as_whitenoises_do(tmp_path: Path) -> None:
    roots = [plant(tmp_path / str(number), {"a.txt": b"%d" % number}) for number in range(3)]
    for middleware in both(roots[0]):
        for root in roots[1:]:
            middleware.add_files(str(root), prefix=PREFIX)
        assert call(middleware, make_environ("GET", f"{PREFIX}a.txt")).body == b"2"
