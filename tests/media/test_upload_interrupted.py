"""A stream that ends too early, and does not tell, leaves nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from whitemedia.media.upload_errors import UploadInterrupted
from whitemedia.media.uploads import MediaStore


@pytest.mark.parametrize("sent", [0, 5, 9, 11, 5000])
def test_what_is_not_as_long_as_was_said_is_refused(tmp_path: Path, sent: int) -> None:
    store = MediaStore(tmp_path, accept=".txt", quota=10_000)
    with pytest.raises(UploadInterrupted, match="was interrupted") as caught:
        store.save(io.BytesIO(b"1" * sent), filename="a.txt", length=10)
    assert caught.value.code == 400
    assert store.names() == []
    assert not [path for path in tmp_path.iterdir() if "draft" in path.name]


def test_what_is_as_long_is_kept(tmp_path: Path) -> None:
    store = MediaStore(tmp_path, accept=".txt")
    assert store.save(io.BytesIO(b"1" * 10), filename="a.txt", length=10).size == 10
    assert store.save(io.BytesIO(b""), filename="b.txt", length=0).size == 0
