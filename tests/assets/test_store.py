"""A store answers what it was told, of that state and at that level or higher; of anything else it knows nothing.

What is kept can be had after a commit, and from a store that outlives its process also in the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets.disk_store import DiskStore
from whitemedia.assets.files import StatKey
from whitemedia.assets.packs import PackBody
from whitemedia.assets.store import NOT_WORTH, Coded, MemoryStore, NotWorth, Store

KEY = StatKey(1, 2, 3, 4, 5)
DIGEST, ANOTHER, OWN = (hashlib.sha256(data).digest() for data in (b"1", b"2", b"own"))


class Kept:
    """A store that is committed, and opened anew if it can be, before it is asked."""

    def __init__(self, store: Store, again: Callable[[], Store]) -> None:
        self.told = store
        self._again = again

    @property
    def asked(self) -> Store:
        self.told.commit()
        return self._again()


@pytest.fixture(params=["memory", "disk", "disk, opened again", "disk, read and not mapped"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """An empty store of each kind."""
    if request.param == "memory":
        memory = MemoryStore()
        return Kept(memory, lambda: memory)
    mapped = request.param != "disk, read and not mapped"
    disk = DiskStore(tmp_path, mapped=mapped)
    return Kept(disk, (lambda: disk) if request.param == "disk" else lambda: DiskStore(tmp_path, mapped=mapped))


def content(kept: Coded | NotWorth | None) -> bytes | NotWorth | None:
    """A body's bytes, which are as long and have the digest that is told of them."""
    if not isinstance(kept, Coded):
        return kept
    data = kept.body.read() if isinstance(kept.body, PackBody) else kept.body
    assert (len(data), hashlib.sha256(data).digest()) == (kept.length, kept.digest)
    return data


def test_an_empty_store_knows_nothing(store: Kept) -> None:
    for asked in (store.told, store.asked):
        assert asked.digest(KEY) is None
        assert asked.media_type(DIGEST) is None
        assert asked.body(DIGEST, "br", 0) is None
        assert not asked.knows_all(DIGEST, [("br", 0)])
        assert asked.verified(KEY, DIGEST) is None


@pytest.mark.parametrize("field", StatKey._fields)
def test_a_digest_is_remembered_for_one_state_of_a_file(store: Kept, field: str) -> None:
    store.told.remember(KEY, DIGEST)
    assert store.asked.digest(KEY) == DIGEST
    assert store.asked.digest(KEY._replace(**{field: 9})) is None


@pytest.mark.parametrize("time", [-(1 << 63), -1, 0, (1 << 63) - 1])
@pytest.mark.parametrize("number", [0, -1, (1 << 64) - 1, 1 << 70])
def test_a_state_may_have_any_numbers_that_systems_have(store: Kept, time: int, number: int) -> None:
    """Windows has file numbers of 128 bits."""
    key = StatKey(number, number, 0, time, time)
    store.told.remember(key, DIGEST)
    store.told.mark_verified(key, DIGEST, OWN)
    assert (store.asked.digest(key), store.asked.verified(key, DIGEST)) == (DIGEST, OWN)


@pytest.mark.parametrize("body", [b"coded", b"", NOT_WORTH])
@pytest.mark.parametrize(("asked", "known"), [(0, True), (5, True), (6, False)])
def test_a_body_serves_requests_up_to_its_level(
    store: Kept, body: bytes | NotWorth, asked: int, known: bool
) -> None:
    store.told.keep(DIGEST, "br", 5, body)
    assert store.told.knows_all(DIGEST, [("br", asked)]) is known
    assert content(store.asked.body(DIGEST, "br", asked)) == (body if known else None)
    assert store.asked.knows_all(DIGEST, [("br", asked)]) is known


def test_a_body_kept_again_at_a_higher_level_takes_the_lower_one_s_place(store: Kept) -> None:
    store.told.keep(DIGEST, "br", 5, b"fast")
    assert content(store.asked.body(DIGEST, "br", 5)) == b"fast"
    store.told.keep(DIGEST, "br", 11, b"best")
    assert content(store.asked.body(DIGEST, "br", 5)) == content(store.asked.body(DIGEST, "br", 11)) == b"best"


def test_what_is_not_worth_it_at_a_low_level_may_be_at_a_higher_one(store: Kept) -> None:
    store.told.keep(DIGEST, "br", 5, NOT_WORTH)
    assert store.asked.body(DIGEST, "br", 5) is NOT_WORTH
    store.told.keep(DIGEST, "br", 11, b"best")
    assert content(store.asked.body(DIGEST, "br", 5)) == b"best"


def test_a_sibling_is_verified_for_one_state_and_one_original(store: Kept) -> None:
    store.told.mark_verified(KEY, DIGEST, OWN)
    asked = store.asked
    assert asked.verified(KEY, DIGEST) == OWN
    assert asked.verified(KEY, ANOTHER) is None
    assert asked.verified(KEY._replace(ctime_ns=6), DIGEST) is None


@pytest.mark.parametrize("media_type", ["image/gif", "a/b", "application/" + "x" * 80])
def test_a_media_type_is_remembered_for_the_bytes_it_was_found_in(store: Kept, media_type: str) -> None:
    store.told.keep_media_type(DIGEST, media_type)
    assert (store.asked.media_type(DIGEST), store.asked.media_type(ANOTHER)) == (media_type, None)


def test_a_media_type_of_any_length_is_remembered_whole_or_not_at_all(store: Kept) -> None:
    media_type = "application/" + "x" * 1000
    store.told.keep_media_type(DIGEST, media_type)
    assert store.asked.media_type(DIGEST) in (media_type, None)


def test_it_is_its_callers_turn_where_nobody_else_computes(store: Kept) -> None:
    for _ in range(2):
        with store.told.exclusive(0) as is_ours:
            assert is_ours


def test_a_commit_of_nothing_and_a_second_one_change_nothing(store: Kept) -> None:
    store.told.commit()
    store.told.keep(DIGEST, "br", 5, b"coded")
    store.told.commit()
    store.told.commit()
    assert content(store.asked.body(DIGEST, "br", 5)) == b"coded"


# Any store is as good as another

digests = st.sampled_from([DIGEST, ANOTHER])
states = st.sampled_from([KEY, KEY._replace(ino=9)])
codings = st.sampled_from(["br", "gzip", "zstd"])
levels = st.integers(0, 11)
told = st.one_of(
    st.tuples(st.just("remember"), states, digests),
    st.tuples(st.just("keep_media_type"), digests, st.sampled_from(["a/b", "image/gif"])),
    st.tuples(st.just("keep"), digests, codings, levels, st.one_of(st.binary(max_size=3), st.just(NOT_WORTH))),
    st.tuples(st.just("mark_verified"), states, digests, digests),
    st.tuples(st.just("commit")),
    st.tuples(st.just("again")),
)


def answers(store: Store) -> Iterator[object]:
    """What a store answers to every question."""
    for state in (KEY, KEY._replace(ino=9)):
        yield store.digest(state)
        yield from (store.verified(state, digest) for digest in (DIGEST, ANOTHER))
    for digest in (DIGEST, ANOTHER):
        yield store.media_type(digest)
        for coding, level in product(("br", "gzip", "zstd"), range(12)):
            yield content(store.body(digest, coding, level))
            yield store.knows_all(digest, [(coding, level)])


@given(st.lists(told, max_size=12))
def test_whatever_they_are_told_a_store_on_disk_answers_as_one_in_memory(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[object, ...]]
) -> None:
    directory = tmp_path_factory.mktemp("store")
    memory, disk = MemoryStore(), DiskStore(directory)
    kept: list[object] = []
    for name, *arguments in [*told, ("commit",)]:
        if name == "again" or (name == "keep" and arguments[:2] in kept):  # a body is kept once before a commit
            disk.commit()
            kept.clear()
        if name == "again":
            disk = DiskStore(directory)
            continue
        if name == "keep":
            kept.append(arguments[:2])
        for store in (memory, disk):
            getattr(store, str(name))(*arguments)
    assert list(answers(memory)) == list(answers(disk)) == list(answers(DiskStore(directory)))
