"""A file is read again, and the user's functions are called again, only where a file's or a sibling's state changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.assets.walked import CODED, OTHER
from tests.autorefresh.alike import behind
from tests.autorefresh.asked import REQUESTS, make
from tests.autorefresh.changing import plant_root, relink
from tests.conftest import MODIFIED, PREFIX, call, plant
from whitemedia import WhiteMedia
from whitemedia.assets import bodies, files
from whitemedia.assets.files import Opened, StatKey

if TYPE_CHECKING:
    from wsgiref.headers import Headers


class Counted:
    """A root served live, and what was called for it since it was last asked: functions by URL, and reads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.called: list[str] = []
        self.tested: list[str] = []
        self.live = WhiteMedia(
            behind,
            root,
            PREFIX,
            autorefresh=True,
            index_file=True,
            clean_urls=True,
            fallback="page.html",
            add_headers_function=self._add_headers,
            immutable_file_test=self._test,
        )

    def ask(self, *names: str) -> list[str]:
        """The URLs that were built for these requests."""
        self.called.clear()
        self.tested.clear()
        for name in names:
            for method, fields in (("GET", {}), *REQUESTS):
                call(self.live, make(method, PREFIX + name, fields))
        assert self.tested == self.called
        return [url.removeprefix(PREFIX) for url in self.called]

    def _add_headers(self, headers: Headers, path: str, url: str) -> None:
        self.called.append(url)

    def _test(self, path: str, url: str) -> bool:
        self.tested.append(url)
        return False


@pytest.fixture
def counted(tmp_path: Path) -> Counted:
    return Counted(plant_root(tmp_path))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files that were read whole."""
    names: list[str] = []
    read = Opened.read_whole

    read_held = files.read_in_state

    def read_whole(opened: Opened) -> bytes | None:
        names.append(os.path.basename(opened.file.name))
        return read(opened)

    def read_in_state(path: str, stat_key: StatKey) -> bytes | None:
        names.append(os.path.basename(path))
        return read_held(path, stat_key)

    monkeypatch.setattr(Opened, "read_whole", read_whole)
    monkeypatch.setattr(bodies, "read_in_state", read_in_state)
    return names


@pytest.mark.usefixtures("either_age")
@pytest.mark.parametrize(
    "name", ["a.css", "coded.css", "large.bin", "page", "sub/", "sub/index.html", "sub/other"]
)
def test_a_file_that_does_not_change_is_built_once(counted: Counted, name: str) -> None:
    assert len(counted.ask(name)) == 1
    assert counted.ask(name, name) == []


def test_all_names_of_one_file_are_built_once(counted: Counted) -> None:
    assert counted.ask("sub", "sub/", "sub/index.html", "page", "page.html") == ["sub/", "page.html"]
    assert counted.ask("missing", "missing/", "sub/missing", ".env", "") == []


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(("name", "read"), [("a.css", 1), ("coded.css", 5), ("large.bin", 1), ("page", 1)])
def test_a_file_that_has_settled_is_read_once(counted: Counted, reads: list[str], name: str, read: int) -> None:
    counted.ask(name)
    assert len(reads) == read
    counted.ask(name)
    assert len(reads) == read


@pytest.mark.usefixtures("earlier")
def test_a_young_file_is_read_for_each_request_and_built_once(counted: Counted, reads: list[str]) -> None:
    assert counted.ask("a.css") == ["a.css"]
    assert len(reads) == 1 + len(REQUESTS)


STATES: dict[str, Callable[[Path], object]] = {
    "touched": lambda root: os.utime(root / "a.css", (MODIFIED + 1, MODIFIED + 1)),
    "written": lambda root: (root / "a.css").write_bytes(OTHER),
    "linked to": lambda root: relink(root / "a.css", "bare/a.css"),
    "given a sibling": lambda root: plant(root, {"a.css.gz": CODED[".gz"]}),
    "given a bad sibling": lambda root: plant(root, {"a.css.br": b"bad"}),
}


@pytest.mark.usefixtures("either_age")
@pytest.mark.parametrize("change", STATES.values(), ids=STATES)
def test_a_file_whose_state_or_siblings_change_is_built_once_more(
    counted: Counted, change: Callable[[Path], object]
) -> None:
    counted.ask("a.css", "page")
    change(counted.root)
    assert counted.ask("a.css", "page") == ["a.css"]
    assert counted.ask("a.css", "page") == []


@pytest.mark.usefixtures("either_age")
def test_what_happens_beside_a_file_does_not_matter(counted: Counted) -> None:
    counted.ask("coded.css")
    plant(counted.root, {"coded.csss": b"", "coded.css.bak": b"", "b.css": b"", "coded.css.br.gz": b""})
    (counted.root / "a.css").unlink()
    assert counted.ask("coded.css") == []


@pytest.mark.usefixtures("either_age")
def test_an_index_that_was_deleted_is_built_again_when_it_is_back(counted: Counted) -> None:
    counted.ask("sub/", "page")
    index = counted.root / "sub" / "index.html"
    data = index.read_bytes()
    index.unlink()
    assert counted.ask("sub/", "sub", "sub/index.html") == []
    index.write_bytes(data)
    assert counted.ask("sub/", "sub", "sub/index.html") == ["sub/"]


@pytest.mark.usefixtures("either_age")
def test_what_fails_is_called_again_and_answered_when_it_no_longer_does(tmp_path: Path) -> None:
    calls: list[str] = []

    def fail_once(headers: Any, path: str, url: str) -> None:
        calls.append(url)
        if len(calls) == 1:
            raise ZeroDivisionError

    live = WhiteMedia(behind, plant_root(tmp_path), PREFIX, autorefresh=True, add_headers_function=fail_once)
    with pytest.raises(ZeroDivisionError):
        call(live, make("GET", f"{PREFIX}a.css", {}))
    assert [call(live, make("GET", f"{PREFIX}a.css", {})).status for _ in range(3)] == [200] * 3
    assert len(calls) == 2
