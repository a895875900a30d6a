"""The middleware: look up, answer, or pass on, as `WhiteMedia` does in front of any WSGI application.

It answers sync and async. A request that is passed on is not awaited, let alone handed to a thread; one that is answered
is handed to a thread only where a file has to be opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings as project_settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from whitemedia.assets.resource import resource_of
from whitemedia.django import missing
from whitemedia.django.response import render, render_async, take_over
from whitemedia.django.serving import served
from whitemedia.django.settings import read_settings
from whitemedia.http.paths import spell
from whitemedia.http.response import Response
from whitemedia.media.root import MediaRoot
from whitemedia.media.targets import ACCEL, SENDFILE
from whitemedia.serving.fallback import StandIn, respond_with_page
from whitemedia.serving.responder import respond
from whitemedia.serving.response import FileResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from whitemedia.assets.resource import Entry
    from whitemedia.assets.table import Table

    Found = Response | StandIn | None


class WhiteMediaMiddleware:
    """Serves what the project's settings say (`whitemedia.django.settings`); directly after `SecurityMiddleware`."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any], settings: Any = project_settings) -> None:
        self.get_response = get_response
        self.whitemedia = served(settings)
        self._is_async = iscoroutinefunction(get_response)
        self._answer: Callable[..., Any] = self._answer_async if self._is_async else self._answer_sync
        self._pass_on: Callable[[HttpRequest], Any] = get_response
        self._looks = self.whitemedia.options.autorefresh
        self._explains = bool(settings.DEBUG)
        self._static_prefix = spell(read_settings(settings).static_prefix) if self._explains else ""
        if self._explains or self.whitemedia.handoff is not None:
            self._pass_on = self._ask_async if self._is_async else self._ask
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer, or let the project answer."""
        path = request.path_info
        if not path.isascii():
            path = spell(path)
        table = self.whitemedia.table
        if path.startswith(table.prefixes) and (path in table.entries or table.telltale in path):
            return self._answer(table, path, request)
        return self._pass_on(request)

    def _answer_sync(self, table: Table, path: str, request: HttpRequest) -> HttpResponseBase:
        environ = _environ_of(request, path)
        found = self._find(table, path, environ)
        if isinstance(found, Response):
            return render(found, environ)
        response = self._pass_on(request)
        if found is not None and response.status_code == 404:
            page = respond_with_page(found.page, environ)
            return response if page is None else take_over(render(page, environ), response)
        return response

    async def _answer_async(self, table: Table, path: str, request: HttpRequest) -> HttpResponseBase:
        environ = _environ_of(request, path)
        if _asks_the_project(table, path):
            found = await _in_thread(self._find, table, path, environ, start=_start_in_requests_thread)
        elif self._opens_a_file(table, path, environ):
            found = await _in_thread(self._find, table, path, environ)
        else:
            found = self._find(table, path, environ)
        if isinstance(found, Response):
            return render_async(found)
        response = await self._pass_on(request)
        if found is not None and response.status_code == 404:
            page = await _in_thread(respond_with_page, found.page, environ)
            return response if page is None else take_over(render_async(page), response)
        return response

    def _find(self, table: Table, path: str, environ: WSGIEnvironment) -> Found:
        if path in table.entries:
            found: Found = respond(table.entries[path], environ)
        else:
            found = self.whitemedia.respond_to_miss(table, path, environ)
        if self._explains and isinstance(found, Response) and found.status.startswith("404"):
            return self._explanation(path, environ) or found
        return found

    def _opens_a_file(self, table: Table, path: str, environ: WSGIEnvironment) -> bool:
        """Whether to answer may take looking at the disk."""
        if path in table.entries:
            return not _is_in_memory(table.entries[path], environ)
        return self._looks or path.startswith(table.live_prefixes)

    def _ask(self, request: HttpRequest) -> HttpResponseBase:
        """Let the project answer, and send what takes the place of its answer."""
        response = self.get_response(request)
        if not self._may_replace(request, response):
            return response
        environ = _environ_of(request, spell(request.path_info))
        found = self._replacement(environ, response)
        return response if found is None else _dress(render(found, environ), response)

    async def _ask_async(self, request: HttpRequest) -> HttpResponseBase:
        response = await self.get_response(request)
        if not self._may_replace(request, response):
            return response
        found = await _in_thread(self._replacement, _environ_of(request, spell(request.path_info)), response)
        return response if found is None else _dress(render_async(found), response)

    def _may_replace(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        """Whether it hands off a file, or does not find a static one in development."""
        if self.whitemedia.handoff is not None and (ACCEL in response.headers or SENDFILE in response.headers):
            return True
        return self._explains and response.status_code == 404 and request.path_info.startswith(self._static_prefix)

    def _replacement(self, environ: WSGIEnvironment, response: HttpResponseBase) -> Response | None:
        handoff, found = self.whitemedia.handoff, None
        if handoff is not None:
            status = f"{response.status_code} {response.reason_phrase}"
            found = handoff.decide(environ["REQUEST_METHOD"], environ, status, list(response.items()))
        if found is None and response.status_code == 404:
            return self._explanation(environ["PATH_INFO"], environ)
        return found

    def _explanation(self, path: str, environ: WSGIEnvironment) -> Response | None:
        """What tells a developer why there is no such static file."""
        if not path.startswith(self._static_prefix):
            return None
        return missing.respond_with_explanation(self.whitemedia, path, environ)


def _asks_the_project(table: Table, path: str) -> bool:
    """Whether a function of the project decides on the answer: as a view, it may ask the database."""
    live = table.live_at(path)
    return isinstance(live, MediaRoot) and live.authorizes and path not in table.entries


def _start_in_requests_thread(function: Callable[..., Any], *arguments: object) -> Awaitable[Any]:
    """Where Django runs what is not async: the only thread whose database connections it mends and closes."""
    return sync_to_async(function, thread_sensitive=True)(*arguments)


async def _in_thread(
    function: Callable[..., Any], *arguments: object, start: Callable[..., Awaitable[Any]] | None = None
) -> Any:
    """Call in a thread, any or as `start` has it. If the client leaves meanwhile, what was opened for it is closed."""
    future = asyncio.ensure_future((start or asyncio.to_thread)(function, *arguments))
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        future.add_done_callback(_close)
        raise


def _close(future: asyncio.Future[Any]) -> None:
    found = None if future.cancelled() or future.exception() is not None else future.result()
    if isinstance(found, FileResponse):
        found.close()


def _environ_of(request: HttpRequest, path: str) -> WSGIEnvironment:
    """The request as WSGI has it. Django decodes the path in it, which need not be ASCII."""
    environ: WSGIEnvironment = request.META
    return environ if path == request.path_info else {**environ, "PATH_INFO": path}


def _is_in_memory(entry: Entry, environ: WSGIEnvironment) -> bool:
    resource = resource_of(entry)
    return resource is None or resource.select(environ.get("HTTP_ACCEPT_ENCODING", "")).in_memory


def _dress(response: HttpResponseBase, replaced: HttpResponseBase) -> HttpResponseBase:
    """With the cookies that the project sets: it is its answer, though the body is another."""
    response.cookies = replaced.cookies
    return take_over(response, replaced)
