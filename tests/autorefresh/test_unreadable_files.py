"""What cannot be opened now is answered with 503 until it can be, and is then answered as if nothing had been."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.answers import Answer
from tests.autorefresh.alike import Alike
from tests.autorefresh.asked import REQUESTS, make
from tests.autorefresh.changing import plant_root
from tests.conftest import PREFIX, call

TRANSIENT = (errno.EMFILE, errno.ENFILE, errno.EIO, errno.ENOMEM)
every_error = pytest.mark.parametrize("code", TRANSIENT, ids=errno.errorcode.get)


class Opening:
    """`os.open`, which fails with a `code` for some names."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.code = 0
        self.names: set[str] = set()
        self._open = os.open
        monkeypatch.setattr(os, "open", self)

    def __call__(self, path: Any, *arguments: Any, **keywords: Any) -> int:
        if self.code and os.path.basename(path) in self.names:
            raise OSError(self.code, os.strerror(self.code), path)
        return self._open(path, *arguments, **keywords)


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Opening:
    return Opening(monkeypatch)


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    return Alike(plant_root(tmp_path), index_file=True, clean_urls=True, fallback="page.html")


@pytest.fixture
def ask(alike: Alike) -> Callable[..., Answer]:
    """Ask the live one alone: of a table that is built while nothing can be read, nothing comes."""

    def ask(name: str, method: str = "GET", fields: dict[str, str] | None = None) -> Answer:
        return call(alike.live, make(method, PREFIX + name, fields or {}))

    return ask


@every_error
@pytest.mark.parametrize("name", ["a.css", "large.bin", "page", "sub/", "sub/other"])
def test_a_file_that_cannot_be_opened_now_is_503_and_then_itself(
    alike: Alike, opening: Opening, ask: Callable[..., Answer], code: int, name: str
) -> None:
    opening.names = {"a.css", "large.bin", "page.html", "index.html", "other.html"}
    for opening.code in (code, 0, code, 0):
        answer = ask(name)
        assert answer.status == (503 if opening.code else 200)
        if opening.code:
            assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("2", "no-store")
            assert answer.headers["ETag"] is answer.headers["Last-Modified"] is None
    alike.ask(name)


@every_error
def test_whatever_is_asked_of_a_file_that_cannot_be_opened_now_is_503(
    opening: Opening, ask: Callable[..., Answer], code: int
) -> None:
    opening.code, opening.names = code, {"a.css"}
    answers = [(method, ask("a.css", method, fields)) for method, fields in REQUESTS]
    assert {answer.status for _, answer in answers} == {503}
    assert {answer.body for method, answer in answers if method == "HEAD"} == {b""}


@pytest.mark.usefixtures("later")
@every_error
def test_what_is_in_memory_and_has_settled_needs_not_be_opened(
    opening: Opening, ask: Callable[..., Answer], code: int
) -> None:
    before = ask("a.css")
    opening.code, opening.names = code, {"a.css"}
    assert ask("a.css").body == before.body


@pytest.mark.usefixtures("later")
@every_error
def test_a_sibling_that_could_not_be_opened_is_used_when_it_can_be(
    alike: Alike, opening: Opening, ask: Callable[..., Answer], code: int
) -> None:
    opening.code, opening.names = code, {"coded.css.br"}
    assert ask("coded.css", fields={"HTTP_ACCEPT_ENCODING": "br"}).headers["Content-Encoding"] is None
    opening.code = 0
    assert alike.ask("coded.css", HTTP_ACCEPT_ENCODING="br").headers["Content-Encoding"] == "br"


FORBIDDEN = (
    *("a.css", "coded.css.br", "large.bin"),
    *("page.html", "index.html"),
)


@pytest.mark.usefixtures("either_age")
@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_may_not_be_read_is_answered_as_from_a_table(alike: Alike, opening: Opening, name: str) -> None:
    opening.names = {name}
    for opening.code in (errno.EACCES, 0):
        alike.ask_all()
        alike.ask("page")
        alike.ask("sub")


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_a_mode_forbids_is_answered_as_from_a_table_until_it_no_longer_does(alike: Alike, name: str) -> None:
    alike.ask_all()
    path = min(alike.root.rglob(name), key=lambda path: len(path.parts))
    for mode in (0o000, 0o644):
        path.chmod(mode)
        if os.access(path, os.R_OK) == (mode == 0o000):
            pytest.skip("a mode forbids nothing here")
        alike.ask_all()
        alike.ask("page")
        alike.ask("sub")
