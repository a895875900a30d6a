"""Django, configured once; and the client of the rules of HTTP, which is one of a project here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CONSTRUCTIONS, Client
from tests.django.project import configure, construct

configure()


@pytest.fixture(scope="session")
def projects(shared_tree: Path) -> dict[str, Client]:
    """A client of each construction, over one root."""
    return {name: construct(shared_tree, name, WHITEMEDIA_INDEX_FILE=True) for name in CONSTRUCTIONS}


@pytest.fixture(params=list(CONSTRUCTIONS))
def client(request: pytest.FixtureRequest, projects: dict[str, Client]) -> Client:
    """A client of every construction in turn."""
    return projects[request.param]
