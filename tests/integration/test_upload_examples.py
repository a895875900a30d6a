"""The Flask example of uploads, under gunicorn, as its user sees it in a browser."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pytest

from tests.integration.server import GUNICORN_FLASK, Server, require

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, Route

    from tests.integration.conftest import Serve

EXAMPLE: Final = Path(__file__).parents[2] / "docs" / "examples" / "uploads"
PAGE: Final = b"<!doctype html><title>A page</title><script>alert(1)</script>"
REPORT: Final = "Ein Bericht, 报告, تقرير\n".encode() * 1000
MB: Final = 1 << 20

RECORD: Final = """
new MutationObserver((changes) => {
  const seen = JSON.parse(sessionStorage.seen || "[]");
  for (const { target } of changes) if (target.matches("progress")) seen.push(Number(target.value));
  sessionStorage.seen = JSON.stringify(seen);
}).observe(document, { attributes: true, attributeFilter: ["value"], subtree: true });
"""
"""Keeps what a progress bar has shown; the page is loaded anew when an upload ends well."""


def picture(width: int = 640, height: int = 480) -> bytes:
    """A PNG."""
    require("PIL")
    from PIL import Image

    made = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(made, "PNG")
    return made.getvalue()


class Visit:
    """A visit of the page: what it asked for and what went wrong is kept; `folder` has the files to
    choose from, `stored` those that were uploaded."""

    def __init__(self, browser: Browser, server: Server, folder: Path) -> None:
        self.stored = server.tree / "data" / "pictures"
        self.url = f"http://127.0.0.1:{server.port}"
        self.folder = folder
        self.page = browser.new_page()
        self.failures: list[str] = []
        self.posts: list[str] = []
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.on("request", self._note_request)
        self.page.add_init_script(RECORD)

    def begin(self) -> None:
        """Come back as one who has not logged in."""
        self.page.context.clear_cookies()
        self.page.goto(self.url)
        self.failures.clear()
        self.posts.clear()

    def form(self, what: str = "pictures") -> Locator:
        return self.page.locator(f"form.upload[action='/{what}']")

    def button(self, what: str = "pictures") -> Locator:
        return self.form(what).locator("button")

    def progress(self) -> Locator:
        return self.form().locator("progress")

    def reason(self, text: str, what: str = "pictures") -> Locator:
        """What the page tells beside the form, if it has that in it."""
        return self.form(what).locator("output").filter(has_text=text)

    def choose(self, name: str, data: bytes, what: str = "pictures") -> None:
        (self.folder / name).write_bytes(data)
        self.form(what).locator("input[type=file]").set_input_files(self.folder / name)

    def upload(self, name: str, data: bytes, what: str = "pictures") -> int:
        """Choose a file and press the button; the status of the answer."""
        self.choose(name, data, what)
        return self.press(what)

    def press(self, what: str = "pictures") -> int:
        self.page.evaluate("window.isPressed = true")
        with self.page.expect_response(f"**/{what}") as response:
            self.button(what).click()
        if response.value.status == 201:
            self.page.wait_for_function("!window.isPressed")  # it is loaded anew
        return response.value.status

    def log_in(self) -> None:
        self.page.get_by_placeholder("Your name").fill("Ann")
        self.page.get_by_role("button", name="Log in").click()
        self.form("documents").wait_for()

    def thumbnail(self, name: str) -> Locator:
        return self.page.get_by_alt_text(name, exact=True)

    def width(self, name: str) -> int:
        """Of a picture in the gallery, in the file that is shown of it, when it has loaded."""
        shown = self.thumbnail(name)
        shown.scroll_into_view_if_needed()
        handle = shown.element_handle()
        self.page.wait_for_function("image => image.complete", arg=handle)
        return int(shown.evaluate("image => image.naturalWidth"))

    def status(self, path: str) -> int:
        """Of an answer to whoever visits, asked for past the page."""
        return self.page.request.get(self.url + path).status

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            told = re.fullmatch(r"Failed to load resource: .* status of ([0-9]{3}) \(.*\)", message.text)
            self.failures.append(told[1] if told else message.text)

    def _note_request(self, request: Request) -> None:
        if request.method == "POST":
            self.posts.append(request.url.removeprefix(self.url))


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    """The example; what is uploaded is kept in its folder."""
    return serve(GUNICORN_FLASK, _copy_example, "")


@pytest.fixture(scope="module")
def visitor(server: Server, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """Gone before the server is, which would wait for its connections."""
    return Visit(browser, server, tmp_path_factory.mktemp("files"))


@pytest.fixture
def visit(visitor: Visit) -> Visit:
    visitor.begin()
    return visitor


def test_an_upload_shows_its_progress_and_then_its_thumbnail(visit: Visit) -> None:
    meanwhile = []

    def hold(route: Route) -> None:
        meanwhile.append((visit.progress().is_visible(), visit.button().is_disabled()))
        route.continue_()

    visit.page.route("**/pictures", hold)
    assert visit.upload("progress.png", picture()) == 201
    visit.page.unroute_all()
    assert meanwhile == [(True, True)]
    assert visit.width("progress.png") == 320
    assert visit.page.evaluate("JSON.parse(sessionStorage.seen).at(-1)") == 1
    assert not visit.progress().is_visible()
    assert visit.failures == []


@pytest.mark.parametrize("name", ["我的照片.png", "صورة العائلة.png", "🎉👩‍👩‍👧🏳️‍🌈.png", "Füße & “Zähne”+;,.png"])
def test_a_picture_keeps_its_name_in_any_script(visit: Visit, name: str) -> None:
    assert visit.upload(name, picture()) == 201
    assert visit.width(name) == 320
    link = visit.page.get_by_role("link").filter(has=visit.thumbnail(name))
    assert link.get_attribute("href") == f"/media/{quote(name)}"
    assert visit.status(f"/media/{quote(name)}") == 200
    assert visit.failures == []


def test_a_picture_smaller_than_a_thumbnail_is_shown_itself(visit: Visit) -> None:
    assert visit.upload("small.png", picture(200, 100)) == 201
    assert visit.width("small.png") == 200
    assert visit.failures == []


@pytest.mark.parametrize(
    ("name", "data", "status", "told"),
    [
        ("page.html", PAGE, 415, "“page.html” is no file of an accepted type. Accepted: image/*."),
        ("page.png", PAGE, 415, "“page.png” does not contain what its name says. Accepted: image/*."),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "“drawing.svg” is no file of an"),
        ("torn.png", picture()[:900], 415, "“torn.png” is no picture that can be read."),
        ("large.png", picture() + bytes(6 * MB), 413, "“large.png” is larger than 5 MB."),
    ],
    ids=["another type", "false extension", "with scripts", "torn", "too large"],
)
def test_a_file_that_is_refused_leaves_the_reason_beside_the_form(
    visit: Visit, name: str, data: bytes, status: int, told: str
) -> None:
    assert visit.upload(name, data) == status
    visit.reason(told).wait_for()
    assert visit.button().is_enabled()
    assert not visit.progress().is_visible()
    assert visit.failures == [str(status)]
    assert name not in [path.name for path in visit.stored.iterdir()]
    visit.page.reload()
    assert visit.thumbnail(name).count() == 0


def test_a_request_over_flasks_own_limit_is_told_of_as_too_large(visit: Visit) -> None:
    """It is refused before the file is looked at: MAX_CONTENT_LENGTH."""
    assert visit.upload("huge.png", picture() + bytes(21 * MB)) == 413
    visit.reason("This file is too large.").wait_for()
    assert visit.failures == ["413"]


def test_after_a_refusal_the_next_file_can_be_sent(visit: Visit) -> None:
    assert visit.upload("first.png", PAGE) == 415
    assert visit.upload("second.png", picture()) == 201
    assert visit.width("second.png") == 320
    assert visit.failures == ["415"]


def test_a_double_click_uploads_once(visit: Visit) -> None:
    visit.choose("twice.png", picture())
    visit.button().dblclick()
    assert visit.width("twice.png") == 320
    assert visit.posts == ["/pictures"]
    stored = [path.name for path in visit.stored.iterdir() if "twice" in path.name]
    assert sorted(stored) == ["twice.png", "twice_png.320w.webp"]
    assert visit.failures == []


def test_two_files_of_one_name_are_both_kept(visit: Visit) -> None:
    assert [visit.upload("same.png", picture(width)) for width in (400, 500)] == [201, 201]
    names = visit.page.locator("img").evaluate_all("images => images.map((image) => image.alt)")
    assert len([name for name in names if re.fullmatch(r"same(-[0-9a-f]{8})?\.png", name)]) == 2
    assert visit.failures == []


def test_whoever_has_logged_in_can_delete_a_picture(visit: Visit) -> None:
    assert visit.upload("doomed.png", picture()) == 201
    assert visit.width("doomed.png") == 320
    assert visit.page.get_by_role("button", name="Delete").count() == 0
    visit.log_in()
    item = visit.page.get_by_role("listitem").filter(has=visit.thumbnail("doomed.png"))
    item.get_by_role("button", name="Delete").click()
    visit.thumbnail("doomed.png").wait_for(state="detached")
    assert [visit.status(f"/media/{name}") for name in ("doomed.png", "doomed_png.320w.webp")] == [404, 404]
    assert visit.failures == []


def test_whoever_has_not_logged_in_cannot_delete_a_picture(visit: Visit) -> None:
    assert visit.upload("kept.png", picture()) == 201
    assert visit.page.request.post(f"{visit.url}/pictures/kept.png/delete").status == 403
    assert visit.status("/media/kept.png") == 200


@pytest.mark.parametrize("name", ["报告 2026.txt", "📄 تقرير.txt"])
def test_a_document_is_for_who_has_logged_in(visit: Visit, name: str) -> None:
    visit.log_in()
    assert visit.upload(name, REPORT, "documents") == 201
    link = visit.page.get_by_role("link", name=name, exact=True)
    path = link.get_attribute("href") or ""
    answer = visit.page.request.get(visit.url + path)
    assert (answer.status, answer.body(), answer.headers["content-type"]) == (
        200,
        REPORT,
        "text/plain; charset=utf-8",
    )
    assert visit.status(f"/protected/{quote(name)}") == 404
    link.click()
    visit.page.get_by_text("报告").wait_for()
    visit.page.context.clear_cookies()
    assert visit.status(path) == 403
    assert visit.status(f"/protected/{quote(name)}") == 404
    assert visit.failures == []


def test_a_document_of_another_type_is_refused(visit: Visit) -> None:
    visit.log_in()
    assert visit.upload("page.html", PAGE, "documents") == 415
    visit.reason("“page.html” is no file of an accepted type. Accepted: .pdf, .txt,", "documents").wait_for()
    assert visit.failures == ["415"]


def test_nobody_who_has_not_logged_in_can_add_a_document(visit: Visit) -> None:
    sent = visit.page.request.post(
        f"{visit.url}/documents",
        multipart={"file": {"name": "a.txt", "mimeType": "text/plain", "buffer": b"text"}},
    )
    assert sent.status == 403


def _copy_example(tree: Path) -> None:
    shutil.copytree(EXAMPLE, tree)
