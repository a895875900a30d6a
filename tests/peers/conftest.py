"""A client over the peers' files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.conftest import Client, plant, serve
from tests.peers.files import LINES, MULTIPLE, ROBOTS, TEN_AND_ONE


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    coded = gzip.compress(LINES, mtime=0)
    files = {"t1.html": LINES, "t1.txt": LINES, "t1.txt.gz": coded, "t2.txt": LINES, "t2.txt.gz": MULTIPLE}
    files |= {"t3.bin": b"not compressed", "file": TEN_AND_ONE, "robots.txt": ROBOTS, "empty.html": b""}
    return plant(
        tmp_path_factory.mktemp("peers"), {**files, "empty.html.gz": b"", "dir/index.html": b"this is the index\n"}
    )


@pytest.fixture
def peer(root: Path, construction: str) -> Client:
    """A client over the peers' files; use with `every_construction`."""
    return serve(root, construction=construction, index_file=True)
