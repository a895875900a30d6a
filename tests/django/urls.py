"""The project behind: whatever is asked for, it says what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

VIEWS: dict[str, Callable[[HttpRequest], Any]] = {}
"""Views that a test puts in front, by their path."""


def view(request: HttpRequest) -> Any:
    """Answer as the application of the other tests does."""
    if request.path_info in VIEWS:
        return VIEWS[request.path_info](request)
    body = f"{request.method!a} {request.path_info!a}".encode("ascii")
    fields = {"X-Application": "here", "Content-Length": str(len(body))}
    return HttpResponse(b"" if request.method == "HEAD" else body, content_type="text/plain", headers=fields)


urlpatterns = [re_path("", view)]
