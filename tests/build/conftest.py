"""A root to build in. Nothing here asserts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assets.conftest import deny, no_zstd
from tests.build.site import A, B, Site

__all__ = ["deny", "no_zstd"]


@pytest.fixture(autouse=True, scope="module")
def _no_waiting_for_the_disk() -> Iterator[None]:
    """No test here cuts the power, and on a busy disk an fsync takes longer than a build."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two texts, and nothing built yet."""
    return Site(tmp_path / "site", {"app.css": A, "js/lib.js": B})


@pytest.fixture
def built(site: Site) -> Site:
    """Two texts, with all that is to be built."""
    assert site.build().is_complete
    return site
