"""Files that come with packages which the tests have installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

VITE_SITE = "driver/package/lib/vite/traceViewer"
"""Where playwright has a site that Vite built."""


def folder_of(package: str, path: str) -> Path:
    """A folder within an installed package."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / path
