"""A Flask view returns what it sends."""

# ruff: noqa: SIM115 - send() closes what it is given

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import open_descriptors, plant
from whitemedia.serving.sending import send

LARGE = random.Random(4).randbytes(3_000_001)


def temporary(path: Path) -> Any:
    file = tempfile.TemporaryFile()
    file.write(path.read_bytes())
    return file


BODIES: dict[str, Callable[[Path], Any]] = {
    "bytes": Path.read_bytes,
    "file": lambda path: path.open("rb"),
    "temporary file": temporary,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return plant(tmp_path, {"large": LARGE}) / "large"


@pytest.fixture(params=list(BODIES))
def app(request: pytest.FixtureRequest, path: Path) -> Flask:
    app = Flask("app")

    @app.route("/report", methods=["GET", "POST"])
    def report() -> Any:
        return send(BODIES[request.param](path), name="Größe.csv", attachment=True)

    return app


@pytest.mark.parametrize(
    ("method", "fields", "status", "expected"),
    [
        ("GET", {}, 200, LARGE),
        ("GET", {"Range": "bytes=1000000-"}, 206, LARGE[1_000_000:]),
        ("GET", {"Range": "bytes=-5"}, 206, LARGE[-5:]),
        ("GET", {"If-None-Match": "*"}, 304, b""),
        ("GET", {"If-Match": '"other"'}, 412, b""),
        ("HEAD", {}, 200, b""),
        ("POST", {"Range": "bytes=0-1"}, 200, LARGE),
    ],
)
def test_a_view_answers(app: Flask, method: str, fields: dict[str, str], status: int, expected: bytes) -> None:
    before = open_descriptors()
    with app.test_client().open("/report", method=method, headers=fields) as answer:
        assert (answer.status_code, answer.data) == (status, expected)
        if status in (200, 206):
            assert answer.headers["Content-Length"] == str(len(LARGE if method == "HEAD" else expected))
            assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
            assert answer.headers["Content-Disposition"] == (
                "attachment; filename=\"Gr__e.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.csv"
            )
    assert open_descriptors() == before


def test_a_download_is_resumed_where_it_broke_off(path: Path) -> None:
    app = Flask("app")
    app.add_url_rule("/", view_func=lambda: send(path.open("rb"), name="large.bin"))
    before = open_descriptors()
    with app.test_client().get("/", buffered=False) as answer:
        head = next(answer.iter_encoded())
        tag = answer.headers["ETag"]
    assert open_descriptors() == before
    fields = {"Range": f"bytes={len(head)}-", "If-Range": tag}
    with app.test_client().get("/", headers=fields) as answer:
        assert (answer.status_code, head + answer.data) == (206, LARGE)
    assert open_descriptors() == before
