"""Several conditions count in the order of RFC 9110, section 13.2.2."""

from __future__ import annotations

import itertools

import pytest

from tests.http.validators import EARLIER, EQUAL, ETAG, FAILED, LATER, NOT_MODIFIED, PROCEED, WEAK_ETAG, evaluate
from whitemedia.http.preconditions import Conditions, Outcome


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        pytest.param(Conditions(), PROCEED, id="no condition"),
        pytest.param(
            Conditions(if_match=ETAG, if_unmodified_since=EARLIER),
            PROCEED,
            id="If-Unmodified-Since does not count beside a true If-Match",
        ),
        pytest.param(
            Conditions(if_match='"foo"', if_unmodified_since=LATER),
            FAILED,
            id="a true If-Unmodified-Since does not save a false If-Match",
        ),
        pytest.param(
            Conditions(if_match="*", if_none_match=ETAG),
            NOT_MODIFIED,
            id="If-None-Match counts after a true If-Match",
        ),
        pytest.param(
            Conditions(if_match='"foo"', if_none_match=ETAG),
            FAILED,
            id="412 beats 304 by If-Match and If-None-Match",
        ),
        pytest.param(
            Conditions(if_unmodified_since=EARLIER, if_modified_since=EQUAL), FAILED, id="412 beats 304 by dates"
        ),
        pytest.param(
            Conditions(if_unmodified_since=EQUAL, if_modified_since=EQUAL),
            NOT_MODIFIED,
            id="If-Modified-Since counts after a true If-Unmodified-Since",
        ),
        pytest.param(
            Conditions(if_none_match='"MISMATCH"', if_modified_since=EQUAL),
            PROCEED,
            id="tornado: If-Modified-Since does not count beside a true If-None-Match",
        ),
        pytest.param(
            Conditions(if_none_match=ETAG, if_modified_since=EARLIER),
            NOT_MODIFIED,
            id="an old If-Modified-Since does not undo a false If-None-Match",
        ),
        pytest.param(
            Conditions(if_none_match="", if_modified_since=EQUAL), PROCEED, id="an empty If-None-Match is present"
        ),
        pytest.param(
            Conditions(if_none_match="v1", if_modified_since=EQUAL),
            PROCEED,
            id="a malformed If-None-Match is present",
        ),
        pytest.param(
            Conditions(if_match="", if_unmodified_since=LATER), FAILED, id="an empty If-Match is present"
        ),
    ],
)
def test_fields_count_in_their_order(fields: Conditions, outcome: Outcome) -> None:
    """HTTP.md, lines 3 and 5, and the order above line 1."""
    assert evaluate(fields) is outcome


def test_every_combination_follows_the_steps_of_section_13_2_2() -> None:
    """Each field by what its condition is worth, known by hand; None where it is to be ignored."""
    if_match = {None: None, ETAG: True, "*": True, WEAK_ETAG: False, '"foo"': False, "v1": False}
    if_none_match = {None: None, '"foo"': True, "v1": True, ETAG: False, WEAK_ETAG: False, "*": False}
    if_unmodified_since = {None: None, "?": None, EARLIER: False, EQUAL: True, LATER: True}
    if_modified_since = {None: None, "?": None, EARLIER: True, EQUAL: False, LATER: False}
    methods = {"GET": True, "HEAD": True, "PUT": False}
    for match, unmodified, none_match, modified, method in itertools.product(
        if_match, if_unmodified_since, if_none_match, if_modified_since, methods
    ):
        reads = methods[method]
        first = if_match[match] if match is not None else if_unmodified_since[unmodified]
        if first is False:
            expected = FAILED
        elif none_match is not None:
            refusal = NOT_MODIFIED if reads else FAILED
            expected = PROCEED if if_none_match[none_match] else refusal
        else:
            expected = NOT_MODIFIED if reads and if_modified_since[modified] is False else PROCEED
        fields = Conditions(match, unmodified, none_match, modified)
        assert evaluate(fields, method) is expected, (method, fields)
