"""A refresh serves what is there now, and old names that said they never change; nobody is refused meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Client, plain, plant, serve, whitemedia_of
from whitemedia import OptionError
from whitemedia.collection import KEPT_REFRESHES

TEXT = b".a { margin: 0 }\n" * 100
HASHED = r"\.[0-9a-f]{6}\."


@pytest.fixture(params=["memory", "store"])
def options(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """Both ways to remember."""
    cache = None if request.param == "memory" else str(tmp_path / "cache")
    return {"cache_dir": cache, "immutable_file_test": HASHED}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", {"app.css": TEXT, "app.abc123.css": TEXT + b"1"})


def bodies(client: Client, path: str) -> dict[str, bytes]:
    """What is answered at a path, by the coding asked for."""
    answers = {
        coding: client.get(f"/static/{path}", {"Accept-Encoding": coding}) for coding in ("br", "gzip", "identity")
    }
    assert {answer.status for answer in answers.values()} == {200}
    return {coding: answer.content for coding, answer in answers.items()}


def is_passed_on(client: Client, path: str) -> bool:
    return client.get(path).headers["X-Application"] == "here"


def all_are(data: bytes) -> dict[str, bytes]:
    return dict.fromkeys(("br", "gzip", "identity"), data)


def test_changed_new_and_deleted_files_are_seen(root: Path, options: dict[str, Any]) -> None:
    plant(root, {"old.css": TEXT})
    client = serve(root, **options)
    plant(root, {"app.css": TEXT * 2, "new.css": TEXT * 3})
    (root / "old.css").unlink()
    whitemedia_of(client).refresh()
    assert bodies(client, "app.css") == all_are(TEXT * 2)
    assert bodies(client, "new.css") == all_are(TEXT * 3)
    assert is_passed_on(client, "/static/old.css")


def test_what_did_not_change_keeps_its_tags(root: Path, options: dict[str, Any]) -> None:
    client = serve(root, **options)
    before = [client.get("/static/app.css", {"Accept-Encoding": coding}).etag for coding in ("br", "identity")]
    whitemedia_of(client).refresh()
    assert before == [
        client.get("/static/app.css", {"Accept-Encoding": coding}).etag for coding in ("br", "identity")
    ]


def test_an_immutable_name_whose_file_is_gone_is_answered_through_some_refreshes(
    root: Path, options: dict[str, Any]
) -> None:
    client = serve(root, **options)
    (root / "app.abc123.css").unlink()
    (root / "app.css").unlink()
    for _ in range(KEPT_REFRESHES):
        whitemedia_of(client).refresh()
        assert bodies(client, "app.abc123.css") == all_are(TEXT + b"1")
        assert is_passed_on(client, "/static/app.css")
    whitemedia_of(client).refresh()
    assert is_passed_on(client, "/static/app.abc123.css")


def test_a_name_that_comes_back_is_its_file_again(root: Path, options: dict[str, Any]) -> None:
    client = serve(root, **options)
    (root / "app.abc123.css").unlink()
    whitemedia_of(client).refresh()
    plant(root, {"app.abc123.css": TEXT * 2})
    whitemedia_of(client).refresh()
    assert bodies(client, "app.abc123.css") == all_are(TEXT * 2)


def test_a_name_that_became_hidden_is_refused(root: Path, options: dict[str, Any]) -> None:
    """What is refused is in the table, whatever it was before."""
    client = serve(root, **options)
    (root / "app.abc123.css").unlink()
    (root / "app.abc123.css").symlink_to("/nowhere")
    whitemedia_of(client).refresh()
    assert client.get("/static/app.abc123.css").status == 404


def test_what_many_refreshes_hold_does_not_grow(root: Path, options: dict[str, Any]) -> None:
    client = serve(root, **options)
    spent = []
    for number in range(12):
        for path in root.glob("app.*.css"):
            path.unlink()
        plant(root, {f"app.{number:06x}.css": TEXT + b"%06d" % number})
        whitemedia_of(client).refresh()
        bodies(client, f"app.{number:06x}.css")
        spent.append(whitemedia_of(client)._budget.spent)
    assert len(plain(whitemedia_of(client).table.entries)) == 2 + KEPT_REFRESHES
    assert max(spent[6:]) - min(spent[6:]) < 100


def test_the_budget_is_not_exceeded(root: Path) -> None:
    client = serve(root, cache_dir=None, immutable_file_test=HASHED, memory_limit=len(TEXT))
    (root / "app.abc123.css").unlink()
    for _ in range(3):
        whitemedia_of(client).refresh()
        assert whitemedia_of(client)._budget.spent <= len(TEXT)


def test_bytes_that_were_added_stay(root: Path, options: dict[str, Any]) -> None:
    client = serve(root, **options)
    whitemedia_of(client).add_bytes("/robots.txt", b"User-agent: *\n")
    whitemedia_of(client).refresh()
    assert client.get("/robots.txt").content == b"User-agent: *\n"


def test_a_root_that_came_later_is_served(tmp_path: Path, options: dict[str, Any]) -> None:
    client = serve(tmp_path / "later", **options)
    plant(tmp_path / "later", {"app.css": TEXT})
    whitemedia_of(client).refresh()
    assert bodies(client, "app.css") == all_are(TEXT)


def test_a_root_that_went_is_served_no_more_and_nothing_is_raised(root: Path, options: dict[str, Any]) -> None:
    client = serve(root, **options)
    root.rename(root.with_name("elsewhere"))
    whitemedia_of(client).refresh()
    assert is_passed_on(client, "/static/app.css")


def test_with_strict_what_is_wrong_raises_and_changes_nothing(root: Path, options: dict[str, Any]) -> None:
    client = serve(root, strict=True, **options)
    plant(root, {"app.css": TEXT * 2})
    (root / "broken.css").symlink_to("nowhere.css")
    before = whitemedia_of(client).table
    with pytest.raises(OptionError, match="broken link"):
        whitemedia_of(client).refresh()
    assert whitemedia_of(client).table is before


def test_with_autorefresh_there_is_nothing_to_do(root: Path) -> None:
    client = serve(root, autorefresh=True)
    before = whitemedia_of(client).table
    whitemedia_of(client).refresh()
    assert whitemedia_of(client).table is before


def test_each_request_meanwhile_is_answered_from_one_table(root: Path, options: dict[str, Any]) -> None:
    client = serve(root, **options)
    versions = [TEXT + b"%d" % number for number in range(8)]
    plant(root, {"app.css": versions[0]})
    whitemedia_of(client).refresh()
    wrong: list[object] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            for coding in ("br", "identity"):
                answer = client.get("/static/app.css", {"Accept-Encoding": coding})
                if answer.status != 200 or answer.content not in versions:
                    wrong.append(answer)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    for version in versions:
        replacement = root.parent / "replacement"
        replacement.write_bytes(version)
        replacement.replace(root / "app.css")
        whitemedia_of(client).refresh()
    done.set()
    for thread in asking:
        thread.join()
    assert wrong == []
    assert bodies(client, "app.css") == all_are(versions[-1])
