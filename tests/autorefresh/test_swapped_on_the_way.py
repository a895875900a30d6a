"""Nothing outside the root is sent, whatever is swapped for a link while a path is looked up and opened."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.answers import Answer
from tests.autorefresh.alike import behind
from tests.autorefresh.asked import make
from tests.autorefresh.changing import plant_root
from tests.conftest import PREFIX, SECRET, call, open_descriptors, plant
from whitemedia import WhiteMedia
from whitemedia.assets import files


class Swap(NamedTuple):
    """What is swapped, for a link where, and what is asked for."""

    swapped: str
    target: str
    asked: str


DIRECTORIES: Final = (
    Swap("bare", "outside", "bare/a.css"),
    Swap("bare", "outside", "bare/inner/a.css"),
    Swap("bare/inner", "outside/inner", "bare/inner/a.css"),
    Swap("sub", "outside", "sub/"),
)
FILES: Final = (
    Swap("bare/a.css", "outside/a.css", "bare/a.css"),
    Swap("large.bin", "outside/large.bin", "large.bin"),
    Swap("coded.css.br", "outside/coded.css.br", "coded.css"),
)
CASES: Final = (
    *((swap, "lstat") for swap in DIRECTORIES),
    *((swap, function) for swap in DIRECTORIES for function in ("open", "fstat")),
    *((swap, function) for swap in FILES for function in ("lstat", "open", "fstat")),
)


class Site:
    """A root that is served live, in which something is swapped for a link after some call of a function of `os`."""

    def __init__(self, directory: Path, swap: Swap) -> None:
        root = plant(plant_root(directory), {"bare/inner/a.css": b"inner"})
        plant(directory / "outside", {"inner/a.css": SECRET, "large.bin": SECRET * 50_000, "coded.css.br": SECRET})
        self.live = WhiteMedia(behind, root, PREFIX, autorefresh=True, index_file=True)
        self._swapped = root / swap.swapped
        self._target = directory / swap.target

    def swap(self) -> None:
        self._swapped.rename(self._swapped.with_name("moved-away"))
        self._swapped.symlink_to(self._target)

    def ask_and_swap(self, name: str, after: int, asked: str) -> tuple[int, Answer]:
        """Swap once `os.<name>` has been called so often; returns how often it was, and the answer."""
        function, calls = getattr(os, name), 0

        def called(*arguments: Any, **keywords: Any) -> Any:
            nonlocal calls
            result = function(*arguments, **keywords)
            calls += 1
            if calls == after:
                self.swap()
            return result

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, name, called)
            answer = call(self.live, make("GET", PREFIX + asked, {"HTTP_ACCEPT_ENCODING": "br"}))
        return calls, answer


@pytest.mark.parametrize("stepwise", [True, False], ids=["stepwise", "compared"])
@pytest.mark.parametrize(("swap", "function"), CASES, ids=str)
def test_a_swap_between_any_two_calls_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Swap, function: str, *, stepwise: bool
) -> None:
    monkeypatch.setattr(files, "_STEPWISE", stepwise and files._STEPWISE)
    before = open_descriptors()
    for after in count(1):
        calls, answer = Site(tmp_path / str(after), swap).ask_and_swap(function, after, swap.asked)
        assert answer.status in (200, 404)
        assert SECRET not in answer.body
        if calls < after:
            break
    assert calls
    assert open_descriptors() == before
