"""Files that whitenoise serves as well, and sites over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import plant
from tests.migrating.sites import FILES, Maker, Site


@pytest.fixture(params=["whitemedia", "whitemedia, autorefresh", "whitenoise"])
def make(request: pytest.FixtureRequest) -> Maker:
    """Makes sites of ours, of either kind, and in turn of whitenoise: what a test asserts holds of each."""
    return Maker(request.param)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root that no test changes."""
    return plant(tmp_path_factory.mktemp("static"), FILES)


@pytest.fixture
def site(make: Maker, root: Path) -> Site:
    """Either, without options."""
    return make(root, "/static/")
