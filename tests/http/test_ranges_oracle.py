"""Any Range field has the ranges that a slow oracle finds."""

from __future__ import annotations

import string

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.http.range_answer import IGNORED, UNSATISFIABLE, Answer, answer
from whitemedia.http.ranges import MAX_RANGES, ByteRange, parse_range


def is_number(text: str) -> bool:
    return text != "" and all(character in string.digits for character in text)


def slow_bytes(spec: str, length: int) -> list[int] | None:
    """The places a spec asks for, of those there are; None if it is malformed."""
    first, hyphen, last = spec.partition("-")
    if not hyphen:
        return None
    if not first:
        return [place for place in range(length) if length - place <= int(last)] if is_number(last) else None
    if not is_number(first) or not (last == "" or is_number(last)):
        return None
    if last and int(last) < int(first):
        return None
    return [place for place in range(length) if int(first) <= place and (not last or place <= int(last))]


def slow_answer(field: str, length: int) -> Answer:
    if length == 0 or field[:6].lower() != "bytes=":
        return IGNORED
    specs = [spec.strip(" \t") for spec in field[6:].split(",")]
    asked = [slow_bytes(spec, length) for spec in specs if spec]
    if not 1 <= len(asked) <= MAX_RANGES or None in asked:
        return IGNORED
    satisfiable = [places for places in asked if places]
    if not satisfiable:
        return UNSATISFIABLE
    every = [place for places in satisfiable for place in places]
    if len(every) != len(set(every)):
        return IGNORED
    return [(places[0], places[-1] + 1) for places in satisfiable]


numbers = st.integers(0, 45).map(str) | st.integers(0, 45).map("{:04}".format)
specs = st.one_of(
    st.tuples(numbers, numbers).map("-".join),
    numbers.map("{}-".format),
    numbers.map("-{}".format),
    st.sampled_from(["", "-", "x", "1", "1 -2", "2-1"]),
)
spaced = st.tuples(st.text(" \t", max_size=2), specs, st.text(" \t", max_size=2)).map("".join)
fields = st.one_of(
    st.lists(
        st.tuples(numbers, numbers).map(lambda pair: "-".join(sorted(pair, key=int))), min_size=1, max_size=6
    ),
    st.lists(spaced, max_size=5),
).map(lambda members: "bytes=" + ",".join(members))
scrambled = st.text("bytes=0123456789-, \t").map("bytes={}".format)


@settings(max_examples=1000)
@given(fields | scrambled, st.integers(0, 40))
@example("bytes=-40,0-0", 40)
def test_every_byte_agrees_on_the_ranges_it_is_in(field: str, length: int) -> None:
    assert answer(field, length) == slow_answer(field, length)


@given(st.text() | st.text().map("bytes={}".format), st.integers(0, 2**63 - 1))
def test_no_text_raises_and_no_range_leaves_the_representation(field: str, length: int) -> None:
    ranges = parse_range(field, length)
    if isinstance(ranges, tuple):
        assert ranges
        assert all(0 <= part.start < part.stop <= length for part in ranges)


@given(st.lists(st.integers(0, 2**63), min_size=2, max_size=2 * MAX_RANGES, unique=True).map(sorted))
def test_disjoint_ranges_round_trip(bounds: list[int]) -> None:
    """Each two neighbouring bounds are a range."""
    wanted = [ByteRange(start, stop) for start, stop in zip(bounds[::2], bounds[1::2], strict=False)]
    field = "bytes=" + ", ".join(f"{part.start}-{part.stop - 1}" for part in wanted)
    assert parse_range(field, 2**63) == tuple(wanted)
