"""What is worth coding, what the budget admits, and that neither time nor thread changes the result."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets import compression
from whitemedia.assets.codings import CODINGS, Coding
from whitemedia.assets.compression import (
    MIN_LENGTH,
    Budget,
    Compressor,
    count_cores,
    is_smaller,
    is_worth_coding,
)
from whitemedia.assets.store import NOT_WORTH, MemoryStore

TEXT = b"one line of a text, and another one\n" * 100
DIGEST = b"digest of TEXT"
MiB = 1 << 20


class Halving:
    """A coding that makes of any bytes their first half, or another share, and remembers what it was asked for."""

    def __init__(
        self, name: str = "half", pause: Callable[[], object] = lambda: None, *, share: float = 0.5
    ) -> None:
        self.asked: list[tuple[bytes, int]] = []
        self.pause = pause
        self.share = share
        self.coding = Coding(name, (f".{name}",), 7, self.encode, lambda data, limit: None)

    def encode(self, data: bytes, level: int) -> bytes:
        self.pause()
        self.asked.append((data, level))
        return data[: int(len(data) * self.share)]


@pytest.fixture
def use_codings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put other codings in the place of ours."""

    def use(*coders: Halving) -> None:
        monkeypatch.setattr(compression, "available_codings", lambda: tuple(coder.coding for coder in coders))

    return use


@pytest.fixture
def half(use_codings: Callable[..., None]) -> Halving:
    """The only coding there is."""
    coder = Halving()
    use_codings(coder)
    return coder


def code(
    store: MemoryStore, budget: Budget, bodies: list[tuple[bytes, bytes]], present: tuple[str, ...] = ()
) -> list[dict[str, bytes]]:
    with Compressor(store, budget, enabled=True) as compressor:
        for digest, data in bodies:
            compressor.begin(digest, data, present)
        return [compressor.finish(digest, present) for digest, _ in bodies]


# What is worth it


@pytest.mark.parametrize(
    ("coded", "original", "smaller"),
    [
        (95, 100, True),
        (96, 100, False),
        (100, 100, False),
        (200, 100, False),
        (0, 1, True),
        (1, 1, False),
        (1, 0, False),
    ],
)
def test_five_percent_is_what_a_coding_must_save(coded: int, original: int, smaller: bool) -> None:
    assert is_smaller(coded, original) is smaller


@pytest.mark.parametrize(
    ("media_type", "length", "worth"),
    [
        ("text/css", MIN_LENGTH, True),
        ("text/css", MIN_LENGTH - 1, False),
        ("text/css", 0, False),
        ("image/svg+xml", 5000, True),
        ("image/png", 5000, False),
        ("application/zip", 5000, False),
    ],
)
def test_long_text_is_worth_a_try(media_type: str, length: int, worth: bool) -> None:
    assert is_worth_coding(media_type, length) is worth


# The budget


def test_a_budget_can_be_spent_to_its_last_byte() -> None:
    budget = Budget(10)
    assert [budget.take(length) for length in (4, 6, 0, 1)] == [True, True, True, False]
    assert budget.spent == 10


@given(st.integers(0, 100), st.lists(st.integers(0, 50)))
def test_a_budget_is_what_it_took_and_never_more_than_its_limit(limit: int, lengths: list[int]) -> None:
    budget = Budget(limit)
    taken = [length for length in lengths if budget.take(length)]
    assert budget.spent == sum(taken) <= limit


# Coding


def test_a_body_is_coded_in_every_coding_and_kept_at_its_level() -> None:
    store = MemoryStore()
    [bodies] = code(store, Budget(MiB), [(DIGEST, TEXT)])
    assert bodies.keys() == {coding.name for coding in CODINGS}
    for coding in CODINGS:
        assert coding.decode(bodies[coding.name], len(TEXT)) == TEXT
        assert store.body(DIGEST, coding.name, coding.startup_level) == bodies[coding.name]


def test_a_coding_that_is_present_is_left_out(half: Halving) -> None:
    assert code(MemoryStore(), Budget(MiB), [(DIGEST, TEXT)], present=("half",)) == [{}]
    assert half.asked == []


def test_equal_bytes_are_coded_once_whether_begun_or_finished_before(half: Halving) -> None:
    store, budget = MemoryStore(), Budget(MiB)
    first, second = code(store, budget, [(DIGEST, TEXT), (DIGEST, TEXT)])
    [third] = code(store, budget, [(DIGEST, TEXT)])
    assert half.asked == [(TEXT, 7)]
    assert first["half"] is second["half"] is third["half"]
    assert budget.spent == len(first["half"])


def test_what_was_not_worth_it_is_remembered_and_not_tried_again(use_codings: Callable[..., None]) -> None:
    same = Halving("half", share=1.0)
    use_codings(same)
    store, budget = MemoryStore(), Budget(MiB)
    assert code(store, budget, [(DIGEST, TEXT)]) + code(store, budget, [(DIGEST, TEXT)]) == [{}, {}]
    assert len(same.asked) == 1
    assert store.body(DIGEST, "half", 7) is NOT_WORTH
    assert budget.spent == 0


@pytest.mark.parametrize(("enabled", "limit"), [(False, MiB), (True, 0)])
def test_nothing_is_coded_where_it_is_off_or_nothing_may_be_held(half: Halving, enabled: bool, limit: int) -> None:
    store = MemoryStore()
    store.keep(DIGEST, "half", 7, b"known")
    with Compressor(store, Budget(limit), enabled=enabled) as compressor:
        compressor.begin(b"other", TEXT, ())
        assert (compressor.finish(b"other", ()), compressor.finish(DIGEST, ())) == ({}, {})
    assert half.asked == []


def test_once_the_budget_refused_a_body_nothing_further_is_begun_or_kept(half: Halving) -> None:
    store, budget = MemoryStore(), Budget(len(TEXT) // 2)
    with Compressor(store, budget, enabled=True) as compressor:
        compressor.begin(b"1", TEXT, ())
        compressor.begin(b"2", TEXT, ())
        assert compressor.finish(b"1", ()) == {"half": TEXT[: len(TEXT) // 2]}
        assert compressor.finish(b"2", ()) == {}
        compressor.begin(b"3", TEXT[:2], ())
        assert compressor.finish(b"3", ()) == {}
    assert len(half.asked) == 2
    assert store.body(b"2", "half", 7) is None


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
            results.append(code(MemoryStore(), Budget(limit), bodies))
    assert results[0] == results[1]


# Threads


def names_of_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("whitemedia")]


def test_bodies_are_coded_in_parallel(use_codings: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(2, timeout=5)  # passed only if two come
    half = Halving(pause=meeting.wait)
    use_codings(half)
    monkeypatch.setattr(compression, "count_cores", lambda: 2)
    assert all(code(MemoryStore(), Budget(MiB), [(b"1", TEXT), (b"2", TEXT)]))


def test_no_thread_is_left_when_all_is_coded(half: Halving) -> None:
    with Compressor(MemoryStore(), Budget(MiB), enabled=True) as compressor:
        compressor.begin(DIGEST, TEXT, ())
        assert names_of_threads()
        compressor.finish(DIGEST, ())
    assert names_of_threads() == []


def test_no_thread_is_left_where_something_fails_and_what_waited_is_not_coded(
    use_codings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    half = Halving(pause=lambda: time.sleep(0.02))
    use_codings(half)
    monkeypatch.setattr(compression, "count_cores", lambda: 1)

    def fail() -> None:
        with Compressor(MemoryStore(), Budget(MiB), enabled=True) as compressor:
            for number in range(20):
                compressor.begin(bytes([number]), TEXT, ())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names_of_threads() == []
    assert len(half.asked) < 20


def test_cores_that_the_process_may_not_use_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0: {3, 5, 7}}[process], raising=False)
    assert count_cores() == 3


@pytest.mark.parametrize(("cores", "counted"), [(4, 4), (None, 1)])
def test_where_the_system_does_not_tell_the_machine_s_cores_count(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, counted: int
) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert count_cores() == counted
