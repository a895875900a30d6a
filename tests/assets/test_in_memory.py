"""Bytes of the application are indexed as a file with these bytes would be."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.assets.fields import DEFAULT
from tests.assets.resources import DECODE, TEXT, by_name, fields_of, in_memory, make_noise, only
from tests.conftest import MODIFIED
from whitemedia.assets.compression import Budget
from whitemedia.assets.in_memory import BytesRoot, BytesSource, coded_length, index_bytes
from whitemedia.assets.indexing import Indexed
from whitemedia.options import OptionError, build_options

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00" + bytes(100)
SVGZ = gzip.compress(b"<svg/>")


def index(
    url_path: str = "a.css",
    data: bytes = TEXT,
    *,
    media_type: str | None = None,
    modified: float | None = None,
    budget: Budget | None = None,
    **options: Any,
) -> Indexed:
    given = BytesSource(url_path, data, media_type, modified)
    return index_bytes(given, build_options(options), budget or Budget(1 << 20))


# As a file's


def test_bytes_are_one_resource_at_their_path_below_the_top() -> None:
    indexed = index("d/a.css", max_age=5)
    assert (indexed.prefix, indexed.options.max_age, indexed.skipped) == ("/", 5, ())
    assert by_name(indexed).keys() == {"d/a.css"}


def test_bytes_have_the_fields_of_a_file() -> None:
    resource = only(index(data=b"short"))
    assert resource.headers == (*DEFAULT, ("Accept-Ranges", "bytes"))
    assert resource.last_modified is None


def test_what_a_file_with_these_bytes_is_the_bytes_are(folder: Any, index: Any) -> None:
    """Codings, entity tags, fields: all but where the body is."""
    folder.file("a.css", TEXT, mtime=MODIFIED)
    file = only(index(prefix="/", immutable_file_test="css"))
    options = build_options({"immutable_file_test": "css"})
    bytes_ = only(index_bytes(BytesSource("a.css", TEXT, None, MODIFIED), options, Budget(1 << 20)))
    for name in ("headers", "last_modified", "codings"):
        assert getattr(bytes_, name) == getattr(file, name)
    for coding in file.codings:
        assert bytes_.contents[coding][:3] == file.contents[coding][:3]


@pytest.mark.parametrize("data", [b"", b"a", TEXT, make_noise(3_000_000)], ids=["empty", "one", "text", "large"])
def test_every_body_is_in_memory_and_decodes_to_the_bytes(data: bytes) -> None:
    resource = only(index(data=data))
    bodies = in_memory(resource)
    assert bodies.keys() == resource.contents.keys()
    for coding, body in bodies.items():
        assert coding == "identity" or DECODE[coding](body, len(data)) == data
        assert resource.representation(coding).in_memory
        assert resource.representation(coding).ok.body == body
    assert bodies["identity"] is data


def test_an_svgz_stays_as_it_is_coded() -> None:
    resource = only(index("a.svgz", SVGZ * 20))
    assert in_memory(resource) == {"gzip": SVGZ * 20}
    assert resource.representation("gzip").ok.body == SVGZ * 20


# Media type


@pytest.mark.parametrize(
    ("url_path", "data", "options", "media_type"),
    [
        pytest.param("a.json", PNG, {}, "application/json", id="by the name's extension"),
        pytest.param("d.css/a.html", b"", {}, "text/html; charset=utf-8", id="by the last segment"),
        pytest.param("a.foo", b"", {"mimetypes": {".foo": "a/b"}}, "a/b", id="by an option, for the extension"),
        pytest.param("d/feed", b"", {"mimetypes": {"feed": "a/b"}}, "a/b", id="by an option, for the whole name"),
        pytest.param("picture", PNG, {}, "image/png", id="by the bytes"),
        pytest.param("", b"<html>", {}, "text/plain; charset=utf-8", id="text without a name is plain"),
        pytest.param(
            "a", b"text", {"charset": "latin-1"}, "text/plain; charset=latin-1", id="with the option's charset"
        ),
    ],
)
def test_the_name_decides_on_the_media_type_and_then_the_bytes(
    url_path: str, data: bytes, options: dict[str, Any], media_type: str
) -> None:
    assert fields_of(only(index(url_path, data, **options)))["Content-Type"] == media_type


@pytest.mark.parametrize(
    ("given", "sent"),
    [("text/html", "text/html; charset=utf-8"), ("text/html; charset=latin-1",) * 2, ("image/png", "image/png")],
)
def test_a_given_media_type_goes_over_all(given: str, sent: str) -> None:
    for url_path in ("a.json", "a"):
        resource = only(index(url_path, PNG, media_type=given, mimetypes={".json": "a/b"}))
        assert fields_of(resource)["Content-Type"] == sent


def test_a_given_media_type_decides_on_what_is_coded() -> None:
    assert only(index("a.css", TEXT, media_type="image/png")).codings == ("identity",)
    assert len(only(index("a.png", TEXT, media_type="text/css")).codings) > 1


# Time


@pytest.mark.parametrize(
    ("modified", "seconds"),
    [
        (None, None),
        (MODIFIED, MODIFIED),
        (MODIFIED + 0.999, MODIFIED),
        (2, 2),
        (1.9, None),
        (0, None),
        (-5, None),
        (1e10, None),
        (1e15, None),
    ],
)
def test_a_time_that_is_one_is_last_modified(modified: float | None, seconds: int | None) -> None:
    assert only(index(modified=modified)).last_modified == seconds


def test_a_time_beyond_all_dates_is_none() -> None:
    assert only(index(modified=1e300)).last_modified is None


# Coding and the budget


@pytest.mark.parametrize("options", [{"compress": "off"}, {"autorefresh": True}])
def test_nothing_is_coded_where_nothing_is_to_be(options: dict[str, Any]) -> None:
    indexed = index(**options)
    assert (only(indexed).codings, coded_length(indexed)) == (("identity",), 0)


def test_coded_bodies_alone_are_charged_to_the_budget() -> None:
    budget = Budget(1 << 20)
    indexed = index(budget=budget)
    coded = [body for coding, body in in_memory(only(indexed)).items() if coding != "identity"]
    assert coded
    assert budget.spent == coded_length(indexed) == sum(map(len, coded))


@pytest.mark.parametrize("limit", [0, 10])
def test_what_the_budget_has_no_room_for_is_not_coded_but_served(limit: int) -> None:
    budget = Budget(limit)
    indexed = index(budget=budget)
    assert in_memory(only(indexed)) == {"identity": TEXT}
    assert (budget.spent, coded_length(indexed)) == (0, 0)


def test_nothing_of_what_is_stored_coded_is_charged() -> None:
    budget = Budget(1 << 20)
    assert coded_length(index("a.svgz", SVGZ, budget=budget)) == budget.spent == 0


# Options


def test_rules_and_the_function_get_the_path_below_the_top_and_the_url() -> None:
    seen = []
    options: dict[str, Any] = {
        "rules": [("d/robots.txt", {"X-Rule": "matched"})],
        "add_headers_function": lambda headers, path, url: seen.append((headers["X-Rule"], path, url)),
    }
    assert fields_of(only(index("d/robots.txt", b"", **options)))["X-Rule"] == "matched"
    assert seen == [("matched", "", "/d/robots.txt")]


def test_what_the_function_may_not_set_is_refused() -> None:
    def function(headers: Any, path: str, url: str) -> None:
        headers["ETag"] = '"mine"'

    with pytest.raises(OptionError, match="ETag"):
        index(add_headers_function=function)


# The root


def test_the_root_of_bytes_has_nothing_on_disk_and_hides_nothing() -> None:
    root = BytesRoot()
    assert list(root.sources()) == []
    look: Any = root.look
    assert (look("a.css"), root.open("a.css")) == (None, None)
    assert not root.hides(".env")
    assert root.path == "(in memory)"
