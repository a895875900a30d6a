"""`add_headers_function` has the last word, and cannot break us."""

from __future__ import annotations

from collections.abc import Callable
from wsgiref.headers import Headers

import pytest

from tests.assets.fields import DEFAULT, MODIFIED, PATH, URL, build, build_with
from whitemedia.options import OptionError, Options


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
        "Repr-Digest",
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
