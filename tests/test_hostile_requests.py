"""What others got wrong, as requests to ours: never an exception, never a byte from outside the root."""

from __future__ import annotations

import gzip
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import (
    BR_LIB,
    CONSTRUCTIONS,
    FILES,
    GZIP_LIB,
    MODIFIED_DATE,
    PREFIX,
    SECRET,
    ZSTD_LIB,
    Answer,
    Client,
    application,
    check_bytes,
    every_construction,
    open_descriptors,
    plant,
    plant_tree,
    serve,
)
from whitemedia import OptionError, WhiteMedia

if TYPE_CHECKING:
    from whitemedia.options import OptionFields

DIGITS, LIB, LARGE = (PREFIX + name for name in ("digits.txt", "lib.js", "large.bin"))


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root among secrets: beside it, hidden in it, linked from it."""
    directory = tmp_path_factory.mktemp("exposed")
    outside = {"outside/secret.txt": SECRET, "static-private/secret.txt": SECRET, "static../secret.txt": SECRET}
    plant(directory, {**outside, "secret.txt": SECRET})
    root = plant_tree(directory / "static")
    (root / "outward").symlink_to("../outside")
    (root / "outward.txt").symlink_to("../outside/secret.txt")
    (root / "absolute.txt").symlink_to(directory / "secret.txt")
    return root


@pytest.fixture(scope="module")
def exposed_clients(exposed: Path) -> dict[str, Client]:
    """Clients of every construction; what is asked is not what a validator lets pass."""
    clients = {}
    for prefix in ("/static/", "/"):
        for name, options in CONSTRUCTIONS.items():
            merged: OptionFields = {**options, "index_file": True}
            clients[f"{name} at {prefix}"] = Client(
                WhiteMedia(application, exposed, prefix, **merged), validated=False
            )
    return clients


@pytest.fixture(params=list(CONSTRUCTIONS))
def exposed_client(request: pytest.FixtureRequest, exposed_clients: dict[str, Client]) -> Client:
    return exposed_clients[f"{request.param} at /static/"]


PASSED_ON, REFUSED = "passed on", "404"


# Paths


@pytest.mark.parametrize(
    ("path_info", "expected"),
    [
        pytest.param("/static-private/secret.txt", PASSED_ON, id="starlette CVE-2023-29159"),
        pytest.param("/static-private/secret.txt", PASSED_ON, id="Rack CVE-2026-22860, CVE-2026-34785"),
        pytest.param("/static../secret.txt", PASSED_ON, id="nginx alias without a slash"),
        pytest.param("/static/../outside/secret.txt", REFUSED, id="dot segments"),
        pytest.param("/static/../static/app.css", REFUSED, id="dot segments that lead back"),
        pytest.param("/static/docs/../../secret.txt", REFUSED, id="dot segments from a folder"),
        pytest.param("/static/./app.css", REFUSED, id="a single dot"),
        pytest.param("/static/%2e%2e/secret.txt", PASSED_ON, id="Apache CVE-2021-41773 double decoding"),
        pytest.param("/static/.%2e/secret.txt", REFUSED, id="Apache CVE-2021-41773 half encoded"),
        pytest.param("/static/%252e%252e/secret.txt", PASSED_ON, id="Apache CVE-2021-42013 triple decoding"),
        pytest.param("/static/%2eenv", PASSED_ON, id="Rack CVE-2026-34786 hidden name, still encoded"),
        pytest.param("/static/..\\outside\\secret.txt", REFUSED, id="Caddy CVE-2026-27585 backslashes"),
        pytest.param(
            "/static/docs\\..\\..\\secret.txt", PASSED_ON, id="Caddy CVE-2026-27585 backslashes in a name"
        ),
        pytest.param("/static\\app.css", PASSED_ON, id="Caddy CVE-2026-52844 backslash after the prefix"),
        pytest.param("/static/*", PASSED_ON, id="Caddy CVE-2026-52844 glob"),
        pytest.param("/static/[a]pp.css", PASSED_ON, id="Caddy CVE-2026-52844 glob class"),
        pytest.param("/static/{app,lib}.css", PASSED_ON, id="Caddy CVE-2026-52844 braces"),
        pytest.param("/static/outward/secret.txt", REFUSED, id="aiohttp CVE-2024-23334 linked folder"),
        pytest.param("/static/outward.txt", REFUSED, id="aiohttp CVE-2024-23334 linked file"),
        pytest.param("/static/absolute.txt", REFUSED, id="aiohttp CVE-2024-23334 absolute link"),
        pytest.param("/static/outward/../digits.txt", REFUSED, id="out by a link and back"),
        pytest.param("/static/CON", PASSED_ON, id="Werkzeug CVE-2025-66221 CON"),
        pytest.param("/static/NUL.txt", PASSED_ON, id="Werkzeug CVE-2026-21860 NUL.txt"),
        pytest.param("/static/docs/AUX", PASSED_ON, id="Werkzeug CVE-2026-27199 dir/AUX"),
        pytest.param("/static/digits.txt::$DATA", PASSED_ON, id="alternate data stream"),
        pytest.param("/static/digits.txt.", PASSED_ON, id="final dot, which Windows drops"),
        pytest.param("/static/digits.txt ", PASSED_ON, id="final space, which Windows drops"),
        pytest.param("/static/DIGITS.TXT", PASSED_ON, id="upper case"),
        pytest.param("/static//etc/passwd", PASSED_ON, id="absolute path"),
        pytest.param("/static/file:///etc/passwd", PASSED_ON, id="URL"),
        pytest.param("/static//digits.txt", PASSED_ON, id="two slashes"),
        pytest.param("//static/digits.txt", PASSED_ON, id="two slashes in front"),
        pytest.param("/static/digits.txt/", PASSED_ON, id="a slash behind a file"),
        pytest.param("/static/digits.txt/../.env", REFUSED, id="beneath a file"),
        pytest.param("/static/digits.txt\0.css", PASSED_ON, id="NUL"),
        pytest.param("/static/.env\0.css", REFUSED, id="NUL behind a hidden name"),
        pytest.param("/static/\xc0\xae\xc0\xae/secret.txt", PASSED_ON, id="overlong UTF-8 dots"),
        pytest.param("/static/\uff0e\uff0e/secret.txt", PASSED_ON, id="fullwidth dots"),
        pytest.param("/static/\u2025/secret.txt", PASSED_ON, id="two dot leader"),
        pytest.param("/static/\udcff\udc00", PASSED_ON, id="surrogates"),
        pytest.param("/static/.\udcff", REFUSED, id="surrogates behind a dot"),
        pytest.param("/static/" + "a/" * 500_000, PASSED_ON, id="a megabyte of folders"),
        pytest.param("/static/" + "../" * 333_333, REFUSED, id="a megabyte of dot segments"),
        pytest.param("/static/" + "a" * 1_000_000, PASSED_ON, id="a megabyte of name"),
        pytest.param("/static/." + "a" * 1_000_000, REFUSED, id="a megabyte of hidden name"),
        pytest.param("/static/.git/config", REFUSED, id="hidden folder"),
        pytest.param("/static/docs/.git/../../.env", REFUSED, id="hidden in hidden"),
        pytest.param("/static/.well-known/../.env", REFUSED, id="hidden behind what is re-admitted"),
        pytest.param("/static/lib.js.br", REFUSED, id="a sibling by its own name"),
    ],
)
def test_no_path_leads_out_of_the_root(
    exposed_client: Client, monkeypatch: pytest.MonkeyPatch, path_info: str, expected: str
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise AssertionError("a path from a request was opened")

    monkeypatch.setattr(os, "open", refuse)
    answer = exposed_client.get("/", PATH_INFO=path_info)
    if expected == PASSED_ON:
        assert answer.is_the_applications
    else:
        assert (answer.status, answer.body) == (404, b"404 Not Found\n")


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ("/static/../outside/secret.txt", "/static/../outside/missing"),
        ("/static/outward/secret.txt", "/static/outward/missing"),
        ("/static/.env", "/static/.missing"),
        ("/static/.git/config", "/static/.git/missing"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_aiohttp_cve_2025_69226_no_answer_tells_whether_there_is_something_outside(
    exposed_client: Client, there: str, missing: str, method: str
) -> None:
    one, two = (exposed_client.request(method, path) for path in (there, missing))
    assert (one.status, one.headers.items(), one.body) == (two.status, two.headers.items(), two.body)
    assert one.status == 404


def test_rack_cve_2026_34786_options_see_the_path_that_is_served(tmp_path: Path) -> None:
    root = plant(tmp_path, {"%2eenv": b"no secret", "a b.js": b"1", "ü.js": b"2", ".env": SECRET})
    seen: list[str] = []
    client = serve(root, immutable_file_test=lambda path, url: bool(seen.append(url)))  # type: ignore[func-returns-value]
    assert sorted(seen) == ["/static/%2eenv", "/static/a b.js", "/static/ü.js"]
    assert [client.get(url).status for url in seen] == [200, 200, 200]
    assert client.get("/static/%2eenv").body == b"no secret"


def test_rack_cve_2025_27610_an_empty_root_is_not_the_working_directory() -> None:
    with pytest.raises(OptionError, match="root=''"):
        WhiteMedia(application, "", "/static/")


# Ranges


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("bytes=" + ",".join(f"{n}-" for n in range(1000)), id="Apache CVE-2011-3192 overlapping"),
        pytest.param("bytes=0-," + "5-0," * 1000, id="Apache CVE-2011-3192 the published exploit"),
        pytest.param("bytes=0-0," * 100_000 + "1-1", id="starlette CVE-2025-62727 quadratic merging"),
        pytest.param(
            "bytes=" + ",".join(f"{2 * n}-{2 * n}" for n in range(100_000)),
            id="Rack CVE-2026-34826 unbounded count",
        ),
        pytest.param("bytes=" + "0-1048575," * 50, id="Rack CVE-2026-34826 the whole many times"),
        pytest.param("bytes=" + " " * 1_000_000 + "x", id="a megabyte of spaces"),
        pytest.param("bytes=" + "9" * 1_000_000 + "-0", id="a megabyte of digits"),
        pytest.param("=" * 1_000_000, id="a megabyte of equals signs"),
    ],
)
@pytest.mark.parametrize("path", [DIGITS, LARGE], ids=["small", "large"])
def test_endless_ranges_are_answered_with_the_whole(client: Client, path: str, field: str) -> None:
    answer = client.get(path, {"Range": field})
    assert (answer.status, answer.body) == (200, FILES[path.removeprefix(PREFIX)])


@pytest.mark.parametrize(
    "field",
    [
        f"bytes=-{2**63 + 5},-{2**64 - 5}",
        f"bytes=-{2**63 - 1}",
        f"bytes=-{2**64}",
        "bytes=-9223372036854773000,-600",
    ],
)
def test_nginx_cve_2017_7529_no_suffix_reaches_in_front_of_the_body(client: Client, field: str) -> None:
    answer = client.get(DIGITS, {"Range": field})
    assert answer.status in (200, 206)
    assert answer.body == FILES["digits.txt"]


# Redirects


@pytest.mark.parametrize(
    "path_info",
    [
        pytest.param("//evil.example/../static/docs", id="tornado CVE-2023-28370"),
        pytest.param("//evil.example/static/docs", id="Django CVE-2018-14574"),
        pytest.param("//docs", id="Django CVE-2018-14574 a folder that is there"),
        pytest.param("///docs", id="webob CVE-2024-42353 three slashes"),
        pytest.param("/\\docs", id="webob CVE-2024-42353 backslash"),
        pytest.param("/\tdocs", id="webob CVE-2024-42353 tab"),
    ],
)
def test_no_path_is_redirected_to_another_site(exposed_clients: dict[str, Client], path_info: str) -> None:
    for client in exposed_clients.values():
        assert client.get("/", PATH_INFO=path_info).headers["Location"] is None


@every_construction
@pytest.mark.parametrize("folder", ["evil.example", "\\evil.example", "https:", "\tevil", "javascript:alert(1)"])
def test_a_folder_named_like_a_site_is_redirected_to_beneath_itself(
    tmp_path: Path, construction: str, folder: str
) -> None:
    client = serve(plant(tmp_path, {f"{folder}/index.html": b""}), "/", construction=construction, index_file=True)
    location = client.get(f"/{folder}", HTTP_HOST="evil.example").headers["Location"]
    assert location is not None
    assert not {"\\", ":", "\t"} & set(location)
    assert location.count("/") == 1
    assert location.endswith("/")


# What a request's fields may not do


@pytest.mark.parametrize("path", [DIGITS, LARGE, f"{PREFIX}docs", f"{PREFIX}.env"])
@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"X-Sendfile-Type": "X-Sendfile"}, id="Rack CVE-2025-61780"),
        pytest.param({"X-Sendfile-Type": "X-Accel-Redirect", "X-Accel-Mapping": "/=/"}, id="Plack CVE-2026-7381"),
        pytest.param({"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}, id="forwarded"),
        pytest.param({"X-Original-URL": "/static/.env", "X-Rewrite-URL": "/static/.env"}, id="rewritten URL"),
        pytest.param({"X-HTTP-Method-Override": "POST"}, id="overridden method"),
        pytest.param(
            {"Origin": "https://evil.example", "Cookie": "a=b", "Authorization": "Basic Og=="}, id="origin"
        ),
    ],
)
def test_a_field_that_is_none_of_ours_changes_nothing(client: Client, path: str, fields: dict[str, str]) -> None:
    one, two = client.get(path), client.get(path, fields)
    assert (one.status, one.headers.items(), one.body) == (two.status, two.headers.items(), two.body)


def test_rack_cve_2025_27111_no_path_begins_a_line_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name = "a\r\nCRITICAL forged.txt"
    client = serve(plant(tmp_path, {name: b"1"}), memory_limit=0)
    caplog.set_level(logging.DEBUG)

    def fail(*_: object, **__: object) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "open", fail)
    assert client.get(PREFIX + name).status == 503
    [line] = caplog.messages
    assert line.splitlines() == [line]


def test_rack_cve_2026_34831_lengths_are_counted_in_bytes(tmp_path: Path) -> None:
    text = "ü€𝄞" * 100
    client = serve(plant(tmp_path, {"€.txt": text.encode()}), compress="off")
    assert client.get(f"{PREFIX}€.txt").headers["Content-Length"] == str(100 * (2 + 3 + 4))
    assert client.get(f"{PREFIX}.€").headers["Content-Length"] == str(len(b"404 Not Found\n"))


@pytest.mark.parametrize(
    "field",
    [
        "gzip;q=" + "0" * 1_000_000,
        "gzip;q=0." + "0" * 1_000_000,
        "gzip" + " " * 1_000_000 + ";q=1x",
        "gzip;" + "q=1;" * 250_000,
        "a," * 500_000,
        "," * 1_000_000,
        "\t" * 1_000_000,
        "gzip" + ";" * 1_000_000,
    ],
    ids=lambda field: f"{field[:12]!r} and a megabyte",
)
def test_rack_cve_2026_34230_an_endless_accept_encoding_is_read_in_linear_time(client: Client, field: str) -> None:
    assert client.get(LIB, {"Accept-Encoding": field}).content == FILES["lib.js"]


def test_what_clients_send_is_not_remembered_without_bound(clients: dict[str, Client]) -> None:
    middleware: Any = clients["default"].application
    for number in range(2000):
        clients["default"].head(LIB, {"Accept-Encoding": f"gzip, x{number}"})
    clients["default"].head(LIB, {"Accept-Encoding": "x" * 10_000})
    remembered = middleware.table.entries[LIB].selection
    assert len(remembered) <= 512
    assert max(map(len, remembered)) <= 256


# whitenoise's own


@pytest.fixture
def restored_time_zone() -> Iterator[None]:
    yield
    time.tzset()


@pytest.mark.usefixtures("restored_time_zone")
def test_whitenoise_entity_tags_do_not_change_with_the_time_zone(
    shared_tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    for zone in ("UTC", "Asia/Kolkata", "XYZ+11"):
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            answers.append(serve(shared_tree).head(DIGITS).headers.items())
    assert answers[0] == answers[1] == answers[2]


@every_construction
@pytest.mark.parametrize(
    "sibling",
    [
        pytest.param(gzip.compress(b"an older version of the file " * 100), id="stale"),
        pytest.param(GZIP_LIB[:-8], id="cut off"),
        pytest.param(GZIP_LIB + b"more", id="with something behind it"),
        pytest.param(GZIP_LIB + gzip.compress(b"a second member"), id="of two members"),
        pytest.param(b"", id="empty"),
        pytest.param(SECRET, id="foreign"),
        pytest.param(gzip.compress(bytes(1 << 22)), id="a bomb"),
    ],
)
def test_whitenoise_a_sibling_that_is_not_the_file_is_never_sent(
    tree: Path, caplog: pytest.LogCaptureFixture, construction: str, sibling: bytes
) -> None:
    (tree / "lib.js.gz").write_bytes(sibling)
    client = serve(tree, construction=construction)
    assert client.get(LIB, {"Accept-Encoding": "gzip"}).content == FILES["lib.js"]
    [line] = caplog.messages
    assert "1 not served as found: 'lib.js.gz' (compressed sibling that does not decode to its file)" in line


@every_construction
def test_a_coded_file_without_its_original_is_a_plain_file(tmp_path: Path, construction: str) -> None:
    client = serve(plant(tmp_path, {"app.js.br": BR_LIB, "x.tar.gz": GZIP_LIB}), construction=construction)
    for name, data in (("app.js.br", BR_LIB), ("x.tar.gz", GZIP_LIB)):
        answer = client.get(PREFIX + name, {"Accept-Encoding": "br, gzip"})
        assert (answer.body, answer.headers["Content-Encoding"]) == (data, None)
    assert client.get(f"{PREFIX}app.js", {"Accept-Encoding": "br"}).is_the_applications


def test_whitenoise_a_range_of_a_file_closes_it(client: Client) -> None:
    before = open_descriptors()
    for field in ("bytes=0-0", "bytes=0-0,5-5", "bytes=99999999-"):
        client.get(LARGE, {"Range": field})
        assert open_descriptors() == before


# Anything at all

STATUSES = {200, 206, 302, 304, 404, 405, 412, 416}
FRAGMENTS = [
    "/",
    "/static/",
    "static",
    "..",
    ".",
    "%2e",
    "\\",
    "\0",
    ".env",
    ".git",
    "config",
    "outward",
    "secret.txt",
]
FRAGMENTS += [
    "digits.txt",
    "docs",
    "lib.js",
    ".br",
    "~",
    "?",
    "#",
    "*",
    "\xff",
    "\udcff",
    "\u20ac",
    "\r\n",
    ";",
    ":",
]
path_infos = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join),
    st.text(st.characters(), max_size=40).map("/static/".__add__),
    st.binary(max_size=40).map(lambda data: "/static/" + data.decode("latin-1")),
)


@given(path_info=path_infos, method=st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "", "\xff"]))
@settings(max_examples=500)
def test_no_path_raises_or_tells_a_secret(exposed_clients: dict[str, Client], path_info: str, method: str) -> None:
    for client in exposed_clients.values():
        answer = client.request(method, "/", PATH_INFO=path_info)
        assert SECRET not in answer.body
        if not answer.is_the_applications:
            assert answer.status in STATUSES | {204}


def fields_of(*tokens: str) -> st.SearchStrategy[str]:
    """Texts made of what the field's grammar knows, of latin-1, and of anything."""
    return st.one_of(
        st.lists(st.sampled_from(tokens), max_size=12).map("".join),
        st.text(st.characters(max_codepoint=255), max_size=30),
        st.text(max_size=30),
    )


TAGS = ('"', "W/", ",", "*", " ", "\t", '"x"', '"TAG"', 'W/"TAG"', "\xff", "\\")
DATES = (
    MODIFIED_DATE,
    "Tue Nov 14 22:13:20 2023",
    "Tuesday, 14-Nov-23 22:13:20 GMT",
    "GMT",
    " ",
    ",",
    "99999",
    "Nov",
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "Range": fields_of(
            "bytes", "=", "-", ",", "0", "1", "9", " ", "\t", "bytes=", "5-", "-5", "0-0", "9" * 30, "x"
        ),
        "If-Range": fields_of(*TAGS, *DATES),
        "If-Match": fields_of(*TAGS),
        "If-None-Match": fields_of(*TAGS),
        "If-Modified-Since": fields_of(*DATES),
        "If-Unmodified-Since": fields_of(*DATES),
        "Accept-Encoding": fields_of(
            "gzip", "br", "zstd", "*", "identity", ";", "q=", "0", "1", ".", ",", " ", "x-gzip"
        ),
    },
)


@pytest.fixture(scope="module")
def bodies(clients: dict[str, Client]) -> dict[str, bytes]:
    """Every representation by its entity tag."""
    found = {}
    for path, coding in [
        (DIGITS, ""),
        (f"{PREFIX}empty.txt", ""),
        *((LIB, c) for c in ("", "br", "gzip", "zstd")),
    ]:
        answer = clients["default"].get(path, {"Accept-Encoding": coding})
        found[answer.etag] = answer.body
    assert set(found.values()) == {FILES["digits.txt"], b"", FILES["lib.js"], BR_LIB, GZIP_LIB, ZSTD_LIB}
    return found


@every_construction
@given(
    fields=requests,
    path=st.sampled_from([DIGITS, LIB, f"{PREFIX}empty.txt", f"{PREFIX}docs"]),
    method=st.sampled_from(["GET", "GET", "HEAD"]),
)
@settings(max_examples=300)
def test_no_field_raises_or_joins_what_does_not_belong_together(
    clients: dict[str, Client],
    bodies: dict[str, bytes],
    construction: str,
    *,
    fields: dict[str, str],
    path: str,
    method: str,
) -> None:
    client = clients[construction]
    tag = client.head(path).headers["ETag"] or '""'
    answer: Answer = client.request(method, path, {k: v.replace('"TAG"', tag) for k, v in fields.items()})
    assert answer.status in STATUSES - {404, 405}
    if method == "GET":
        check_bytes(answer, bodies)


@given(query=st.text(max_size=40), script_name=st.text(max_size=20))
def test_no_query_and_no_mount_raises_or_breaks_out_of_location(
    exposed_clients: dict[str, Client], query: str, script_name: str
) -> None:
    for client in exposed_clients.values():
        for path in ("/static/docs", "/docs", ""):
            location = client.get(path, QUERY_STRING=query, SCRIPT_NAME=script_name).headers["Location"]
            if location is not None:
                assert location.isascii()
                assert location.isprintable()
                assert not location.startswith(("/", "\\"))
                assert ":" not in location.partition("?")[0]
                assert not set(location) & set(' #<>"')
