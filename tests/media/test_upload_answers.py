"""A framework answers for an upload by itself: with 413, 415 or 507, and a sentence that its user may read."""

from __future__ import annotations

import errno
import io
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.wrappers import Request, Response

from tests.assets.failing import fail_with
from tests.conftest import call, make_environ
from tests.media.uploading import left_in, make_picture, upload
from tests.refusals import assert_refused
from whitemedia import OptionError, WhiteMedia
from whitemedia.media import upload_errors
from whitemedia.media.upload_errors import UploadError, format_size
from whitemedia.media.uploads import MediaStore

PICTURE = make_picture("PNG")
ATTACK = "<script>alert(1)<script>&'.png"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def app(root: Path) -> Flask:
    """An application with one view, which takes a file and handles nothing."""
    app = Flask("app")
    store = MediaStore(root, accept="image/*", max_size=5000, quota=6000, max_pixels=1000)
    wm = WhiteMedia(app.wsgi_app)
    wm.add_media(store.root, store.prefix)
    app.wsgi_app = wm  # type: ignore[method-assign]

    @app.post("/")
    def add() -> Any:
        stored = store.save(request.files["file"], clean="clean" in request.form)
        return {"name": stored.name, "url": stored.url}, 201

    return app


def post(app: Flask, name: str, data: bytes, **fields: str) -> Any:
    return app.test_client().post("/", data={"file": (io.BytesIO(data), name), **fields})


@pytest.mark.parametrize(
    "name",
    [
        "a b.png",
        "中文.png",
        "صورة.png",
        "😀.png",
        "100%.png",
        "a?b#c.png",
        "../a.png",
        ".png",
        "é".encode().decode("latin-1") + ".png",
    ],
)
def test_what_was_saved_is_at_the_url_that_is_told(app: Flask, root: Path, name: str) -> None:
    answer = post(app, name, PICTURE)
    assert answer.status_code == 201
    assert left_in(root) == [answer.json["name"]]
    with app.test_client().get(answer.json["url"]) as shown:
        assert (shown.status_code, shown.data, shown.content_type) == (200, PICTURE, "image/png")


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        (PICTURE + bytes(5000), 413, " is larger than 4.9 KB."),
        (b"<!doctype html><script>", 415, " does not contain what its name says. Accepted: image/*."),
        (make_picture("PNG", size=(2000, 1)), 413, " has more than 1000 pixels."),
        (PICTURE[:50], 415, " is no picture that can be read."),
    ],
    ids=["too large", "wrong type", "too many pixels", "broken"],
)
def test_an_error_is_an_answer_whose_words_are_escaped(
    app: Flask, root: Path, data: bytes, status: int, sentence: str
) -> None:
    answer = post(app, ATTACK, data, clean="1")
    assert answer.status_code == status
    assert answer.content_type == "text/html; charset=utf-8"
    assert f"&lt;script&gt;alert(1)&lt;script&gt;&amp;&#39;.png”{sentence}" in answer.text
    assert "<script" not in answer.text
    assert left_in(root) == []


def test_what_has_no_room_is_an_answer(app: Flask, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert post(app, "a.png", PICTURE + bytes(4000)).status_code == 201
    assert post(app, "b.png", PICTURE + bytes(4000)).status_code == 413
    monkeypatch.setattr(os, "write", fail_with(errno.ENOSPC))
    answer = post(app, "c.png", PICTURE)
    assert (answer.status_code, "There is no room left for “c.png”." in answer.text) == (507, True)
    assert left_in(root) == ["a.png"]


def test_a_request_that_is_too_large_is_not_read(app: Flask, root: Path) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert post(app, "a.png", PICTURE + bytes(2000)).status_code == 413
    assert post(app, "a.png", PICTURE).status_code == 201
    assert left_in(root) == ["a.png"]


def test_an_application_may_say_it_otherwise(app: Flask) -> None:
    @app.errorhandler(UploadError)
    def tell(error: UploadError) -> Any:
        return {"file": error.filename, "problem": str(error)}, error.code

    answer = post(app, "a.txt", b"text")
    assert (answer.status_code, answer.json["file"]) == (415, "a.txt")
    assert answer.json["problem"] == "“a.txt” is no file of an accepted type. Accepted: image/*."


def test_in_plain_wsgi_an_error_is_an_application(root: Path) -> None:
    store = MediaStore(root, accept="image/*")

    @Request.application
    def view(asked: Request) -> Response:
        return Response(store.save(asked.files["file"]).url)

    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\ntext\r\n--x--\r\n'
    environ = make_environ("POST", "/", CONTENT_TYPE="multipart/form-data; boundary=x")
    answer = call(view, environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    assert (answer.status, "“a.txt” is no file" in answer.body.decode()) == (415, True)


ERRORS: list[tuple[UploadError, int, type[HTTPException]]] = [
    (upload_errors.UploadTooLarge("a", 1), 413, RequestEntityTooLarge),
    (upload_errors.QuotaExceeded("a", 2, 1), 413, RequestEntityTooLarge),
    (upload_errors.ImageTooLarge("a", 2, 1), 413, RequestEntityTooLarge),
    (upload_errors.WrongType("a", "x/y", ("z/*",), by_content=True), 415, UnsupportedMediaType),
    (upload_errors.BrokenImage("a"), 415, UnsupportedMediaType),
    (upload_errors.UploadInterrupted("a"), 400, HTTPException),
    (upload_errors.StorageFull("a"), 507, HTTPException),
]


def error_id(value: object) -> str:
    return type(value).__name__ if isinstance(value, UploadError) else ""


@pytest.mark.parametrize(("error", "code", "parent"), ERRORS, ids=error_id)
def test_errors_are_those_that_frameworks_know(error: UploadError, code: int, parent: type[HTTPException]) -> None:
    assert isinstance(error, parent)
    assert (error.code, error.filename, str(error)) == (code, "a", error.description)


@pytest.mark.parametrize("error", [row[0] for row in ERRORS], ids=error_id)
def test_an_error_of_another_process_is_the_same(error: UploadError) -> None:
    """A pool of processes was broken for good by the first picture that one of them refused."""
    told = pickle.loads(pickle.dumps(error))
    assert (type(told), vars(told), str(told)) == (type(error), vars(error), str(error))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.txt", "a.txt"),
        (None, "upload"),
        ("", "upload"),
        ("a\u202etxt.exe", "a_txt.exe"),
        ("a\r\nb\0.txt", "a__b_.txt"),
        ("a\udcff.txt", "a_.txt"),
        ("a\u2028b\u2029.txt", "a_b_.txt"),
        ("a\U000e0068\U000e0069.txt", "a_.txt"),
        ("می\u200cخواهم.txt", "می\u200cخواهم.txt"),
        ("👨\u200d👩.txt", "👨\u200d👩.txt"),
        ("🏴\U000e0067\U000e007f.txt", "🏴\U000e0067\U000e007f.txt"),
        ("10.00\u202fAM\u3000.txt", "10.00\u202fAM\u3000.txt"),
        ("../../a.txt", "../../a.txt"),
        ("x" * 1000 + ".txt", "x" * 196 + ".txt"),
    ],
    ids=ascii,
)
def test_its_user_s_name_is_shown_as_far_as_it_can_be(root: Path, name: str | None, shown: str) -> None:
    with pytest.raises(UploadError) as caught:
        upload(MediaStore(root, accept=".pdf"), name, b"text")
    assert caught.value.filename == shown
    assert f"“{shown}”" in str(caught.value)


@pytest.mark.parametrize(
    ("length", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KB"), (1536, "1.5 KB"), (5 << 20, "5 MB"), (5 << 30, "5 GB")],
)
def test_sizes_are_told_as_users_read_them(length: int, words: str) -> None:
    assert format_size(length) == words


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *[("max_size", value) for value in (-1, 1.5, "1", None, True)],
        *[("quota", value) for value in (-1, "1", True)],
        *[("name", value) for value in ("", "Original", None, 1)],
        *[("widths", value) for value in ("320", 320, (0,), (-1,), (16_384,), (1.5,), (True,), ("320",))],
        *[("max_pixels", value) for value in (-1, "1", None)],
        *[("mode", value) for value in (0o755, 0o200, -1, "0o644", None, True, 0o1644)],
        *[("mimetypes", value) for value in (1, {"png": 1}, {".png": "no type"})],
    ],
    ids=str,
)
def test_a_wrong_option_is_refused_when_a_store_is_made(root: Path, option: str, value: Any) -> None:
    options: Any = {option: value}
    assert_refused(option, value, lambda: MediaStore(root, **options))
    assert not root.exists()


@pytest.mark.parametrize("name", ["file", "file/root"])
def test_a_root_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OptionError) as caught:
        MediaStore(tmp_path / name)
    assert caught.value.option == "root"
