"""A root among secrets, and clients of it that no validator protects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CONSTRUCTIONS, SECRET, Client, application, construct, plant, plant_tree


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root among secrets: beside it, hidden in it, linked from it."""
    directory = tmp_path_factory.mktemp("exposed")
    outside = {"outside/secret.txt": SECRET, "static-private/secret.txt": SECRET, "static../secret.txt": SECRET}
    plant(directory, {**outside, "secret.txt": SECRET})
    root = plant_tree(directory / "static")
    (root / "outward").symlink_to("../outside")
    (root / "outward.txt").symlink_to("../outside/secret.txt")
    (root / "absolute.txt").symlink_to(directory / "secret.txt")
    return root


@pytest.fixture(scope="module")
def exposed_clients(exposed: Path) -> dict[str, Client]:
    """Clients of every construction; what is asked is not what a validator lets pass."""
    clients = {}
    for prefix in ("/static/", "/"):
        for name in CONSTRUCTIONS:
            middleware = construct(application, exposed, prefix, construction=name, index_file=True)
            clients[f"{name} at {prefix}"] = Client(middleware, validated=False)
    return clients


@pytest.fixture(params=list(CONSTRUCTIONS))
def exposed_client(request: pytest.FixtureRequest, exposed_clients: dict[str, Client]) -> Client:
    return exposed_clients[f"{request.param} at /static/"]
