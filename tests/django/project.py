"""A project under test: Django's own handlers, with the middleware, over a tree of files."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from wsgiref.headers import Headers

import django
import pytest
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from tests.answers import Answer
from tests.conftest import CONSTRUCTIONS, Client
from tests.django import urls
from whitemedia.assets import validators

MIDDLEWARE: Final = "whitemedia.django.WhiteMediaMiddleware"
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def configure() -> None:
    """Settings, once for the process: as little as Django can do with."""
    if settings.configured:
        return
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DEBUG=False,
        INSTALLED_APPS=["whitemedia.django", "django.contrib.staticfiles"],
        LOGGING_CONFIG=None,
        MIDDLEWARE=[MIDDLEWARE],
        ROOT_URLCONF="tests.django.urls",
        SECRET_KEY="for tests",
        STATIC_URL="/static/",
        USE_TZ=True,
        WHITEMEDIA_CACHE_DIR=None,
    )
    django.setup()


class Project(Client):
    """A client of a project, as a server that speaks WSGI."""

    def __init__(self, *, validated: bool = True, **given: Any) -> None:
        with override_settings(**given):
            super().__init__(WSGIHandler(), validated=validated)


class AsyncProject:
    """A client of a project, as a server that speaks ASGI."""

    def __init__(self, **given: Any) -> None:
        with override_settings(**given):
            self.application = ASGIHandler()

    def get(self, path: str, fields: Mapping[str, str] = NOTHING) -> Answer:
        return self.request("GET", path, fields)

    def request(self, method: str, path: str, fields: Mapping[str, str] = NOTHING) -> Answer:
        """Request a path, decoded."""
        return asyncio.run(self.exchange(method, path, fields))

    async def exchange(self, method: str, path: str, fields: Mapping[str, str] = NOTHING) -> Answer:
        """One request, to its end."""
        sent: list[dict[str, Any]] = []
        asked = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> dict[str, Any]:
            if asked:
                return asked.pop()
            await asyncio.Event().wait()  # the client stays
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.application(scope_of(method, path, fields), receive, send)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        body = b"".join(message.get("body", b"") for message in sent[1:])
        assert not sent[-1].get("more_body", False)
        return Answer(sent[0]["status"], Headers(headers), body)


def scope_of(method: str, path: str, fields: Mapping[str, str] = NOTHING) -> dict[str, Any]:
    """What an ASGI server says of a request."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"testserver"), *headers],
        "server": ("testserver", 80),
    }


def settings_of(construction: str) -> dict[str, Any]:
    """A construction of the other tests, as settings."""
    return {f"WHITEMEDIA_{name.upper()}": value for name, value in CONSTRUCTIONS[construction].items()}


def construct(root: Path, construction: str, **given: Any) -> Project:
    """A project that serves `root`; with a store, as it is after a restart."""
    given = {"STATIC_ROOT": str(root), **settings_of(construction), **given}
    if construction == "store":
        given["WHITEMEDIA_CACHE_DIR"] = tempfile.mkdtemp(dir=os.environ["XDG_CACHE_HOME"])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(validators, "SETTLED_NS", 0)  # files that a test has just written are remembered
            Project(**given)
        given["WHITEMEDIA_MAX_AGE"] = 60  # other settings, though they say the same
    return Project(**given)


@contextmanager
def viewing(path: str, view: Any) -> Iterator[None]:
    """Have the project answer at a path with a view of the test's own."""
    urls.VIEWS[path] = view
    try:
        yield
    finally:
        del urls.VIEWS[path]
