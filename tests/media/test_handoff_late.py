"""An answer that comes too late to be replaced: its internal fields are still none of the client's business."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import call, make_environ, plant
from whitemedia import WhiteMedia

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def fails_late(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Answers, and while its body is asked for, answers otherwise."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return later(start_response)


def later(start_response: StartResponse) -> Iterator[bytes]:
    try:
        int("too late")
    except ValueError:
        fields = [("X-Sendfile", "/srv/a.pdf"), ("x-accel-redirect", "/protected/a.pdf"), ("X-Own", "1")]
        start_response("500 Internal Server Error", [("Content-Type", "text/plain"), *fields], sys.exc_info())
    yield b"failed"


def test_no_field_that_names_a_file_is_sent_with_an_error_that_comes_late(tmp_path: Path) -> None:
    middleware = WhiteMedia(fails_late)
    middleware.add_private(plant(tmp_path / "private", {"a.pdf": b"%PDF"}), "/protected/")
    told: list[tuple[str, list[str]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> object:
        told.append((status, [name for name, _ in headers]))
        return lambda data: None

    body = b"".join(middleware(make_environ("GET", "/"), start_response))  # type: ignore[arg-type]
    assert told == [("200 OK", ["Content-Type"]), ("500 Internal Server Error", ["Content-Type", "X-Own"])]
    assert body == b"failed"


@pytest.mark.parametrize(
    ("conditions", "status"),
    [({}, 412), ({"If-Match": '"other"'}, 412), ({"If-Match": "*"}, 200), ({"If-None-Match": "*"}, 412)],
    ids=["not asked", "refused by us too", "met", "asked otherwise"],
)
def test_a_412_is_ours_to_judge_where_the_request_asked_for_it(
    tmp_path: Path, conditions: dict[str, str], status: int
) -> None:
    """Werkzeug compares If-Match with a tag of its own, which no client has ever got."""

    def refuse(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("412 Precondition Failed", [("X-Accel-Redirect", "/protected/a.pdf")])
        return []

    middleware = WhiteMedia(refuse)
    middleware.add_private(plant(tmp_path / "private", {"a.pdf": b"%PDF"}), "/protected/")
    answer = call(middleware, make_environ("GET", "/", conditions))
    assert (answer.status, answer.body) == (status, b"%PDF" if status == 200 else b"")
    assert call(middleware, make_environ("POST", "/", conditions)).status == 412
