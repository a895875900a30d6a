"""Range fields (RFC 9110, section 14): what other servers are tested with, ours, and a slow oracle (HTTP.md, 12–22)."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from whitemedia.http.ranges import (
    MAX_RANGES,
    ByteRange,
    Unsatisfiable,
    format_content_range,
    format_unsatisfied_range,
    parse_range,
)

MEGABYTE = 1_000_000
IGNORED = None
UNSATISFIABLE = "416"

Answer = list[tuple[int, int]] | str | None


def answer(field: str, length: int) -> Answer:
    """The half-open ranges of a 206, "416", or None where the field is ignored: 200, the whole."""
    ranges = parse_range(field, length)
    if ranges is None:
        return IGNORED
    if isinstance(ranges, Unsatisfiable):
        return UNSATISFIABLE
    return [(part.start, part.stop) for part in ranges]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("bytes=0-499", [(0, 500)], id="the first 500 bytes"),
        pytest.param("bytes=500-999", [(500, 1000)], id="the second 500 bytes"),
        pytest.param("bytes=-500", [(9500, 10000)], id="the final 500 bytes"),
        pytest.param("bytes=9500-", [(9500, 10000)], id="the final 500 bytes, from their start"),
        pytest.param("bytes=0-0,-1", [(0, 1), (9999, 10000)], id="the first and last bytes only"),
        pytest.param(
            "bytes= 0-999, 4500-5499, -1000",
            [(0, 1000), (4500, 5500), (9000, 10000)],
            id="the first, middle and last 1000 bytes",
        ),
        pytest.param("bytes=500-600,601-999", [(500, 601), (601, 1000)], id="the second 500 bytes, in two ranges"),
        pytest.param("bytes=500-700,601-999", IGNORED, id="the same, overlapping: refused"),
    ],
)
def test_the_examples_of_section_14_1_2(field: str, expected: Answer) -> None:
    assert answer(field, 10_000) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("", IGNORED, id="empty"),
        pytest.param("bytes=0-4", [(0, 5)], id="0-4"),
        pytest.param("bytes=2-", [(2, 11)], id="2-"),
        pytest.param("bytes=-5", [(6, 11)], id="-5"),
        pytest.param("bytes=3-7", [(3, 8)], id="3-7"),
        pytest.param("bytes=0-0,-2", [(0, 1), (9, 11)], id="0-0,-2"),
        pytest.param("bytes=0-1,5-8", [(0, 2), (5, 9)], id="0-1,5-8"),
        pytest.param("bytes=0-1,5-", [(0, 2), (5, 11)], id="0-1,5-"),
        pytest.param("bytes=5-1000", [(5, 11)], id="5-1000"),
        pytest.param("bytes=0-,1-,2-,3-,4-", IGNORED, id="wasteful"),
        pytest.param("bytes=0-9", [(0, 10)], id="0-9"),
        pytest.param("bytes=0-10", [(0, 11)], id="0-10"),
        pytest.param("bytes=0-11", [(0, 11)], id="0-11"),
        pytest.param("bytes=10-11", [(10, 11)], id="10-11"),
        pytest.param("bytes=10-", [(10, 11)], id="10-"),
        pytest.param("bytes=11-", UNSATISFIABLE, id="11-"),
        pytest.param("bytes=11-12", UNSATISFIABLE, id="11-12"),
        pytest.param("bytes=12-12", UNSATISFIABLE, id="12-12"),
        pytest.param("bytes=11-100", UNSATISFIABLE, id="11-100"),
        pytest.param("bytes=12-100", UNSATISFIABLE, id="12-100"),
        pytest.param("bytes=100-", UNSATISFIABLE, id="100-"),
        pytest.param("bytes=100-1000", UNSATISFIABLE, id="100-1000"),
    ],
)
def test_the_requests_go_serves_a_file_of_eleven_bytes_for(field: str, expected: Answer) -> None:
    """Facts of Go's net/http, fs_test.go."""
    assert answer(field, 11) == expected


@pytest.mark.parametrize(
    ("field", "length", "expected"),
    [
        pytest.param("", 0, IGNORED, id="empty, of nothing"),
        pytest.param("", 1000, IGNORED, id="empty"),
        pytest.param("foo", 0, IGNORED, id="a word, of nothing"),
        pytest.param("bytes=", 0, IGNORED, id="no range, of nothing"),
        pytest.param("bytes=1-", 0, IGNORED, id="1-, of nothing"),
        pytest.param("bytes=7", 10, IGNORED, id="no hyphen"),
        pytest.param("bytes= 7 ", 10, IGNORED, id="no hyphen, with space"),
        pytest.param("bytes=5-4", 10, IGNORED, id="5-4"),
        pytest.param("bytes=0-2,5-4", 10, IGNORED, id="0-2,5-4"),
        pytest.param("bytes=2-5,4-3", 10, IGNORED, id="2-5,4-3"),
        pytest.param("bytes=--5,4--3", 10, IGNORED, id="two hyphens"),
        pytest.param("bytes=A-", 10, IGNORED, id="A-"),
        pytest.param("bytes=A- ", 10, IGNORED, id="A- and a space"),
        pytest.param("bytes=A-Z", 10, IGNORED, id="A-Z"),
        pytest.param("bytes= -Z", 10, IGNORED, id="-Z"),
        pytest.param("bytes=5-Z", 10, IGNORED, id="5-Z"),
        pytest.param("bytes=Ran-dom, garbage", 10, IGNORED, id="words"),
        pytest.param("bytes=0x01-0x02", 10, IGNORED, id="hexadecimal"),
        pytest.param("bytes=         ", 10, IGNORED, id="spaces"),
        pytest.param("bytes= , , ,   ", 10, IGNORED, id="commas"),
        pytest.param("bytes=0-9", 10, [(0, 10)], id="0-9"),
        pytest.param("bytes=0-", 10, [(0, 10)], id="0-"),
        pytest.param("bytes=5-", 10, [(5, 10)], id="5-"),
        pytest.param("bytes=0-20", 10, [(0, 10)], id="0-20"),
        pytest.param("bytes=15-,0-5", 10, [(0, 6)], id="15-,0-5: the unsatisfiable one is dropped"),
        pytest.param("bytes=1-2,5-", 10, [(1, 3), (5, 10)], id="1-2,5-"),
        pytest.param("bytes=-2 , 7-", 11, IGNORED, id="-2 , 7-: an overlap, which Go serves"),
        pytest.param("bytes=0-0 ,2-2, 7-", 11, [(0, 1), (2, 3), (7, 11)], id="0-0 ,2-2, 7-"),
        pytest.param("bytes=-5", 10, [(5, 10)], id="-5"),
        pytest.param("bytes=-15", 10, [(0, 10)], id="-15"),
        pytest.param("bytes=   1 -2   ,  4- 5, 7 - 8 , ,,", 11, IGNORED, id="space inside, which Go accepts"),
    ],
)
def test_the_fields_go_parses(field: str, length: int, expected: Answer) -> None:
    """Facts of Go's net/http, range_test.go; an id says where Go answers otherwise."""
    assert answer(field, length) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("bytes=0-8", [(0, 9)], id="range request"),
        pytest.param("bytes=-10", [(990, 1000)], id="final bytes"),
        pytest.param("bytes=990-", [(990, 1000)], id="final bytes explicit"),
        pytest.param("bytes=990-1990", [(990, 1000)], id="more than length"),
        pytest.param(
            "bytes=0-9, -10, 10-19", [(0, 10), (990, 1000), (10, 20)], id="multipart, in the order asked"
        ),
        pytest.param(
            "bytes=0-9, -10, 100000-, 10-19", [(0, 10), (990, 1000), (10, 20)], id="multipart big: one is dropped"
        ),
        pytest.param("bytes=100000-", UNSATISFIABLE, id="too big first byte pos"),
        pytest.param("bytes=alpha", IGNORED, id="alpha in first byte pos: 416 there, ignored here"),
        pytest.param("bytes=10-alpha", IGNORED, id="alpha in last byte pos: 416 there, ignored here"),
        pytest.param("bytes=10", IGNORED, id="no hyphen: 416 there, ignored here"),
        pytest.param("bytes=10-11 12-", IGNORED, id="no comma: 416 there, ignored here"),
        pytest.param("bytes=0-10001", [(0, 1000)], id="last byte pos adjusted"),
        pytest.param("bytes=0-10001, 0-0", IGNORED, id="malicious byte ranges"),
    ],
)
def test_the_requests_nginx_is_tested_with(field: str, expected: Answer) -> None:
    """Facts of nginx-tests, range.t, over 1,000 bytes."""
    assert answer(field, 1000) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("bytes=0-9", [(0, 10)], id="with range"),
        pytest.param("bytes=0-", [(0, 26)], id="full file: 200 there, 206 here"),
        pytest.param("bytes=0-10000000", [(0, 26)], id="full past end: 200 there, 206 here"),
        pytest.param("bytes=1-10000000", [(1, 26)], id="partial past end"),
        pytest.param("bytes=22-", [(22, 26)], id="end edge"),
        pytest.param("bytes=-4", [(22, 26)], id="neg end"),
        pytest.param("bytes=-1000000", [(0, 26)], id="neg past start: 200 there, 206 here"),
        pytest.param("asdf", IGNORED, id="invalid range"),
        pytest.param("bytes=-0", UNSATISFIABLE, id="zero suffix"),
        pytest.param("bytes=26", IGNORED, id="invalid start: 416 there, ignored here"),
        pytest.param("bytes=10-3", IGNORED, id="end less than start: 416 there, ignored here"),
    ],
)
def test_the_requests_tornado_is_tested_with(field: str, expected: Answer) -> None:
    """Facts of tornado's StaticFileTest, over the 26 bytes of its robots.txt."""
    assert answer(field, 26) == expected


# The lines of HTTP.md, one by one, over ten bytes


@pytest.mark.parametrize("unit", ["bytes", "Bytes", "BYTES", "bYtEs"])
def test_the_unit_is_case_insensitive(unit: str) -> None:
    """HTTP.md, line 13."""
    assert answer(f"{unit}=0-4", 10) == [(0, 5)]


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("items=0-4", id="another unit"),
        pytest.param("none=0-4", id="the unit none"),
        pytest.param("byte=0-4", id="a unit that begins like ours"),
        pytest.param("bytesx=0-4", id="a unit that goes on"),
        pytest.param("bytes =0-4", id="a space before the equals sign"),
        pytest.param("=0-4", id="no unit"),
        pytest.param("bytes", id="only the unit"),
        pytest.param("bytes 0-4/10", id="the form of Content-Range"),
        pytest.param("0-4", id="no unit and no equals sign"),
    ],
)
def test_an_unknown_unit_is_ignored(field: str) -> None:
    """HTTP.md, line 13."""
    assert answer(field, 10) is IGNORED


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param("-", id="no digit"),
        pytest.param("4", id="no hyphen"),
        pytest.param("0--4", id="two hyphens"),
        pytest.param("0-4-", id="a hyphen after"),
        pytest.param("0-4-8", id="three numbers"),
        pytest.param("--4", id="two hyphens before"),
        pytest.param("0-4=", id="an equals sign"),
        pytest.param("bytes=0-4", id="the unit again"),
        pytest.param("0-4;5-9", id="a semicolon"),
        pytest.param("0 -4", id="a space before the hyphen"),
        pytest.param("0- 4", id="a space after the hyphen"),
        pytest.param("0-4\n", id="a newline"),
        pytest.param("\xa00-4", id="a no-break space"),
        pytest.param("0-4\0", id="a NUL"),
        pytest.param("0–4", id="a dash"),
        pytest.param("4-3", id="last before first"),
        pytest.param("1000-999", id="last before first, beyond the end, by fewer digits"),
        pytest.param("010-9", id="last before first, with a leading zero"),
        pytest.param(f"{'9' * 40}-{'9' * 39}8", id="last before first, of 40 digits"),
        pytest.param(f"1{'0' * 40}-{'9' * 40}", id="last before first, of 41 digits and 40"),
        pytest.param("1_0-", id="an underscore"),
        pytest.param("+1-", id="a sign"),
        pytest.param("1.0-", id="a fraction"),
        pytest.param("1e0-", id="an exponent"),
        pytest.param("²-", id="a superscript digit"),
        pytest.param("0-²", id="a superscript digit last"),
        pytest.param("-²", id="a superscript suffix"),
        pytest.param("١-", id="an Arabic digit"),
        pytest.param("0-١", id="an Arabic digit last"),
        pytest.param("-١", id="an Arabic suffix"),
        pytest.param("１-", id="a full-width digit"),
    ],
)
def test_one_malformed_spec_spoils_the_set(spec: str) -> None:
    """HTTP.md, lines 14, 15 and 18."""
    assert answer(f"bytes={spec}", 10) is IGNORED
    assert answer(f"bytes=0-0,{spec},9-9", 10) is IGNORED
    assert answer(f"bytes={spec},99-", 10) is IGNORED


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        pytest.param("-0", UNSATISFIABLE, id="a suffix of nothing"),
        pytest.param("-000", UNSATISFIABLE, id="a suffix of nothing, in three digits"),
        pytest.param("10-", UNSATISFIABLE, id="just after the last byte"),
        pytest.param("10-,-0,20-30", UNSATISFIABLE, id="several, none satisfiable"),
        pytest.param("0-0", [(0, 1)], id="the first byte"),
        pytest.param("9-", [(9, 10)], id="the last byte, from its place"),
        pytest.param("-1", [(9, 10)], id="the last byte, as a suffix"),
        pytest.param("9-9", [(9, 10)], id="the last byte, by both ends"),
        pytest.param("0-", [(0, 10)], id="the whole"),
        pytest.param("9-10", [(9, 10)], id="last is clamped"),
        pytest.param("-10", [(0, 10)], id="a suffix as long as the whole"),
        pytest.param("-11", [(0, 10)], id="a suffix longer than the whole"),
        pytest.param("000-0004", [(0, 5)], id="leading zeros"),
        pytest.param("0008-9", [(8, 10)], id="leading zeros of the first only"),
        pytest.param("9-9,0-0", [(9, 10), (0, 1)], id="the order asked for"),
        pytest.param("0-4,5-9", [(0, 5), (5, 10)], id="neighbours do not overlap"),
        pytest.param("20-,0-0,-0", [(0, 1)], id="the unsatisfiable ones are dropped"),
    ],
)
def test_a_set_gives(specs: str, expected: Answer) -> None:
    """HTTP.md, lines 16, 17 and 20."""
    assert answer(f"bytes={specs}", 10) == expected


@pytest.mark.parametrize("digits", [19, 20, 40, 4300, 4301, 7500])
def test_any_count_of_digits_is_a_number(digits: int) -> None:
    """HTTP.md, line 18: int() itself refuses more than 4,300, and C's overflow."""
    huge = "9" * digits
    assert answer(f"bytes=0-{huge}", 10) == [(0, 10)]
    assert answer(f"bytes=-{huge}", 10) == [(0, 10)]
    assert answer(f"bytes={huge}-", 10) == UNSATISFIABLE
    assert answer(f"bytes={huge}-{huge}", 10) == UNSATISFIABLE
    assert answer(f"bytes={'0' * digits}3-{'0' * digits}4", 10) == [(3, 5)]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("bytes=4294967295-4294967296", [(2**32 - 1, 2**32 + 1)], id="across 32 bits"),
        pytest.param("bytes=9223372036854775806-", [(2**63 - 2, 2**63 - 1)], id="the last byte of 63 bits"),
        pytest.param("bytes=0-18446744073709551616", [(0, 2**63 - 1)], id="beyond 64 bits is clamped"),
        pytest.param("bytes=-18446744073709551617", [(0, 2**63 - 1)], id="a suffix beyond 64 bits is the whole"),
        pytest.param("bytes=18446744073709551616-", UNSATISFIABLE, id="a first byte that 64 bits make zero"),
    ],
)
def test_the_largest_length_has_exact_ranges(field: str, expected: Answer) -> None:
    """CVE-2017-7529 of nginx was an overflow in a suffix."""
    assert answer(field, 2**63 - 1) == expected


@pytest.mark.parametrize(
    "specs",
    [
        pytest.param(" 0-0,9-9", id="a space after the equals sign"),
        pytest.param("\t0-0\t,\t9-9\t", id="tabs"),
        pytest.param("0-0 , 9-9", id="spaces around the comma"),
        pytest.param(",0-0,,9-9,", id="empty elements"),
        pytest.param(" , 0-0 ,\t, 9-9 , ", id="empty elements of space"),
    ],
)
def test_space_and_empty_elements_are_accepted(specs: str) -> None:
    """HTTP.md, line 19."""
    assert answer(f"bytes={specs}", 10) == [(0, 1), (9, 10)]


@pytest.mark.parametrize("specs", ["0-", "0-0", "-1", "-0", "5-", "0-0,1-1", "4-3", "x"])
def test_nothing_of_an_empty_representation_is_a_range(specs: str) -> None:
    """HTTP.md, line 21: 200, never 206, nor 416."""
    assert answer(f"bytes={specs}", 0) is IGNORED


@pytest.mark.parametrize(
    "specs",
    [
        pytest.param("0-0,0-0", id="the same twice"),
        pytest.param("0-5,5-9", id="one byte shared"),
        pytest.param("5-9,0-5", id="one byte shared, backwards"),
        pytest.param("0-9,3-4", id="one within the other"),
        pytest.param("3-4,0-9", id="one within the next"),
        pytest.param("0-0,2-2,4-4,2-2", id="far apart in the list"),
        pytest.param("-5,5-5", id="by a suffix"),
        pytest.param("8-99,9-999", id="once clamped"),
    ],
)
def test_overlapping_ranges_are_refused(specs: str) -> None:
    """HTTP.md, line 22: so no answer is ever longer than the whole, but for its part heads."""
    assert answer(f"bytes={specs}", 10) is IGNORED


def test_ranges_are_capped_by_count() -> None:
    """HTTP.md, line 22: over the cap the field is ignored, be its ranges satisfiable or not."""
    at_cap = [(2 * place, 2 * place + 1) for place in range(MAX_RANGES)]
    specs = [f"{start}-{start}" for start, _ in at_cap]
    assert answer(f"bytes={','.join(specs)}", 1000) == at_cap
    assert answer(f"bytes={','.join([*specs, '999-999'])}", 1000) is IGNORED
    assert answer(f"bytes={','.join([*specs, '5000-'])}", 1000) is IGNORED
    assert answer(f"bytes={',' * 1000}{','.join(specs)}", 1000) == at_cap


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("bytes=" + "0-0," * (MEGABYTE // 4), id="CVE-2011-3192 of Apache: ranges without end"),
        pytest.param("bytes=" + "0-," * (MEGABYTE // 3), id="the whole without end"),
        pytest.param("bytes=" + "," * MEGABYTE, id="commas"),
        pytest.param("bytes=" + "9" * MEGABYTE, id="digits and no hyphen"),
        pytest.param("bytes=" + "-" * MEGABYTE, id="hyphens"),
        pytest.param("bytes=" + " " * MEGABYTE + "x", id="spaces"),
        pytest.param("=" * MEGABYTE, id="equals signs"),
        pytest.param("b" * MEGABYTE, id="letters"),
        pytest.param("bytes=" + ("9" * 9_999 + "-,") * 99 + "x", id="long numbers, then a letter"),
    ],
)
def test_a_megabyte_is_ignored_in_linear_time(field: str) -> None:
    """HTTP.md, line 22. Whatever backtracks here in more than linear time does not come to an end."""
    assert answer(field, 10) is IGNORED


def test_a_megabyte_of_digits_is_a_number() -> None:
    assert answer(f"bytes=0-{'9' * MEGABYTE}", 10) == [(0, 10)]
    assert answer(f"bytes={'0' * MEGABYTE}-", 10) == [(0, 10)]


# A slow oracle: every byte is asked whether it is in a range


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


# Formatting


@pytest.mark.parametrize(
    ("part", "length", "field"),
    [
        pytest.param(ByteRange(42, 1234), 1234, "bytes 42-1233/1234", id="RFC 9110 14.4"),
        pytest.param(ByteRange(0, 500), 1234, "bytes 0-499/1234", id="the first 500 bytes"),
        pytest.param(ByteRange(734, 1234), 1234, "bytes 734-1233/1234", id="the last 500 bytes"),
        pytest.param(ByteRange(0, 1), 1, "bytes 0-0/1", id="one byte of one"),
    ],
)
def test_a_satisfied_range_is_sent_with_inclusive_bounds(part: ByteRange, length: int, field: str) -> None:
    assert format_content_range(part, length) == field


def test_an_unsatisfied_range_is_sent_with_the_length_alone() -> None:
    """HTTP.md, line 20."""
    assert format_unsatisfied_range(1234) == "bytes */1234"


def test_a_range_knows_its_length() -> None:
    assert ByteRange(3, 8).length == 5
