"""Manifests that the bundlers themselves wrote, of one small site: two entries that share a chunk, and one loaded late."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "manifests"
NAMES: Final = sorted(path.stem for path in FOLDER.glob("*.json"))


def manifest_path(name: str) -> Path:
    return FOLDER / f"{name}.json"


def read_json(name: str) -> Any:
    return json.loads(manifest_path(name).read_text("utf-8"))
