"""Modules in a real browser: each is loaded once, from a URL that is kept for ever, whether an import map or a manifest
gives its name; and what is not what was promised does not run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.assets.manifest_files import manifest_path
from tests.conftest import plant
from tests.integration.conftest import Serve
from tests.integration.server import WAITRESS, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

RUNS: Final = "globalThis.runs = [...(globalThis.runs ?? []), new URL(import.meta.url).pathname];\n"
PLAIN: Final = {
    "js/app.js": 'import "./parts/menu.js"; import "vue"; import "parts/list.js"; import("./late.js");',
    "js/parts/menu.js": 'import "../app.js"; import "./list.js";',
    "js/parts/list.js": "",
    "js/late.js": 'import "./app.js"; globalThis.done = true;',
    "vendor/vue.js": "",
}
BUILT: Final = {
    "assets/main-BT-gWqKz.js": 'import "./shared-D2FuaKJl.js"; import("./lazy-C0_gcty8.js");',
    "assets/shared-D2FuaKJl.js": "",
    "assets/lazy-C0_gcty8.js": 'import "./main-BT-gWqKz.js"; globalThis.done = true;',
}
STYLES: Final = {
    "assets/main-P2O4dZ-A.css": "h1 { color: rgb(1, 2, 3) }",
    "assets/shared-CfcCuSQr.css": "h1 { font-size: 33px }",
}

PAGES: Final = """
def page(environ, start_response):
    integrity = environ["QUERY_STRING"] == "integrity"
    if environ["PATH_INFO"] == "/mapped":
        found = app.importmap("js/", {{"vue": "vendor/vue.js", "parts/": "js/parts/"}}, integrity=integrity)
        head = f'<script type="importmap">{{found}}</script><script type="module" src="{{app.url_for("js/app.js")}}"></script>'
    elif environ["PATH_INFO"] == "/built":
        head = app.tags("src/main.js", integrity=integrity)
    else:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b""]
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")])
    return [f"<!doctype html><title>A page</title><link rel=icon href=data:,>{{head}}<h1>A page</h1>".encode()]


app = WhiteMedia(page, "tree", "/static/", compress="off")
app.add_files("tree/dist", "/dist/", manifest={manifest!r})
"""


def write(tree: Path) -> None:
    scripts = {**PLAIN, **{f"dist/{name}": text for name, text in BUILT.items()}}
    plant(tree, {name: (RUNS + text).encode() for name, text in scripts.items()})
    plant(tree, {f"dist/{name}": text.encode() for name, text in STYLES.items()})


@pytest.fixture(scope="module")
def site(serve: Serve) -> Server:
    return serve(WAITRESS, write, PAGES.format(manifest=str(manifest_path("vite8"))))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with a cache of its own."""
    with browser.new_context() as context:
        yield context.new_page()


def load(page: Page, server: Server, path: str) -> list[str]:
    """Load a page until its last module has run; the paths of all that ran, in that order."""
    page.goto(f"http://localhost:{server.port}{path}")
    page.wait_for_function("globalThis.done")
    runs: list[str] = page.evaluate("globalThis.runs")
    return runs


def transferred(page: Page) -> dict[str, int]:
    """Of each file that the page loaded, by its path, the bytes that came for it over the wire."""
    script = """performance.getEntriesByType("resource").filter((entry) => entry.name.startsWith(location.origin))
        .map((entry) => [new URL(entry.name).pathname, entry.transferSize])"""
    return dict(page.evaluate(script))


@pytest.mark.parametrize("path", ["/mapped", "/mapped?integrity"])
def test_with_an_import_map_every_module_runs_once_under_its_versioned_name(
    site: Server, page: Page, path: str
) -> None:
    runs = load(page, site, path)
    plain = [re.sub(r"\.[0-9a-f]{12}(?=\.js$)", "", run) for run in runs]
    assert sorted(plain) == sorted(f"/static/{name}" for name in PLAIN)
    assert not set(runs) & set(plain)
    assert set(transferred(page)) == set(runs)


@pytest.mark.parametrize("path", ["/built", "/built?integrity"])
def test_what_a_manifest_names_is_loaded_once_and_with_its_styles(site: Server, page: Page, path: str) -> None:
    runs = load(page, site, path)
    assert runs == [f"/dist/assets/{name}.js" for name in ("shared-D2FuaKJl", "main-BT-gWqKz", "lazy-C0_gcty8")]
    assert set(transferred(page)) == {*runs, *(f"/dist/{name}" for name in STYLES)}
    script = '(({color, fontSize}) => [color, fontSize])(getComputedStyle(document.querySelector("h1")))'
    assert page.evaluate(script) == ["rgb(1, 2, 3)", "33px"]


@pytest.mark.parametrize("path", ["/mapped", "/built", "/mapped?integrity", "/built?integrity"])
def test_the_second_time_nothing_is_asked_for(site: Server, page: Page, path: str) -> None:
    load(page, site, path)
    assert any(transferred(page).values())
    load(page, site, path)
    assert len(transferred(page)) >= 5
    assert not any(transferred(page).values())


@pytest.mark.parametrize(("path", "module"), [("/mapped", "**/list.*.js"), ("/built", "**/main-*.js")])
def test_with_integrity_what_was_changed_on_the_way_does_not_run(
    site: Server, page: Page, path: str, module: str
) -> None:
    def change(route: Route) -> None:
        route.fulfill(body="globalThis.done = globalThis.changed = true;", content_type="text/javascript")

    page.route(module, change)
    load(page, site, path)
    assert page.evaluate("globalThis.changed")
    with page.expect_console_message(lambda message: "integrity" in message.text):
        page.goto(f"http://localhost:{site.port}{path}?integrity")
    page.wait_for_load_state("networkidle")
    assert not page.evaluate("globalThis.changed")
