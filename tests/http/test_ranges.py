"""Range fields (RFC 9110, section 14) are read by the lines of HTTP.md (12–22), and answered with inclusive bounds."""

from __future__ import annotations

import pytest

from tests.http.range_answer import IGNORED, MEGABYTE, UNSATISFIABLE, Answer, answer
from whitemedia.http.ranges import MAX_RANGES, ByteRange, format_content_range, format_unsatisfied_range

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
