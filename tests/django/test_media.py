"""Media, and files that views hand off."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_started
from django.http import HttpResponse

from tests.answers import Answer
from tests.conftest import open_descriptors, plant
from tests.django.project import AsyncProject, Project, viewing
from whitemedia import OptionError

REPORT = bytes(range(256)) * 4096
PROJECTS: list[Any] = [Project, AsyncProject]


def media(root: Path, kind: Any = Project, **given: Any) -> Any:
    return kind(WHITEMEDIA_SERVE_MEDIA=True, MEDIA_ROOT=str(root), MEDIA_URL="/media/", **given)


@pytest.mark.parametrize("kind", PROJECTS)
def test_media_comes_and_goes(tmp_path: Path, kind: Any) -> None:
    project = media(tmp_path, kind)
    plant(tmp_path, {"a.txt": b"up"})
    assert project.get("/media/a.txt").body == b"up"
    (tmp_path / "a.txt").unlink()
    assert project.get("/media/a.txt").status == 404


def test_media_is_shown_under_the_policy_of_media(tmp_path: Path) -> None:
    plant(tmp_path, {"page.html": b"<script>"})
    fields = media(tmp_path).get("/media/page.html").fields
    assert fields["content-disposition"].startswith("attachment")
    assert fields["x-content-type-options"] == "nosniff"


def test_options_of_media_are_a_setting(tmp_path: Path) -> None:
    plant(tmp_path, {"a.txt": b"up"})
    project = media(tmp_path, WHITEMEDIA_MEDIA_OPTIONS={"max_age": 300})
    assert project.get("/media/a.txt").headers["Cache-Control"] == "max-age=300, public"


@pytest.mark.parametrize("kind", PROJECTS)
def test_authorize_is_asked_in_the_thread_of_the_request(tmp_path: Path, kind: Any) -> None:
    """As a view is: the database's connections are a thread's, and Django mends and closes only those of this one."""
    threads = []

    def authorize(environ: Any, name: str) -> bool:
        return note()

    def note(**_: Any) -> bool:
        threads.append(threading.get_ident())
        return True

    request_started.connect(note)
    plant(tmp_path, {"a.txt": b"up"})
    try:
        project = media(tmp_path, kind, WHITEMEDIA_MEDIA_OPTIONS={"authorize": authorize})
        assert project.get("/media/a.txt").body == b"up"
    finally:
        request_started.disconnect(note)
    started, asked = threads
    assert started == asked


def test_media_is_not_served_unless_it_is_said(tmp_path: Path) -> None:
    plant(tmp_path, {"a.txt": b"up"})
    assert Project(MEDIA_ROOT=str(tmp_path), MEDIA_URL="/media/").get("/media/a.txt").is_the_applications


def test_media_within_static_files_is_refused(tmp_path: Path) -> None:
    plant(tmp_path, {"uploads/a.txt": b"up"})
    with pytest.raises(OptionError, match="is served to everybody"):
        media(tmp_path / "uploads", STATIC_ROOT=str(tmp_path))


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Private files."""
    return plant(tmp_path / "reports", {"r.pdf": REPORT})


def ask(kind: Any, reports: Path, response: HttpResponse, fields: dict[str, str], **given: Any) -> Answer:
    project = kind(WHITEMEDIA_PRIVATE_ROOTS={"/protected/": str(reports)}, **given)
    with viewing("/report", lambda request: response):
        answer: Answer = project.get("/report", fields)
    return answer


@pytest.mark.parametrize("kind", PROJECTS)
@pytest.mark.parametrize("field", ["X-Accel-Redirect", "X-Sendfile"])
def test_a_view_hands_a_file_off(reports: Path, kind: Any, field: str) -> None:
    target = "/protected/r.pdf" if field == "X-Accel-Redirect" else str(reports / "r.pdf")
    before = open_descriptors()
    response = HttpResponse(b"not this", headers={field: target, "X-Own": "kept"}, content_type="application/pdf")
    response.set_cookie("seen", "1")
    answer = ask(kind, reports, response, {})
    assert (answer.status, answer.body, answer.headers[field]) == (200, REPORT, None)
    assert answer.fields.items() >= {"x-own": "kept", "content-type": "application/pdf"}.items()
    assert "seen=1" in answer.fields["set-cookie"]
    assert open_descriptors() == before


@pytest.mark.parametrize("kind", PROJECTS)
@pytest.mark.parametrize(
    ("fields", "status", "body"),
    [
        ({"Range": "bytes=2-4"}, 206, REPORT[2:5]),
        ({"If-None-Match": "*"}, 304, b""),
        ({"If-Match": '"other"'}, 412, b""),
    ],
)
def test_ranges_and_preconditions_are_of_the_file(
    reports: Path, kind: Any, fields: dict[str, str], status: int, body: bytes
) -> None:
    answer = ask(kind, reports, HttpResponse(headers={"X-Accel-Redirect": "/protected/r.pdf"}), fields)
    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize("kind", PROJECTS)
@pytest.mark.parametrize("target", ["/protected/none.pdf", "/protected/../secret", "/elsewhere/r.pdf"])
def test_what_is_outside_or_not_there_is_a_404(reports: Path, kind: Any, target: str) -> None:
    answer = ask(kind, reports, HttpResponse(b"secret", headers={"X-Accel-Redirect": target}), {})
    assert (answer.status, answer.headers["X-Accel-Redirect"], b"secret" in answer.body) == (404, None, False)


@pytest.mark.parametrize("kind", PROJECTS)
def test_what_is_private_has_no_url(reports: Path, kind: Any) -> None:
    assert kind(WHITEMEDIA_PRIVATE_ROOTS={"/protected/": str(reports)}).get("/protected/r.pdf").status == 404


def test_without_private_roots_the_fields_are_the_servers() -> None:
    response = HttpResponse(b"", headers={"X-Accel-Redirect": "/protected/r.pdf", "Content-Length": "0"})
    with viewing("/report", lambda request: response):
        assert Project().get("/report").headers["X-Accel-Redirect"] == "/protected/r.pdf"


def test_an_answer_that_hands_nothing_off_goes_through_no_thread(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = AsyncProject(WHITEMEDIA_PRIVATE_ROOTS={"/protected/": str(reports)})
    monkeypatch.setattr(asyncio, "to_thread", None)
    with viewing("/page", lambda request: HttpResponse(b"page")):
        assert project.get("/page").body == b"page"
