"""Nothing that users wrote runs from a media prefix: opened, framed or loaded, under honest and under false names.

The page is in quirks mode and of the same origin: a browser is at its most willing.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from tests.integration.active import DOCUMENTS, FALSE, KINDS, WAYS, names
from tests.integration.client import PATIENCE, ask
from tests.integration.server import WAITRESS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.integration.conftest import Serve
    from tests.integration.server import Server

APP: Final = f"""
import json
from pathlib import Path

SERVED = { ({kind: (active.media_type, active.coding) for kind, active in KINDS.items()})!r}
ran, sent = [], []

def application(environ, start_response):
    path, fields, body = environ["PATH_INFO"], [], b""
    if path == "/ran":
        ran.append(environ["QUERY_STRING"])
    if path == "/told":
        body = json.dumps([ran, sent]).encode()
        ran.clear()
        sent.clear()
    if path.startswith("/naive/"):
        body = Path("tree/media", path.removeprefix("/naive/")).read_bytes()
        media_type, coding = SERVED[path.removeprefix("/naive/").partition(".")[0]]
        fields = [("Content-Type", media_type)] if media_type else []
        fields += [("Content-Encoding", coding)] if coding else []
    start_response("200 OK", [*fields, ("Content-Length", str(len(body)))])
    return [body]

files = WhiteMedia(application, "tree/pages")
files.add_media("tree/media")

def app(environ, start_response):
    def start(status, headers, exc_info=None):
        if environ["PATH_INFO"].startswith("/media/") and status == "200 OK":
            sent.append(environ["PATH_INFO"].removeprefix("/media/"))
        return start_response(status, headers, exc_info)
    return files(environ, start)
"""
"""Serves the same files by their content, and as media; tells what has run, and what was sent as media."""

PAGE: Final = """<html lang=en><title>A page</title><link rel=icon href=data:,>
<script>
var told = [], taken = [], settled = 0;
addEventListener("message", event => told.push(event.data));
function work(url) {
    const worker = new Worker(url);
    worker.onmessage = event => { told.push(event.data); settled += 1; };
    worker.onerror = () => { settled += 1; };
}
function register(url, name) {
    const registering = navigator.serviceWorker.register(url, {scope: url});
    registering.then(() => taken.push(name), () => {}).then(() => { settled += 1; });
}
</script>
"""

LOADS: Final = {
    "iframe": "<iframe src={url}></iframe>",
    "object": "<object type={type} data={url}></object>",
    "embed": "<embed type={type} src={url}>",
    "script": '<script src={url} onload=taken.push("{name}")></script>',
    "module": '<script type=module src={url} onload=taken.push("{name}")></script>',
    "worker": '<script>work("{url}")</script>',
    "service worker": '<script>register("{url}", "{name}")</script>',
    "stylesheet": '<link rel=stylesheet href={url} onload=taken.push("{name}")>',
}


class Told(NamedTuple):
    """What the server has seen: the files that ran, and those that it has sent."""

    ran: set[str]
    sent: set[str]


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    return serve(WAITRESS, write, APP)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh profile. What it would save is refused: saved files run nowhere."""
    context = browser.new_context(accept_downloads=False)
    context.set_default_timeout(2 * PATIENCE * 1000)  # a hundred files are loaded at a time
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("way", WAYS)
def test_served_by_their_content_they_run(server: Server, page: Page, way: str) -> None:
    """What these tests are for, and that they would see it."""
    expected = set(loaded("naive", way))
    assert load(server, page, "naive", way) == expected
    assert wait_for(server, len(expected)) == expected


@pytest.mark.parametrize("way", WAYS)
def test_served_as_media_they_do_not_run(server: Server, page: Page, way: str) -> None:
    assert load(server, page, "media", way) == set()
    assert tell(server) == Told(ran=set(), sent=set(loaded("media", way)))


def loaded(mount: str, way: str) -> list[str]:
    """The files to load in one of the ways: where they are media all of them, but as documents only what could be one."""
    if mount == "naive":
        return [name for kind in KINDS if way in KINDS[kind].ways for name in names(kind, FALSE[:2])]
    return [name for kind in KINDS if way not in DOCUMENTS or way in KINDS[kind].ways for name in names(kind)]


def load(server: Server, page: Page, mount: str, way: str) -> set[str]:
    """Load files in one of the ways; which of them have run, or been taken for what runs, as windows tell."""
    tell(server)
    origin, asked = f"http://localhost:{server.port}", loaded(mount, way)
    if way == "top":
        return {name for name in asked if opened(page, f"{origin}/{mount}/{name}") == name}
    page.goto(f"{origin}/{page_name(mount, way)}")  # until all is loaded, but for workers
    if "worker" in way:
        page.wait_for_function("count => settled === count", arg=len(asked))
    if mount == "naive":
        page.wait_for_function("count => new Set([...told, ...taken]).size === count", arg=len(asked))
    return set(page.evaluate("[...told, ...taken]"))


def opened(page: Page, url: str) -> object:
    """What has run in the page that is there then; a download leaves the one that was there."""
    from playwright.sync_api import Error

    try:
        page.goto(url)
    except Error as error:
        if "Download is starting" not in str(error):
            raise
    return page.evaluate("self.hasRun")


def tell(server: Server) -> Told:
    """What the server has seen since it was last asked."""
    return Told(*map(set, json.loads(ask(server.port, "/told").body)))


def wait_for(server: Server, count: int) -> set[str]:
    """The files that have run, once they are so many."""
    ran: set[str] = set()
    deadline = time.monotonic() + PATIENCE
    while len(ran) < count:
        assert time.monotonic() < deadline, f"no more than these run: {ran}"
        ran |= tell(server).ran
        time.sleep(0.02)  # a browser says nothing of what it still sends
    return ran


def page_name(mount: str, way: str) -> str:
    return f"{mount}-{way.replace(' ', '-')}.html"


def element(mount: str, way: str, name: str) -> str:
    """What loads a file. Its type says what it is, else Chromium takes `object` and `embed` at their extension's word."""
    return LOADS[way].format(url=f"/{mount}/{name}", name=name, type=KINDS[name.partition(".")[0]].media_type)


def write(tree: Path) -> None:
    for folder in ("pages", "media"):
        (tree / folder).mkdir(parents=True)
    for kind, active in KINDS.items():
        for name in names(kind):
            (tree / "media" / name).write_bytes(active.content(name))
    for mount, way in itertools.product(("naive", "media"), LOADS):
        loads = [element(mount, way, name) for name in loaded(mount, way)]
        (tree / "pages" / page_name(mount, way)).write_text("\n".join([PAGE, *loads]))
