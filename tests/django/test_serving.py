"""What is served is built once for the same settings."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from tests.conftest import plant
from tests.django.project import Project
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.django import serving


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The directories that are scanned, as they are."""
    found: list[str] = []
    scan = DirectoryRoot.sources

    def sources(self: DirectoryRoot) -> Iterator[Any]:
        found.append(self.path)
        return scan(self)

    monkeypatch.setattr(DirectoryRoot, "sources", sources)
    return found


def test_a_thousand_test_clients_scan_once(tmp_path: Path, scans: list[str]) -> None:
    plant(tmp_path, {"a.txt": b"a"})
    with override_settings(STATIC_ROOT=str(tmp_path)):
        for number in range(1000):
            client = Client()
            client.handler.load_middleware()
            if number % 100 == 0:
                assert client.get("/static/a.txt").content == b"a"
    assert scans == [str(tmp_path)]


@pytest.mark.parametrize(
    "given",
    [
        {"WHITEMEDIA_MAX_AGE": 5},
        {"STATIC_URL": "/other/"},
        {"DEBUG": True},
        {"FORCE_SCRIPT_NAME": "/static"},
        {"WHITEMEDIA_MIMETYPES": {".txt": "text/x"}},
    ],
    ids=str,
)
def test_a_setting_that_is_overridden_counts(tmp_path: Path, given: dict[str, Any]) -> None:
    with override_settings(STATIC_ROOT=str(plant(tmp_path, {"a.txt": b"a"}))):
        first = serving.served()
        with override_settings(**given):
            assert serving.served() is not first
        assert serving.served() is first


def test_another_root_is_served_while_it_is_overridden(tmp_path: Path) -> None:
    roots = [plant(tmp_path / name, {"a.txt": name.encode()}) for name in ("one", "two")]
    assert [Project(STATIC_ROOT=str(root)).get("/static/a.txt").body for root in roots] == [b"one", b"two"]


def test_what_is_collected_again_is_served_by_the_next_handler(tmp_path: Path) -> None:
    plant(tmp_path, {"a.txt": b"a"})
    first = Project(STATIC_ROOT=str(tmp_path))
    plant(tmp_path, {"b.txt": b"b"})
    os.utime(tmp_path, (1, 1))
    second = Project(STATIC_ROOT=str(tmp_path))
    assert (first.get("/static/b.txt").is_the_applications, second.get("/static/b.txt").body) == (True, b"b")


def test_few_sites_are_kept(tmp_path: Path) -> None:
    for number in range(2 * serving.MAX_KEPT):
        Project(STATIC_ROOT=str(plant(tmp_path / str(number), {"a.txt": b"a"})))
    assert len(serving._built) == serving.MAX_KEPT


def test_threads_that_ask_at_once_are_served_alike(tmp_path: Path) -> None:
    plant(tmp_path, {"a.txt": b"a"})
    answers: list[bytes] = []
    with override_settings(STATIC_ROOT=str(tmp_path)):
        threads = [
            threading.Thread(target=lambda: answers.append(Client().get("/static/a.txt").content))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [b"a"] * 8
