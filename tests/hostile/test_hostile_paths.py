"""No path leads out of the root, or to another site."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import SECRET, Client, application, every_construction, plant, serve
from whitemedia import OptionError, WhiteMedia

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
