"""What is told of a URL is what a request for it gets, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CONSTRUCTIONS, PREFIX, plant, serve, whitemedia_of
from whitemedia import OptionError, WhiteMedia
from whitemedia.explaining import Explanation, Outcome, explain, format_explanation, lifetime_of

SITE = {
    "app.css": b"a { color: red }\n" * 50,
    "app.css.gz": b"no gzip at all",
    ".env": b"SECRET",
    "docs/index.html": b"<p>",
    "docs/a b.txt": b"1",
    ".git/config": b"SECRET",
}


def site(tmp_path: Path, construction: str = "memory", **options: Any) -> WhiteMedia:
    return whitemedia_of(serve(plant(tmp_path / "static", SITE), construction=construction, **options))


@pytest.mark.parametrize("construction", CONSTRUCTIONS)
def test_a_file_is_told_with_what_a_request_gets(tmp_path: Path, construction: str) -> None:
    client = serve(plant(tmp_path / "static", SITE), construction=construction)
    told = explain(whitemedia_of(client), "https://www.example.com/static/app.css?v=1#top")
    assert (told.path, told.outcome, told.status) == ("/static/app.css", Outcome.FILE, "200 OK")
    assert told.file == str(tmp_path / "static" / "app.css")
    assert told.prefix == PREFIX
    assert dict(told.headers) == dict(client.head("/static/app.css").headers.items())
    for coding, length, etag in told.representations:
        answer = client.get("/static/app.css", {"Accept-Encoding": f"{coding}, *;q=0"})
        assert (len(answer.body), answer.etag) == (length, etag)
    assert client.get(told.versioned).body == SITE["app.css"]


def test_codings_are_told_smallest_first(tmp_path: Path) -> None:
    told = explain(site(tmp_path), "/static/app.css").representations
    assert [one.length for one in told] == sorted(one.length for one in told)
    assert {"br", "gzip", "identity"} <= {one.coding for one in told}


@pytest.mark.parametrize("construction", ["memory", "autorefresh"])
@pytest.mark.parametrize(
    ("url", "outcome", "why"),
    [
        ("/static/.env", Outcome.REFUSED, "hidden: "),
        ("/static/.git/config", Outcome.REFUSED, "hidden: "),
        ("/static/docs/.env", Outcome.REFUSED, "hidden: nothing is served that is called '.env'"),
        ("/static/app.css.gz", Outcome.REFUSED, "compressed sibling"),
        ("/static/ap.css", Outcome.PASSED_ON, "no file is called so beneath"),
        ("/static/docs", Outcome.PASSED_ON, "it is a directory, and no index_file"),
        ("/static/", Outcome.PASSED_ON, "it is a directory, and no index_file"),
        ("/api/x", Outcome.PASSED_ON, "it is beneath no prefix that is served (/static/)"),
        ("/static/%FF", Outcome.PASSED_ON, "no file is called so"),
        ("/static/../secret", Outcome.REFUSED, "hidden: nothing is served that is called '..'"),
        ("/static/a%00b", Outcome.PASSED_ON, "no file is called so"),
    ],
)
def test_what_is_not_there_is_told_with_the_reason(
    tmp_path: Path, construction: str, url: str, outcome: Outcome, why: str
) -> None:
    wm = site(tmp_path, construction)
    told = explain(wm, url)
    assert told.why.startswith(why)
    assert told.outcome is outcome
    assert told.status == ("404 Not Found" if outcome is Outcome.REFUSED else "")


@pytest.mark.parametrize("url", ["/static/ap.css", "/static/app.0123456789ab.css"])
def test_names_that_are_near_are_told(tmp_path: Path, url: str) -> None:
    assert explain(site(tmp_path), url).near[0] == "/static/app.css"


def test_a_version_that_was_handed_out_is_told_from_one_that_was_not(tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    url = site(tmp_path, cache_dir=cache).url_for("app.css")
    plant(tmp_path / "static", {"app.css": b"b {}"}, modified=1_700_000_009)
    wm = whitemedia_of(serve(tmp_path / "static", cache_dir=cache))
    assert explain(wm, url).outcome is Outcome.FILE
    assert explain(wm, url).why.endswith("but was handed out")
    never = explain(wm, "/static/app.0123456789ab.css")
    assert (never.outcome, never.lifetime) == (Outcome.REFUSED, "kept by nobody")
    assert never.why.endswith("that nobody was ever given")


def test_a_version_that_only_another_release_has_is_told_as_such(tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    url = site(tmp_path, cache_dir=cache).url_for("app.css")
    (tmp_path / "static/app.css").unlink()
    told = explain(whitemedia_of(serve(tmp_path / "static", cache_dir=cache)), url)
    assert (told.outcome, told.status) == (Outcome.FILE, "200 OK")
    assert told.why.startswith("a version that was handed out of what is not there")


def test_a_file_whose_own_name_looks_like_a_version_is_told_as_a_file(tmp_path: Path) -> None:
    plant(tmp_path / "static", {"x.0123456789ab.css": b"a{}"})
    assert explain(site(tmp_path), "/static/x.0123456789ab.css").why == "its name is in the index"


def test_a_version_from_before_a_refresh_is_told_as_such(tmp_path: Path) -> None:
    wm = site(tmp_path)
    url = wm.url_for("app.css")
    plant(tmp_path / "static", {"app.css": b"b {}"}, modified=1_700_000_009)
    wm.refresh()
    assert explain(wm, url).why.endswith("kept since it was handed out")


def test_a_file_that_came_changed_or_went_since_the_start_is_told_so(tmp_path: Path) -> None:
    wm = site(tmp_path)
    plant(tmp_path / "static", {"late.css": b"1", "docs/a b.txt": b"longer"})
    (tmp_path / "static/app.css").unlink()
    assert explain(wm, "/static/late.css").why.startswith("its file came after the index was made")
    assert "has changed since" in explain(wm, "/static/docs/a%20b.txt").why
    assert explain(wm, "/static/app.css").why.endswith("its file is gone since")


def test_an_index_is_told_under_its_directory_and_its_own_name_as_a_redirect(tmp_path: Path) -> None:
    wm = site(tmp_path, index_file="index.html")
    assert explain(wm, "/static/docs/").file.endswith("index.html")
    for url in ("/static/docs", "/static/docs/index.html"):
        assert explain(wm, url).outcome is Outcome.REDIRECT
        assert explain(wm, url).status == "302 Found"


def test_media_is_told_as_it_is_now(tmp_path: Path) -> None:
    wm = site(tmp_path)
    wm.add_media(plant(tmp_path / "uploads", {"a.txt": b"1"}), "/media/")
    told = explain(wm, "/media/a.txt")
    assert (told.outcome, told.status, told.prefix) == (Outcome.MEDIA, "200 OK", "/media/")
    assert told.lifetime == "kept, and asked about each time"
    assert explain(wm, "/media/b.txt").outcome is Outcome.REFUSED


def test_nobody_is_asked_who_authorizes_or_answers(tmp_path: Path) -> None:
    def never(*_: object) -> Any:
        raise AssertionError

    wm = WhiteMedia(never, plant(tmp_path / "static", SITE), "/static/")
    wm.add_media(plant(tmp_path / "uploads", {"a.txt": b"1"}), "/media/", authorize=never)
    wm.add_private(plant(tmp_path / "reports", {"a.txt": b"1"}), "/protected/")
    assert explain(wm, "/media/a.txt").why.startswith("403, but for who")
    told = explain(wm, "/protected/a.txt")
    assert (told.outcome, told.status) == (Outcome.REFUSED, "404 Not Found")
    assert told.why.startswith("a private root's")
    assert explain(wm, "/page").outcome is Outcome.PASSED_ON


def test_bytes_are_told_as_such(tmp_path: Path) -> None:
    wm = site(tmp_path)
    wm.add_bytes("/robots.txt", b"User-agent: *\n")
    told = explain(wm, "/robots.txt")
    assert (told.outcome, told.why, told.file) == (Outcome.FILE, "it was added as bytes", "")


@pytest.mark.parametrize("url", ["", "app.css", None, "http://[broken"])
def test_what_is_no_url_is_refused(tmp_path: Path, url: Any) -> None:
    with pytest.raises(OptionError, match=r"^url="):
        explain(site(tmp_path), url)


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ("max-age=60, public", "60 seconds"),
        ("max-age=31536000, public, immutable", "31,536,000 seconds, without asking even on reload"),
        ("private, no-cache", "kept, and asked about each time"),
        ("no-store", "kept by nobody"),
        (None, "as long as a cache sees fit"),
    ],
)
def test_lifetimes_are_told_in_words(control: str | None, words: str) -> None:
    assert lifetime_of([] if control is None else [("cache-control", control)]) == words


def test_lines_for_people_have_everything(tmp_path: Path) -> None:
    text = "\n".join(format_explanation(explain(site(tmp_path), "/static/app.css")))
    assert text.startswith("/static/app.css: a static file, 200 OK\n  why: its name is in the index\n  file: ")
    assert "\n  identity: 850 bytes, ETag " in text
    assert "\n  Cache-Control: max-age=60, public" in text
    short = Explanation("/x", Outcome.PASSED_ON, "because", near=("/y",))
    expected = ["/x: passed on to the application", "  why: because", "  near it: /y"]
    assert list(format_explanation(short)) == expected
