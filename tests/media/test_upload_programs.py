"""Programs are for those who ask for them by name."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from whitemedia.media.upload_errors import WrongType
from whitemedia.media.uploads import MediaStore


def test_a_program_is_accepted_under_its_own_extension_alone(tmp_path: Path) -> None:
    program = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff" + bytes(46) + b"\x40\0\0\0PE\0\0\x64\x86" + bytes(200)
    store = MediaStore(tmp_path, accept=".exe,.bin,.qqq,image/*")
    assert store.save(io.BytesIO(program), filename="setup.exe").name == "setup.exe"
    for name in ("setup.qqq", "setup.png", "setup.com"):
        with pytest.raises(WrongType):
            store.save(io.BytesIO(program), filename=name)
