"""Accept-Encoding (RFC 9110, section 12.5.3): which coding is sent, against a brute-force oracle (HTTP.md, 27–33)."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitemedia.http.negotiation import (
    IDENTITY,
    MEMO_FIELDS,
    MEMO_LENGTH,
    Selection,
    parse_accept_encoding,
    select_coding,
)

MEGABYTE = 1_000_000
ALL = ("br", "zstd", "gzip", IDENTITY)
CODINGS = [
    (*order, IDENTITY) for count in range(4) for order in itertools.permutations(("br", "zstd", "gzip"), count)
]  # each set a file may have, in each order of size

Q_VALUES = {
    "": 1000,
    ";q=1": 1000,
    ";q=1.": 1000,
    ";q=1.000": 1000,
    ";q=0.999": 999,
    ";Q=0.5": 500,
    " ; q=0.50": 500,
    "\t;\tq=0.2": 200,
    ";q=0.02": 20,
    ";q=0.001": 1,
    ";q=0": 0,
    ";q=0.": 0,
    ";Q=0.0": 0,
    " ;  q=0.000": 0,
}
"""Weights as they may be written, in thousandths."""

MALFORMED = [
    pytest.param("gzip;q=", id="no number"),
    pytest.param("gzip;q", id="no equals sign"),
    pytest.param("gzip;", id="no parameter"),
    pytest.param("gzip;q=2", id="two"),
    pytest.param("gzip;q=1.1", id="more than one"),
    pytest.param("gzip;q=1.001", id="a little more than one"),
    pytest.param("gzip;q=0.1234", id="four decimals"),
    pytest.param("gzip;q=1.0000", id="four zeros"),
    pytest.param("gzip;q=.5", id="no digit before the point"),
    pytest.param("gzip;q=00.5", id="two digits before the point"),
    pytest.param("gzip;q=-1", id="a negative number"),
    pytest.param("gzip;q=+1", id="a sign"),
    pytest.param("gzip;q=1e0", id="an exponent"),
    pytest.param("gzip;q=nan", id="not a number"),
    pytest.param("gzip;q=inf", id="infinity"),
    pytest.param("gzip;q=0.٥", id="an Arabic digit"),
    pytest.param("gzip;q=1²", id="a superscript digit"),
    pytest.param("gzip;q = 1", id="space around the equals sign"),
    pytest.param("gzip;q=1;q=1", id="two weights"),
    pytest.param("gzip;level=9", id="another parameter"),
    pytest.param("gzip;q=1 br", id="no comma"),
    pytest.param("gzip br", id="a space inside"),
    pytest.param("gz/ip", id="a delimiter inside"),
    pytest.param('"gzip"', id="quotes"),
    pytest.param(";q=1", id="no coding"),
    pytest.param("gzip\n", id="a newline"),
    pytest.param("gzíp", id="a letter beyond ASCII"),
]


@pytest.mark.parametrize(
    ("field", "coding"),
    [
        pytest.param("compress, gzip", "gzip", id="RFC 9110, first"),
        pytest.param("", IDENTITY, id="RFC 9110, second: empty"),
        pytest.param("*", "br", id="RFC 9110, third"),
        pytest.param("compress;q=0.5, gzip;q=1.0", "gzip", id="RFC 9110, fourth"),
        pytest.param("gzip;q=1.0, identity; q=0.5, *;q=0", "gzip", id="RFC 9110, fifth"),
        pytest.param("gzip, deflate, br, zstd", "br", id="a browser"),
        pytest.param("gzip, deflate", "gzip", id="an older browser"),
        pytest.param("gzip, br;q=0.9", "gzip", id="line 28: the highest q, not the smallest body"),
        pytest.param("gzip, br", "br", id="line 28: a tie goes to the smallest body"),
        pytest.param("gzip;q=0.1, zstd;q=0.1", "zstd", id="line 28: a low tie too"),
        pytest.param("gzip;q=0.001", "gzip", id="line 28: unlisted identity is below any listed coding"),
        pytest.param("gzip;q=0.5, identity", IDENTITY, id="line 28: listed identity ranks by its q"),
        pytest.param("gzip, identity", "gzip", id="line 28: a tie with identity goes to the smaller body"),
        pytest.param("gzip;q=0.5, identity;q=0.4", "gzip", id="line 28: identity listed lower"),
        pytest.param("deflate", IDENTITY, id="line 28: unlisted identity is acceptable"),
        pytest.param("br;q=0, gzip", "gzip", id="line 29: q=0"),
        pytest.param("br;q=0.0, gzip", "gzip", id="line 29: q=0.0"),
        pytest.param("br;q=0.000, gzip", "gzip", id="line 29: q=0.000"),
        pytest.param("br;Q=0, gzip", "gzip", id="line 29: Q=0"),
        pytest.param("br \t; \tq=0, gzip", "gzip", id="line 29: space around the semicolon"),
        pytest.param("gzip;q=0", IDENTITY, id="line 29: the only one refused"),
        pytest.param("gzip, gzip;q=0", IDENTITY, id="refused once, however often accepted"),
        pytest.param("gzip;q=0, gzip", IDENTITY, id="refused once, in the other order"),
        pytest.param("gzip;q=0, br;q=0, *", "zstd", id="line 30: * covers what is not listed"),
        pytest.param("*, br;q=0", "zstd", id="line 30: wherever it stands"),
        pytest.param("*;q=0.5, gzip;q=0.6", "gzip", id="line 30: * has a weight"),
        pytest.param("br, *;q=0", "br", id="line 30: * refuses what is not listed"),
        pytest.param("identity;q=0", IDENTITY, id="line 31: nothing acceptable"),
        pytest.param("*;q=0", IDENTITY, id="line 31: nothing at all acceptable"),
        pytest.param("deflate, *;q=0", IDENTITY, id="line 31: only what we lack acceptable"),
        pytest.param("identity;q=0, *", "br", id="line 31: anything but identity"),
        pytest.param("identity;q=0, gzip;q=0.1", "gzip", id="line 31: coded rather than identity"),
        pytest.param("*;q=0, identity;q=0.1", IDENTITY, id="line 31: identity alone acceptable"),
        pytest.param("GZip", "gzip", id="line 32: case"),
        pytest.param("IDENTITY;q=1, gzip;q=0.5", IDENTITY, id="line 32: case of identity"),
        pytest.param("x-gzip", "gzip", id="line 32: x-gzip"),
        pytest.param("X-GZIP;q=0, *", "br", id="line 32: x-gzip in capitals"),
        pytest.param("br;q=0, zstd;q=0, x-gzip;q=0, *", IDENTITY, id="line 32: x-gzip refused refuses gzip"),
        pytest.param("gzipp, brotli, xbr, b, gzi", IDENTITY, id="line 32: whole tokens only"),
        pytest.param("gzip;q=2, br;q=x, zstd", "zstd", id="line 33: malformed members are dropped"),
        pytest.param(",, gzip ,\t,", "gzip", id="empty elements"),
        pytest.param(" , ", IDENTITY, id="only empty elements"),
    ],
)
def test_of_all_codings_a_field_gets(field: str, coding: str) -> None:
    """HTTP.md, lines 27 to 33; br is the smallest body, then zstd, then gzip."""
    assert select_coding(field, ALL) == coding


@pytest.mark.parametrize(
    ("field", "codings", "coding"),
    [
        pytest.param("gzip, br", ("gzip", "br", IDENTITY), "gzip", id="a tie where gzip is the smaller body"),
        pytest.param("*", ("zstd", IDENTITY), "zstd", id="* is whatever there is"),
        pytest.param("br", ("gzip", IDENTITY), IDENTITY, id="not there"),
        pytest.param("*;q=0.5, gzip;q=0.1", ("gzip", IDENTITY), IDENTITY, id="* covers identity too"),
        pytest.param("gzip", (IDENTITY,), IDENTITY, id="identity alone"),
        pytest.param("identity;q=0", (IDENTITY,), IDENTITY, id="identity alone, refused"),
        pytest.param("", ("gzip",), "gzip", id=".svgz: absent"),
        pytest.param("br", ("gzip",), "gzip", id=".svgz: not accepted"),
        pytest.param("gzip;q=0", ("gzip",), "gzip", id=".svgz: refused"),
    ],
)
def test_of_these_codings_a_field_gets(field: str, codings: tuple[str, ...], coding: str) -> None:
    """HTTP.md, lines 28, 30 and 31: where nothing is acceptable the last one is sent."""
    assert select_coding(field, codings) == coding


@pytest.mark.parametrize("member", MALFORMED)
def test_a_malformed_member_is_dropped(member: str) -> None:
    """HTTP.md, line 33."""
    assert parse_accept_encoding(member) == {}
    assert parse_accept_encoding(f"br;q=0.5, {member}, *") == {"br": 0.5, "*": 1}


@pytest.mark.parametrize("weight", Q_VALUES)
def test_a_weight_is_read(weight: str) -> None:
    """HTTP.md, line 29."""
    assert parse_accept_encoding(f"gzip{weight}") == {"gzip": Q_VALUES[weight] / 1000}


@pytest.mark.parametrize(
    ("field", "accepted"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("Br, GZIP;q=0.5", {"br": 1, "gzip": 0.5}, id="in lower case"),
        pytest.param("x-gzip, x-compress;q=0.5", {"gzip": 1, "compress": 0.5}, id="old names"),
        pytest.param("x-gzip;q=0.2, gzip;q=0.1", {"gzip": 0.1}, id="old and new name: the lowest"),
        pytest.param("gzip;q=0.1, gzip;q=0.2", {"gzip": 0.1}, id="the same twice: the lowest"),
        pytest.param("dcb, dcz;q=0.3", {"dcb": 1, "dcz": 0.3}, id="codings we lack"),
    ],
)
def test_a_field_accepts(field: str, accepted: dict[str, float]) -> None:
    assert parse_accept_encoding(field) == accepted


# The oracle: what a coding is worth by the lines of HTTP.md, in thousandths, then every coding is compared

Member = tuple[str, str]


def worth(coding: str, members: list[Member]) -> float:
    names = {"gzip": {"gzip", "x-gzip"}}.get(coding, {coding})
    listed = [Q_VALUES[weight] for name, weight in members if name.lower() in names]
    stars = [Q_VALUES[weight] for name, weight in members if name == "*"]
    if listed:
        return min(listed)
    if stars:
        return min(stars)
    return 0.5 if coding == IDENTITY else 0


def slow_select(members: list[Member], codings: tuple[str, ...]) -> str:
    best = codings[-1]
    for coding in reversed(codings):
        if worth(coding, members) > 0 and worth(coding, members) >= worth(best, members):
            best = coding
    return best


names = st.sampled_from(["br", "BR", "gzip", "x-gzip", "GZip", "zstd", "identity", "Identity", "*", "deflate"])
weights = st.sampled_from(list(Q_VALUES))
commas = st.sampled_from([",", ", ", " ,\t", ",,", ", , "])
dropped = st.sampled_from(["br;q=2", "gzip;x", "*;q=0.1234", "zstd br", ";q=0", ""])


@settings(max_examples=1000)
@given(st.lists(st.tuples(names, weights), max_size=6), st.sampled_from(CODINGS), st.data())
def test_the_selected_coding_is_the_oracle_s(
    members: list[Member], codings: tuple[str, ...], data: st.DataObject
) -> None:
    texts = [name + weight for name, weight in members]
    texts.insert(data.draw(st.integers(0, len(texts))), data.draw(dropped))
    field = "".join(text + data.draw(commas) for text in texts)
    assert select_coding(field, codings) == slow_select(members, codings)


@given(st.text() | st.text("brgzipx*,;qQ=01. \t"), st.sampled_from(CODINGS))
def test_no_text_raises_and_one_of_the_codings_is_sent(field: str, codings: tuple[str, ...]) -> None:
    assert select_coding(field, codings) in codings
    assert all(0 <= q <= 1 for q in parse_accept_encoding(field).values())


@pytest.mark.parametrize(
    ("field", "coding"),
    [
        pytest.param("gzip;q=0.5," * (MEGABYTE // 11), "gzip", id="the same member"),
        pytest.param("," * MEGABYTE, IDENTITY, id="commas"),
        pytest.param(" " * MEGABYTE + "br", "br", id="spaces in front"),
        pytest.param("gzip" + " " * MEGABYTE + "x", IDENTITY, id="spaces inside, CVE-2026-34230 of Rack"),
        pytest.param("gzip" + " " * MEGABYTE + ";q=x", IDENTITY, id="spaces before a bad weight"),
        pytest.param("gzip;" + " " * MEGABYTE + "q=x", IDENTITY, id="spaces in a bad weight"),
        pytest.param("g" * MEGABYTE + "\0", IDENTITY, id="one long token"),
        pytest.param("gzip;q=0." + "0" * MEGABYTE, IDENTITY, id="zeros"),
        pytest.param("gzip" + ";q=1" * (MEGABYTE // 4), IDENTITY, id="weights"),
        pytest.param(";" * MEGABYTE, IDENTITY, id="semicolons"),
        pytest.param(",".join(map("c{}".format, range(100_000))) + ",br", "br", id="100,000 codings"),
    ],
)
def test_a_megabyte_is_read_in_linear_time(field: str, coding: str) -> None:
    """HTTP.md, line 33. Whatever backtracks here in more than linear time does not come to an end."""
    assert select_coding(field, ALL) == coding


# What is remembered


@given(st.lists(st.tuples(names, weights), max_size=6), st.sampled_from(CODINGS), st.booleans())
def test_a_remembered_answer_is_the_first_one(
    members: list[Member], codings: tuple[str, ...], too_long: bool
) -> None:
    field = ", ".join(name + weight for name, weight in members) + " " * (MEMO_LENGTH if too_long else 0)
    selection = Selection(codings)
    assert [selection[field], selection[field]] == [slow_select(members, codings)] * 2


def test_each_tuple_of_codings_remembers_for_itself() -> None:
    coded, plain = Selection(ALL), Selection((IDENTITY,))
    assert (coded.codings, plain.codings) == (ALL, (IDENTITY,))
    assert (coded["gzip"], plain["gzip"]) == ("gzip", IDENTITY)


@pytest.mark.parametrize(("length", "remembered"), [(0, True), (MEMO_LENGTH, True), (MEMO_LENGTH + 1, False)])
def test_what_is_remembered_is_bounded_in_length(length: int, remembered: bool) -> None:
    selection, field = Selection(ALL), "a" * length
    assert selection[field] == IDENTITY
    assert (field in selection) is remembered


def test_what_is_remembered_is_bounded_in_number() -> None:
    selection = Selection(ALL)
    for number in range(3 * MEMO_FIELDS):
        assert selection[f"c{number}, br"] == "br"
        assert 0 < len(selection) <= MEMO_FIELDS
    assert selection["c0, br"] == "br"
