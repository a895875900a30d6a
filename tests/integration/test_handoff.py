"""Flask and Django, as they are, hand files off: the bytes asked for arrive, with the application's fields and no others.

A login is asked for by each view; who has none gets the application's own 403.
"""

from __future__ import annotations

import functools
import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

import pytest

from tests.integration.client import Answer, ask
from tests.integration.server import GUNICORN_GTHREAD, WAITRESS, Kind, Server, require

if TYPE_CHECKING:
    from tests.integration.conftest import Serve

LARGE: Final = random.Random(7).randbytes((4 << 20) + 3)
TEXT: Final = "Bericht über 报告\n".encode() * 100
FILES: Final = {"large.bin": LARGE, "报告 №1.txt": TEXT, "100% ü.txt": TEXT, "a/b+c.txt": TEXT, "q?#.txt": TEXT}
COOKIE: Final = {"Cookie": "login=yes"}
GZIP: Final = {"Accept-Encoding": "gzip"}

COMMON = """
import logging, os
from urllib.parse import quote
logging.basicConfig(format="%(levelname)s %(message)s")
ROOT = os.path.abspath("tree/private")
OUTSIDE = os.path.abspath("tree/outside.txt")

def dress(response):
    response.set_cookie("a", "1", httponly=True)
    response.set_cookie("b", "2")
    response.headers["X-Report"] = "7"
    return response
"""

FLASK = """
import flask
flask_app = flask.Flask(__name__)
flask_app.config["USE_X_SENDFILE"] = True
flask_app.after_request(dress)

@flask_app.before_request
def check():
    if "login" not in flask.request.cookies:
        return "log in first", 403

@flask_app.route("/send_file/<path:name>")
@flask_app.route("/unconditional/<path:name>")
def send_file(name):
    return flask.send_file(os.path.join(ROOT, name), conditional="unconditional" not in flask.request.path)

@flask_app.route("/attachment/<path:name>")
def attachment(name):
    return flask.send_from_directory(ROOT, name, as_attachment=True, download_name="报告.pdf", max_age=60)

@flask_app.route("/accel/<path:name>")
def accel(name):
    return flask.Response(mimetype="application/pdf", headers={"X-Accel-Redirect": "/protected/" + quote(name)})

@flask_app.route("/outside")
def outside():
    return flask.send_file(OUTSIDE)

behind = flask_app.wsgi_app
"""

DJANGO = """
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseForbidden
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[f"django.middleware.{name}Middleware" for name in ("gzip.GZip", "http.ConditionalGet", "common.Common")],
    SENDFILE_BACKEND=__name__,
    SENDFILE_ROOT=ROOT,
    SENDFILE_URL="/protected",
)
behind = get_wsgi_application()

from django_sendfile import sendfile as send
from django_sendfile.backends import nginx, xsendfile
def sendfile(request, filename, **options):
    return (nginx if "nginx" in request.path else xsendfile).sendfile(request, filename, **options)

def checked(view):
    def check(request, **names):
        if "login" not in request.COOKIES:
            return HttpResponseForbidden("log in first")
        return dress(view(request, **names))
    return check

def accel(request, name):
    return HttpResponse(content_type="application/pdf", headers={"X-Accel-Redirect": "/protected/" + quote(name)})

def sent(request, name):
    named = {"attachment": True, "attachment_filename": "报告.pdf"} if "attachment" in request.path else {}
    return send(request, os.path.join(ROOT, name), **named)

urlpatterns = [
    path("accel/<path:name>", checked(accel)),
    *(path(f"{view}/<path:name>", checked(sent)) for view in ("nginx", "xsendfile", "attachment")),
    path("outside", checked(lambda request: HttpResponse(headers={"X-Sendfile": OUTSIDE}))),
]
"""

MOUNT = """
app = WhiteMedia(behind, cache_dir=None)
app.add_private("tree/private", "/protected/")
"""

PROJECTS: Final = {"flask": ("flask", FLASK), "django": ("django_sendfile", DJANGO)}


class Way(NamedTuple):
    """A view of a project that hands files off; whether its framework answers several ranges itself."""

    project: str
    view: str
    answers_ranges: bool = False

    def __str__(self) -> str:
        return f"{self.project} {self.view}"

    def target(self, name: str) -> str:
        return f"/{self.view}/{quote(name)}"


WAYS: Final = (
    Way("flask", "send_file", answers_ranges=True),
    Way("flask", "unconditional"),
    Way("flask", "attachment", answers_ranges=True),
    Way("flask", "accel"),
    Way("django", "accel"),
    Way("django", "nginx"),
    Way("django", "xsendfile"),
    Way("django", "attachment"),
)
Start = Callable[[Kind, str], Server]

pytestmark = pytest.mark.parametrize("kind", [GUNICORN_GTHREAD, WAITRESS], ids=str)
every_way = pytest.mark.parametrize("way", WAYS, ids=str)
every_project = pytest.mark.parametrize("project", PROJECTS)


@pytest.fixture(scope="module")
def start(serve: Serve) -> Start:
    """Start a server for a project, once."""

    @functools.cache
    def start(kind: Kind, project: str) -> Server:
        package, source = PROJECTS[project]
        require(package)
        return serve(kind, write, COMMON + source + MOUNT)

    return start


def write(tree: Path) -> None:
    for name, data in FILES.items():
        path = tree / "private" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_700_000_000, 1_700_000_000))  # a tag is strong once its file is some seconds old
    (tree / "outside.txt").write_text("secret")
    (tree / "private" / "link.txt").symlink_to("../outside.txt")


def get(server: Server, target: str, method: str = "GET", **fields: str) -> Answer:
    """Ask as one who is logged in, and judge what holds of every answer."""
    given = {name.replace("_", "-"): text for name, text in fields.items()}
    answer = ask(server.port, target, method, {**COOKIE, **GZIP, **given})
    assert not [name for name in answer.fields if name.startswith(("x-accel-", "x-sendfile"))]
    assert (answer.fields["set-cookie"].count("a=1"), answer.fields["set-cookie"].count("b=2")) == (1, 1)
    assert answer.fields["x-report"] == "7"
    return answer


@every_way
def test_a_file_arrives_whole(start: Start, kind: Kind, way: Way) -> None:
    server = start(kind, way.project)
    whole, head = get(server, way.target("large.bin")), get(server, way.target("large.bin"), "HEAD")
    assert (whole.status, head.status) == (200, 200)
    assert hashlib.sha256(whole.body).digest() == hashlib.sha256(LARGE).digest()
    assert (whole.fields["accept-ranges"], "content-encoding" in whole.fields) == ("bytes", False)
    names = ("content-length", "content-type", "etag", "last-modified", "accept-ranges", "content-disposition")
    assert [head.fields.get(name) for name in names] == [whole.fields.get(name) for name in names]


@every_way
def test_files_of_any_name_arrive(start: Start, kind: Kind, way: Way) -> None:
    for name, data in FILES.items():
        answer = get(start(kind, way.project), way.target(name))
        assert (answer.status, answer.body) == (200, data)


RANGES: Final = {
    "bytes=0-9": slice(0, 10),
    "bytes=2097150-2097160": slice(2_097_150, 2_097_161),
    "bytes=4194300-99999999": slice(4_194_300, None),
    "bytes=-7": slice(-7, None),
}


@every_way
def test_the_bytes_asked_for_arrive(start: Start, kind: Kind, way: Way) -> None:
    server, length = start(kind, way.project), len(LARGE)
    for asked, span in RANGES.items():
        part = get(server, way.target("large.bin"), Range=asked)
        first, stop, _ = span.indices(length)
        assert part.status == 206
        assert part.body == LARGE[span]
        assert part.fields["content-range"] == f"bytes {first}-{stop - 1}/{length}"


@every_way
def test_several_ranges_arrive_where_the_framework_does_not_answer_first(
    start: Start, kind: Kind, way: Way
) -> None:
    """Werkzeug's `conditional` makes a 416 of what it cannot send itself, and says so in place of the view."""
    answer = get(start(kind, way.project), way.target("large.bin"), Range="bytes=0-9,100-109,-7")
    assert answer.status == (416 if way.answers_ranges else 206)
    if answer.status == 206:
        assert answer.fields["content-type"].startswith("multipart/byteranges; boundary=")
        assert [answer.body.count(part) for part in (LARGE[:10], LARGE[100:110], LARGE[-7:])] == [1, 1, 1]


@every_way
def test_a_client_that_has_the_file_is_told_so_by_our_tag(start: Start, kind: Kind, way: Way) -> None:
    server, target = start(kind, way.project), way.target("large.bin")
    etag = get(server, target, "HEAD").fields["etag"]
    again = get(server, target, If_None_Match=etag)
    assert (again.status, again.fields["etag"], again.body) == (304, etag, b"")
    assert get(server, target, "HEAD", If_None_Match='"other"').status == 200


@every_way
def test_a_download_is_resumed_by_our_tag_and_begun_anew_by_another(start: Start, kind: Kind, way: Way) -> None:
    server, target = start(kind, way.project), way.target("报告 №1.txt")
    etag = get(server, target, "HEAD").fields["etag"]
    resumed = get(server, target, Range="bytes=5-", If_Range=etag)
    begun = get(server, target, Range="bytes=5-", If_Range='"other"')
    assert (resumed.status, resumed.body) == (206, TEXT[5:])
    assert (begun.status, begun.body) == (200, TEXT)


@every_way
def test_type_disposition_and_caching_are_the_applications(start: Start, kind: Kind, way: Way) -> None:
    fields = get(start(kind, way.project), way.target("100% ü.txt")).fields
    is_named = way.view in ("send_file", "unconditional", "nginx", "xsendfile")
    if way.view == "attachment":
        assert fields["content-disposition"].startswith("attachment; filename=")
        assert "filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf" in fields["content-disposition"]
    else:
        assert fields.get("content-disposition", "").startswith("inline" if is_named else "")
    caching = {"attachment": "public, max-age=60", "accel": "private, no-cache"} if way.project == "flask" else {}
    default = "no-cache" if way.project == "flask" else "private, no-cache"
    assert fields["cache-control"] == caching.get(way.view, default)


@every_way
def test_who_is_not_logged_in_gets_the_applications_refusal(start: Start, kind: Kind, way: Way) -> None:
    answer = ask(start(kind, way.project).port, way.target("large.bin"))
    assert (answer.status, answer.body) == (403, b"log in first")
    assert not [name for name in answer.fields if name.startswith(("x-accel-", "x-sendfile"))]


@every_project
def test_what_is_private_is_not_found_by_asking_for_it(start: Start, kind: Kind, project: str) -> None:
    answer = ask(start(kind, project).port, "/protected/large.bin", fields=COOKIE)
    assert (answer.status, answer.body) == (404, b"404 Not Found\n")


@every_project
def test_a_target_outside_is_a_404_and_an_error_in_the_log(start: Start, kind: Kind, project: str) -> None:
    server = start(kind, project)
    answer = get(server, "/outside")
    assert (answer.status, answer.body, answer.fields["cache-control"]) == (404, b"404 Not Found\n", "no-store")
    [line] = [line for line in server.output.splitlines() if line.startswith("ERROR x-sendfile names nothing")]
    assert "outside.txt" in line


@every_way
def test_a_link_out_of_the_root_is_a_404_and_an_error_in_the_log(start: Start, kind: Kind, way: Way) -> None:
    server = start(kind, way.project)
    answer = get(server, way.target("link.txt"))
    assert (answer.status, answer.body) == (404, b"404 Not Found\n")
    assert "ERROR handed off, but there is no such file: 'link.txt'" in server.output
