"""Ranges that the RFC gives as examples, and that other servers are tested with."""

from __future__ import annotations

import pytest

from tests.http.range_answer import IGNORED, UNSATISFIABLE, Answer, answer


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
