"""`wm.send`: what an application made is answered under the options of its WhiteMedia."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Client, application
from whitemedia import OptionError, WhiteMedia


def test_text_has_the_charset_and_names_have_the_types_of_the_options() -> None:
    wm = WhiteMedia(application, charset="latin-1", mimetypes={".rpt": "text/x-report"})
    answer = Client(wm.send(b"data", name="a.rpt")).get("/")
    assert answer.headers["Content-Type"] == "text/x-report; charset=latin-1"


@pytest.mark.parametrize(
    ("arguments", "disposition", "media_type"),
    [
        ({"name": "a.csv"}, 'inline; filename="a.csv"', "text/csv; charset=utf-8"),
        ({"name": "a.csv", "attachment": True}, 'attachment; filename="a.csv"', "text/csv; charset=utf-8"),
        ({"name": "a.csv", "media_type": "a/b"}, 'inline; filename="a.csv"', "a/b"),
    ],
)
def test_what_is_said_of_the_body_is_sent(arguments: dict[str, Any], disposition: str, media_type: str) -> None:
    answer = Client(WhiteMedia(application).send(b"1,2", **arguments)).get("/")
    assert (answer.status, answer.body) == (200, b"1,2")
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["Content-Type"] == media_type


def test_what_cannot_be_sent_is_named() -> None:
    with pytest.raises(OptionError, match=r"^body='text': expected bytes or a seekable binary file"):
        WhiteMedia(application).send("text", name="a.txt")  # type: ignore[arg-type]


def test_a_view_returns_it_and_the_client_gets_a_range() -> None:
    app = Flask(__name__)
    wm = WhiteMedia(app.wsgi_app)

    @app.route("/report")
    def report() -> Any:
        return wm.send(io.BytesIO(b"0123456789"), name="digits.txt")

    answer = app.test_client().get("/report", headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.data) == (206, b"234")
