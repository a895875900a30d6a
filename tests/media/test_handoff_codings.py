"""A Content-Encoding is of the file that is sent, or of the body that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.conftest import plant
from tests.media.test_handoff import ACCEL, HandingOff, ask, mount, plant_reports


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant_reports(tmp_path)


CODED: Final = {
    "data.gz": b"\x1f\x8b\x08 and so on",
    "data.zst": b"\x28\xb5\x2f\xfd and so on",
    "data.br": b"anything",
    "data.txt": b"not coded",
}
CODINGS = [
    pytest.param("data.gz", ["gzip"], "inline", "gzip", id="gzip, and it is"),
    pytest.param("data.gz", ["GZIP"], "inline", "gzip", id="in capital letters"),
    pytest.param("data.gz", ["gzip"], "attachment; filename=data.gz", None, id="to be saved as it is"),
    pytest.param("data.gz", ["br"], "inline", None, id="another coding"),
    pytest.param("data.gz", ["gzip", "br"], "inline", None, id="two codings"),
    pytest.param("data.zst", ["zstd"], "inline", "zstd", id="zstd"),
    pytest.param("data.br", ["br"], "inline", "br", id="br, by its name"),
    pytest.param("data.txt", ["gzip"], "inline", None, id="of the body that is dropped"),
    pytest.param("data.txt", ["br"], "inline", None, id="br of the body that is dropped"),
    pytest.param("data.txt", ["identity"], "inline", None, id="identity"),
]


@pytest.mark.parametrize(("name", "given", "disposition", "expected"), CODINGS)
def test_a_coding_is_kept_where_the_file_is_so_coded_and_shown(
    root: Path, name: str, given: list[str], disposition: str, expected: str | None
) -> None:
    """What compresses answers of the application compresses a body that is dropped, and says so."""
    plant(root, CODED)
    fields = [("Content-Encoding", coding) for coding in given]
    fields.append(("Content-Disposition", disposition))
    answer = ask(mount(HandingOff(*fields, (ACCEL, f"/protected/{name}")), root))
    assert answer.headers["Content-Encoding"] == expected
    assert answer.body == CODED[name]
