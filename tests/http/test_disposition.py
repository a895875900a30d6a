"""Content-Disposition: any name arrives as one that is safe to save, and nothing in it ends the field or a parameter."""

from __future__ import annotations

import re
import string
from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from whitemedia.http.disposition import FALLBACK_NAME, LONGEST_NAME, format_disposition, saved_name
from whitemedia.http.syntax import is_field_value

ANY_NAME = st.text(st.characters(exclude_categories=[]))  # lone surrogates too
HOSTILE_NAME = st.text(st.sampled_from("a.b é%4\"'\\/;,=*:\r\n\t\0\x7f\x85\udc80\u202e\u2066\uff02\uff0f"))
names = st.one_of(ANY_NAME, HOSTILE_NAME)

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # Bidi_Control (Unicode, PropList.txt)
_FIELD = re.compile(
    r'(inline|attachment); filename="([^"\\]*)"(?:; filename\*=UTF-8\'\'([A-Za-z0-9!#$&+.^_`|~%-]*))?'
)


def parse(field: str) -> tuple[str, str, str]:
    """The kind, the name for old clients, and the one for all others (RFC 6266, section 4.3)."""
    match = _FIELD.fullmatch(field)
    assert match is not None, field
    kind, plain, extended = match.groups()
    return kind, plain, plain if extended is None else unquote_to_bytes(extended).decode()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("report.pdf", '"report.pdf"', id="plain"),
        pytest.param("two words (1).txt", '"two words (1).txt"', id="what old clients read as well"),
        pytest.param("über.txt", "\"_ber.txt\"; filename*=UTF-8''%C3%BCber.txt", id="beyond ASCII"),
        pytest.param("报告.pdf", "\"__.pdf\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf", id="beyond latin-1"),
        pytest.param("😀", "\"_\"; filename*=UTF-8''%F0%9F%98%80", id="beyond the first plane"),
        pytest.param("a%41.txt", "\"a_41.txt\"; filename*=UTF-8''a%2541.txt", id="what some clients would decode"),
        pytest.param('a"b.txt', "\"a_b.txt\"; filename*=UTF-8''a%22b.txt", id="a quote"),
        pytest.param("it's.txt", '"it\'s.txt"', id="an apostrophe"),
        pytest.param(
            "é's.txt", "\"_'s.txt\"; filename*=UTF-8''%C3%A9%27s.txt", id="an apostrophe in an ext-value"
        ),
        pytest.param("a;b,c.txt", "\"a_b_c.txt\"; filename*=UTF-8''a%3Bb%2Cc.txt", id="what separates"),
        pytest.param("at 12:30.txt", "\"at 12_30.txt\"; filename*=UTF-8''at%2012%3A30.txt", id="a colon"),
        pytest.param("a*?<>|.txt", "\"a_____.txt\"; filename*=UTF-8''a%2A%3F%3C%3E|.txt", id="no name on Windows"),
    ],
)
def test_a_name_is_sent_for_every_client(name: str, expected: str) -> None:
    assert format_disposition(name, attachment=True) == f"attachment; filename={expected}"


@pytest.mark.parametrize(("attachment", "kind"), [(True, "attachment"), (False, "inline")])
def test_a_file_is_to_be_saved_or_shown(*, attachment: bool, kind: str) -> None:
    assert format_disposition("a.txt", attachment=attachment) == f'{kind}; filename="a.txt"'


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        pytest.param("/etc/passwd", "passwd", id="an absolute path"),
        pytest.param("../../up.txt", "up.txt", id="a path upward"),
        pytest.param("..\\..\\up.txt", "up.txt", id="a path upward on Windows"),
        pytest.param("C:\\folder/name.txt", "name.txt", id="a path of both kinds"),
        pytest.param("folder/", FALLBACK_NAME, id="a folder"),
        pytest.param("a.txt/..", FALLBACK_NAME, id="a path that ends upward"),
        pytest.param("", FALLBACK_NAME, id="nothing"),
        pytest.param(" ", FALLBACK_NAME, id="a space"),
        pytest.param("....", FALLBACK_NAME, id="dots"),
        pytest.param(". . ", FALLBACK_NAME, id="dots and spaces"),
        pytest.param(".bashrc", "bashrc", id="a hidden name"),
        pytest.param("run.exe. .", "run.exe", id="what Windows drops"),
        pytest.param("a\r\nSet-Cookie: b", "a__Set-Cookie: b", id="a line of a header"),
        pytest.param("a\0.txt", "a_.txt", id="a NUL"),
        pytest.param("a\t\x1b\x7f\x85.txt", "a____.txt", id="controls"),
        pytest.param("a\u2028b\u2029", "a_b_", id="line separators"),
        pytest.param("\udcfc.txt", "_.txt", id="a name that is not UTF-8, as os.fsdecode gives it"),
        pytest.param("\ud83d\ude00", "__", id="surrogates that would be a pair"),
        *(pytest.param(f"a{mark}fdp.exe", "a_fdp.exe", id=f"U+{ord(mark):04X}") for mark in BIDI),
        pytest.param(
            "\u0645\u06cc\u200c\u062e.txt", "\u0645\u06cc\u200c\u062e.txt", id="a joiner stays: spelling"
        ),
        pytest.param("\uff0e\uff0e\uff0fa", "\uff0e\uff0e\uff0fa", id="wide letters are no path"),
    ],
)
def test_a_hostile_name_is_saved_as(name: str, saved: str) -> None:
    assert saved_name(name) == saved
    assert parse(format_disposition(name, attachment=True))[2] == saved


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        pytest.param("a" * LONGEST_NAME, "a" * LONGEST_NAME, id="the longest"),
        pytest.param("a" * 241, "a" * 240, id="one byte longer"),
        pytest.param("a" * 300 + ".tar.gz", "a" * 237 + ".gz", id="the extension stays"),
        pytest.param("é" * 300 + ".pdf", "é" * 118 + ".pdf", id="two bytes each"),
        pytest.param("a" + "😀" * 100 + ".x", "a" + "😀" * 59 + ".x", id="cut between letters, not in one"),
        pytest.param("a." + "b" * 300, "a." + "b" * 238, id="no extension is that long"),
        pytest.param("a" * 224 + "." + "b" * 15 + "c", "a" * 224 + "." + "b" * 15, id="nor one of 16"),
        pytest.param("a" * 239 + ". " + "b" * 300, "a" * 239, id="cut before a dot"),
        pytest.param(" " * 300 + "a.txt", "a.txt", id="spaces are dropped first"),
        pytest.param("a" * 1_000_000, "a" * 240, id="a megabyte"),
    ],
)
def test_a_name_is_at_most_as_long_as_file_systems_hold(name: str, saved: str) -> None:
    assert saved_name(name) == saved


@given(name=names, attachment=st.booleans())
def test_any_name_makes_a_field_that_says_the_saved_name(name: str, *, attachment: bool) -> None:
    field = format_disposition(name, attachment=attachment)
    assert is_field_value(field)
    assert field.isascii()
    kind, plain, extended = parse(field)
    assert kind == ("attachment" if attachment else "inline")
    assert extended == saved_name(name)
    assert set(plain) <= set(string.ascii_letters + string.digits + " !#$&'()+-.=@[]^_`{}~")
    assert len(plain) == len(extended)


@given(names)
def test_other_parsers_read_two_names_and_nothing_else(name: str) -> None:
    """Nothing adds a parameter (CVE-2022-36359), and a parser of mail reads what one of the web does."""
    field = format_disposition(name, attachment=True)
    kind, options = parse_options_header(field)
    assert (kind, options) == ("attachment", {"filename": saved_name(name)})
    message = Message()
    message["Content-Disposition"] = field
    parameters = message.get_params(header="Content-Disposition")
    assert parameters is not None
    (kind, nothing), *rest = parameters
    assert (kind, nothing, {key for key, _ in rest}) == ("attachment", "", {"filename"})
    assert collapse_rfc2231_value(rest[-1][1]) == saved_name(name)


@given(names)
def test_a_saved_name_is_one_visible_segment(name: str) -> None:
    saved = saved_name(name)
    assert not set(saved) & set("/\\\r\n\0\x7f" + BIDI)
    assert saved.strip(" .") == saved != ""
    assert 0 < len(saved.encode("utf-8")) <= LONGEST_NAME
    assert saved_name(saved) == saved


@given(st.text(st.sampled_from("aé😀 "), min_size=60), st.sampled_from([".pdf", ".tar.gz", ".é"]))
def test_a_long_name_keeps_its_extension(stem: str, extension: str) -> None:
    assert saved_name("a" + stem + extension).endswith(extension[extension.rindex(".") :])
