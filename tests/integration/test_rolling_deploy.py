"""Two releases behind one caching proxy, while one takes the other's place: every page is whole, and of one release.

Releases have folders of their own and share a `cache_dir`. A page tells the URL of each of its files and the SHA-256
of the bytes it is to have; what a stylesheet names has a piece of it in its own URL.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urljoin

import brotli
import pytest

from tests.conftest import plant
from tests.integration.client import Answer, ask
from tests.integration.nginx import Nginx, nginx
from tests.integration.server import Kind, Server, gunicorn, running
from whitemedia.http.digests import format_integrity

KIND: Final = Kind("gunicorn", "flask", gunicorn("--workers", "3"))
CLIENTS: Final = 8
ROUNDS: Final = 3
TOO_LARGE: Final = (4 << 20) + 1  # for the bytes of a version to be kept

APP: Final = """
import flask
from whitemedia.flask import FlaskWhiteMedia

app = flask.Flask("site", root_path={root!r})
FlaskWhiteMedia(app, cache_dir={cache!r})
NAMES = {names!r}

@app.get("/")
def page():
    assets = app.extensions["whitemedia"]
    urls = {{name: (flask.url_for("static", filename=name), assets.integrity(name)) for name in NAMES}}
    return urls, {{"Cache-Control": "no-store", "X-Release": {release!r}}}
"""


class Page(NamedTuple):
    """A page that a client has loaded: its release, and the URL and the integrity of each of its files by name."""

    release: str
    files: dict[str, tuple[str, str]]


class Site(NamedTuple):
    """The proxy, and a server for each release."""

    proxy: Nginx
    old: Server
    new: Server


def files_of(release: str) -> dict[str, bytes]:
    """All differ between releases, but for one; each release has one that the other has not."""
    text = f"/* {release} */\n"
    return {
        "css/app.css": f'{text}@import "parts.css"; h1 {{ background: url(../img/logo.png) }}\n'.encode() * 20,
        "css/parts.css": f"{text}@font-face {{ src: url(../font.woff2) }}\n".encode(),
        "css/short.css": text.encode(),
        "js/app.js": f"{text}console.log('{release}')\n".encode() * 50,
        "js/same.js": b"console.log('in both')\n" * 20,
        f"js/only-{release}.js": f"console.log('{release}')\n".encode() * 20,
        f"img/only-{release}.png": b"\x89PNG" + release.encode(),
        "img/logo.png": b"\x89PNG" + random.Random(release).randbytes(2000),
        "font.woff2": b"wOF2" + random.Random(release).randbytes(3000),
        "large.bin": random.Random(release).randbytes(TOO_LARGE),
    }


def start(stack: ExitStack, folder: Path, release: str) -> Server:
    files = files_of(release)
    root = folder / release
    plant(root / "static", files)
    named = [name for name in files if name != "font.woff2"]
    app = APP.format(root=str(root), cache=str(folder / "cache"), names=named, release=release)
    (root / "wsgi.py").write_text(app)
    return stack.enter_context(running(KIND, root))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "proxy").mkdir()
    with ExitStack() as stack:
        old = start(stack, folder, "old")
        proxy = stack.enter_context(nginx(folder / "proxy", [old.port]))
        yield Site(proxy, old, start(stack, folder, "new"))


def load(port: int) -> Page:
    answer = ask(port, "/")
    assert answer.status == 200
    return Page(answer.fields["x-release"], {name: tuple(pair) for name, pair in json.loads(answer.body).items()})


def load_files(port: int, page: Page, *, compressed: bool) -> None:
    """As a browser does: what the page names, and what its stylesheets name. Fails unless all are as promised."""
    for name, (url, integrity) in page.files.items():
        answer = ask(port, url, fields={"Accept-Encoding": "br"} if compressed else {})
        data = judge(page, url, answer, integrity)
        if name.endswith(".css"):
            load_named(port, page, url, data)


def load_named(port: int, page: Page, stylesheet: str, data: bytes) -> None:
    for reference in set(re.findall(r'url\(([^)]+)\)|@import "([^"]+)"', data.decode())):
        url = urljoin(stylesheet, "".join(reference))
        version = re.search(r"\.([0-9a-f]{12})\.", url)
        assert version is not None, url
        answer = ask(port, url)
        if url.endswith(".css"):  # its version is also of what it names, so that only its words tell
            assert f"/* {page.release} */".encode() in judge(page, url, answer, "")
            load_named(port, page, url, answer.body)
        else:
            judge(page, url, answer, "")
            assert hashlib.sha256(answer.body).hexdigest().startswith(version[1])


def judge(page: Page, url: str, answer: Answer, integrity: str) -> bytes:
    """The bytes, if they are those that were promised, or else are kept by nobody."""
    assert answer.status == 200, (page.release, url, answer.status)
    body = answer.body
    if answer.fields.get("content-encoding") == "br":
        body = brotli.decompress(body)
    if integrity and integrity != format_integrity(hashlib.sha256(body).digest()):
        assert len(body) == TOO_LARGE, (page.release, url)
        assert answer.fields["cache-control"] == "no-cache"
        assert answer.fields.get("x-cache") != "HIT"
    else:
        assert "immutable" in answer.fields["cache-control"]
    return body


@pytest.mark.parametrize("compressed", [False, True])
def test_every_page_is_whole_while_one_release_takes_the_others_place(site: Site, *, compressed: bool) -> None:
    """Clients that have loaded a page of one release load its files, again and again, from whichever answers."""
    pages: list[Page] = []

    def visit(_: int) -> str:
        pages.append(page := load(site.proxy.port))
        for loaded in (page, random.choice(pages)):
            load_files(site.proxy.port, loaded, compressed=compressed)
        return page.release

    with ThreadPoolExecutor(CLIENTS) as clients:
        for ports in ([site.old.port], [site.old.port, site.new.port], [site.new.port]):
            site.proxy.ask_instead(ports)
            found = Counter(clients.map(visit, range(CLIENTS * ROUNDS)))
            assert len(found) >= len(ports), found
    assert {page.release for page in pages} == {"old", "new"}


def test_a_process_of_each_release_has_the_others_files(site: Site) -> None:
    for one, other in ((site.old, site.new), (site.new, site.old)):
        page = load(one.port)
        for compressed in (False, True):
            load_files(other.port, page, compressed=compressed)


def test_the_proxy_keeps_what_may_be_kept(site: Site) -> None:
    """Else nothing that is told of it here would tell anything."""
    site.proxy.ask_instead([site.old.port, site.new.port])
    url = load(site.old.port).files["css/app.css"][0]
    ask(site.proxy.port, url)
    assert ask(site.proxy.port, url).fields["x-cache"] == "HIT"


def test_the_proxy_keeps_no_404_of_a_version_that_nobody_was_given(site: Site) -> None:
    site.proxy.ask_instead([site.old.port, site.new.port])
    load(site.old.port)
    load(site.new.port)
    answers = [ask(site.proxy.port, "/static/css/app.0123456789ab.css") for _ in range(8)]
    assert {(answer.status, answer.fields["cache-control"]) for answer in answers} == {(404, "no-store")}
    assert {answer.fields["x-cache"] for answer in answers} == {"MISS"}
