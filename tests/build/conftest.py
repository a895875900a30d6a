"""A root to build in. Nothing here asserts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assets.conftest import deny, no_zstd
from tests.build.site import A, B, Site

__all__ = ["deny", "no_zstd"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two texts, and nothing built yet."""
    return Site(tmp_path / "site", {"app.css": A, "js/lib.js": B})


@pytest.fixture
def built(site: Site) -> Site:
    """Two texts, with all that is to be built."""
    assert site.build().is_complete
    return site
