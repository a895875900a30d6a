"""Header fields by precedence: `max_age`, then `immutable_file_test`, then `add_headers_function`, which cannot break us."""

from __future__ import annotations

from collections.abc import Callable
from wsgiref.headers import Headers

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitemedia.assets.headers import (
    FOREVER,
    ResourceHeaders,
    build_headers,
    cache_control,
    vary_on_accept_encoding,
)
from whitemedia.http.response import Header
from whitemedia.options import OptionError, Options

NOW = 1_800_000_000.5
MODIFIED = 784_111_777  # Sun, 06 Nov 1994 08:49:37 GMT
PATH, URL = "/srv/static/app.css", "/static/app.css"

DEFAULT: tuple[Header, ...] = (
    ("Content-Type", "text/css; charset=utf-8"),
    ("Cache-Control", "max-age=60, public"),
    ("Access-Control-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
)


def build(options: Options, media_type: str = "text/css", modified: int | None = MODIFIED) -> ResourceHeaders:
    return build_headers(media_type, PATH, URL, modified, options)


def build_with(change: Callable[[Headers], object], modified: int | None = MODIFIED) -> ResourceHeaders:
    """With an `add_headers_function` that does one thing."""

    def function(headers: Headers, path: str, url: str) -> None:
        change(headers)

    return build(Options(add_headers_function=function), "text/css", modified)


# Options


def test_by_default_four_fields_are_sent() -> None:
    assert build(Options()) == (DEFAULT, MODIFIED)


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        (Options(max_age=0), "Cache-Control", "max-age=0, public"),
        (Options(max_age=3600), "Cache-Control", "max-age=3600, public"),
        (Options(max_age=None), "Cache-Control", None),
        (Options(allow_all_origins=False), "Access-Control-Allow-Origin", None),
        (Options(charset="latin-1"), "Content-Type", "text/css; charset=latin-1"),
    ],
)
def test_an_option_changes_its_field_alone(options: Options, name: str, value: str | None) -> None:
    fields = dict(build(options).fields)
    assert fields.pop(name, None) == value
    assert fields == {other: same for other, same in DEFAULT if other != name}


@pytest.mark.parametrize(
    ("media_type", "sent"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("text/html; charset=latin-1", "text/html; charset=latin-1"),
        ("image/png", "image/png"),
        ("application/json", "application/json"),
    ],
)
def test_text_alone_gets_a_charset(media_type: str, sent: str) -> None:
    assert build(Options(), media_type).fields[0] == ("Content-Type", sent)


# Cache-Control


@pytest.mark.parametrize("test", ["app", lambda path, url: (path, url) == (PATH, URL)], ids=["regex", "callable"])
@pytest.mark.parametrize("max_age", [0, 60, None])
def test_what_is_immutable_is_kept_for_a_year_whatever_max_age_says(
    test: str | Callable[[str, str], bool], max_age: int | None
) -> None:
    options = Options(max_age=max_age, immutable_file_test=test)  # type: ignore[arg-type]  # a regex becomes a callable
    assert FOREVER == 31_536_000
    assert cache_control(PATH, URL, options) == [("Cache-Control", "max-age=31536000, public, immutable")]


def test_what_is_not_immutable_has_max_age() -> None:
    options = Options(max_age=5, immutable_file_test=lambda path, url: False)
    assert cache_control(PATH, URL, options) == [("Cache-Control", "max-age=5, public")]


# add_headers_function


def test_the_function_gets_the_headers_the_path_and_the_url() -> None:
    calls = []

    def function(headers: Headers, path: str, url: str) -> None:
        calls.append((type(headers), headers.items(), path, url))

    build(Options(add_headers_function=function))
    date = ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")
    assert calls == [(Headers, [*DEFAULT, date], PATH, URL)]


def test_a_function_that_does_nothing_changes_nothing() -> None:
    with_function = build_with(lambda headers: None)
    assert (sorted(with_function.fields), with_function.last_modified) == (sorted(DEFAULT), MODIFIED)


def test_the_function_may_add_change_and_delete() -> None:
    def function(headers: Headers, path: str, url: str) -> None:
        headers["X-Added"] = "Füße".encode().decode("latin-1")
        headers["Empty"] = ""
        headers.add_header("Content-Disposition", "attachment", filename="a.css")
        headers["content-type"] = "text/plain"
        headers["Cache-Control"] = "no-store"
        del headers["Access-Control-Allow-Origin"]

    fields = build(Options(immutable_file_test=".", add_headers_function=function)).fields  # type: ignore[arg-type]
    assert sorted(fields) == [
        ("Cache-Control", "no-store"),
        ("Content-Disposition", 'attachment; filename="a.css"'),
        ("Empty", ""),
        ("X-Added", "FÃ¼Ã\x9fe"),
        ("X-Content-Type-Options", "nosniff"),
        ("content-type", "text/plain"),
    ]


def test_a_field_may_be_sent_twice() -> None:
    def add_two(headers: Headers) -> None:
        headers.add_header("Link", "<a>")
        headers.add_header("Link", "<b>")

    fields = build_with(add_two).fields
    assert [value for name, value in fields if name == "Link"] == ["<a>", "<b>"]


@pytest.mark.parametrize(
    "change",
    [
        lambda headers: headers.__delitem__("X-Content-Type-Options"),
        lambda headers: headers.__setitem__("X-Content-Type-Options", "sniff"),
        lambda headers: headers.add_header("x-content-type-options", "sniff"),
        lambda headers: headers.__delitem__("Content-Type"),
    ],
    ids=["deleted", "changed", "added", "without type"],
)
def test_nosniff_is_sent_once_whatever_the_function_does(change: Callable[[Headers], None]) -> None:
    fields = build_with(change).fields
    assert [value for name, value in fields if name.lower() == "x-content-type-options"] == ["nosniff"]


@pytest.mark.parametrize(
    "name",
    [
        "ETag",
        "etag",
        "Content-Length",
        "Content-Encoding",
        "Content-Range",
        "Accept-Ranges",
        "Transfer-Encoding",
        "Connection",
        "KEEP-ALIVE",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "TE",
        "Trailer",
        "Upgrade",
    ],
)
def test_what_follows_from_the_bytes_or_belongs_to_the_connection_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match=r"/static/app\.css.*whitemedia's own") as raised:
        build_with(lambda headers: headers.__setitem__(name, "x"))
    assert (raised.value.option, raised.value.value) == ("add_headers_function", name)


@pytest.mark.parametrize("name", ["", "two words", "colon:", "new\nline", "Grüße", "a\0"])
def test_what_is_no_field_name_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match="no field name") as raised:
        build_with(lambda headers: headers.__setitem__(name, "x"))
    assert (raised.value.option, raised.value.value) == ("add_headers_function", name)


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\0", " a", "a ", "\t", "a\x7f", "€"])
def test_what_is_no_field_value_is_refused(value: str) -> None:
    with pytest.raises(OptionError, match="no field value") as raised:
        build_with(lambda headers: headers.__setitem__("X-Note", value))
    assert (raised.value.option, raised.value.value) == ("add_headers_function", "X-Note")
    assert repr(value) in str(raised.value)


def test_what_the_function_raises_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        build_with(lambda headers: 1 / 0)


@pytest.mark.parametrize(
    "date",
    ["Mon, 14 Jan 2008 00:00:00 GMT", "Monday, 14-Jan-08 00:00:00 GMT", "Mon Jan 14 00:00:00 2008"],
    ids=["IMF-fixdate", "RFC 850", "asctime"],
)
@pytest.mark.parametrize("before", [MODIFIED, None])
def test_the_function_may_set_last_modified_in_any_form_of_a_date(date: str, before: int | None) -> None:
    headers = build_with(lambda headers: headers.__setitem__("last-modified", date), before)
    assert (sorted(headers.fields), headers.last_modified) == (sorted(DEFAULT), 1_200_268_800)


def test_a_year_of_two_digits_is_one_of_this_century() -> None:
    headers = build_with(lambda headers: headers.__setitem__("Last-Modified", "Thursday, 01-Jan-26 00:00:00 GMT"))
    assert headers.last_modified == 1_767_225_600


def test_a_last_modified_in_the_future_is_not_sent() -> None:
    """It would be later than Date (RFC 9110, section 8.8.2.1)."""
    headers = build_with(lambda headers: headers.__setitem__("Last-Modified", "Fri, 31 Dec 9999 23:59:59 GMT"))
    assert (sorted(headers.fields), headers.last_modified) == (sorted(DEFAULT), None)


def test_the_function_may_delete_last_modified() -> None:
    headers = build_with(lambda headers: headers.__delitem__("Last-Modified"))
    assert (sorted(headers.fields), headers.last_modified) == (sorted(DEFAULT), None)


def test_a_file_without_a_time_shows_the_function_none() -> None:
    seen: list[str | None] = []
    build_with(lambda headers: seen.append(headers["Last-Modified"]), None)
    assert seen == [None]


@pytest.mark.parametrize("date", ["", "yesterday", "2008-01-14", "Mon, 14 Jan 2008 00:00:00 CET", "1200268800"])
def test_a_last_modified_that_is_no_date_is_refused(date: str) -> None:
    with pytest.raises(OptionError, match="no HTTP date") as raised:
        build_with(lambda headers: headers.__setitem__("Last-Modified", date))
    assert (raised.value.option, raised.value.value) == ("add_headers_function", "Last-Modified")


# Vary


@pytest.mark.parametrize(
    ("given_fields", "fields"),
    [
        ([], [("Vary", "Accept-Encoding")]),
        ([("Vary", "Origin")], [("Vary", "Origin, Accept-Encoding")]),
        ([("vary", "Origin , Cookie"), ("Vary", "X")], [("Vary", "Origin, Cookie, X, Accept-Encoding")]),
        ([("Vary", "")], [("Vary", "Accept-Encoding")]),
        ([("Vary", "*")], [("Vary", "*")]),
        ([("Vary", "accept-encoding")], [("Vary", "accept-encoding")]),
        ([("Vary", "Origin, Accept-Encoding")], [("Vary", "Origin, Accept-Encoding")]),
        ([("Vary", "Accept-Encoding-2")], [("Vary", "Accept-Encoding-2, Accept-Encoding")]),
    ],
)
def test_accept_encoding_is_merged_into_what_there_is(given_fields: list[Header], fields: list[Header]) -> None:
    other = ("Cache-Control", "no-cache")
    assert vary_on_accept_encoding((other, *given_fields)) == (other, *fields)


@given(
    st.lists(st.tuples(st.sampled_from(["Vary", "vary", "Link"]), st.sampled_from(["Origin", "a, B", "", "*"])))
)
def test_after_the_merge_all_varies_with_accept_encoding_and_nothing_is_lost(fields: list[Header]) -> None:
    merged = vary_on_accept_encoding(tuple(fields))
    before, after = (
        {member.strip() for name, value in pairs if name.lower() == "vary" for member in value.split(",")} - {""}
        for pairs in (fields, merged)
    )
    assert after == (before if "*" in before else before | {"Accept-Encoding"})
    assert [pair for pair in merged if pair[0] == "Link"] == [pair for pair in fields if pair[0] == "Link"]
    assert vary_on_accept_encoding(merged) == merged


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        pytest.param("Thursday, 06-Nov-25 08:49:37 GMT", 1_762_418_977, id="a two-digit year is a recent one"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", None, id="one in the future is not sent"),
    ],
)
def test_the_function_s_last_modified_is_read_as_of_now(date: str, seconds: int | None) -> None:
    headers = build_with(lambda headers: headers.__setitem__("Last-Modified", date))
    assert headers.last_modified == seconds


@pytest.mark.parametrize("name", ["Status", "Trailers", "Proxy-Connection", "X-", "X_"])
def test_what_no_server_takes_is_refused_of_the_function(name: str) -> None:
    with pytest.raises(OptionError):
        build_with(lambda headers: headers.__setitem__(name, "x"))


@pytest.mark.parametrize("media_type", ["", "text", "text/", "a b/c"])
def test_a_content_type_that_is_no_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(OptionError, match="no media type"):
        build_with(lambda headers: headers.__setitem__("Content-Type", media_type))
