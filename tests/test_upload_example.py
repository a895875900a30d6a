"""What the example tells of an upload is text: a name is whatever its user wrote."""

from __future__ import annotations

import importlib.util
import io
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[1] / "docs" / "examples" / "uploads" / "app.py"
HOSTILE = "<img src=x onerror=alert(document.domain)>.exe"


def test_a_name_that_is_a_page_is_shown_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path))
    spec = importlib.util.spec_from_file_location("upload_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "upload_example", module)
    spec.loader.exec_module(module)
    sent = {"file": (io.BytesIO(b"MZ"), HOSTILE)}
    answer = module.app.test_client().post("/pictures", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 415
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert HOSTILE in answer.text
