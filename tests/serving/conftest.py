"""A site of each kind, and files whose bytes are sent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.serving.bodies import OLD, write
from tests.serving.site import KINDS, Site, build_site


@pytest.fixture(params=list(KINDS))
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return build_site(tmp_path, KINDS[request.param], {})


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that no test changes."""
    return write(tmp_path_factory.mktemp("body") / "fixed", OLD)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file to be changed, written long ago."""
    path = write(tmp_path / "file", OLD)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


@pytest.fixture
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are sent as large ones are, a block at a time."""
    monkeypatch.setattr("whitemedia.serving.body.BLOCK", 100)
    monkeypatch.setattr("whitemedia.serving.body.SHARED_BLOCK", 100)
