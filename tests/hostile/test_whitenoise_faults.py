"""What whitenoise got wrong, ours does not."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import (
    BR_LIB,
    FILES,
    GZIP_LIB,
    PREFIX,
    SECRET,
    Client,
    every_construction,
    open_descriptors,
    plant,
    serve,
)
from tests.hostile.urls import DIGITS, LARGE, LIB


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
    assert "lib.js.gz" in caplog.messages[0]
    assert "compressed sibling that does not decode to its file" in caplog.messages[0]


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
