"""A Flask application of today in a real browser: bootstrap, fontawesome, what Vite built, and files of its own.

Every file comes from a URL that is kept for ever, the second time nothing is asked for, and what is not what was
promised is not used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import pytest

from benchmarks.tree.fetch import PACKAGES, fetch_all, parse_arguments, parse_packages
from tests.assets.manifest_files import manifest_path
from tests.conftest import plant
from tests.integration.conftest import Serve
from tests.integration.programs import program
from tests.integration.server import WAITRESS, Server
from tests.integration.test_browser_modules import BUILT, RUNS, STYLES
from tests.integration.test_browser_serve import HASHED
from tests.packages import VITE_SITE, folder_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Route

VERSIONED: Final = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")
MAPPED: Final = re.compile(r"[#@] sourceMappingURL=([^\s*]+)")
WANTED: Final = ("bootstrap", "@fortawesome/fontawesome-free")
PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)
OWN: Final = {
    "css/site.css": b'@import "parts.css";\nh1 { background: url(../img/logo.png) }\n',
    "css/parts.css": b"p { background: url('../img/other.png'); color: rgb(4, 5, 6) }\n",
    "img/logo.png": PNG,
    "img/other.png": PNG + b"\0",
}

APP: Final = '''
import os
import flask
from whitemedia.flask import FlaskWhiteMedia

TREE = os.path.abspath("tree")
site = flask.Flask("site", root_path=TREE)
site.config.update(WHITEMEDIA_IMMUTABLE="vite", WHITEMEDIA_MANIFEST={manifest!r}, WHITEMEDIA_CACHE_DIR=None)
assets = FlaskWhiteMedia(site, compress="off")
for name, folder in (("vendor", TREE + "/packages"), ("viewer", {viewer!r})):
    blueprint = flask.Blueprint(name, name, root_path=TREE, static_folder=folder, static_url_path="/files")
    site.register_blueprint(blueprint, url_prefix="/" + name)

PAGE = """<!doctype html><title>A page</title><link rel=icon href=data:,>
{{%- macro style(endpoint, name) -%}}
<link rel="stylesheet" href="{{{{ url_for(endpoint, filename=name) }}}}" integrity="{{{{ integrity(url_for(endpoint, filename=name)) }}}}">
{{%- endmacro -%}}
{{{{ style("vendor.static", "bootstrap/dist/css/bootstrap.min.css") }}}}
{{{{ style("vendor.static", "@fortawesome/fontawesome-free/css/all.min.css") }}}}
{{{{ style("static", "css/site.css") }}}}
{{% set script = url_for("vendor.static", filename="bootstrap/dist/js/bootstrap.bundle.min.js") %}}
<script src="{{{{ script }}}}" integrity="{{{{ integrity(script) }}}}"></script>
{{{{ asset_tags("src/main.js", integrity=True) }}}}
<h1><i class="fa-solid fa-house"></i> <i class="fa-brands fa-python"></i> A page</h1><p>Text</p>
<button class="btn btn-primary">Go</button>"""

@site.get("/")
def index():
    return flask.render_template_string(PAGE), {{"Cache-Control": "no-store"}}

asked = []

@site.get("/asked")
def tell():
    told, asked[:] = list(asked), []
    return flask.jsonify(told), {{"Cache-Control": "no-store"}}

def app(environ, start_response):
    if environ["PATH_INFO"] != "/asked":
        asked.append(environ["PATH_INFO"])
    return site(environ, start_response)
'''


def write(tree: Path) -> None:
    """The static files, with packages as npm has them."""
    program("npm", "npm")
    packages = [one for one in parse_packages(PACKAGES.read_text("utf-8")) if one.name in WANTED]
    (tree / "packages").mkdir(parents=True)
    fetch_all(packages, tree / "packages", parse_arguments([str(tree)]).cache)
    plant(tree / "static", {**OWN, **{f"dist/{name}": text.encode() for name, text in STYLES.items()}})
    plant(tree / "static", {f"dist/{name}": (RUNS + text).encode() for name, text in BUILT.items()})
    plant(tree / "static", {"dist/.vite/manifest.json": manifest_path("vite8").read_bytes()})


class Visit:
    """A page that was loaded: what its console says is wrong, and the paths that it asked for and of what it used."""

    def __init__(self, context: BrowserContext, server: Server, path: str) -> None:
        self.url = f"http://localhost:{server.port}"
        self.page, self.errors = context.new_page(), list[str]()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.request.get(f"{self.url}/asked")
        self.page.goto(f"{self.url}{path}", wait_until="networkidle")
        asked = self.page.request.get(f"{self.url}/asked").json()
        self.asked = [name for name in asked if name != path]
        script = 'performance.getEntriesByType("resource").map((entry) => entry.name)'
        used = (urlsplit(url) for url in self.page.evaluate(script) if url.startswith(self.url))
        self.used = {url.path for url in used}

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    manifest = "tree/static/dist/.vite/manifest.json"
    return serve(WAITRESS, write, APP.format(manifest=manifest, viewer=str(folder_of("playwright", VITE_SITE))))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser with a cache of its own."""
    with browser.new_context() as context:
        yield context


@pytest.fixture
def visit(context: BrowserContext, server: Server) -> Visit:
    return Visit(context, server, "/")


def test_every_file_comes_from_a_url_that_is_kept_for_ever(visit: Visit) -> None:
    assert visit.errors == []
    plain = {VERSIONED.sub("", path).rpartition("/")[2] for path in visit.asked}
    fonts = {"fa-solid-900", "fa-brands-400"}
    assert {"bootstrap.min", "all.min", "site", "parts", "logo", "other", "bootstrap.bundle.min", *fonts} <= plain
    assert [path for path in visit.asked if not (VERSIONED.search(path) or HASHED.search(path))] == []
    for path in visit.asked:
        control = visit.page.request.get(visit.url + path).headers["cache-control"]
        assert control == "max-age=31536000, public, immutable", path


def test_the_second_time_nothing_is_asked_for(visit: Visit, context: BrowserContext, server: Server) -> None:
    again = Visit(context, server, "/")
    assert len(visit.asked) > 10
    assert (again.asked, again.errors, again.used) == ([], [], visit.used)


def test_all_of_it_is_used(visit: Visit) -> None:
    """Scripts have run, styles apply, fonts are there."""
    page = visit.page
    page.evaluate("document.fonts.ready")
    fonts = page.evaluate(
        "[...document.fonts].filter((font) => font.status == 'loaded').map((font) => [font.family, font.weight])"
    )
    names = {(family.strip('"'), weight) for family, weight in fonts}
    assert {("Font Awesome 6 Free", "900"), ("Font Awesome 6 Brands", "400")} <= names
    assert page.evaluate("typeof bootstrap.Modal") == "function"
    assert page.evaluate("globalThis.done")
    style = "(([selector, name]) => getComputedStyle(document.querySelector(selector))[name])"
    assert page.evaluate(style, ["p", "color"]) == "rgb(4, 5, 6)"
    assert page.evaluate(style, ["h1", "fontSize"]) == "33px"
    assert page.evaluate(style, [".btn-primary", "backgroundColor"]) == "rgb(13, 110, 253)"


def test_source_maps_are_where_files_say_and_kept_too(visit: Visit) -> None:
    maps = []
    for path in visit.asked:
        if path.endswith((".css", ".js")):
            text = visit.page.request.get(visit.url + path).text()
            maps += [urljoin(path, name) for name in MAPPED.findall(text)]
    assert len(maps) >= 2
    for path in maps:
        answer = visit.page.request.get(visit.url + path)
        assert VERSIONED.search(path), path
        assert answer.headers["cache-control"] == "max-age=31536000, public, immutable"
        assert json.loads(answer.text())["version"] == 3


@pytest.mark.parametrize("name", ["bootstrap.bundle.min", "site"])
def test_what_was_changed_on_the_way_is_not_used(context: BrowserContext, server: Server, name: str) -> None:
    def change(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text() + " ")

    context.route(re.compile(rf"/{name}\.[0-9a-f]{{12}}\."), change)
    visit = Visit(context, server, "/")
    [error] = visit.errors
    assert "integrity" in error
    bootstrap, color = visit.page.evaluate(
        "[typeof bootstrap, getComputedStyle(document.querySelector('p')).color == 'rgb(4, 5, 6)']"
    )
    assert (bootstrap == "object", color) == (name == "site", name != "site")


def test_a_site_that_vite_built_runs_from_a_blueprint(context: BrowserContext, server: Server) -> None:
    first = Visit(context, server, "/viewer/files/index.html")
    assert first.page.title() == "Playwright Trace Viewer"
    assert len([path for path in first.asked if HASHED.search(path)]) >= 5
    again = Visit(context, server, "/viewer/files/index.html")
    assert [path for path in again.asked if HASHED.search(path) or VERSIONED.search(path)] == []
    assert first.errors == again.errors == []
