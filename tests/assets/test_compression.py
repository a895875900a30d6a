"""What is worth coding, what the budget admits, and on how many cores it is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets.compression import MIN_LENGTH, Budget, count_cores, is_smaller, is_worth_coding


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
    assert is_worth_coding("app.css", media_type, length) is worth


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


# Cores


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
