"""A real browser's fetch from another origin: who may read, who may not, and what its cache makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import plant
from tests.integration.browser import chromium
from tests.integration.conftest import Serve
from tests.integration.server import WAITRESS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.integration.server import Server

BODY = b"h1 { color: teal }\n" * 40
PAGE = b"<!doctype html><html lang=en><title>A page</title><link rel=icon href=data:,>"

FETCH = """async ([url, options]) => {
    try {
        const response = await fetch(url, options);
        const text = await response.text();
        return {status: response.status, type: response.type, length: text.length, etag: response.headers.get("ETag")};
    } catch (error) {
        return String(error);
    }
}"""

REFUSED = "TypeError: Failed to fetch"


def write(tree: Path) -> None:
    plant(tree, {"page.html": PAGE, "app.css": BODY})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(serve: Serve) -> list[Server]:
    """Two origins of pages: the first of them is listed below, and so is the second."""
    return [serve(WAITRESS, write, 'app = WhiteMedia(application, "tree")') for _ in range(2)]


@pytest.fixture(scope="module")
def files(serve: Serve, pages: list[Server]) -> Server:
    """Another origin, with one stylesheet under several policies."""
    listed = [f"http://localhost:{page.port}" for page in pages]
    return serve(
        WAITRESS,
        write,
        f"""
app = WhiteMedia(application, "tree", prefix="/any/")
app.add_files("tree", prefix="/none/", allow_all_origins=False)
app.add_files("tree", prefix="/list/", cors={listed!r}, max_age=600)
app.add_files("tree", prefix="/cookies/", cors={listed!r}, cors_credentials=True)
app.add_files("tree", prefix="/shown/", rules=[("**", {{"Access-Control-Expose-Headers": "ETag"}})])
""",
    )


def open_page(browser: Browser, server: Server, host: str = "localhost") -> Page:
    page = browser.new_page()
    page.goto(f"http://{host}:{server.port}/page.html")
    return page


def fetch(page: Page, url: str, **options: Any) -> Any:
    return page.evaluate(FETCH, [url, options])


@pytest.mark.parametrize(
    ("host", "policy", "options", "allowed"),
    [
        pytest.param("localhost", "any", {}, True, id="any origin"),
        pytest.param("localhost", "none", {}, False, id="no other origin"),
        pytest.param("localhost", "list", {}, True, id="a listed origin"),
        pytest.param("127.0.0.1", "list", {}, False, id="an origin that is not listed"),
        pytest.param("localhost", "any", {"credentials": "include"}, False, id="credentials, any origin"),
        pytest.param("localhost", "list", {"credentials": "include"}, False, id="credentials, not allowed"),
        pytest.param("localhost", "cookies", {"credentials": "include"}, True, id="credentials, allowed"),
        pytest.param("127.0.0.1", "cookies", {"credentials": "include"}, False, id="credentials, not listed"),
        pytest.param("localhost", "any", {"headers": {"X-Requested-With": "a"}}, True, id="preflight, any origin"),
        pytest.param("localhost", "list", {"headers": {"If-Range": '"a"'}}, True, id="preflight, listed"),
        pytest.param("127.0.0.1", "list", {"headers": {"X-Token": "a"}}, False, id="preflight, not listed"),
        pytest.param("localhost", "none", {"headers": {"X-Token": "a"}}, False, id="preflight, no other origin"),
        pytest.param("localhost", "any", {"headers": {"Authorization": "a"}}, True, id="preflight, authorization"),
        pytest.param(
            "localhost",
            "cookies",
            {"headers": {"Authorization": "a"}, "credentials": "include"},
            True,
            id="preflight with credentials",
        ),
        pytest.param(
            "localhost", "any", {"method": "PUT", "body": "a"}, False, id="preflight of an unsafe method"
        ),
        pytest.param("localhost", "any", {"method": "HEAD"}, True, id="HEAD"),
    ],
)
def test_a_browser_reads_what_it_is_allowed_to_and_nothing_else(
    browser: Browser, pages: list[Server], files: Server, host: str, policy: str, options: Any, allowed: bool
) -> None:
    page = open_page(browser, pages[0], host)
    got = fetch(page, f"http://127.0.0.1:{files.port}/{policy}/app.css", **options)
    if allowed:
        length = 0 if options.get("method") == "HEAD" else len(BODY)
        assert got == {"status": 200, "type": "cors", "length": length, "etag": None}
    else:
        assert got == REFUSED
    page.close()


def test_a_cached_answer_for_one_origin_is_not_given_to_another(
    browser: Browser, pages: list[Server], files: Server
) -> None:
    """Vary: Origin. Both origins are of one site, whose pages share a cache."""
    url = f"http://127.0.0.1:{files.port}/list/app.css"
    context = browser.new_context()
    for server in (*pages, *pages):
        page = context.new_page()
        page.goto(f"http://localhost:{server.port}/page.html")
        assert fetch(page, url)["status"] == 200
        page.close()
    context.close()


def test_a_rule_lets_scripts_see_a_field(browser: Browser, pages: list[Server], files: Server) -> None:
    page = open_page(browser, pages[0])
    got = fetch(page, f"http://127.0.0.1:{files.port}/shown/app.css")
    assert got["etag"].startswith('"')
    page.close()


def test_a_script_reads_a_range_of_another_origin(browser: Browser, pages: list[Server], files: Server) -> None:
    page = open_page(browser, pages[0])
    got = fetch(page, f"http://127.0.0.1:{files.port}/list/app.css", headers={"Range": "bytes=3-9"})
    assert (got["status"], got["length"]) == (206, 7)
    page.close()
