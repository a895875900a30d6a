"""Where others may cut or remove a file, as on network disks, packs are read, at each request, and not mapped."""

from __future__ import annotations

import errno
import mmap
from pathlib import Path

import pytest

from tests.assets.damages import DAMAGES, LOST, Damage
from tests.assets.failing import fail_with
from tests.assets.starting import ALL, Cache, check
from tests.conftest import Client, serve

pytestmark = pytest.mark.usefixtures("settled", "remote")


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> None:
    """All disks are others' too, and nothing can be mapped."""
    monkeypatch.setattr("whitemedia.assets.stores._is_remote", lambda directory: True)
    monkeypatch.setattr(mmap, "mmap", fail_with(errno.ENODEV))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A store that knows all of a site."""
    cache = Cache(tmp_path)
    assert cache.start() == ALL
    return cache


def client_of(cache: Cache) -> Client:
    """A client of the next start."""
    return serve(cache.root, cache_dir=str(cache.directory))


def test_packs_are_read_where_they_cannot_be_mapped(cache: Cache) -> None:
    cache.encoded.clear()
    assert [cache.start() for _ in range(2)] == [ALL] * 2
    assert cache.encoded == []


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_pack_that_is_damaged_before_it_is_used_makes_no_answer_wrong(cache: Cache, damage: Damage) -> None:
    client = client_of(cache)
    damage(cache.pack)
    assert check(client, cache.site) <= ALL


@pytest.mark.parametrize(
    "damage",
    [pytest.param(LOST[name], id=name) for name in LOST],
)
def test_a_pack_that_is_lost_while_it_is_used_makes_no_answer_wrong(cache: Cache, damage: Damage) -> None:
    client = client_of(cache)
    assert check(client, cache.site) == ALL
    damage(cache.pack)
    assert check(client, cache.site) <= ALL


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EIO, errno.ESTALE], ids=errno.errorcode.get)
def test_a_pack_that_cannot_be_read_for_a_while_makes_no_answer_wrong(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    client = client_of(cache)
    assert check(client, cache.site) == ALL
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", fail_with(code))
        assert check(client, cache.site) <= ALL
    assert check(client, cache.site) == ALL
