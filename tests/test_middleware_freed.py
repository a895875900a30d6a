"""What nobody has any more is gone at once, with the packs it mapped: nothing in it refers back to it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CONSTRUCTIONS, Client, application, construct

OPTIONS: dict[str, dict[str, Any]] = {
    "no options": {},
    "a list of origins": {"cors": ["https://a.example"]},
    "rules": {"rules": [("*.css", {"X-Own": "own"})]},
    "a function": {"add_headers_function": lambda headers, path, url: None},
}


@pytest.fixture
def collecting_nothing() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("collecting_nothing")
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("construction", CONSTRUCTIONS)
def test_an_instance_that_nobody_has_is_freed_without_the_garbage_collector(
    tree: Path, construction: str, options: dict[str, Any]
) -> None:
    whitemedia = construct(application, tree, "/static/", construction=construction, **options)
    client = Client(whitemedia)
    for name in ("app.css", "page.html", "lib.js"):
        assert client.get(f"/static/{name}", {"Accept-Encoding": "br"}).status == 200
    gone = weakref.ref(whitemedia)
    store = weakref.ref(whitemedia._store)
    del whitemedia, client
    assert (gone(), store()) == (None, None)
