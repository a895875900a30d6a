"""Which names a storage has hashed, where it keeps no manifest."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage

from whitemedia.django.hashed import hashed_by, name_without_hash


class Asked(StaticFilesStorage):  # without a manifest
    """Hashes every name alike, but of what it does not know."""

    def url(self, name: str) -> str:
        if name.startswith("gone"):
            raise ValueError(name)
        stem, extension = os.path.splitext(name)
        return f"https://cdn.example.com/static/{stem.replace('ü', '%C3%BC')}.abc123{extension}"


@pytest.mark.parametrize(
    ("url", "is_hashed"),
    [
        ("/static/css/app.abc123.css", True),
        ("/static/css/über.abc123.css", True),
        ("/static/css/app.other.css", False),
        ("/static/css/app.css", False),
        ("/static/gone.abc123.css", False),
        ("/elsewhere/css/app.abc123.css", False),
    ],
)
def test_a_storage_is_asked_for_the_name_that_it_would_give(url: str, is_hashed: bool) -> None:
    test: Any = hashed_by(Asked(location="/srv", base_url="/static/"), "/static/", debug=False)
    assert test("/srv/file", url) is is_hashed


def test_a_storage_that_hashes_nothing_needs_no_test() -> None:
    assert hashed_by(StaticFilesStorage(location="/srv", base_url="/static/"), "/static/", debug=False) is None


@pytest.mark.parametrize(
    ("name", "plain"),
    [("css/app.f3ea4bcc2.css", "css/app.css"), ("app.css", "app.css"), ("a.b.c", "a.c"), ("a", "a")],
)
def test_a_name_loses_what_stands_before_its_extension(name: str, plain: str) -> None:
    assert name_without_hash(name) == plain
