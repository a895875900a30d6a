"""Under ASGI: no thread for what is passed on or in memory, files read in threads, closed when a client leaves."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import django
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings

from tests.conftest import Client, open_descriptors, plant
from tests.django.project import AsyncProject, construct, scope_of, settings_of
from tests.rules import EVERY_PATH
from whitemedia.django import middleware
from whitemedia.django.response import _AsyncBlocks
from whitemedia.serving.responder import respond

LARGE = bytes(range(256)) * 8192
PATHS = [*EVERY_PATH, "/static/.env", "/static/docs", "/static/none", "/"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root that no test changes."""
    return plant(tmp_path_factory.mktemp("static"), {"a.css": b"a{}" * 200, "large.bin": LARGE})


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is called in a thread, of ours."""
    found: list[str] = []
    in_thread = asyncio.to_thread

    def to_thread(function: Any, *arguments: Any) -> Any:
        found.append(function.__name__)
        return in_thread(function, *arguments)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    return found


@pytest.mark.parametrize("construction", ["memory", "memory_limit=0", "autorefresh"])
def test_answers_are_those_under_wsgi(shared_tree: Path, construction: str) -> None:
    given = {"WHITEMEDIA_INDEX_FILE": True}
    theirs: Client = construct(shared_tree, construction, **given)
    ours = AsyncProject(STATIC_ROOT=str(shared_tree), **settings_of(construction), **given)
    for path in PATHS:
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            for fields in ({}, {"Range": "bytes=1-2"}, {"Accept-Encoding": "br"}, {"If-None-Match": "*"}):
                answer, other = ours.request(method, path, fields), theirs.request(method, path, fields)
                assert (answer.status, answer.fields) == (other.status, other.fields), (method, path, fields)
                assert method == "HEAD" or answer.body == other.body


def test_what_is_passed_on_goes_through_no_thread(root: Path, hops: list[str]) -> None:
    project = AsyncProject(STATIC_ROOT=str(root))
    assert project.get("/static/none.css").is_the_applications
    assert hops == []


def test_what_is_in_memory_goes_through_no_thread(root: Path, hops: list[str]) -> None:
    project = AsyncProject(STATIC_ROOT=str(root))
    project.get("/static/a.css")  # reads it
    hops.clear()
    assert project.get("/static/a.css").body == b"a{}" * 200
    assert hops == []


def test_what_is_passed_on_is_the_projects_own_coroutine(root: Path) -> None:
    made: list[Any] = []

    async def recording(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    answer = middleware.WhiteMediaMiddleware(recording)
    request = HttpRequest()
    request.path_info = "/view"
    coroutine: Any = answer(request)
    made.append(coroutine.cr_code)
    coroutine.close()
    assert made == [recording.__code__]


def test_a_file_is_read_in_threads(root: Path, hops: list[str]) -> None:
    assert AsyncProject(STATIC_ROOT=str(root)).get("/static/large.bin").body == LARGE
    assert set(hops) == {"_find", "_read"}


@pytest.mark.skipif(django.VERSION < (5,), reason="Django listens for clients that leave since 5.0")
def test_a_client_that_leaves_while_a_file_is_sent_has_it_closed(root: Path) -> None:
    project = AsyncProject(STATIC_ROOT=str(root))
    before = open_descriptors()

    async def leave() -> None:
        sent, gone = asyncio.Event(), asyncio.Event()
        asked = [{"type": "http.request", "body": b""}]

        async def receive() -> dict[str, Any]:
            if asked:
                return asked.pop()
            await sent.wait()
            gone.set()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.body":
                sent.set()
                await asyncio.sleep(0)
                await asyncio.wait_for(gone.wait(), 60)

        await project.application(scope_of("GET", "/static/large.bin"), receive, send)

    asyncio.run(leave())
    assert open_descriptors() == before


def test_a_body_that_is_closed_while_it_is_read_ends(root: Path) -> None:
    class Reader:
        closed = 0

        def read(self, size: int) -> bytes:
            assert not self.closed
            return b"x"

        def close(self) -> None:
            self.closed += 1

    async def read() -> list[bytes]:
        reader: Any = Reader()
        blocks = _AsyncBlocks(reader)
        found = [await blocks.__anext__()]
        blocks.close()
        return found + [block async for block in blocks]

    assert asyncio.run(read()) == [b"x"]


def test_an_opened_file_that_nobody_waits_for_is_closed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, left = threading.Event(), threading.Event()
    found: list[Any] = []

    def slow(entry: Any, environ: Any) -> Any:
        entered.set()
        assert left.wait(60)
        found.append(respond(entry, environ))
        return found[-1]

    async def get_response(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    monkeypatch.setattr(middleware, "respond", slow)
    with override_settings(STATIC_ROOT=str(root)):
        answer: Any = middleware.WhiteMediaMiddleware(get_response)
    request = HttpRequest()
    request.path_info, request.META = "/static/large.bin", {"REQUEST_METHOD": "GET"}

    async def cancel() -> None:
        task = asyncio.ensure_future(answer(request))
        await asyncio.to_thread(entered.wait, 60)
        task.cancel()
        await asyncio.wait([task])
        left.set()
        while not found or not found[0].opened.file.closed:
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(cancel(), 60))
