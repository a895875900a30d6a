"""With `rewrite`, what leads nowhere is told, with file and line; what may be the application's is not."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.conftest import (
    PREFIX,
    Client,
    application,
    plant,
    serve,
    whitemedia_of,
)
from tests.rewriting_site import FILES
from whitemedia import OptionError, WhiteMedia


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", FILES)


def test_what_leads_nowhere_is_told_once_with_file_and_line(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    wm = whitemedia_of(serve(root, rewrite=True))
    wm.add_bytes("/other", b"1")
    path = str(root / "css" / "base.css")
    [record] = caplog.records
    message = f"2 references, 1 of them to source maps, lead nowhere: 'no.png' in {path!r}, line 1, 'no.map' in {path!r}, line 2"
    assert record.getMessage() == message
    assert [(one.file, one.line, one.url, one.is_map) for one in wm.unresolved] == [
        (path, 1, "no.png", False),
        (path, 2, "no.map", True),
    ]


def test_in_development_it_is_told_when_the_file_is_asked_for(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = serve(root, construction="autorefresh", rewrite=True)
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        client.get(PREFIX + "css/app.css")
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "2 references, 1 of them to source maps, lead nowhere"
    ]


@pytest.mark.parametrize(
    ("prefix", "reference"),
    [("/", "/api/picture"), ("/static/", "/api/picture"), ("/static/", "../api/picture"), ("/static/", "/static")],
)
def test_what_may_be_the_applications_is_not_told(tmp_path: Path, prefix: str, reference: str) -> None:
    root = plant(tmp_path, {"a.css": f"a{{b:url({reference})}}".encode()})
    assert WhiteMedia(application, root, prefix, rewrite=True, cache_dir=None).unresolved == ()


def test_what_is_users_is_not_told(tmp_path: Path) -> None:
    root = plant(tmp_path / "static", {"css/a.css": b"a{b:url(../media/x.png)}"})
    wm = WhiteMedia(application, rewrite=True, cache_dir=None)
    (tmp_path / "media").mkdir()
    wm.add_media(tmp_path / "media", "/media/")
    wm.add_files(root, "/")
    assert wm.unresolved == ()


def test_strict_raises_for_it_and_leaves_what_was_served(root: Path) -> None:
    other = plant(root.parent / "other", {"a.css": b"1"})
    wm = WhiteMedia(application, other, "/other/", rewrite=True, strict=True, cache_dir=None)
    with pytest.raises(OptionError, match=r"rewrite=True: strict, and 1 references.*no\.png.*line 1"):
        wm.add_files(root, PREFIX)
    assert Client(wm).get(PREFIX + "css/app.css").is_the_applications
    assert Client(wm).get("/other/a.css").status == 200


def test_strict_bears_a_source_map_that_is_missing(tmp_path: Path) -> None:
    root = plant(tmp_path, {"a.js": b"//# sourceMappingURL=a.js.map"})
    WhiteMedia(application, root, PREFIX, rewrite=True, strict=True, cache_dir=None)
