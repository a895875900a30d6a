"""Whatever a request says, what the application made is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.answers import judge
from tests.conftest import call, make_environ
from tests.serving.bodies import OLD
from whitemedia.serving.sending import send

any_text = st.text(st.characters(max_codepoint=0xFF))
near_text = st.text('bytes=0123456789-, \t"W/*;', max_size=30)
fields = st.fixed_dictionaries(
    {},
    optional={
        f"HTTP_{name}": st.one_of(any_text, near_text)
        for name in ("RANGE", "IF_RANGE", "IF_MATCH", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE")
    },
)


@given(method=st.sampled_from(["GET", "HEAD", "POST", "", "get"]), fields=fields, in_file=st.booleans())
def test_no_field_of_a_request_raises(fixed: Path, method: str, fields: dict[str, str], *, in_file: bool) -> None:
    body: Any = fixed.open("rb") if in_file else OLD
    answer = call(send(body, name="a.txt"), make_environ(method, "/", {}, **fields))
    assert answer.status in ((200, 206, 304, 412, 416) if method in ("GET", "HEAD") else (200,))
    judge(method, answer)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_no_other_field_changes_the_answer(method: str) -> None:
    """It is never coded, the same for every origin, and no request turns a server's sending of files on."""
    application, ranged = send(OLD, name="a.txt"), {"Range": "bytes=0-0"}
    others = {"Accept-Encoding": "br", "Origin": "https://example.com", "X-Sendfile-Type": "X-Accel-Redirect"}
    plain = call(application, make_environ(method, "/", ranged))
    answer = call(application, make_environ(method, "/", ranged | others))
    assert (answer.status, answer.fields, answer.body) == (plain.status, plain.fields, plain.body)
