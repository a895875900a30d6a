"""Cases that Go's own tests hold it to, in our words; each id names its source."""

from __future__ import annotations

import pytest

from tests.conftest import PREFIX, Client, every_construction
from tests.peers.files import TEN_AND_ONE, Bounds, assert_ranged


@every_construction
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("", 200),
        ("bytes=0-4", [(0, 5)]),
        ("bytes=2-", [(2, 11)]),
        ("bytes=-5", [(6, 11)]),
        ("bytes=3-7", [(3, 8)]),
        ("bytes=0-0,-2", [(0, 1), (9, 11)]),
        ("bytes=0-1,5-8", [(0, 2), (5, 9)]),
        ("bytes=0-1,5-", [(0, 2), (5, 11)]),
        ("bytes=5-1000", [(5, 11)]),
        ("bytes=0-,1-,2-,3-,4-", 200),
        ("bytes=0-9", [(0, 10)]),
        ("bytes=0-10", [(0, 11)]),
        ("bytes=0-11", [(0, 11)]),
        ("bytes=10-11", [(10, 11)]),
        ("bytes=10-", [(10, 11)]),
        ("bytes=11-", 416),
        ("bytes=11-12", 416),
        ("bytes=12-12", 416),
        ("bytes=11-100", 416),
        ("bytes=12-100", 416),
        ("bytes=100-", 416),
        ("bytes=100-1000", 416),
    ],
    ids=lambda value: f"Go ServeFileRangeTests {value}" if isinstance(value, str) else "",
)
def test_go_fs_test_ranges(peer: Client, field: str, expected: Bounds | int) -> None:
    assert_ranged(peer.get(f"{PREFIX}file", {"Range": field}), TEN_AND_ONE, expected)
