"""However long it serves and whatever changes, it keeps no more memory and no more descriptors."""

from __future__ import annotations

import gc
import os
import random
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.autorefresh.alike import behind
from tests.autorefresh.asked import REQUESTS, make
from tests.autorefresh.changing import FILES, plant_root, replace
from tests.conftest import PREFIX, call, open_descriptors, plant
from whitemedia import WhiteMedia
from whitemedia.assets import rebuilding
from whitemedia.options import MiB

ROUNDS: Final = 500
"""Of 20 requests each: 10,000."""

LEAKED: Final = 1_000
"""Blocks of memory by which it may have grown; one for each request would be 8,000."""


def blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()


def resident() -> int:
    """Bytes of memory that the process has, where the system tells."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if status.exists() else 0


def one_round(live: WhiteMedia, root: Path, number: int, chance: random.Random) -> None:
    """Change something, and ask for it, for something that is not there, and for other things."""
    new = f"{number % 50}.css"
    plant(root, {new: b"%d" % number * 500})
    if number % 2:
        replace(root / "a.css", b"%d" % number * 1_000)
    names = [new, "a.css", "large.bin", f"missing-{number}", f".hidden-{number}", *chance.choices([*FILES], k=13)]
    for name in names:
        method, fields = chance.choice([("GET", {}), *REQUESTS])
        call(live, make(method, PREFIX + name, fields))
    (root / new).unlink()
    if number % 2:
        call(live, make("GET", PREFIX + new, {}))
    call(live, make("GET", f"{PREFIX}sub/", {}))
    call(live, make("GET", PREFIX, {}))


@pytest.mark.parametrize(("memory_limit", "rounds"), [(1 << 28, ROUNDS), (20_000, ROUNDS // 4)])
def test_memory_and_descriptors_are_flat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory_limit: int, rounds: int
) -> None:
    monkeypatch.setattr(rebuilding, "MAX_KEPT", 32)  # so that it is reached soon
    root = plant_root(tmp_path)
    live = WhiteMedia(behind, root, PREFIX, autorefresh=True, index_file=True, memory_limit=memory_limit)
    chance = random.Random(1)
    for number in range(rounds // 5):
        one_round(live, root, number, chance)
    before = blocks(), resident(), open_descriptors()
    for number in range(rounds // 5, rounds):
        one_round(live, root, number, chance)
    assert blocks() - before[0] < LEAKED
    assert resident() - before[1] < 4 * MiB
    assert open_descriptors() == before[2]
