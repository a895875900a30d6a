"""A root to fill with files, clean or dirty, and what a test does with it. Nothing here asserts."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.assets.halving import Halving
from tests.assets.walked import Walked
from tests.conftest import open_descriptors
from whitemedia.assets import codings, compression, files, sniffing, validators
from whitemedia.assets.compression import Budget
from whitemedia.assets.indexing import Indexed, index_root
from whitemedia.assets.scan import DirectoryRoot
from whitemedia.assets.store import MemoryStore, Store
from whitemedia.options import Options, build_options

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from whitemedia.options import OptionFields


class Folder:
    """A directory to fill. Names are relative to it; their parents are made."""

    def __init__(self, path: Path) -> None:
        path.mkdir()
        self.path = path

    def file(self, name: str, data: bytes = b"", *, mtime: float | None = None) -> Path:
        path = self._place(name)
        path.write_bytes(data)
        if mtime is not None:
            os.utime(path, (mtime, mtime))
        return path

    def directory(self, name: str) -> Path:
        path = self._place(name)
        path.mkdir()
        return path

    def link(self, name: str, target: str | Path) -> Path:
        path = self._place(name)
        path.symlink_to(target)
        return path

    def _place(self, name: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


class Index(Protocol):
    """Index a directory, `folder` unless another is given."""

    def __call__(
        self,
        directory: Path | None = None,
        prefix: str = "/static/",
        *,
        store: Store | None = None,
        budget: Budget | None = None,
        **options: Unpack[OptionFields],
    ) -> Indexed: ...


class Deny(Protocol):
    """Make opening or listing `path` fail, as a mode of 000 does for anyone but root."""

    def __call__(self, path: Path, code: int = errno.EACCES) -> None: ...


class Spy(Protocol):
    """Record the arguments of each call to `owner.name`, which goes on as before."""

    def __call__(self, owner: object, name: str) -> list[tuple[Any, ...]]: ...


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The directory that is to be the root."""
    return Folder(tmp_path / "root")


@pytest.fixture
def outside(tmp_path: Path) -> Folder:
    """A directory outside the root, whose path begins with the root's."""
    return Folder(tmp_path / "root-private")


@pytest.fixture
def index(folder: Folder) -> Index:
    """`index_root` on a fresh store and budget, unless they are given."""

    def index(
        directory: Path | None = None,
        prefix: str = "/static/",
        *,
        store: Store | None = None,
        budget: Budget | None = None,
        **given: Unpack[OptionFields],
    ) -> Indexed:
        options = build_options(given)
        root = open_root(directory or folder.path, options)
        return index_root(root, prefix, options, store or MemoryStore(), budget or Budget(options.memory_limit))

    return index


def open_root(path: Path, options: Options) -> DirectoryRoot:
    return DirectoryRoot(str(path), options.hidden, follow_symlinks=options.follow_symlinks)


@pytest.fixture
def deny(monkeypatch: pytest.MonkeyPatch) -> Deny:
    """Some paths that cannot be opened or listed, whoever runs the tests."""
    denied: dict[str, int] = {}
    originals: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in ("open", "listdir")}

    def replace(name: str) -> None:
        def call(path: Any = ".", *arguments: Any, **keywords: Any) -> Any:
            if path in denied:
                raise OSError(denied[path], os.strerror(denied[path]), path)
            return originals[name](path, *arguments, **keywords)

        monkeypatch.setattr(os, name, call)

    def deny(path: Path, code: int = errno.EACCES) -> None:
        denied[str(path)] = code

    for name in originals:
        replace(name)
    return deny


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    """What a function was called with."""

    def spy(owner: object, name: str) -> list[tuple[Any, ...]]:
        calls: list[tuple[Any, ...]] = []
        function = getattr(owner, name)

        def call(*arguments: Any) -> Any:
            calls.append(arguments)
            return function(*arguments)

        monkeypatch.setattr(owner, name, call)
        return calls

    return spy


@pytest.fixture
def use_codings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put other codings in the place of ours."""

    def use(*coders: Halving) -> None:
        monkeypatch.setattr(compression, "available_codings", lambda: tuple(coder.coding for coder in coders))

    return use


@pytest.fixture
def no_zstd(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Python where neither `compression.zstd` nor `backports.zstd` can be imported."""
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    codings._zstd.cache_clear()
    yield
    codings._zstd.cache_clear()


@pytest.fixture
def no_libmagic_open_yet() -> Iterator[None]:
    """This thread has not opened libmagic, and what the test makes it open is forgotten."""
    sniffing._local.__dict__.clear()
    yield
    sniffing._local.__dict__.clear()


@pytest.fixture
def no_descriptor_leaks() -> Iterator[None]:
    """As many descriptors are open after the test as before."""
    before = open_descriptors()
    yield
    assert open_descriptors() == before


@pytest.fixture
def store() -> MemoryStore:
    """What readings of the same files share."""
    return MemoryStore()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a test has just written count as written long ago, so that their state is remembered."""
    monkeypatch.setattr(validators, "SETTLED_NS", 0)


@pytest.fixture
def walk(folder: Folder, store: MemoryStore) -> Callable[[], Walked]:
    """See the directory as it is now."""
    return lambda: Walked(folder.path, store)


@pytest.fixture(params=[True, False], ids=["stepwise", "compared"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways to open beneath a root: name by name, and the one for systems where that cannot be done."""
    stepwise: bool = request.param
    monkeypatch.setattr(files, "_STEPWISE", stepwise)
    return stepwise
