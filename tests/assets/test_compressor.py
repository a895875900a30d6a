"""Bodies are coded in parallel, as long as there are seconds and room; neither time nor thread changes the result."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assets.halving import DIGEST, SECONDS, TEXT, Halving, MiB, Roomy, body, code
from whitemedia.assets import compression
from whitemedia.assets.codings import CODINGS
from whitemedia.assets.compression import Budget, Compressor
from whitemedia.assets.store import NOT_WORTH, MemoryStore, Store


@pytest.fixture
def half(use_codings: Callable[..., None]) -> Halving:
    """The only coding there is."""
    coder = Halving()
    use_codings(coder)
    return coder


def test_a_body_is_coded_in_every_coding_and_kept_at_its_level() -> None:
    store = code(MemoryStore(), Budget(MiB), (DIGEST, TEXT))
    for coding in CODINGS:
        kept = body(store, DIGEST, coding.name, coding.startup_level)
        assert isinstance(kept, bytes)
        assert coding.decode(kept, len(TEXT)) == TEXT
        assert not store.knows_all(DIGEST, [(coding.name, coding.startup_level + 1)])


def test_a_coding_that_is_present_is_left_out(half: Halving) -> None:
    store = code(MemoryStore(), Budget(MiB), (DIGEST, TEXT), present=("half",))
    assert (half.asked, body(store, DIGEST)) == ([], None)


def test_equal_bytes_are_coded_and_charged_once_whether_begun_or_kept_before(half: Halving) -> None:
    store, budget = MemoryStore(), Budget(MiB)
    code(store, budget, (DIGEST, TEXT), (DIGEST, TEXT))
    code(store, budget, (DIGEST, TEXT))
    assert half.asked == [(TEXT, 7)]
    assert body(store, DIGEST) == TEXT[: len(TEXT) // 2]
    assert budget.spent == len(TEXT) // 2


def test_what_was_not_worth_it_is_remembered_and_not_tried_again(use_codings: Callable[..., None]) -> None:
    same = Halving("half", share=1.0)
    use_codings(same)
    store, budget = MemoryStore(), Budget(MiB)
    for _ in range(2):
        code(store, budget, (DIGEST, TEXT))
    assert len(same.asked) == 1
    assert body(store, DIGEST) is NOT_WORTH
    assert budget.spent == 0


@pytest.mark.parametrize(
    ("store", "limit", "coded"),
    [(MemoryStore, 0, False), (MemoryStore, MiB, True), (Roomy, 0, True)],
    ids=["no memory", "memory", "another place"],
)
def test_bodies_are_coded_where_there_is_a_place_for_them(
    half: Halving, store: Callable[[], Store], limit: int, coded: bool
) -> None:
    kept, budget = store(), Budget(limit)
    with Compressor(kept, budget, seconds=SECONDS) as compressor:
        assert compressor.is_open is coded
    code(kept, budget, (DIGEST, TEXT))
    assert (len(half.asked), body(kept, DIGEST) is not None) == (coded, coded)


def test_what_takes_no_memory_is_not_charged(half: Halving) -> None:
    budget = Budget(MiB)
    code(Roomy(), budget, (DIGEST, TEXT))
    assert (len(half.asked), budget.spent) == (1, 0)


def test_once_the_budget_refused_a_body_nothing_further_is_begun_or_kept(half: Halving) -> None:
    store, budget = MemoryStore(), Budget(len(TEXT) // 2)
    with Compressor(store, budget, seconds=SECONDS) as compressor:
        compressor.code(b"1", TEXT, ())
        compressor.code(b"2", TEXT, ())
        compressor.code(b"3", TEXT[:2], ())
        assert compressor.is_open
    assert not compressor.is_open
    code(store, budget, (b"4", TEXT[:2]))
    assert [body(store, digest) is not None for digest in (b"1", b"2", b"3")] == [True, False, False]
    assert budget.spent == len(TEXT) // 2


def test_what_would_still_fit_after_a_refusal_is_not_charged_as_it_is_not_kept(
    use_codings: Callable[..., None],
) -> None:
    """A smaller body may be done after the one that was refused."""
    use_codings(Halving("long", share=0.9), Halving("half"))
    store, budget = MemoryStore(), Budget(len(TEXT) // 2)
    code(store, budget, (DIGEST, TEXT))
    assert not store.knows_all(DIGEST, [("half", 0)])
    assert budget.spent == 0


def test_a_store_that_begins_to_take_memory_is_charged_from_then_on(half: Halving) -> None:
    """Such as one whose disk is full."""
    store, budget = Roomy(), Budget(len(TEXT) // 2)
    with Compressor(store, budget, seconds=SECONDS) as compressor:
        compressor.code(b"1", TEXT, ())
        compressor._finish(0)
        store.in_memory = True
        compressor.code(b"2", TEXT, ())
        compressor.code(b"3", TEXT, ())
    assert [body(store, digest) is not None for digest in (b"1", b"2", b"3")] == [True, True, False]
    assert budget.spent == len(TEXT) // 2


@given(st.lists(st.integers(1, 400), max_size=12), st.integers(1, 1_000), st.integers())
def test_the_result_does_not_depend_on_which_body_is_ready_first(
    lengths: list[int], limit: int, seed: int
) -> None:
    chance = random.Random(seed)
    bodies = [(bytes([number]), bytes([number]) * length) for number, length in enumerate(lengths)]
    results = []
    for pause in (lambda: None, lambda: time.sleep(chance.random() / 5_000)):
        codings = (Halving("one", pause).coding, Halving("two", pause).coding)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(compression, "available_codings", lambda codings=codings: codings)
            store = code(MemoryStore(), Budget(limit), *bodies)
        results.append([body(store, digest, coding) for digest, _ in bodies for coding in ("one", "two")])
    assert results[0] == results[1]


# Time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that a test moves."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


class Clock:
    """Seconds, as the test says."""

    now = 100.0


def test_after_its_seconds_nothing_is_begun_and_what_is_done_is_kept(half: Halving, clock: Clock) -> None:
    store = MemoryStore()
    with Compressor(store, Budget(MiB), seconds=5) as compressor:
        compressor.code(b"1", TEXT, ())
        compressor._finish(0)
        clock.now += 5
        assert not compressor.is_open
        compressor.code(b"2", TEXT, ())
    assert (len(half.asked), body(store, b"1"), store.knows_all(b"2", [("half", 0)])) == (
        1,
        TEXT[: len(TEXT) // 2],
        False,
    )


def test_what_waits_when_its_seconds_are_over_is_not_coded_and_not_known(
    use_codings: Callable[..., None], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """So that the next start does it."""
    begun, store = threading.Event(), MemoryStore()

    def pause() -> None:
        assert begun.wait(5)
        clock.now += SECONDS

    half = Halving(pause=pause)
    use_codings(half)
    monkeypatch.setattr(compression, "count_cores", lambda: 1)
    with Compressor(store, Budget(MiB), seconds=SECONDS) as compressor:
        for digest in (b"1", b"2", b"3"):
            compressor.code(digest, TEXT, ())
        begun.set()
    assert [store.knows_all(digest, [("half", 0)]) for digest in (b"1", b"2", b"3")] == [True, False, False]
    assert len(half.asked) == 1


def test_without_a_second_nothing_is_coded(half: Halving, clock: Clock) -> None:
    store = MemoryStore()
    with Compressor(store, Budget(MiB), seconds=0) as compressor:
        assert not compressor.is_open
        compressor.code(DIGEST, TEXT, ())
    assert (half.asked, body(store, DIGEST)) == ([], None)


# Memory


def test_few_bytes_wait_for_their_coding(half: Halving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else all of a root would be in memory at once, read faster than it is coded."""
    monkeypatch.setattr(compression, "_WAITING_BYTES", 2 * len(TEXT))
    store = MemoryStore()
    with Compressor(store, Budget(MiB), seconds=SECONDS) as compressor:
        for number in range(1, 6):
            compressor.code(bytes([number]), TEXT, ())
            kept = sum(store.knows_all(bytes([done]), [("half", 0)]) for done in range(1, 6))
            assert kept == max(0, number - 2)


# Threads


def names_of_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("whitemedia")]


def test_bodies_are_coded_in_parallel(use_codings: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(2, timeout=5)  # passed only if two come
    half = Halving(pause=meeting.wait)
    use_codings(half)
    monkeypatch.setattr(compression, "count_cores", lambda: 2)
    store = code(MemoryStore(), Budget(MiB), (b"1", TEXT), (b"2", TEXT))
    assert store.knows_all(b"1", [("half", 7)])
    assert store.knows_all(b"2", [("half", 7)])


@pytest.mark.parametrize("admitted", [0, 1])
def test_where_no_more_threads_are_to_be_had_all_is_coded(
    half: Halving, monkeypatch: pytest.MonkeyPatch, admitted: int
) -> None:
    """Hosts limit them, and a start that fails for it would be one that is not needed."""
    threads = [threading.Thread.start] * admitted

    def start(thread: threading.Thread) -> None:
        if not threads:
            raise RuntimeError("can't start new thread")
        threads.pop()(thread)

    monkeypatch.setattr(compression, "count_cores", lambda: 4)
    monkeypatch.setattr(threading.Thread, "start", start)
    bodies = [(bytes([number]) * 32, TEXT * number) for number in range(1, 9)]
    store = code(MemoryStore(), Budget(MiB), *bodies)
    assert [body(store, one) for one, _ in bodies] == [data[: len(data) // 2] for _, data in bodies]


def test_no_thread_is_left_when_all_is_coded(half: Halving) -> None:
    with Compressor(MemoryStore(), Budget(MiB), seconds=SECONDS) as compressor:
        compressor.code(DIGEST, TEXT, ())
        assert names_of_threads()
    assert names_of_threads() == []


def test_no_thread_is_left_where_something_fails_and_what_waited_is_not_coded(
    use_codings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    half = Halving(pause=lambda: time.sleep(0.02))
    use_codings(half)
    monkeypatch.setattr(compression, "count_cores", lambda: 1)

    def fail() -> None:
        with Compressor(MemoryStore(), Budget(MiB), seconds=SECONDS) as compressor:
            for number in range(20):
                compressor.code(bytes([number]), TEXT, ())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names_of_threads() == []
    assert len(half.asked) < 20
