"""With `rewrite`, what was edited once: kept, answered in other releases, seen to change, and right whatever becomes of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import brotli
import pytest

from tests.conftest import (
    MODIFIED,
    PREFIX,
    Client,
    application,
    plant,
    serve,
    whitemedia_of,
)
from tests.rewriting_site import FILES, FOREVER, sent, url_for, version_of
from whitemedia import WhiteMedia
from whitemedia.assets import validators


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", FILES)


def test_a_file_that_changes_after_the_start_is_answered_as_it_is_now_where_it_is_not_held(root: Path) -> None:
    client = serve(root, construction="compress=off", rewrite=True)
    url = url_for(client, "css/app.css")
    (root / "css/app.css").write_bytes(b".new{}")
    for path in (PREFIX + "css/app.css", url):
        answer = client.get(path)
        assert (answer.body, answer.headers["Cache-Control"]) == (b".new{}", "no-cache")
    (root / "css/app.css").unlink()
    assert client.get(url).status == 404


def test_what_was_read_is_answered_as_it_was_indexed_until_a_refresh(root: Path) -> None:
    client = serve(root, construction="memory", rewrite=True)
    before = sent(client, "css/app.css")
    plant(root, {"css/app.css": b".new{background:url(../img/logo.png)}", "img/logo.png": b"\x89PNG two"})
    assert client.get(PREFIX + "css/app.css").body == before
    whitemedia_of(client).refresh()
    logo = version_of(b"\x89PNG two")
    assert client.get(PREFIX + "css/app.css").body == f".new{{background:url(../img/logo.{logo}.png)}}".encode()


def test_a_change_of_what_is_referred_to_is_seen_at_once_in_development(root: Path) -> None:
    client = serve(root, construction="autorefresh", rewrite=True)
    before = url_for(client, "css/app.css")
    plant(root, {"img/logo.png": b"\x89PNG two"}, MODIFIED + 5)
    after = url_for(client, "css/app.css")
    assert after != before
    assert version_of(b"\x89PNG two").encode() in client.get(after).body
    plant(root, {"css/no.png": b"1"})
    assert b"no." + version_of(b"1").encode() in client.get(PREFIX + "css/base.css").body


@pytest.mark.parametrize("construction", ["memory", "store"])
def test_an_earlier_edition_is_answered_with_its_bytes(
    root: Path, tmp_path: Path, construction: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validators, "SETTLED_NS", 0)
    options: dict[str, Any] = {"rewrite": True, "cache_dir": tmp_path / "cache"}
    first = Client(WhiteMedia(application, root, PREFIX, **options))
    url, body = url_for(first, "css/app.css"), sent(first, "css/app.css")
    plant(root, {"img/logo.png": b"\x89PNG two"}, MODIFIED + 5)
    second = Client(WhiteMedia(application, root, PREFIX, **options))
    assert url_for(second, "css/app.css") != url
    answer = second.get(url)
    assert (answer.body, answer.headers["Cache-Control"]) == (body, FOREVER)


@pytest.mark.parametrize("is_gone", [True, False])
def test_what_only_files_name_is_answered_in_the_next_release_too(
    root: Path, tmp_path: Path, *, is_gone: bool
) -> None:
    options: dict[str, Any] = {"rewrite": True, "cache_dir": tmp_path / "cache"}
    first = WhiteMedia(application, root, PREFIX, **options)
    logo = f"{PREFIX}img/logo.{version_of(FILES['img/logo.png'])}.png"
    assert Client(first).get(logo).body == FILES["img/logo.png"]
    if is_gone:
        (root / "img/logo.png").unlink()
    else:
        plant(root, {"img/logo.png": b"\x89PNG two"})
    answer = Client(WhiteMedia(application, root, PREFIX, **options)).get(logo)
    assert (answer.body, answer.headers["Cache-Control"]) == (FILES["img/logo.png"], FOREVER)


def test_a_second_start_reads_no_file(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validators, "SETTLED_NS", 0)
    options: dict[str, Any] = {"rewrite": True, "cache_dir": tmp_path / "cache"}
    first = WhiteMedia(application, root, PREFIX, **options)
    urls = [first.url_for(name) for name in FILES]
    before = Client(first).get(PREFIX + "css/app.css", {"Accept-Encoding": "br"})

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    with monkeypatch.context() as patch:
        patch.setattr("whitemedia.assets.rewriting.read_in_state", refuse)
        patch.setattr("whitemedia.assets.reading.Opened.read_whole", refuse)
        second = WhiteMedia(application, root, PREFIX, **options)
        assert [second.url_for(name) for name in FILES] == urls
        after = Client(second).get(PREFIX + "css/app.css", {"Accept-Encoding": "br"})
    assert (after.body, after.fields) == (before.body, before.fields)


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_whatever_becomes_of_the_store_what_is_sent_is_right(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(validators, "SETTLED_NS", 0)
    options: dict[str, Any] = {"rewrite": True, "cache_dir": tmp_path / "cache"}
    expected = {name: sent(Client(WhiteMedia(application, root, PREFIX, **options)), name) for name in FILES}
    for pack in (tmp_path / "cache").glob("*.pack"):
        data = pack.read_bytes()
        pack.chmod(0o600)
        if damage == "gone":
            pack.unlink()
        elif damage == "cut":
            pack.write_bytes(data[: len(data) // 2])
        else:
            pack.write_bytes(bytes(byte ^ 1 for byte in data[:-64]) + data[-64:])
    for _ in range(2):
        client = Client(WhiteMedia(application, root, PREFIX, **options))
        for name, data in expected.items():
            assert sent(client, name) == data
            answer = client.get(PREFIX + name, {"Accept-Encoding": "br"})
            assert (brotli.decompress(answer.body) if answer.headers["Content-Encoding"] else answer.body) == data
