"""A store answers what it was told, of that state and at that level or higher; of anything else it knows nothing."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets.files import StatKey
from whitemedia.assets.store import NOT_WORTH, MemoryStore, NotWorth, Store

KEY = StatKey(1, 2, 3, 4, 5)


@pytest.fixture
def store() -> Store:
    """An empty store of one process."""
    return MemoryStore()


def test_an_empty_store_knows_nothing(store: Store) -> None:
    assert store.digest(KEY) is None
    assert store.body(b"digest", "br", 0) is None
    assert store.verified(KEY, b"digest") is None


@pytest.mark.parametrize("field", StatKey._fields)
def test_a_digest_is_remembered_for_one_state_of_a_file(store: Store, field: str) -> None:
    store.remember(KEY, b"digest")
    assert store.digest(KEY) == b"digest"
    assert store.digest(KEY._replace(**{field: 9})) is None


@pytest.mark.parametrize("body", [b"coded", b"", NOT_WORTH])
@pytest.mark.parametrize(("asked", "known"), [(0, True), (5, True), (6, False)])
def test_a_body_serves_requests_up_to_its_level(
    store: Store, body: bytes | NotWorth, asked: int, known: bool
) -> None:
    store.keep(b"digest", "br", 5, body)
    assert store.body(b"digest", "br", asked) is (body if known else None)


def test_a_body_kept_again_at_a_higher_level_takes_the_lower_one_s_place(store: Store) -> None:
    store.keep(b"digest", "br", 5, b"fast")
    store.keep(b"digest", "br", 11, b"best")
    assert store.body(b"digest", "br", 5) == store.body(b"digest", "br", 11) == b"best"


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([b"1", b"2"]), st.sampled_from(["br", "gzip"])), st.binary(max_size=3)
    )
)
def test_bodies_are_told_apart_by_digest_and_coding(kept: dict[tuple[bytes, str], bytes]) -> None:
    store = MemoryStore()
    for (digest, coding), body in kept.items():
        store.keep(digest, coding, 5, body)
    for digest, coding in product([b"1", b"2", b"3"], ["br", "gzip", "zstd"]):
        assert store.body(digest, coding, 5) == kept.get((digest, coding))


def test_a_sibling_is_verified_for_one_state_and_one_original(store: Store) -> None:
    store.mark_verified(KEY, b"digest", b"own")
    assert store.verified(KEY, b"digest") == b"own"
    assert store.verified(KEY, b"another") is None
    assert store.verified(KEY._replace(ctime_ns=6), b"digest") is None


def test_what_is_kept_outlives_a_commit(store: Store) -> None:
    store.keep(b"digest", "br", 5, b"coded")
    store.commit()
    assert store.body(b"digest", "br", 5) == b"coded"
