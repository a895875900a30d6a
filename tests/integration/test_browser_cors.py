"""A real browser's fetch from another origin: who may read, who may not, and what its cache makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.conftest import plant
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


class Case(NamedTuple):
    """From which host a page asks, of which of the policies, how, and whether that is allowed."""

    host: str
    policy: str
    options: dict[str, Any]
    allowed: bool


LISTED, UNLISTED = "localhost", "127.0.0.1"
WITH_COOKIES = {"credentials": "include"}

CASES = {
    "any origin": Case(LISTED, "any", {}, allowed=True),
    "no other origin": Case(LISTED, "none", {}, allowed=False),
    "a listed origin": Case(LISTED, "list", {}, allowed=True),
    "an origin that is not listed": Case(UNLISTED, "list", {}, allowed=False),
    "credentials, any origin": Case(LISTED, "any", WITH_COOKIES, allowed=False),
    "credentials, not allowed": Case(LISTED, "list", WITH_COOKIES, allowed=False),
    "credentials, allowed": Case(LISTED, "cookies", WITH_COOKIES, allowed=True),
    "credentials, not listed": Case(UNLISTED, "cookies", WITH_COOKIES, allowed=False),
    "preflight, any origin": Case(LISTED, "any", {"headers": {"X-Requested-With": "a"}}, allowed=True),
    "preflight, listed": Case(LISTED, "list", {"headers": {"If-Range": '"a"'}}, allowed=True),
    "preflight, not listed": Case(UNLISTED, "list", {"headers": {"X-Token": "a"}}, allowed=False),
    "preflight, no other origin": Case(LISTED, "none", {"headers": {"X-Token": "a"}}, allowed=False),
    "preflight, authorization": Case(LISTED, "any", {"headers": {"Authorization": "a"}}, allowed=True),
    "preflight with credentials": Case(
        LISTED, "cookies", {"headers": {"Authorization": "a"}, **WITH_COOKIES}, allowed=True
    ),
    "preflight of an unsafe method": Case(LISTED, "any", {"method": "PUT", "body": "a"}, allowed=False),
    "HEAD": Case(LISTED, "any", {"method": "HEAD"}, allowed=True),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_browser_reads_what_it_is_allowed_to_and_nothing_else(
    browser: Browser, pages: list[Server], files: Server, case: Case
) -> None:
    page = open_page(browser, pages[0], case.host)
    got = fetch(page, f"http://127.0.0.1:{files.port}/{case.policy}/app.css", **case.options)
    if case.allowed:
        length = 0 if case.options.get("method") == "HEAD" else len(BODY)
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
