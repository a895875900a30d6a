"""Requests in which nothing differs on purpose are answered alike, whatever they are made of."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.answers import Answer
from tests.conftest import MODIFIED_DATE, plant
from tests.migrating.sites import FILES, Maker, Site, unquoted

NAMES: Final = (
    *(name for name in FILES if not name.endswith((".gz", ".br"))),
    *("a b.txt", "50%.txt", "why?.txt", "c#.txt", "a;b.txt", "a+b.txt", "'quoted\".txt", "-dash.txt"),
    *("UPPER.TXT", "two..dots.txt", "folder.css/file.txt", "e\u0301.txt", "\u00e9.txt", "a:b/index.html"),
)
OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "none": {},
    "index_file": {"index_file": True},
    "another index_file": {"index_file": "main.html", "max_age": 0},
    "no max_age": {"max_age": None, "index_file": True, "allow_all_origins": False},
    "types": {"charset": "iso-8859-1", "mimetypes": {".txt": "application/x-text", "app.js": "text/x-script"}},
}
PREFIXES: Final = ("/static/", "static", "/", "a/b", "//x//", "\u00fc")

names = st.sampled_from(NAMES)
paths = st.one_of(
    names,
    names.map(lambda name: name.rpartition("/")[0]),
    names.map(lambda name: name.rpartition("/")[0] + "/"),
    st.builds(str.__add__, names, st.sampled_from(["/", "//", "x", " ", "?", "%20", "\0", "/index.html"])),
    st.builds(str.__add__, st.sampled_from(["/", "//", "x", "docs/"]), names),
    names.map(str.swapcase),
    st.text(max_size=5).map(lambda text: text.replace("/.", "/").lstrip(".")),
)
every_fields = st.fixed_dictionaries(
    {},
    optional={
        "Accept-Encoding": st.sampled_from(
            ["", "gzip", "br", "gzip, deflate, br", "br , gzip", "identity", "deflate"]
        ),
        "If-None-Match": st.sampled_from(["TAG", '"594bd1d1-36"', "", "garbage"]),
        "If-Modified-Since": st.sampled_from([MODIFIED_DATE, MODIFIED_DATE.replace("2023", "2001"), "garbage"]),
        "Range": st.sampled_from(
            ["bytes=0-3", "bytes=2-", "bytes=-3", "bytes=0-99999", "bytes=99999-", "bytes=x"]
        ),
    },
)


Sites = tuple[Site, Site, Site]


class Request(NamedTuple):
    """A request for a path below the prefix."""

    method: str
    path: str
    fields: Mapping[str, str]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Sites]:
    """Ours, ours with autorefresh, theirs: by options and prefix, made once, over names that need quoting."""
    files = {name: FILES.get(name, b"some text\n") for name in NAMES} | dict(FILES)
    root = plant(tmp_path_factory.mktemp("odd"), files)

    @functools.cache
    def make(options: str, prefix: str) -> Sites:
        ours = Maker("whitemedia")(root, prefix, compress="off", **OPTIONS[options])
        live = Maker("whitemedia, autorefresh")(root, prefix, **OPTIONS[options])
        return ours, live, Maker("whitenoise")(root, prefix, **OPTIONS[options])

    return make


@settings(max_examples=600)
@given(
    options=st.sampled_from(list(OPTIONS)),
    prefix=st.sampled_from(PREFIXES),
    request=st.builds(Request, st.sampled_from(["GET", "HEAD", "POST"]), paths, every_fields),
)
def test_any_other_request_is_answered_alike(
    sites: Callable[[str, str], Sites], options: str, prefix: str, request: Request
) -> None:
    *both, theirs = sites(options, prefix)
    url = f"/{prefix.strip('/')}/{request.path}" if prefix != "/" else f"/{request.path}"
    expected = ask(theirs, url, request)
    assume(not (request.method == "POST" and expected.status == 302))
    assume(not (request.method == "HEAD" and "Range" in request.fields))
    for ours in both:
        assert compared(ask(ours, url, request)) == compared(expected)


def ask(site: Site, url: str, request: Request) -> Answer:
    """The answer, asked with the site's own entity tag for `TAG`."""
    accepted = {name: value for name, value in request.fields.items() if name == "Accept-Encoding"}
    tag = site.get(url, accepted).headers["ETag"] or ""
    fields = {name: value.replace("TAG", tag) for name, value in request.fields.items()}
    return site.request(request.method, url, fields)


def compared(answer: Answer) -> dict[str, object]:
    """What of an answer is the same from both."""
    names = ["Location", "Cache-Control", "Content-Range"] if answer.status != 405 else []
    seen: dict[str, object] = {"status": answer.status, "passed on": answer.is_the_applications}
    if answer.status in (200, 206):
        names += ["Content-Length", "Content-Encoding", "Last-Modified", "Access-Control-Allow-Origin"]
        seen |= {"body": answer.body, "media type": unquoted(answer.headers["Content-Type"])}
    if answer.status in (200, 206, 304):
        names.append("Vary")
    return seen | {name: answer.headers[name] for name in names}
