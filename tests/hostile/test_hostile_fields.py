"""No field of a request costs without bound, or does more than it may."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FILES, PREFIX, Client, plant, serve
from tests.hostile.urls import DIGITS, LARGE, LIB

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
    middleware: Any = clients["memory"].application
    for number in range(2000):
        clients["memory"].head(LIB, {"Accept-Encoding": f"gzip, x{number}"})
    clients["memory"].head(LIB, {"Accept-Encoding": "x" * 10_000})
    remembered = middleware.table.entries[LIB].selection
    assert len(remembered) <= 512
    assert max(map(len, remembered)) <= 256
