"""With `rewrite`, when files change or cannot be read while they are indexed and edited."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PREFIX, Client, plant, serve
from whitemedia.assets import rewriting
from whitemedia.assets.files import read_in_state

FILES = {
    "app.css": b"@import 'base.css'; a { b: url(x.png) }",
    "base.css": b"@import 'last.css'; c { d: url(x.png) }",
    "last.css": b"e { f: url(x.png) }",
    "x.png": b"1",
}


def names_in(answer_body: bytes) -> list[str]:
    return [name.decode() for name in re.findall(rb"[a-z]+\.[0-9a-f]{12}\.[a-z]+", answer_body)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", FILES)


@pytest.mark.parametrize("what", ["changed", "gone", "unreadable"])
@pytest.mark.parametrize("name", ["base.css", "last.css"])
def test_what_cannot_be_edited_is_named_and_sent_as_it_is(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, what: str
) -> None:
    read = read_in_state

    def read_late(path: str, stat_key: Any) -> bytes | None:
        if path.endswith(name):
            if what == "changed":
                Path(path).write_bytes(b"changed while it was indexed")
            elif what == "gone":
                Path(path).unlink(missing_ok=True)
            else:
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return read(path, stat_key)

    with monkeypatch.context() as patch:
        patch.setattr(rewriting, "read_in_state", read_late)
        client = serve(root, rewrite=True)
    version = hashlib.sha256(FILES[name]).hexdigest()[:12]
    versioned = f"{name[:-4]}.{version}.css"
    above = {"base.css": "app.css", "last.css": "base.css"}[name]
    assert versioned in names_in(client.get(PREFIX + above).body)
    answer = client.get(PREFIX + versioned)
    expected = {
        "changed": (200, b"changed while it was indexed"),
        "gone": (404, b""),
        "unreadable": (200, FILES[name]),
    }
    assert answer.status == expected[what][0]
    if answer.status == 200:
        assert answer.body == expected[what][1]
        assert ("immutable" in str(answer.headers["Cache-Control"])) == (what == "unreadable")


def test_a_file_that_changed_back_is_edited_at_the_next_refresh(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(rewriting, "read_in_state", lambda path, stat_key: None)
        client = serve(root, rewrite=True)
    assert client.get(PREFIX + "base.css").body == FILES["base.css"]
    client.application.refresh()  # type: ignore[attr-defined]
    assert len(names_in(client.get(PREFIX + "base.css").body)) == 2


@pytest.mark.parametrize("held", ["held", "not held"])
def test_a_file_that_changed_is_never_joined_with_what_was_indexed(root: Path, held: str) -> None:
    options: dict[str, Any] = {"memory_limit": 0} if held == "not held" else {}
    client: Client = serve(root, rewrite=True, compress="off", cache_dir=None, **options)
    tag = client.head(PREFIX + "app.css").etag
    new = FILES["app.css"].replace(b"a { b", b"g { h")
    plant(root, {"app.css": new}, 1_700_000_100)
    answer = client.get(PREFIX + "app.css", {"If-Range": tag, "Range": "bytes=0-9"})
    assert (answer.status, answer.body) == (200, new)
    assert client.get(PREFIX + "app.css", {"If-None-Match": tag}).status == 200
    assert client.get(PREFIX + "app.css", {"If-Match": tag}).status == 412
    assert client.head(PREFIX + "app.css").headers["Content-Length"] == str(len(new))
