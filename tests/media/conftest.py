"""A root that users write to, among secrets, and clients of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from wsgiref.validate import validator

import pytest

from tests.conftest import SECRET, Client, application, open_descriptors, plant
from whitemedia import WhiteMedia
from whitemedia.assets import files

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from whitemedia.media.options import MediaFields


class ServeMedia(Protocol):
    """A client of an application with the directory `media` beneath `prefix`."""

    def __call__(self, prefix: str = "/media/", **options: Unpack[MediaFields]) -> Client: ...


class BeforeOpen(Protocol):
    """Call `act` right before the file system is asked for the n-th time from now to open something."""

    def __call__(self, number: int, act: Callable[[], object]) -> None: ...


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """The root, empty, with secrets outside of it."""
    outside = {"secret.txt": SECRET, "outside/secret.txt": SECRET, "media-private/secret.txt": SECRET}
    plant(tmp_path, outside)
    (tmp_path / "media").mkdir()
    return tmp_path / "media"


@pytest.fixture
def serve_media(media: Path) -> ServeMedia:
    """Serve the root; validators on both sides."""

    def serve(prefix: str = "/media/", **options: Unpack[MediaFields]) -> Client:
        middleware = WhiteMedia(validator(application))
        middleware.add_media(media, prefix, **options)
        return Client(middleware)

    return serve


@pytest.fixture
def no_descriptor_leaks() -> Iterator[None]:
    """As many descriptors are open after the test as before."""
    before = open_descriptors()
    yield
    assert open_descriptors() == before


@pytest.fixture(params=[True, False], ids=["stepwise", "compared"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways to open beneath a root: name by name, and the one for systems where that cannot be done."""
    stepwise: bool = request.param
    monkeypatch.setattr(files, "_STEPWISE", stepwise)
    return stepwise


@pytest.fixture
def before_open(monkeypatch: pytest.MonkeyPatch) -> BeforeOpen:
    """What happens just then."""

    def arrange(number: int, act: Callable[[], object]) -> None:
        original, count = os.open, [0]

        def call(*arguments: Any, **keywords: Any) -> int:
            count[0] += 1
            if count[0] == number:
                act()
            return original(*arguments, **keywords)

        monkeypatch.setattr(os, "open", call)

    return arrange
