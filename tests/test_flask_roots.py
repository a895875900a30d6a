"""Media, private files and uploads: a line each, for one application or for all those of a factory."""

from __future__ import annotations

import gc
import io
import weakref
from pathlib import Path

import flask
import pytest

from tests.conftest import plant
from tests.flask_site import make_app
from whitemedia import OptionError
from whitemedia.flask import FlaskWhiteMedia


@pytest.mark.parametrize("when", ["before", "after"])
def test_media_is_added_before_and_after_the_application(tmp_path: Path, when: str) -> None:
    app, assets = make_app(tmp_path), FlaskWhiteMedia()
    plant(tmp_path / "uploads", {"a.txt": b"up"})
    if when == "after":
        assets.init_app(app)
    assets.add_media(tmp_path / "uploads", "/media/", max_age=5)
    if when == "before":
        assets.init_app(app)
    answer = app.test_client().get("/media/a.txt")
    assert (answer.data, answer.headers["Cache-Control"]) == (b"up", "max-age=5, public")


def test_media_and_private_files_are_configured(tmp_path: Path) -> None:
    roots = {name: plant(tmp_path / name, {"a.txt": name.encode()}) for name in ("uploads", "reports")}
    app = make_app(
        tmp_path,
        WHITEMEDIA_MEDIA={"/media/": roots["uploads"]},
        WHITEMEDIA_PRIVATE={"/protected/": str(roots["reports"])},
    )
    FlaskWhiteMedia(app)
    app.add_url_rule("/report", view_func=lambda: flask.Response(headers={"X-Accel-Redirect": "/protected/a.txt"}))
    client = app.test_client()
    assert client.get("/media/a.txt").data == b"uploads"
    assert client.get("/protected/a.txt").status_code == 404
    assert client.get("/report").data == b"reports"


@pytest.mark.parametrize("name", ["media", "private"])
def test_roots_that_are_configured_as_anything_else_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=rf"^{name}='uploads': expected directories by prefix"):
        FlaskWhiteMedia(make_app(tmp_path, **{f"WHITEMEDIA_{name.upper()}": "uploads"}))


def test_send_file_hands_off_what_is_private(tmp_path: Path) -> None:
    app = make_app(tmp_path, USE_X_SENDFILE=True)
    report = plant(tmp_path / "reports", {"a.pdf": b"%PDF-1.7 report"}) / "a.pdf"
    app.add_url_rule("/report", view_func=lambda: flask.send_file(report, as_attachment=True, max_age=60))
    FlaskWhiteMedia(app).add_private(tmp_path / "reports")
    answer = app.test_client().get("/report", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (206, b"%PDF")
    assert answer.headers["Content-Disposition"] == "attachment; filename=a.pdf"
    assert "X-Sendfile" not in answer.headers


def test_uploads_are_saved_and_served(tmp_path: Path) -> None:
    app, assets = make_app(tmp_path), FlaskWhiteMedia()
    pictures = assets.add_uploads(tmp_path / "uploads", accept="text/plain", served={"max_age": 7})
    assets.init_app(app)

    @app.post("/pictures")
    def add_picture() -> str:
        return pictures.save(flask.request.files["file"]).url

    client = app.test_client()
    url = client.post("/pictures", data={"file": (io.BytesIO(b"hello there"), "a.txt")}).text
    answer = client.get(url)
    assert (url, answer.data, answer.headers["Cache-Control"]) == (
        "/media/a.txt",
        b"hello there",
        "max-age=7, public",
    )
    assert client.post("/pictures", data={"file": (io.BytesIO(b"<p>"), "a.html")}).status_code == 415


def test_what_is_added_counts_for_all_applications_of_a_factory(tmp_path: Path) -> None:
    assets = FlaskWhiteMedia()
    apps = [make_app(tmp_path / name) for name in ("a", "b")]
    assets.init_app(apps[0])
    assets.add_media(plant(tmp_path / "uploads", {"a.txt": b"up"}))
    assets.init_app(apps[1])
    assert [app.test_client().get("/media/a.txt").data for app in apps] == [b"up", b"up"]


@pytest.mark.parametrize("how", ["named", "current"])
def test_what_is_added_to_one_application_is_not_anothers(tmp_path: Path, how: str) -> None:
    assets = FlaskWhiteMedia()
    apps = {name: make_app(tmp_path / name) for name in ("a", "b")}
    for name, app in apps.items():
        assets.init_app(app)
        root = plant(tmp_path / f"up-{name}", {f"{name}.txt": name.encode()})
        with app.app_context():
            assets.add_media(root, app=app if how == "named" else None)
    assert apps["a"].test_client().get("/media/a.txt").data == b"a"
    assert apps["a"].test_client().get("/media/b.txt").status_code == 404
    assert apps["b"].test_client().get("/media/b.txt").data == b"b"


def test_an_application_is_not_named_before_it_is_one_of_the_extensions(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"^app=.*call init_app first"):
        FlaskWhiteMedia().add_media(tmp_path / "uploads", app=make_app(tmp_path))


def test_the_whitemedia_is_that_of_the_current_application(tmp_path: Path) -> None:
    assets = FlaskWhiteMedia()
    with pytest.raises(RuntimeError, match="call init_app"):
        assert assets.whitemedia
    apps = [make_app(tmp_path / name) for name in ("a", "b")]
    for app in apps:
        assets.init_app(app)
        with app.app_context():
            assert assets.whitemedia is app.extensions["whitemedia"]
    with pytest.raises(RuntimeError, match="there are 2, and none is the current one"):
        assert assets.whitemedia


def test_an_application_is_given_once(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    FlaskWhiteMedia(app)
    with pytest.raises(OptionError, match=r"^app=.*has a WhiteMedia already"):
        FlaskWhiteMedia(app)


def test_applications_are_not_kept_alive(tmp_path: Path) -> None:
    assets = FlaskWhiteMedia()
    gone = weakref.ref(make_app(tmp_path))
    assets.init_app(gone() or make_app(tmp_path))
    gc.collect()
    assert gone() is None
