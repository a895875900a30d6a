"""What the example tells of an upload is text: a name is whatever its user wrote. And it is the truth."""

from __future__ import annotations

import importlib.util
import io
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.media.uploading import make_picture

EXAMPLE = Path(__file__).resolve().parents[1] / "docs" / "examples" / "uploads" / "app.py"
HOSTILE = "<img src=x onerror=alert(document.domain)>.exe"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path))
    spec = importlib.util.spec_from_file_location("upload_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "upload_example", module)
    spec.loader.exec_module(module)
    return module


def test_a_name_that_is_a_page_is_shown_as_text(example: ModuleType) -> None:
    sent = {"file": (io.BytesIO(b"MZ"), HOSTILE)}
    answer = example.app.test_client().post("/pictures", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 415
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert HOSTILE in answer.text


def test_a_picture_whose_thumbnails_have_no_room_is_kept_and_told_of(
    example: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its user was told that there was no room for it, and there it was."""
    picture = make_picture("PNG", size=(640, 480))
    monkeypatch.setattr(example.pictures._quota, "_limit", len(picture))
    answer = example.app.test_client().post("/pictures", data={"file": (io.BytesIO(picture), "a.png")})
    assert (answer.status_code, example.pictures.names()) == (201, ["a.png"])
    assert example.pictures.thumbnail_url("a.png", 320) == "/media/a.png"
