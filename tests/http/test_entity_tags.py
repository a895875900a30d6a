"""Entity tags (RFC 9110, section 8.8.3): lists, single ones, and the two comparisons (HTTP.md, lines 2, 4 and 6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.http.entity_tags import (
    EntityTag,
    parse_entity_tag,
    parse_entity_tags,
    strong_match,
    weak_match,
)

MEGABYTE = 1_000_000
OPAQUE_CHARACTERS = "!" + "".join(map(chr, range(0x23, 0x7F))) + "".join(map(chr, range(0x80, 0x100)))

entity_tags = st.builds(EntityTag, st.text(OPAQUE_CHARACTERS), st.booleans())
spaces = st.text(" \t", max_size=3)
hostile = st.text('W/"a,* \t\\é\x7f€') | st.text()

MALFORMED = [
    pytest.param("abc", id="no quotes"),
    pytest.param("'abc'", id="single quotes"),
    pytest.param('abc"', id="no opening quote"),
    pytest.param('"abc', id="no closing quote"),
    pytest.param('"a"b', id="more after the closing quote"),
    pytest.param('"a""b"', id="two tags without a comma"),
    pytest.param('"a" "b"', id="two tags with a space between"),
    pytest.param('"a b"', id="a space inside"),
    pytest.param('"a\tb"', id="a tab inside"),
    pytest.param('"a\x7f"', id="a DEL inside"),
    pytest.param('"a\0"', id="a NUL inside"),
    pytest.param('"€"', id="a character that latin-1 lacks"),
    pytest.param('w/"a"', id="a small w"),
    pytest.param('W/ "a"', id="a space after the slash"),
    pytest.param('W"a"', id="no slash"),
    pytest.param("W/a", id="weak without quotes"),
    pytest.param('X"a"', id="a letter before the quote"),
    pytest.param("*", id="an asterisk, which is no tag"),
]


@pytest.mark.parametrize(
    ("field", "tags"),
    [
        pytest.param('"xyzzy"', [EntityTag("xyzzy")], id="RFC 9110 8.8.3, strong"),
        pytest.param('W/"xyzzy"', [EntityTag("xyzzy", weak=True)], id="RFC 9110 8.8.3, weak"),
        pytest.param('""', [EntityTag("")], id="RFC 9110 8.8.3, empty"),
        pytest.param(
            '"xyzzy", "r2d2xxxx", "c3piozzzz"',
            [EntityTag("xyzzy"), EntityTag("r2d2xxxx"), EntityTag("c3piozzzz")],
            id="RFC 9110 13.1.1",
        ),
        pytest.param(
            'W/"xyzzy", W/"r2d2xxxx", W/"c3piozzzz"',
            [EntityTag("xyzzy", weak=True), EntityTag("r2d2xxxx", weak=True), EntityTag("c3piozzzz", weak=True)],
            id="RFC 9110 13.1.2",
        ),
        pytest.param(
            '"foo", "bar", \t"a" , "baz"', [EntityTag(tag) for tag in ("foo", "bar", "a", "baz")], id="nginx"
        ),
        pytest.param('"a","b"', [EntityTag("a"), EntityTag("b")], id="repeated lines joined without a space"),
        pytest.param('"a,b", "c"', [EntityTag("a,b"), EntityTag("c")], id="a comma inside quotes"),
        pytest.param('",", ","', [EntityTag(","), EntityTag(",")], id="only commas inside quotes"),
        pytest.param(',, "a" ,\t, "b",', [EntityTag("a"), EntityTag("b")], id="empty elements"),
        pytest.param('"a\\"', [EntityTag("a\\")], id="a backslash escapes nothing"),
        pytest.param('"W/"', [EntityTag("W/")], id="W/ inside the quotes is opaque"),
        pytest.param('"\xe9"', [EntityTag("\xe9")], id="an octet beyond ASCII"),
        pytest.param("", [], id="nothing"),
        pytest.param(" \t", [], id="only space"),
        pytest.param(",", [], id="only a comma"),
    ],
)
def test_a_list_holds_these_tags(field: str, tags: list[EntityTag]) -> None:
    """HTTP.md, line 4."""
    assert parse_entity_tags(field) == tuple(tags)


@pytest.mark.parametrize("member", MALFORMED)
def test_a_malformed_member_alone_is_no_tag(member: str) -> None:
    assert parse_entity_tags(member) == ()


@pytest.mark.parametrize("member", MALFORMED)
def test_a_malformed_member_takes_no_other_with_it(member: str) -> None:
    assert parse_entity_tags(f'"before", {member}, W/"after"') == (
        EntityTag("before"),
        EntityTag("after", weak=True),
    )


@given(st.lists(st.tuples(spaces, entity_tags, spaces, st.sampled_from([",", ",,", ", ,"]))))
def test_a_list_is_read_as_it_was_written(members: list[tuple[str, EntityTag, str, str]]) -> None:
    field = "".join(before + str(tag) + after + comma for before, tag, after, comma in members)
    assert parse_entity_tags(field) == tuple(tag for _, tag, _, _ in members)


@given(hostile)
def test_no_text_raises_and_every_tag_found_stands_in_it(field: str) -> None:
    rest = field
    for tag in parse_entity_tags(field):
        _, found, rest = rest.partition(str(tag))
        assert found
        assert set(tag.opaque) <= set(OPAQUE_CHARACTERS)


@pytest.mark.parametrize(
    ("field", "tag"),
    [
        pytest.param('"a"', EntityTag("a"), id="strong"),
        pytest.param('W/"a"', EntityTag("a", weak=True), id="weak"),
        pytest.param(' \t"a"\t ', EntityTag("a"), id="space around it"),
        pytest.param('"a,b"', EntityTag("a,b"), id="a comma inside quotes"),
    ],
)
def test_a_single_tag_is_read(field: str, tag: EntityTag) -> None:
    assert parse_entity_tag(field) == tag


@pytest.mark.parametrize(
    "field",
    [
        *MALFORMED,
        pytest.param('"a", "b"', id="a list"),
        pytest.param('"a", "a"', id="a list of equals"),
        pytest.param('"a",', id="a final comma"),
        pytest.param(',"a"', id="a comma before"),
        pytest.param('"a", b', id="a malformed second member"),
        pytest.param('\n"a"', id="a newline before"),
        pytest.param("", id="nothing"),
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT", id="a date"),
    ],
)
def test_anything_but_a_single_tag_is_none(field: str) -> None:
    """HTTP.md, line 6: If-Range takes no list and no asterisk."""
    assert parse_entity_tag(field) is None


@given(entity_tags, spaces, spaces)
def test_a_single_tag_round_trips(tag: EntityTag, before: str, after: str) -> None:
    assert parse_entity_tag(before + str(tag) + after) == tag


@given(hostile)
def test_a_single_tag_is_all_of_its_field_or_none(field: str) -> None:
    tag = parse_entity_tag(field)
    assert tag is None or str(tag) == field.strip(" \t")


@pytest.mark.parametrize(
    ("one", "other", "strong", "weak"),
    [
        pytest.param('W/"1"', 'W/"1"', False, True, id="both weak"),
        pytest.param('W/"1"', 'W/"2"', False, False, id="both weak and different"),
        pytest.param('W/"1"', '"1"', False, True, id="one weak"),
        pytest.param('"1"', 'W/"1"', False, True, id="the other weak"),
        pytest.param('"1"', '"1"', True, True, id="both strong"),
        pytest.param('"1"', '"2"', False, False, id="both strong and different"),
        pytest.param('"a"', '"A"', False, False, id="case counts"),
        pytest.param('""', '""', True, True, id="empty ones are tags too"),
    ],
)
def test_two_tags_match(one: str, other: str, *, strong: bool, weak: bool) -> None:
    """The table of section 8.8.3.2."""
    first, second = parse_entity_tag(one), parse_entity_tag(other)
    assert first is not None
    assert second is not None
    assert strong_match(first, second) is strong
    assert weak_match(first, second) is weak


@pytest.mark.parametrize(
    ("field", "count"),
    [
        pytest.param('"' * MEGABYTE, 0, id="quotes"),
        pytest.param('",' * (MEGABYTE // 2), MEGABYTE // 4, id="quotes and commas"),
        pytest.param('"' + "a," * (MEGABYTE // 2), 0, id="a quote that stays open, and commas"),
        pytest.param('"' + "a" * MEGABYTE, 0, id="a quote that stays open"),
        pytest.param('"a, ' * (MEGABYTE // 4), 0, id="open quotes and commas"),
        pytest.param('W/"' * (MEGABYTE // 3), 0, id="weak ones that stay open"),
        pytest.param('W/"a" ' * (MEGABYTE // 6), 0, id="no commas"),
        pytest.param('"a"' + " " * MEGABYTE + "x", 0, id="spaces, then a letter"),
        pytest.param(" " * MEGABYTE + '"a"', 1, id="spaces in front"),
        pytest.param("," * MEGABYTE, 0, id="commas"),
        pytest.param('W/"a,b",' * (MEGABYTE // 8), MEGABYTE // 8, id="tags"),
    ],
)
def test_a_megabyte_is_read_in_linear_time(field: str, count: int) -> None:
    """Whatever backtracks here in more than linear time does not come to an end."""
    assert len(parse_entity_tags(field)) == count


def test_a_megabyte_is_one_tag() -> None:
    opaque = "a" * MEGABYTE
    assert parse_entity_tag(f'"{opaque}"') == EntityTag(opaque)
