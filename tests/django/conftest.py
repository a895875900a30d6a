"""Django, configured once; and the client of the rules of HTTP, which is one of a project here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Client
from tests.django.project import configure, construct

configure()


USUAL = ("memory", "store", "autorefresh")
"""What a table holds is shown without Django; here it is what becomes of it in its handlers."""


@pytest.fixture(scope="session")
def projects(shared_tree: Path) -> dict[str, Client]:
    """A client of each construction, over one root."""
    return {name: construct(shared_tree, name, WHITEMEDIA_INDEX_FILE=True) for name in USUAL}


@pytest.fixture(params=USUAL)
def client(request: pytest.FixtureRequest, projects: dict[str, Client]) -> Client:
    """A client of every construction in turn."""
    return projects[request.param]
